"""Probes in the Transfer workspace, with fake panels and a fake engine: no torch, no thread, no window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_host import card
from fake_lab import data_set, lab, moved, without_model
from PySide6.QtCore import QObject, Signal

from explorer.core.data_sets import DataSet, Thumbnails, split
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard
from explorer.core.pane_requests import Opened, OpenModel
from explorer.core.probe import ALL_LAYERS, PIXELS, UNTRAINED, Point, Probe, ProbeParams, confusion
from explorer.core.session.transfer_place import TransferPage
from explorer.core.transfer import Phase, Train, Training, TransferResult
from explorer.ui import state
from explorer.ui.graphics.accuracy_plot import AccuracySeries
from explorer.ui.transfer.lab import Lab
from explorer.ui.transfer.mistakes_presenter import MistakesPresenter
from explorer.ui.transfer.probe_presenter import ProbePresenter


class Panel(QObject):
    started, chosen, params_changed, copied = Signal(), Signal(int), Signal(), Signal()
    count_chosen, exported, scratch_asked, epochs_changed = Signal(int), Signal(int), Signal(), Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, Any] = {}
        self.names: tuple[str, ...] = ()
        self.series: tuple[AccuracySeries, ...] = ()
        self.params = ProbeParams()
        self.wrong = ""
        self.counts: tuple[tuple[int, ...], int] = ((), 0)
        self.scratch_epochs = 3

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("set_"):
            raise AttributeError(name)
        return lambda *values: self.said.__setitem__(name[4:], values[0] if len(values) == 1 else values)

    def say(self, message: str) -> None:
        self.said["message"] = message

    def set_series(self, names: Any, series: Any) -> None:
        self.names, self.series = tuple(names), tuple(series)

    def set_params(self, params: ProbeParams) -> None:
        self.params = params

    def set_counts(self, counts: Any, current: int) -> None:
        self.counts = tuple(counts), current


class Mistakes(QObject):
    chosen, drawn, opened, wanted = Signal(str, str), Signal(int), Signal(str), Signal(tuple)

    def __init__(self) -> None:
        super().__init__()
        self.matrix: Any = None
        self.about, self.cell, self.pictures, self.thumbnails = "", None, (), {}
        self.drawn_of = (0, 0)

    def show_confusion(self, found: Any, about: str, number: int, draws: int) -> None:
        self.matrix, self.about, self.drawn_of = found, about, (number, draws)

    def show_cell(self, cell: Any) -> None:
        self.cell = cell

    def show_pictures(self, _words: str, pictures: Any) -> None:
        self.pictures = tuple(each.path for each in pictures)

    def set_thumbnails(self, pictures: Any) -> None:
        self.thumbnails |= dict(pictures)


class Bench:
    def __init__(self, of: Lab) -> None:
        self.lab = of
        self.host: Any = of.host
        self.engine = self.host.engine
        self.layers, self.pictures, self.mistakes = Panel(), Panel(), Mistakes()
        self.presenter = ProbePresenter(of, self.layers, self.pictures, MistakesPresenter(of, self.mistakes))  # type: ignore[arg-type]


def point(tap: str, accuracy: float, per_class: int = 0, baseline: str = "", draws: int = 1, **more: Any) -> Point:
    wrong = np.zeros((draws, 4), np.int16)  # all taken for the first class
    low, high = accuracy - 0.05, accuracy + 0.05
    return Point(
        tap, per_class, "logreg", accuracy, low, high, draws, baseline=baseline, predicted=wrong, tested=4, **more
    )


def probe(request: Any, data: DataSet, *points: Point, final: bool = True, **more: Any) -> Probe:
    curve = points or (point("relu", 0.75), point("out", 0.5), point(ALL_LAYERS, 0.8))
    divided = split(data, request.params.hold_out, request.params.seed)
    tested = tuple(path for paths in divided.test for path in paths)[:4]
    truth = np.array([0, 0, 1, 1], np.int16)
    return Probe(
        request.model,
        request.params,
        data,
        divided,
        ("relu", "out"),
        tuple(p for p in curve if not p.baseline),
        tuple(p for p in curve if p.baseline),
        tested,
        truth,
        final=final,
        forwards=16,
        **more,
    )


@pytest.fixture
def bench(qapp: Any) -> Bench:
    made = Bench(lab(data_set(2, 16)))
    made.presenter.start()
    return made


def test_nothing_is_asked_before_there_is_a_model_and_a_data_set(qapp: Any) -> None:
    for of, words in ((without_model(lab(data_set())), "model"), (lab(), "data set"), (lab(data_set(1)), "one class")):
        made = Bench(of)
        made.presenter.start()
        assert words in made.layers.said["message"]
        made.layers.started.emit()
        assert not made.engine.asked


def test_a_curve_grows_and_is_shown_with_its_baselines(bench: Bench) -> None:
    assert not bench.layers.said["message"]
    assert not bench.engine.asked  # a person starts it
    bench.layers.started.emit()
    request, data = bench.engine.request, bench.lab.data
    assert (request.model, request.params.data.path) == (card().digest, "things")
    bench.engine.tell("Features 8 of 32", 0.25)
    assert bench.layers.said["running"] == 0.25
    bench.engine.answer(probe(request, data, point("relu", 0.7), final=False), partial=True)
    assert [len(each.points) for each in bench.layers.series] == [1]
    found = probe(
        request,
        data,
        point("relu", 0.75),
        point("out", 0.5),
        point(ALL_LAYERS, 0.8),
        point("relu", 0.4, baseline=UNTRAINED),
        point(PIXELS, 0.3, baseline=PIXELS),
        warnings=("Look out.",),
    )
    bench.engine.answer(found)
    assert bench.layers.said["running"] is None
    assert bench.layers.names == ("relu", "out", "all layers")
    model, twin, pixels = bench.layers.series
    assert [p.value for p in model.points] == [0.75, 0.5, 0.8]
    assert [p.alone for p in model.points] == [False, False, True]
    assert [p.place for p in twin.points] == [0]
    assert pixels.level
    assert bench.layers.said["conclusion"] == "Features transfer: relu 75.0 %, relu of the untrained twin 40.0 %."
    assert bench.layers.said["warning"] == "Look out."
    assert bench.layers.said["best"] == (0, 0.75)
    assert bench.layers.said["current"][0] == 0  # the selected layer, relu
    assert "untrained 40.0 %, pixels 30.0 %" in bench.layers.said["reading"]


@pytest.mark.parametrize(
    ("accuracy", "low", "words"),
    [(0.3, 0.25, "No transfer"), (0.36, 0.31, "Not to be told apart"), (0.9, 0.85, "Features transfer")],
)
def test_what_follows_is_said_by_the_baselines(bench: Bench, accuracy: float, low: float, words: str) -> None:
    bench.layers.started.emit()
    found = (replace(point("relu", accuracy), low=low), point("relu", 0.34, baseline=UNTRAINED))
    bench.engine.answer(probe(bench.engine.request, bench.lab.data, *found))
    assert words in bench.layers.said["conclusion"]


def test_other_settings_are_computed_at_once_when_features_are_stored(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.layers.count_chosen.emit(5)  # nothing is known yet: nobody has asked
    assert not bench.engine.asked
    monkeypatch.setattr(state, "_REST", 0.0)  # every change is a step
    bench.layers.started.emit()
    bench.engine.answer(probe(bench.engine.request, bench.lab.data, point("relu", 0.7, 5)))
    bench.layers.params = replace(bench.layers.params, method="knn")
    bench.layers.params_changed.emit()
    assert len(bench.engine.asked) == 2
    assert (bench.engine.request.params.method, bench.engine.request.params.per_class) == ("knn", "5")
    bench.engine.answer(probe(bench.engine.request, bench.lab.data, point("relu", 0.6, 5)))
    bench.host.state.back()  # undo: the answer is there
    assert bench.presenter.params.method == "logreg"
    assert bench.layers.series[0].points[0].value == 0.7
    assert len(bench.engine.asked) == 2


def test_counts_are_those_that_every_class_has(bench: Bench) -> None:
    smallest = split(bench.lab.data, 0.25, 0).smallest
    assert smallest == 12
    assert bench.layers.counts == ((1, 2, 5, 10, 0), 0)


def test_cancel_and_failure_are_said_in_place(bench: Bench) -> None:
    bench.layers.started.emit()
    bench.layers.started.emit()
    assert bench.engine.cancelled
    assert bench.layers.said["running"] is None
    assert "Cancelled" in bench.layers.said["status"]
    bench.layers.started.emit()
    bench.engine.fail("No picture could be used.")
    assert "No picture could be used." in bench.layers.said["status"]


def test_a_point_leads_to_its_layer_and_all_layers_to_themselves(bench: Bench) -> None:
    bench.layers.started.emit()
    bench.engine.answer(probe(bench.engine.request, bench.lab.data))
    bench.layers.chosen.emit(1)
    assert bench.host.session.tap == "out"
    assert bench.layers.said["current"][0] == 1
    assert bench.mistakes.about == "out, all pictures"
    bench.layers.chosen.emit(2)
    assert bench.host.session.tap == "out"
    assert bench.layers.said["current"][0] == 2
    assert bench.mistakes.about == "all layers, all pictures"


def test_a_layer_whose_values_are_those_of_another_has_its_point(bench: Bench) -> None:
    bench.layers.started.emit()
    bench.engine.answer(
        probe(bench.engine.request, bench.lab.data, point("relu", 0.7, same_as=("block",)), point("out", 0.5))
    )
    bench.host.change(tap="block")
    assert bench.layers.said["current"][0] == 0
    bench.host.change(tap="elsewhere")
    assert bench.layers.said["current"] == (None, None)


def test_a_cell_of_the_matrix_leads_to_its_pictures_and_to_explore(bench: Bench) -> None:
    bench.layers.started.emit()
    found = probe(bench.engine.request, bench.lab.data, point("relu", 0.5, draws=2))
    bench.engine.answer(found)
    assert bench.mistakes.matrix.counts.tolist() == [[2, 0], [2, 0]]
    assert bench.mistakes.drawn_of == (0, 2)
    bench.mistakes.drawn.emit(1)
    assert bench.mistakes.drawn_of == (1, 2)
    bench.mistakes.chosen.emit("b", "a")
    assert bench.mistakes.cell == (1, 0)
    assert bench.mistakes.pictures == found.tested[2:4]
    bench.mistakes.wanted.emit(bench.mistakes.pictures)
    assert bench.engine.request.paths == found.tested[2:4]
    bench.engine.answer(Thumbnails({found.tested[2]: np.zeros((2, 2, 3), np.uint8)}))
    assert set(bench.mistakes.thumbnails) == {found.tested[2]}
    bench.mistakes.opened.emit(found.tested[2])
    assert bench.host.opened[0].path.endswith(found.tested[2])
    assert bench.host.workspaces == ["explore"]
    bench.host.state.back()
    assert bench.mistakes.pictures == ()


def test_the_training_has_its_own_matrix(bench: Bench) -> None:
    matrix = confusion(("a", "b"), ("x", "y"), (0, 1), (1, 1))
    bench.presenter._mistakes.show_training(matrix)
    assert bench.mistakes.matrix is None
    moved(bench.lab, page=TransferPage.TRAINING)
    assert bench.mistakes.matrix is matrix
    moved(bench.lab, page=TransferPage.LAYERS)
    assert bench.mistakes.matrix is None


def test_over_numbers_of_pictures_the_selected_layer_is_probed(bench: Bench) -> None:
    bench.layers.started.emit()
    bench.engine.answer(probe(bench.engine.request, bench.lab.data))
    moved(bench.lab, page=TransferPage.PICTURES)
    request = bench.engine.request  # features are stored: it is computed at once
    assert (request.params.taps, request.params.per_class, request.params.draws) == ("relu", "1,2,5,10,all", 10)
    points = [point("relu", 0.5 + n / 100, n) for n in (1, 2, 5, 10, 0)]
    bench.engine.answer(probe(request, bench.lab.data, *points))
    assert bench.pictures.names == ("1", "2", "5", "10", "all")
    assert [p.value for p in bench.pictures.series[0].points] == [0.51, 0.52, 0.55, 0.6, 0.5]
    bench.pictures.chosen.emit(2)
    assert bench.presenter.count == 5
    bench.host.change(tap="out")
    assert bench.engine.request.params.taps == "out"


def trained(request: Any, accuracy: float) -> Training:
    matrix = confusion(("a", "b"), (), (), ())
    result = TransferResult(1, accuracy, 0.1, 0.9, accuracy, matrix, 0.5, 0, True, 10, 1.0)
    return Training(request.target, Phase.DONE, np.zeros(1), np.zeros(1), result=result)


def test_from_scratch_trains_the_untrained_network_once_for_each_number(bench: Bench) -> None:
    moved(bench.lab, page=TransferPage.PICTURES)
    bench.pictures.started.emit()
    bench.engine.answer(probe(bench.engine.request, bench.lab.data, *(point("relu", 0.6, n) for n in (1, 2, 5, 10, 0))))
    bench.pictures.scratch_asked.emit()
    opening = bench.engine.request
    assert isinstance(opening, OpenModel)
    assert opening.spec.untrained
    assert bench.pictures.said["scratch"] is True
    twin: ModelCard = card("twin")
    bench.engine.answer(Opened(twin, {}))
    counts = []
    while isinstance(bench.engine.request, Train) and len(counts) < 5:
        request = bench.engine.request
        counts.append(request.target.params.per_class)
        assert (request.target.model, request.target.params.head, request.target.params.freeze) == (
            twin.digest,
            "random",
            "",
        )
        assert request.target.params.epochs == 3
        bench.engine.answer(trained(request, 0.5 - len(counts) / 100))
    assert counts == [1, 2, 5, 10, 0]
    assert bench.pictures.said["scratch"] is False
    scratch = bench.pictures.series[-1]
    assert scratch.name.startswith("from scratch")
    assert sorted((p.place, p.value) for p in scratch.points) == [
        (at, pytest.approx(0.49 - at / 100)) for at in range(5)
    ]
    assert "60.0 % against 49.0 %" in bench.pictures.said["conclusion"]


def test_a_training_from_scratch_that_fails_says_why(bench: Bench) -> None:
    moved(bench.lab, page=TransferPage.PICTURES)
    bench.pictures.scratch_asked.emit()
    bench.engine.fail("There is no untrained one.")
    assert "There is no untrained one." in bench.pictures.said["status"]
    assert bench.pictures.said["scratch"] is False


def test_a_setting_that_is_no_number_is_said_and_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bench.host.session

    def wrong(_self: Panel) -> ProbeParams:
        raise ExplorerError("Draws cannot be 'x'.")

    bench.layers.__dict__.pop("params")
    monkeypatch.setattr(Panel, "params", property(wrong), raising=False)
    bench.layers.params_changed.emit()
    assert bench.layers.said["status"] == "Draws cannot be 'x'."
    assert bench.host.session == before


def test_another_data_set_forgets_what_was_computed(bench: Bench) -> None:
    bench.layers.started.emit()
    bench.engine.answer(probe(bench.engine.request, bench.lab.data))
    bench.lab.set_data(data_set(3, 16))
    assert len(bench.engine.asked) == 2  # features of the same name are stored, other pictures have a pass
    assert bench.layers.series == ()


def test_the_command_computes_the_same(bench: Bench, qapp: Any) -> None:
    bench.layers.count_chosen.emit(5)
    bench.layers.copied.emit()
    assert qapp.clipboard().text() == "feature-map-explorer probe net --data things --per-class 5"
    assert bench.host.words == ["The command was copied."]
