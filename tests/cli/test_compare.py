"""Which models a picture of Compare is of."""

from __future__ import annotations

import pytest

from explorer.cli.commands import parser
from explorer.cli.compare import models
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec


def named(*words: str) -> tuple[ModelSpec, ...]:
    both = ("--workspace", "compare", "--model", "a", "--model", "b")
    return models(parser().parse_args(["screenshot", *both, "--out", "x.png", *words]))


@pytest.mark.parametrize(
    ("words", "weights"),
    [
        ((), ["", ""]),
        (("--weights", "w"), ["", "w"]),
        (("--weights", "v", "--weights", "w"), ["v", "w"]),
        (("--weights", "v", "--weights", "-"), ["v", ""]),
    ],
)
def test_weights_are_of_the_last_model_or_of_each(words: tuple[str, ...], weights: list[str]) -> None:
    assert [spec.weights for spec in named(*words)] == weights


def test_untrained_is_the_last_model() -> None:
    assert [(spec.untrained, spec.seed) for spec in named("--untrained", "--seed", "3")] == [(False, 0), (True, 3)]


def test_other_numbers_of_weights_are_refused() -> None:
    with pytest.raises(ExplorerError, match="3 for 2 models"):
        named("--weights", "u", "--weights", "v", "--weights", "w")
