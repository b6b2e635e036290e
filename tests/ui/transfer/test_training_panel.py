"""The page of fine-tuning on a screen: what can be pressed at each stage, what is said, that nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from training_host import training

from explorer.core.transfer import EpochFigures, Phase, TransferParams
from explorer.ui import theme
from explorer.ui.transfer.training_panel import TrainingPanel

Show = Callable[..., TrainingPanel]


@pytest.fixture
def panel(show: Show) -> TrainingPanel:
    out = show(TrainingPanel(), 660, 430)
    out.say("")
    return out


def press(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_first_button_says_what_it_does_at_each_stage(panel: TrainingPanel) -> None:
    for shown, running, title in (
        (None, False, "Train"),
        (None, True, "Pause"),
        (training(2), True, "Pause"),
        (training(2, Phase.PAUSED), False, "Resume"),
        (training(3, done=True), False, "Trained"),
    ):
        panel.set_training(shown, running)
        assert panel.main.text() == title
        assert panel.main.isEnabled() is (title != "Trained")
        assert panel.form.isEnabled() is not running
        assert panel.progress.isVisible() is running


def test_what_needs_a_copy_waits_for_it(panel: TrainingPanel) -> None:
    panel.set_training(training(0), True)
    assert not panel.compare.isEnabled()
    assert panel.stop.isEnabled()  # the start is an epoch too
    panel.set_training(training(2), True)
    assert panel.compare.isEnabled()
    assert panel.open.isEnabled()
    assert not panel.save.isEnabled()
    panel.set_training(training(3, done=True), False)
    assert panel.save.isEnabled()
    assert not panel.stop.isEnabled()


def test_starting_again_is_asked_twice(panel: TrainingPanel, qtbot: Any) -> None:
    told: list[None] = []
    panel.anew.connect(lambda: told.append(None))
    panel.set_training(training(3, done=True), False)
    press(panel.again)
    assert panel.again.text() == "Throw away?"
    assert told == []
    panel.set_training(training(3, done=True), False)  # another thing came in between
    press(panel.again)
    assert told == []
    press(panel.again)
    assert len(told) == 1
    assert panel.again.text() == "Start again"


def test_the_form_has_all_settings_but_the_layer_that_the_strip_sets(panel: TrainingPanel) -> None:
    params = TransferParams("stage2.1", "random", 7, 8, 1e-5, 0.3, "flip", 5, 3)
    panel.set_params(params)
    assert panel.params == params
    assert "freeze" not in panel.form.editors
    assert panel.freeze.text() == "stage2.1"
    panel.set_params(TransferParams())
    assert panel.freeze.text() == "nothing"
    assert panel.form.editors["rate"].widget.text() == "0.01"


def test_a_change_by_hand_is_told(panel: TrainingPanel, qtbot: Any) -> None:
    with qtbot.waitSignal(panel.params_changed, timeout=100):
        panel.form.editors["epochs"].widget.setValue(3)
    assert panel.params.epochs == 3


def test_progress_is_said_in_words(panel: TrainingPanel) -> None:
    panel.set_training(None, True)
    assert panel.status.text() == "Preparing."
    panel.set_training(replace(training(0, Phase.FROZEN_PART), fraction=0.4), True)
    assert panel.status.text() == "Computing the frozen part of every picture, 40 %."
    assert panel.progress.value() == 400
    panel.set_training(training(2), True)
    assert panel.status.text().startswith("Learning: epoch 3 of 20. Best so far: epoch 2, 54.0 %")
    panel.set_training(training(2, Phase.PAUSED), False)
    assert panel.status.text().startswith("Paused after 2 of 20 epochs.")
    panel.set_training(None, False)
    assert panel.status.text() == ""


def test_the_result_is_said_in_words_and_numbers(panel: TrainingPanel) -> None:
    panel.set_training(training(3, done=True), False)
    said = panel.result.text()
    assert "93.3 % of 2 test pictures right (95 % interval 89.4 % to 95.8 %); 61.2 % before it learnt." in said
    assert "Balanced accuracy 93.1 %" in said
    assert "Epoch 3 of 20 is kept, the best on 2 validation pictures." in said
    assert "14 frozen layers equal the original's to the last bit (proved)" in said
    assert panel.notes.text() == "A note."
    done = training(3, done=True)
    assert done.result is not None
    panel.set_training(replace(done, result=replace(done.result, frozen_same=False)), False)
    assert "Warning: a frozen layer has changed." in panel.result.text()
    panel.set_training(replace(done, result=replace(done.result, best_epoch=0)), False)
    assert "No epoch was better than the start" in panel.result.text()
    panel.set_training(None, False)
    assert not panel.told.isVisible()


def test_the_curves_are_named_and_run_over_all_epochs(panel: TrainingPanel) -> None:
    panel.set_training(training(4), True)
    loss, accuracy = panel.plots.loss, panel.plots.accuracy
    assert loss.accessibleDescription() == "training; validation"
    assert accuracy.accessibleDescription() == "accuracy; start; best"
    for plot in (loss, accuracy):
        assert plot.view.box.home.left() < 0
        assert 20 < plot.view.box.home.right() < 21
        assert plot.view.bottom_axis is not None
        assert plot.view.bottom_axis.title == "epochs"
    assert accuracy.view.left_axis is not None
    assert accuracy.view.left_axis.unit == " %"


def test_without_validation_pictures_the_accuracy_says_why_it_is_empty(panel: TrainingPanel) -> None:
    unspared = tuple(EpochFigures(e, 1.0, np.nan, np.nan) for e in range(3))
    panel.set_training(replace(training(2), epochs=unspared), True)
    assert panel.plots.accuracy.view.message.isVisible()
    assert "No picture is spared" in panel.plots.accuracy.view.message.text()
    assert panel.plots.loss.accessibleDescription() == "training"
    assert "Best" not in panel.status.text()


@pytest.mark.parametrize("size", [(660, 430), (1000, 700)])
@pytest.mark.parametrize("stage", ["fresh", "running", "done"])
def test_nothing_is_cut_off(stage: str, size: tuple[int, int], show: Show, qapp: Any) -> None:
    panel = show(TrainingPanel(), *size)
    panel.say("")
    given = {"fresh": (None, False), "running": (training(5), True), "done": (training(5, done=True), False)}
    panel.set_training(*given[stage])
    qapp.processEvents()
    assert panel.minimumSizeHint().width() <= size[0]
    assert panel.minimumSizeHint().height() <= size[1]
    for button in panel.findChildren(QPushButton):
        words = button.fontMetrics().horizontalAdvance(button.text())
        assert words <= button.width() - 8, button.text()
        assert panel.rect().contains(button.geometry().translated(button.parentWidget().mapTo(panel, panel.pos())))
    labels = [label for label in panel.form.findChildren(QLabel) if label.text()]
    for label in labels:
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


def test_both_themes(looks: Any, show: Show) -> None:
    panel = TrainingPanel()
    panel.set_training(training(5), True)
    panel.plots.loss.view.restyle()
    panel.plots.accuracy.view.restyle()
    drawn = [item.opts["pen"].color().name() for item in panel.plots.loss.view._items if "pen" in item.opts]
    assert drawn
    assert set(drawn) <= {theme.current().accent, theme.current().warm, theme.current().dim}
