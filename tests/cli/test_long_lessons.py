"""Lessons inside that take longest to play: a file of their own, so that they run beside the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.cli import run

LESSONS = Path(__file__).parents[2] / "resources" / "lessons"
LONG = tuple(LESSONS / name for name in ("transfer", "wrong-thing", "without-labels"))


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LONG, ids=lambda folder: folder.name)
def test_a_long_lesson_is_whole(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lesson", "check", str(lesson)]) == 0, capsys.readouterr().out
