"""Every method of the catalogue says what it shows, how to read it, when it misleads, and where it is from."""

from __future__ import annotations

import re
from typing import Any

import pytest

from explorer import catalogue
from explorer.cli.commands import parser
from explorer.core.method import MethodSpec

_YEAR = re.compile(r"\b(19|20)\d\d\b")
_COMMANDS = {"ablation": "ablate", "attribution": "explain", "examples": "top"}


@pytest.fixture(scope="module")
def commands() -> dict[str, Any]:
    whole = parser()
    (every,) = [action for action in whole._actions if hasattr(action, "choices") and isinstance(action.choices, dict)]
    return dict(every.choices)


@pytest.mark.parametrize("spec", list(catalogue.methods), ids=lambda spec: spec.id)
def test_a_method_is_explained(spec: MethodSpec[Any, Any], commands: dict[str, Any]) -> None:
    told = spec.explained
    for sentence in (told.shows, told.read, told.misleads):
        assert sentence.endswith(".")
        assert 40 < len(sentence) < 320, sentence
    assert _YEAR.search(spec.source)
    command = commands.get(_COMMANDS.get(spec.id, spec.id))
    if command is None and not spec.command:  # in the window alone
        return
    assert command is not None
    shown = " ".join(command.format_help().split())
    for part in (told.shows, told.misleads, spec.source):
        assert part.split(",")[0].split("-")[0].strip() in shown
