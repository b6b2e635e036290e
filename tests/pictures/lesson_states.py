"""Lessons: the panel at its steps, the result, hand-ins, the editor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from explorer.core.lessons.lesson_record import GivenAnswer, LessonRecord, StepRecord
from explorer.engine.lessons.hand_in import HandIn, write_hand_in
from explorer.engine.lessons.lesson_source import lessons_inside
from tests.pictures.picture_state import State, explore

_FIRST = "feature-map"
_TITLES = {"look/channels": "How many maps has the layer?", "look/why": "What have you seen?"}


def _folder() -> Path:
    return next(each for each in lessons_inside() if each.name == _FIRST)


def _at(step: int, act: Callable[[Any], None] = lambda _app: None, folder: Path | None = None) -> Callable[[Any], None]:
    """A lesson at a step, counted from 0, and what is done there."""

    def play(app: Any) -> None:
        app.lesson.open(folder or _folder())
        app.until(lambda: app.lesson.begun)
        app.rest()
        for _ in range(step):
            app.lesson.panel.next_button.click()
        act(app)
        app.rest()
        app.lesson.look()

    return play


def _wrong(app: Any) -> None:
    view = app.lesson.panel.questions[0]
    view.fill("33")
    view.button.click()


def _missing(app: Any) -> None:
    app.lesson.panel.hint_button.click()
    app.lesson.panel.check_button.click()


def _shown(app: Any) -> None:
    app.lesson.panel.show_button.click()
    app.until(lambda: not app.lesson.showing)
    app.rest()
    app.lesson.look()
    app.lesson.panel.questions[1].fill("1")
    app.lesson.panel.questions[1].button.click()


def _result(app: Any) -> None:
    _shown(app)
    app.lesson.show_results()


def _hand_ins(folder: Path) -> Callable[[Any], None]:
    def show(app: Any) -> None:
        app.lesson.show_hand_ins(folder)
        app.lesson.table.hide()  # it is no dialog that stops the window; a picture is taken of one
        app.lesson.table.exec()

    for at, name in enumerate(("Ada", "Bo", "Cy")):
        answers = {
            "look/channels": GivenAnswer("32" if at else "30", bool(at), float(bool(at)), 1 + at, "32"),
            "look/why": GivenAnswer("Edges, stripes and patches of one colour", None),
        }
        steps = {"look": StepRecord(True, seconds=300 + 140 * at)}
        record = LessonRecord(
            "feature-map", "What a feature map is", "0" * 64, "en", name, "2026-01-12T10:00:00", "2026-01-12T10:20:00",
            1, steps, answers,
        )  # fmt: skip
        write_hand_in(folder / f"{name}.fmxhand", HandIn(record, "{}", float(bool(at)), 4.0, _TITLES))
    return show


def _edit(app: Any) -> None:
    app.lesson.author.edit()
    app.lesson.author.editor.hide()
    app.lesson.author.editor.exec()


def _own(folder: Path) -> Path:
    """A lesson that can be edited."""
    copied = folder / "my-lesson"
    copied.mkdir(parents=True)
    (copied / "lesson.toml").write_bytes((_folder() / "lesson.toml").read_bytes())
    return copied


def lesson_states(folder: Path) -> Mapping[str, State]:
    """By name."""
    hand_ins = folder / "hand-ins"
    hand_ins.mkdir()
    start = explore("stem.2")
    return {
        "lesson question": State(start, _at(0, _wrong)),
        "lesson check": State(start, _at(1, _missing)),
        "lesson done": State(start, _at(2, _shown)),
        "lesson result": State(start, _at(2, _result)),
        "lesson hand-ins": State(start, dialog=_hand_ins(hand_ins)),
        "lesson editor": State(start, _at(1, folder=_own(folder)), _edit),
    }
