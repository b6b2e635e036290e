"""The presenter of fine-tuning, with a fake page, a fake strip and a fake engine: no torch, no thread, no window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_engine import FakeEngine
from fake_host import capture, card
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from training_host import POINTS, TRAINABLE, WorkshopHost, training, two_classes

from explorer.core.data_sets import DataSet
from explorer.core.models import ModelSpec
from explorer.core.probe import Confusion
from explorer.core.transfer import (
    AskTrainable,
    Exported,
    ExportLearnt,
    FindTraining,
    FinishTraining,
    ForgetTraining,
    Phase,
    Train,
    Trainable,
    Training,
    TransferParams,
)
from explorer.ui.transfer import learnt_copy
from explorer.ui.transfer.lab import Lab
from explorer.ui.transfer.training_presenter import TrainingPresenter
from explorer.ui.transfer.transfer_actions import training_actions


class FakePage(QObject):
    toggled, stopped, anew, params_changed = Signal(), Signal(), Signal(), Signal()
    compared, opened, saved, copied = Signal(), Signal(), Signal(), Signal()

    def __init__(self) -> None:
        super().__init__()
        self.params = TransferParams()
        self.training: Training | None = None
        self.running = False
        self.status = self.message = ""
        self.drawn = 0

    def set_params(self, params: TransferParams) -> None:
        self.params = params

    def set_training(self, training: Training | None, running: bool) -> None:
        self.training, self.running, self.status = training, running, ""
        self.drawn += 1

    def set_status(self, said: str) -> None:
        self.status = said

    def say(self, message: str) -> None:
        self.message = message


class FakeStrip(QObject):
    chosen, frozen = Signal(str), Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.points: tuple[str, ...] = ()
        self.tap = self.freeze = self.caption = ""
        self.locked = self.stopped = False
        self.captures: list[Any] = []

    def set_capture(self, capture: Any, session: Any) -> None:
        self.captures.append(capture)
        self.tap = session.tap

    def set_tap(self, tap: str) -> None:
        self.tap = tap

    def set_points(self, points: Any) -> None:
        self.points = tuple(points)

    def set_freeze(self, tap: str) -> None:
        self.freeze = tap

    def set_caption(self, words: str) -> None:
        self.caption = words

    def set_locked(self, on: bool) -> None:
        self.locked = on

    def beside(self, steps: int) -> str:
        places = ("", *self.points)
        return places[min(max(places.index(self.freeze) + steps, 0), len(places) - 1)]

    def stop(self) -> None:
        self.stopped = True


class Workshop:
    """The presenter between its fakes; `ready` answers what it asks first."""

    def __init__(self, lab: Lab, engine: FakeEngine) -> None:
        self.lab, self.engine, self.page, self.strip = lab, engine, FakePage(), FakeStrip()
        self.presenter = TrainingPresenter(lab, self.page, self.strip)
        self.matrices: list[Confusion | None] = []
        self.presenter.matrix_shown.connect(self.matrices.append)

    def ready(self, data: DataSet, found: Training | None = None) -> None:
        self.lab.set_data(data)
        self.presenter.start()
        assert isinstance(self.engine.request, AskTrainable)
        self.engine.answer(TRAINABLE)
        assert isinstance(self.engine.request, FindTraining)
        self.engine.answer(found)

    def key_of(self, kind: type[Any]) -> str:
        return next(key for request, key in reversed(self.engine.asked) if isinstance(request, kind))


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def host(qapp: Any, engine: FakeEngine) -> WorkshopHost:
    return WorkshopHost(engine)


@pytest.fixture
def lab(host: WorkshopHost) -> Lab:
    return Lab(host, host)  # type: ignore[arg-type]


@pytest.fixture
def classes() -> DataSet:
    return two_classes()


@pytest.fixture
def shop(lab: Lab, engine: FakeEngine) -> Workshop:
    return Workshop(lab, engine)


# --- why not ---


def test_nothing_is_asked_before_the_workspace_comes_to_the_front(shop: Workshop, classes: DataSet) -> None:
    shop.lab.host.state.put(workspace="explore")  # type: ignore[attr-defined]
    shop.lab.set_data(classes)
    shop.lab.model_changed.emit()
    shop.lab.host.captured.emit(capture())
    assert shop.engine.asked == []


def test_it_says_what_is_missing_one_after_the_other(shop: Workshop, host: WorkshopHost, classes: DataSet) -> None:
    opened, host.card = host.card, None
    shop.presenter.start()
    assert shop.page.message.startswith("Open a model")
    host.card, seen, host.capture = opened, host.capture, None
    shop.lab.model_changed.emit()
    assert shop.page.message.startswith("Open an input")
    host.capture = seen
    host.captured.emit(seen)
    assert shop.page.message.startswith("Open a data set")
    assert isinstance(shop.engine.request, AskTrainable)
    shop.lab.set_data(replace(classes, classes=classes.classes[:1]))
    assert "one class" in shop.page.message
    shop.lab.set_data(classes)
    assert shop.page.message == "Looking at what can learn …"
    shop.engine.answer(Trainable(card().digest, "Its weights are integers."))
    assert shop.page.message == shop.strip.caption == "Its weights are integers."
    assert shop.presenter.target is None


def test_a_question_about_a_model_is_asked_once_and_a_refusal_again_later(shop: Workshop, classes: DataSet) -> None:
    shop.lab.set_data(classes)
    shop.presenter.start()
    shop.lab.host.captured.emit(capture(seen="q"))
    assert sum(isinstance(request, AskTrainable) for request, _ in shop.engine.asked) == 1
    shop.engine.fail("No memory.")
    assert shop.page.message == "No memory."
    shop.presenter.start()
    assert isinstance(shop.engine.request, AskTrainable)
    assert shop.presenter.waiting


# --- the strip ---


def test_the_strip_says_how_much_learns_and_where_the_line_can_stand(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes)
    assert shop.strip.points == POINTS
    assert shop.strip.caption == "Nothing frozen: all 1,000 parameters learn"
    shop.strip.frozen.emit("stage1", False)
    assert shop.strip.caption == "Frozen up to stage1: 500 of 1,000 parameters learn"
    assert shop.page.params.freeze == ""  # the hand has not let go
    shop.strip.frozen.emit("stage1", True)
    assert shop.page.params.freeze == shop.strip.freeze == "stage1"
    shop.presenter.freezing.more()
    assert shop.strip.caption == "Frozen up to pool: only the new last layer learns, 40 of 1,000 parameters"
    shop.presenter.freezing.more()  # stays
    shop.presenter.freezing.less()
    assert shop.strip.freeze == "stage1"
    assert shop.lab.params("transfer", TransferParams).freeze == "stage1"


def test_a_layer_that_the_model_does_not_have_freezes_nothing(shop: Workshop, classes: DataSet) -> None:
    shop.lab.set_params("transfer", TransferParams(freeze="layer9", epochs=7))
    shop.ready(classes)
    assert shop.page.params == TransferParams(epochs=7)
    assert shop.presenter.target is not None
    assert shop.presenter.target.params.freeze == ""


def test_a_click_on_a_thumbnail_selects_the_layer(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes)
    shop.strip.chosen.emit("stem")
    assert shop.lab.host.session.tap == shop.strip.tap == "stem"


# --- training ---


def test_it_trains_and_streams_and_shows_the_result(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.toggled.emit()
    assert isinstance(shop.engine.request, Train)
    assert shop.page.running
    assert shop.strip.locked
    shop.engine.answer(training(0, Phase.PREPARING), partial=True)
    shop.engine.answer(training(2), partial=True)
    assert shop.page.training is not None
    assert len(shop.page.training.epochs) == 3
    assert shop.presenter.waiting
    shop.engine.answer(training(3, done=True))
    assert not shop.page.running
    assert not shop.strip.locked
    assert shop.page.training.done
    assert "14 frozen layers are unchanged (proved)" in shop.strip.caption
    assert [matrix and matrix.labels for matrix in shop.matrices] == [("cat", "dog")]
    asked = len(shop.engine.asked)
    shop.page.toggled.emit()  # there is nothing more to learn
    assert len(shop.engine.asked) == asked


def test_a_pause_cancels_and_the_same_request_goes_on(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.toggled.emit()
    first, key = shop.engine.asked[-1]
    shop.engine.answer(training(2), partial=True)
    shop.page.toggled.emit()
    assert shop.engine.cancelled == [key]
    assert shop.page.training is not None
    assert shop.page.training.phase is Phase.PAUSED
    assert not shop.page.running
    assert not shop.strip.locked
    shop.page.toggled.emit()
    assert shop.engine.asked[-1] == (first, key)
    shop.engine.answer(replace(training(0, Phase.PREPARING), epochs=()), partial=True)
    assert len(shop.page.training.epochs) == 3  # what is known stays while it is read again
    assert shop.page.training.phase is Phase.PREPARING


def test_a_pause_before_anything_was_learnt_leaves_nothing(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.toggled.emit()
    shop.engine.answer(replace(training(0, Phase.FROZEN_PART), epochs=()), partial=True)
    shop.page.toggled.emit()
    assert shop.page.training is None
    assert "from the beginning" in shop.page.status


@pytest.mark.parametrize("phase", [Phase.PAUSED, Phase.DONE])
def test_what_is_kept_of_the_settings_is_shown_again(phase: Phase, shop: Workshop, classes: DataSet) -> None:
    kept = training(3, phase, done=phase is Phase.DONE)
    shop.ready(classes, kept)
    assert shop.page.training is kept
    shop.page.params = replace(shop.page.params, epochs=9)
    shop.page.params_changed.emit()
    assert shop.page.training is None
    assert shop.engine.request == FindTraining(replace(kept.target, params=TransferParams(epochs=9)))


def test_stop_asks_under_the_key_of_the_training(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.stopped.emit()  # there is nothing to stop
    shop.page.toggled.emit()
    shop.engine.answer(training(2), partial=True)
    shop.page.stopped.emit()
    assert isinstance(shop.engine.request, FinishTraining)
    assert shop.key_of(FinishTraining) == shop.key_of(Train)
    shop.engine.answer(training(2, done=True))
    assert shop.page.training is not None
    assert shop.page.training.done


def test_starting_again_forgets_first(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes, training(3, done=True))
    shop.page.anew.emit()
    assert isinstance(shop.engine.request, ForgetTraining)
    assert shop.page.training is None
    shop.engine.end()
    assert isinstance(shop.engine.request, Train)
    assert shop.key_of(ForgetTraining) == shop.key_of(Train)
    assert shop.matrices[-1] is None


def test_a_failure_is_said_beside_what_is_kept(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.toggled.emit()
    shop.engine.answer(training(1), partial=True)
    shop.engine.fail("The disk is full.")
    assert isinstance(shop.engine.request, FindTraining)
    kept = training(1, Phase.PAUSED)
    shop.engine.answer(kept)
    assert shop.page.training is kept
    assert shop.page.status == "The disk is full."
    assert not shop.page.running
    shop.page.toggled.emit()
    assert shop.page.status == ""


def test_one_that_the_engine_has_stopped_is_a_pause(shop: Workshop, host: WorkshopHost, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.toggled.emit()
    shop.engine.answer(training(1), partial=True)
    shop.engine.end()
    assert "interrupted" in host.words[0]
    kept = training(1, Phase.PAUSED)
    shop.engine.answer(kept)
    assert shop.page.training is kept


def test_what_runs_is_shown_whatever_is_opened_meanwhile(shop: Workshop, host: WorkshopHost, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.toggled.emit()
    shop.engine.answer(training(1), partial=True)
    running = shop.presenter.target
    host.card = card("other")
    shop.lab.model_changed.emit()
    shop.lab.set_params("transfer", TransferParams(epochs=3))
    shop.engine.answer(training(2), partial=True)
    assert shop.presenter.target is running
    assert shop.page.running
    assert shop.page.params.epochs == 20
    assert shop.strip.caption.startswith("A copy of another model learns")
    shop.engine.answer(training(3, done=True))
    assert shop.presenter.target is None  # of the other model nothing is known yet
    assert isinstance(shop.engine.request, AskTrainable)
    assert shop.engine.request.model == card("other").digest


def test_it_goes_on_while_another_workspace_is_in_front(shop: Workshop, host: WorkshopHost, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.toggled.emit()
    host.state.put(workspace="compare")
    drawn = shop.page.drawn
    shop.engine.answer(training(2), partial=True)
    assert shop.page.drawn == drawn
    assert shop.engine.cancelled == []
    shop.engine.answer(training(3, done=True))
    assert host.words == ["The training is done: 93.3 % of the test pictures right."]
    assert shop.page.training is not None
    assert shop.page.training.done


# --- what becomes of the copy ---


def test_before_after_and_difference_stand_in_compare(shop: Workshop, host: WorkshopHost, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.compared.emit()
    shop.page.toggled.emit()
    shop.engine.answer(training(2), partial=True)
    shop.page.compared.emit()
    shop.engine.answer(training(3), partial=True)
    shop.page.compared.emit()
    assert len(host.columns) == 2
    before, after, less = host.columns[-1]
    assert before.model == card().spec
    assert after.model == less.model == ModelSpec("card:/kept/epoch-3.json")
    assert {column.tap for column in host.columns[-1]} == {"relu"}
    assert [column.minus for column in host.columns[-1]] == [False, False, True]


def test_the_copy_is_opened_and_saved(
    shop: Workshop, host: WorkshopHost, classes: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.ready(classes, training(3, done=True))
    shop.page.opened.emit()
    assert host.opened == [ModelSpec("card:/kept/epoch-3.json")]
    assert host.workspaces == ["explore"]
    asked: list[str] = []

    def ask(_window: Any, _settings: Any, _title: str, default: str, _kinds: str) -> str:
        asked.append(default)
        return "models/pets.json"

    monkeypatch.setattr(learnt_copy, "ask_path", ask)
    shop.page.saved.emit()
    assert asked == ["net-pets.json"]
    assert shop.engine.request == ExportLearnt(ModelSpec("card:/kept/epoch-3.json"), "models/pets.json")
    shop.engine.answer(Exported("models/pets.json", ("models/pets.safetensors", "models/pets.json")))
    assert "pets.safetensors, pets.json" in shop.page.status
    assert "Drop pets.json on the window" in shop.page.status


def test_the_command_says_all_settings_that_are_not_the_usual_ones(shop: Workshop, classes: DataSet) -> None:
    shop.lab.set_params("transfer", TransferParams("stem", head="random", epochs=5))
    shop.ready(classes)
    shop.page.copied.emit()
    line = "feature-map-explorer transfer net --data demo:pets --freeze stem --from random --epochs 5 --out learnt"
    assert QGuiApplication.clipboard().text() == line
    assert shop.lab.host.words == [f"Copied: {line}"]  # type: ignore[attr-defined]


# --- undo, commands, the end ---


def test_undo_brings_settings_and_their_training_back(shop: Workshop, host: WorkshopHost, classes: DataSet) -> None:
    host.state.amend(model=card().spec, input=capture().picture.ref)
    host.state.history.push(host.session)
    kept = training(3, done=True)
    shop.ready(classes, kept)
    shop.page.params = replace(shop.page.params, epochs=9)
    shop.page.params_changed.emit()
    shop.engine.answer(None)
    host.state.back()
    assert shop.page.params.epochs == 20
    assert shop.engine.request == FindTraining(kept.target)


def test_commands_say_why_they_cannot_run(shop: Workshop, classes: DataSet) -> None:
    actions = {action.id: action for action in training_actions(lambda: shop.presenter, shop.presenter.copy.why_not)}
    shop.presenter.start()
    assert actions["transfer.train"].why_not().startswith("Open a data set")
    assert actions["transfer.compare"].why_not()
    assert actions["transfer.freeze_more"].keys == ("]",)
    assert "no model" in actions["transfer.freeze_more"].why_not()
    shop.engine.answer(TRAINABLE)
    shop.lab.set_data(classes)
    shop.engine.answer(training(2, Phase.PAUSED))
    assert all(action.why_not() == "" for action in actions.values())
    shop.presenter.toggle()
    assert "locked" in actions["transfer.freeze_less"].why_not()


def test_the_end_pauses_what_runs(shop: Workshop, classes: DataSet) -> None:
    shop.ready(classes)
    shop.page.toggled.emit()
    shop.presenter.finish()
    assert shop.engine.cancelled
    assert not shop.presenter.waiting
    assert shop.strip.stopped
