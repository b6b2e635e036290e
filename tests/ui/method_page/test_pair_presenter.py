"""The presenter of methods over two models, with a fake view and a fake engine: no torch, no thread, no window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from fake_engine import FakeEngine
from PySide6.QtCore import QObject, Signal

from explorer.core.dataset import Over
from explorer.core.method import MethodSpec, Scope
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.pairs import PairOffers, PairParams, ShownPair, ShownSide, Side
from explorer.core.params import integer
from explorer.ui.method_page.pair_presenter import NO_LAYER, NO_MODEL, PairPresenter


@dataclass(frozen=True)
class Params(PairParams):
    steps: int = integer(4, "Steps", "How many", low=1)


def spec(scope: Scope = Scope.MODEL) -> MethodSpec[Params, int]:
    return MethodSpec(
        "difference",
        "Difference",
        "Subtracts",
        "nowhere",
        scope,
        Params,
        int,
        to_json=lambda result: {"difference": result},
        write=str,
        invitation="Subtracts one from the other.",
        unfinished=lambda result: "Stopped." if result % 2 else "",
        unit="pictures",
        pair=PairOffers(turned=lambda result: -result, remarks=lambda result, _params: f"It is {result}."),
    )


class View(QObject):
    started, params_changed = Signal(), Signal()

    def __init__(self) -> None:
        super().__init__()
        self.params: Any = Params()
        self.running: float | None = None
        self.status = self.why_not = ""
        self.result: Any = None

    def set_params(self, params: Any) -> None:
        self.params = params

    def set_running(self, fraction: float | None) -> None:
        self.running = fraction

    def set_startable(self, why_not: str) -> None:
        self.why_not = why_not

    def set_status(self, words: str, _more: str = "") -> None:
        self.status = words

    def set_pair(self, _pair: ShownPair, result: Any) -> None:
        self.result = result

    def offer(self) -> None:
        pass


class Settings(dict[str, str]):
    def text(self, name: str, default: str = "") -> str:
        return self.get(name, default)

    def put(self, name: str, value: str) -> None:
        self[name] = value


class Host:
    def __init__(self) -> None:
        self.settings: Any = Settings()
        self.inputs = Over("gallery")
        self.heard: list[bool] = []

    def note_params(self) -> None:
        self.noted = True

    def taken(self, _part: PairPresenter, final: bool) -> None:
        self.heard.append(final)


def card(name: str) -> ModelCard:
    return ModelCard(ModelSpec(name), name, "file", WeightsInfo(True, sha256=name), Preprocess())


ONE, OTHER = card("one"), card("other")


def shown(one: ModelCard | None = ONE, other: ModelCard | None = OTHER, tap: str = "conv", **more: Any) -> ShownPair:
    return ShownPair((ShownSide("A", one, tap=tap, **more), ShownSide("B", other, tap=tap)))


@pytest.fixture
def place(qapp: Any) -> tuple[PairPresenter, View, FakeEngine, Host]:
    engine, view, host = FakeEngine(), View(), Host()
    return PairPresenter(spec(), view, engine.client, host), view, engine, host


def test_it_asks_shows_partial_results_and_keeps_them_for_both_directions(place: Any) -> None:
    part, view, engine, host = place
    part.follow(shown())
    assert view.status == "Subtracts one from the other."
    view.started.emit()
    assert (engine.request.first, engine.request.second) == (Side(ONE.digest), Side(OTHER.digest))
    engine.tell("3 of 9", 0.3)
    assert (view.running, view.status) == (0.3, "3 of 9 pictures.")
    engine.answer(1, partial=True)
    part.follow(shown())
    assert view.result == 1
    assert "Stopped" not in view.status
    engine.answer(4)
    part.follow(shown())
    assert (view.result, view.status, view.running, host.heard) == (4, "It is 4.", None, [False, True])
    part.follow(shown(OTHER, ONE))
    assert view.result == -4
    part.results.forget({ONE.digest})
    part.follow(shown())
    assert view.result is None


def test_what_was_stopped_says_so_and_another_pair_stops_it(place: Any) -> None:
    part, view, engine, _ = place
    part.follow(shown())
    view.started.emit()
    engine.answer(1, partial=True)
    view.started.emit()
    part.follow(shown())
    assert view.status == "It is 1. Stopped."
    view.started.emit()
    part.follow(shown(OTHER, ONE))
    assert part.waiting  # the same pair from the other side
    part.follow(shown(ONE, card("third")))
    assert not part.waiting
    assert view.running is None


def test_other_pictures_and_parameters_leave_the_result_and_say_so(place: Any) -> None:
    part, view, engine, host = place
    part.follow(shown())
    view.started.emit()
    engine.answer(2)
    host.inputs = Over("folder", "some/cats")
    part.inputs_chosen()
    assert "values are over the gallery; press Run" in view.status
    view.started.emit()
    assert engine.request.params.inputs == host.inputs
    engine.answer(6)
    part.set_params(Params(host.inputs, 7))
    assert "press Run to recompute" in view.status
    part.follow(shown())
    assert view.result == 6
    again = PairPresenter(spec(), View(), engine.client, host)
    assert again.view.params.steps == 7


def test_it_says_why_not_and_what_went_wrong(place: Any, qapp: Any) -> None:
    part, view, engine, host = place
    part.follow(shown(None))
    assert view.why_not == view.status == NO_MODEL
    view.started.emit()
    assert engine.asked == []
    part.follow(shown(edited=True))
    view.started.emit()
    engine.fail("No pictures.")
    assert view.status == "No pictures."
    view.started.emit()
    engine.answer(2)
    part.follow(shown(edited=True))
    assert "Edits of A are not applied here." in view.status
    of_layers, other = PairPresenter(spec(Scope.LAYER), View(), engine.client, host), shown(tap="")
    of_layers.follow(other)
    assert of_layers.view.why_not == NO_LAYER
    of_layers.follow(shown())
    of_layers.view.started.emit()
    assert engine.request.first == Side(ONE.digest, ("conv",))
