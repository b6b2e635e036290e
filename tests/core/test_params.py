"""Parameters of a method: types, ranges, files of other versions."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.params import choice, dataset, flag, integer, made, params_of, plain, real, restored, text


@dataclass(frozen=True, slots=True)
class Params:
    mode: str = choice("mean", ("mean", "blur"), "Mode", "What replaces a pixel")
    steps: int = integer(50, "Steps", "Points on the way", low=1, high=1000)
    noise: float = real(
        0.15, "Noise", "Standard deviation", low=0, high=1, unit="of the range", when={"mode": ["blur"]}
    )
    signed: bool = flag(True, "Signed", "Both signs")
    layer: str = text("", "Layer", "Its name")
    inputs: Over = dataset("Inputs", "What it is computed over", kinds=("gallery", "folder"))


def test_defaults_and_descriptions() -> None:
    params = Params()
    assert (params.mode, params.steps, params.inputs) == ("mean", 50, Over("gallery"))
    assert [param.name for param in params_of(Params)] == ["mode", "steps", "noise", "signed", "layer", "inputs"]
    noise = params_of(Params)[2]
    assert (noise.unit, noise.low, noise.high, noise.flag_name) == ("of the range", 0, 1, "--noise")
    assert not noise.counts(params)
    assert noise.counts(made(Params, {"mode": "blur"}))


def test_values_go_through_json() -> None:
    params = made(Params, {"steps": 7, "inputs": "some/folder", "signed": False})
    assert params.inputs == Over("folder", "some/folder")
    assert made(Params, json.loads(json.dumps(plain(params)))) == params


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mode": "median"}, "mean, blur"),
        ({"steps": 0}, "at least 1"),
        ({"steps": 2.5}, "whole number"),
        ({"steps": True}, "whole number"),
        ({"steps": "7"}, None),
        ({"noise": 2.0}, "at most 1 of the range"),
        ({"noise": float("nan")}, "finite"),
        ({"noise": 10**400}, "finite"),
        ({"signed": "yes"}, "true or false"),
        ({"layer": "a\0b"}, "text"),
        ({"inputs": "picture"}, "gallery, folder"),
        ({"colour": 1}, "mode, steps"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(values: dict[str, object], words: str | None) -> None:
    if words is None:
        assert made(Params, values).steps == 7
        return
    with pytest.raises(ExplorerError, match=words):
        made(Params, values)


def test_a_file_of_another_version_keeps_what_fits() -> None:
    values = {"steps": 9, "noise": "much", "gone": 1, "mode": None, "inputs": ["x"]}
    assert restored(Params, values) == Params(steps=9)
