"""The presenter of all method pages, with a fake view and a fake engine: no torch, no thread, no window."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.method import Export, MethodSpec, Scope
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.params import integer
from explorer.core.selection import Selection
from explorer.core.session.session import Session
from explorer.ui.method_page import presenter as module
from explorer.ui.method_page.presenter import MethodPagePresenter


@dataclass(frozen=True)
class Params:
    steps: int = integer(4, "Steps", "How many", low=1)


def refuse(selection: Selection, params: Params) -> str:
    return "Not so many." if params.steps > 100 else "" if selection.tap.layout != Layout.OTHER else "No known layout."


SPEC: MethodSpec[Params, int] = MethodSpec(
    "sum",
    "Sum",
    "Adds",
    "nowhere",
    Scope.LAYER,
    Params,
    int,
    to_json=lambda result: {"sum": result},
    write=str,
    unavailable=refuse,
    exports=(Export("Save", ".txt", "Text", lambda r: str(r).encode(), lambda r: f"sum {r}"),),
    invitation="Adds everything up.",
    unfinished=lambda result: "Stopped." if result < 0 else "",
    unit="cells",
)


class View(QObject):
    started, params_changed, folder_asked = Signal(), Signal(), Signal(str)
    exported, further_asked, changed, redrawn = Signal(int), Signal(int), Signal(object), Signal()

    def __init__(self) -> None:
        super().__init__()
        self.values, self.wrong = Params(), ""
        self.running: float | None = None
        self.status = self.message = ""
        self.result: Any = None
        self.selections: list[Selection] = []

    @property
    def params(self) -> Params:
        if self.wrong:
            raise ExplorerError(self.wrong)
        return self.values

    def set_params(self, params: Params) -> None:
        self.values = params

    def set_running(self, fraction: float | None) -> None:
        self.running = fraction

    def set_status(self, words: str) -> None:
        self.status = words

    def set_result(self, result: Any) -> None:
        self.result = result

    def set_selection(self, selection: Selection) -> None:
        self.selections.append(selection)

    def set_choices(self, choices: Any) -> None:
        self.choices = choices

    def set_offers(self, offers: Any) -> None:
        self.offers = offers

    def set_further(self, value: Any) -> None:
        self.further = value

    def heat(self, _selection: Selection) -> Any:
        return None

    def say(self, message: str) -> None:
        self.message = message


class Settings:
    def __init__(self, **values: str) -> None:
        self.values = values

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def put(self, name: str, value: str) -> None:
        self.values[name] = value


class Host:
    parent_widget = overlay = None
    session = Session()

    def __init__(self, **settings: str) -> None:
        self.settings = Settings(**settings)
        self.fields: dict[str, Any] = {}
        self.saved: dict[str, bytes] = {}

    def change(self, **fields: Any) -> None:
        self.fields |= fields

    def note_params(self) -> None:
        """They are in the settings."""

    def save(self, path: str, make: Any) -> None:
        self.saved[path] = make()


def selection(tap: str = "relu", channel: int = 0, picture: str = "p", layout: Layout = Layout.NCHW) -> Selection:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True), Preprocess(8, 8))
    shown = Picture(InputRef("clipboard"), np.zeros((8, 8, 3), np.uint8), picture)
    one = Tap(tap, tap, 0, "ReLU", Kind.ACTIVATION, shape=(1, 4, 8, 8), layout=layout)
    return Selection(card, Capture("net", shown, (one,), {}), one, channel, None)


class Page:
    def __init__(self, **settings: str) -> None:
        self.engine, self.view, self.host = FakeEngine(), View(), Host(**settings)
        self.presenter = MethodPagePresenter(SPEC, self.view, self.engine.client, self.host)


@pytest.fixture
def page() -> Page:
    return Page()


def test_it_invites_runs_streams_and_shows(page: Page) -> None:
    page.presenter.follow(None, "")
    assert page.view.message
    page.presenter.follow(selection(), "")
    assert (page.view.message, page.view.status) == ("", "Adds everything up.")
    page.view.started.emit()
    assert page.view.running == 0
    request = page.engine.request
    assert (request.tap, request.channel, request.params, request.seen) == ("relu", None, Params(), "p")
    page.engine.tell("1 of 4", 0.25)
    assert (page.view.running, page.view.status) == (0.25, "1 of 4 cells")
    page.engine.answer(3, partial=True)
    assert page.view.result == 3
    page.engine.answer(7)
    assert (page.view.result, page.view.running, page.view.status) == (7, None, "")


def test_a_result_is_kept_for_its_selection_and_parameters(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.presenter.toggle()
    page.engine.answer(7)
    page.presenter.follow(selection(channel=3), "")  # of a layer: another channel is the same question
    assert page.view.result == 7
    page.presenter.follow(selection("conv"), "")
    assert (page.view.result, page.view.status) == (None, "Adds everything up.")
    page.presenter.follow(selection(), "")
    assert page.view.result == 7
    page.presenter.set_params(Params(9))
    assert page.view.result is None
    page.presenter.follow(selection(picture="other"), "")
    page.presenter.set_params(Params(4))
    assert page.view.result is None
    assert len(page.engine.asked) == 1


def test_another_selection_stops_what_runs_and_a_late_answer_is_dropped(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.presenter.toggle()
    page.presenter.follow(selection("conv"), "")
    assert (page.view.running, len(page.engine.cancelled)) == (None, 1)
    page.engine.answer(7)
    assert page.view.result is None


def test_cancel_leave_and_a_failure(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.presenter.toggle()
    page.engine.answer(-2, partial=True)
    page.presenter.toggle()
    assert (page.view.running, page.view.status, page.view.result) == (None, "Stopped.", -2)
    page.presenter.toggle()
    page.presenter.leave()
    assert not page.presenter.waiting
    page.presenter.follow(selection("conv"), "")
    page.presenter.toggle()
    page.engine.fail("The disk is full.")
    assert (page.view.running, page.view.status) == (None, "The disk is full.")


def test_why_not_is_said_in_place(page: Page) -> None:
    page.presenter.follow(selection(layout=Layout.OTHER), "")
    assert page.view.message == "No known layout."
    page.presenter.toggle()
    assert page.engine.asked == []
    page.presenter.follow(selection(), "Pause first.")
    assert page.view.message == "Pause first."
    page.presenter.follow(selection(), "")
    page.view.wrong = "Steps cannot be 'x'."
    page.view.params_changed.emit()
    assert page.view.status == "Steps cannot be 'x'."


def test_parameters_are_remembered(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.view.values = Params(12)
    page.view.params_changed.emit()
    assert json.loads(page.host.settings.values["method/sum"]) == {"steps": 12}
    for text, steps in (('{"steps": 12}', 12), ("[1", 4), ("[]", 4), ('{"steps": -1, "gone": 2}', 4)):
        assert Page(**{"method/sum": text}).view.values == Params(steps)


def test_what_a_page_changes_and_saves(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.view.changed.emit({"channel": 3})
    assert page.host.fields == {"channel": 3}
    page.presenter.export(0)
    assert page.host.saved == {}
    page.presenter.follow(selection(), "")
    page.presenter.toggle()
    page.engine.answer(7)
    names: list[str] = []
    monkeypatch.setattr(module, "ask_path", lambda _w, _s, _t, name, _k: names.append(name) or "/out.txt")
    page.view.exported.emit(0)
    assert (names, page.host.saved) == (["sum-7.txt"], {"/out.txt": b"7"})


def test_equal_requests_are_equal_whatever_object_the_picture_is() -> None:
    one, other = (SPEC.request(selection(), Params()) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != SPEC.request(selection(), Params(5))
    cell = replace(SPEC, scope=Scope.CELL)
    assert cell.request(selection(channel=1), Params()) != cell.request(selection(channel=2), Params())
