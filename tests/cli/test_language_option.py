"""`--language NAME` before everything else: the language of one run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from explorer.__main__ import _language_in


def _said(*given: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "FME_LANGUAGE"}
    command = [sys.executable, "-m", "explorer", *given]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=60)


@pytest.mark.parametrize(
    ("given", "language", "rest"),
    [
        (["--language", "de", "layers"], "de", ["layers"]),
        (["--language=de"], "de", []),
        (["lesson", "new", "--language", "de"], None, ["lesson", "new", "--language", "de"]),
        ([], None, []),
    ],
)
def test_it_is_taken_from_the_front_alone(given: list[str], language: str | None, rest: list[str]) -> None:
    assert _language_in(given) == (language, rest)


def test_help_is_in_that_language() -> None:
    assert "Schichten" in _said("--language", "de", "--help").stdout


@pytest.mark.parametrize("given", [["--language", "xx", "models"], ["--language"]])
def test_an_unknown_one_is_refused_with_those_there_are(given: list[str]) -> None:
    done = _said(*given)
    assert done.returncode == 1
    assert "known are en, de" in done.stderr
