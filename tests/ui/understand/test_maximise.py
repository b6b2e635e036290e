"""The page of maximised pictures: the engine's pictures, kept and taken up again; and what goes wrong, in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hands import surface
from looks import curve_values, table_rows
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from explorer.core.maximise import MaximiseSettings, Objective, class_logit
from explorer.core.types import InputRef
from explorer.engine.explain.maximise.run import maximise
from explorer.engine.runner import Event, Lane

FEW, LONG = MaximiseSettings(steps=4), MaximiseSettings(steps=4000)
WAIT = 60_000


def opened(app: Any, settle: Callable[[Any], None], settings: MaximiseSettings = FEW) -> Any:
    app.window.explore.channel.set_page("maximise")
    control = app.controller.understand.maximise
    choose(app, settle, settings)
    return control


def choose(app: Any, settle: Callable[[Any], None], settings: MaximiseSettings) -> None:
    """As if every field had been set by hand."""
    tab = app.controller.understand.maximise.tab
    tab.choices.set_settings(settings)
    tab.choices.changed.emit()
    settle(app)


def pick(app: Any, settle: Callable[[Any], None], kind: str) -> None:
    tab = app.controller.understand.maximise.tab
    tab.target.setCurrentIndex(tab.target.findData(kind))
    tab.target.activated.emit(0)
    settle(app)


def grown(control: Any, app: Any, settle: Callable[[Any], None]) -> Any:
    control.tab.run.click()
    settle(app)
    return control.found


def by_hand(app: Any, objective: Objective, settings: MaximiseSettings, start: Any = None) -> Any:
    loaded = next(iter(app.desk.bench._models.values()))
    steps = maximise(loaded, objective, settings, start=start)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_every_kind_of_target_is_the_engines(app: Any, settle: Any) -> None:
    control = opened(app, settle)
    app.controller.change(cell=(3, 4))
    settle(app)
    best = app.controller.view.capture.prediction[0].index
    control.tab.channels.setText("1, -4")
    for kind, objective in (
        ("channel", Objective("relu", (2,))),
        ("cell", Objective("relu", (2,), cell=(3, 4))),
        ("class", class_logit(best)),
        ("direction", Objective("relu", (1, 4), (1.0, -1.0))),
    ):
        pick(app, settle, kind)
        found, expected = grown(control, app, settle), by_hand(app, objective, FEW)
        assert found.objective == objective
        assert np.array_equal(found.pictures, expected.pictures)
        assert found.value == expected.value
        assert len(curve_values(control.tab.plot)) == 4
    control.tab.negative.click()
    found = grown(control, app, settle)
    assert found.objective.negative
    assert np.array_equal(curve_values(control.tab.plot), -found.curve)


def test_switches_numbers_and_the_start_are_the_settings(app: Any, settle: Any) -> None:
    control = opened(app, settle)
    tab = control.tab
    for box in tab.choices.switches.values():
        box.setChecked(False)
    for name, value in {"steps": 3, "size": 24, "seed": 7, "batch": 2}.items():
        tab.choices.numbers[name].setValue(value)
    tab.choices.diversity.setValue(1.5)
    tab.choices.start.setChecked(True)
    found = grown(control, app, settle)
    picture = app.controller.view.capture.picture
    wanted = MaximiseSettings(24, 3, 0.07, 7, False, 1.25, False, False, False, False, False, 2, 1.5)
    assert found.settings == replace(wanted, start=picture.digest)
    assert np.array_equal(found.pictures, by_hand(app, Objective("relu", (2,)), wanted, picture).pictures)
    assert len(tab.view.places()) == 2


def test_diversity_of_a_single_picture_changes_nothing(app: Any, settle: Any) -> None:
    control = opened(app, settle)
    before = grown(control, app, settle)
    control.tab.choices.diversity.setValue(3)
    settle(app)
    assert control.found.key == before.key
    assert control.tab.phase == "done"


def test_a_kept_picture_is_shown_at_once(app: Any, settle: Any, open_net: Any) -> None:
    control = opened(app, settle)
    assert control.tab.status.text() == "Not generated yet."
    made = grown(control, app, settle)
    app.controller.change(channel=3)
    settle(app)
    assert control.found is None
    assert control.tab.run.text() == "Start"
    other = open_net()
    again = opened(other, settle)
    assert np.array_equal(again.found.pictures, made.pictures)
    assert "Stored" in again.tab.status.text()
    assert not again.tab.run.isEnabled()


def test_pausing_resuming_and_cancelling(app: Any, settle: Any, qtbot: Any, module: Any) -> None:
    control = opened(app, settle, LONG)
    control.tab.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    assert control.tab.run.text() == "Pause"
    control.tab.run.click()
    settle(app)
    paused = control.found
    assert 0 < paused.step < 4000
    assert control.tab.run.text() == "Resume"
    control.tab.run.click()
    qtbot.waitUntil(lambda: control.found.step > paused.step, timeout=WAIT)
    assert np.array_equal(control.found.curve[: paused.step], paused.curve)
    control.tab.cancel.click()
    settle(app)
    assert control.tab.run.text() == "Start"
    assert control.found is not None  # the last picture stays
    assert app.desk.worker.maximisations.at_rest(paused.model, paused.objective, LONG) is None
    net = module(app)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
    assert all(p.requires_grad and p.grad is None for p in net.parameters())


def test_what_grows_goes_on_elsewhere_and_is_kept_when_another_starts(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle, LONG)
    control.tab.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    app.controller.change(channel=4)
    assert control.found is None
    assert control.tab.elsewhere.text().startswith("Channel 2 of relu continues")
    before = control._latest.step
    app.window.explore.channel.set_page("values")
    qtbot.waitUntil(lambda: control._latest.step > before, timeout=WAIT)
    app.window.explore.channel.set_page("maximise")
    control.tab.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    assert control.found.objective.channels == (4,)
    assert not control.tab.elsewhere.isVisibleTo(app.window)
    app.controller.change(channel=2)
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    assert control.tab.phase == "paused"
    assert control.found.step >= before
    control.tab.cancel.click()  # of this one; the other goes on
    qtbot.waitUntil(lambda: not control._wanted.waiting("forget"), timeout=WAIT)
    assert control._running is not None
    control.tab.hold.click()
    settle(app)
    assert not control.tab.elsewhere.isVisibleTo(app.window)


def test_another_model_and_closing_keep_what_has_grown(app: Any, settle: Any, qtbot: Any, open_net: Any) -> None:
    control = opened(app, settle, LONG)
    spec = app.controller.session.model
    control.tab.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    app.controller.open_model(replace(spec, id=spec.id.replace("make_model", "make_smooth")))
    qtbot.waitUntil(lambda: app.controller.view.capture.model != control._latest.model, timeout=WAIT)
    settle(app)
    assert control._running is None
    step = control._latest.step
    app.controller.open_model(spec)
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    assert (control.found.step, control.tab.phase) == (step, "paused")
    control.tab.run.click()
    qtbot.waitUntil(lambda: control.found.step > step, timeout=WAIT)
    app.close()
    again = opened(open_net(), settle, LONG)
    assert again.found.step > step
    assert again.tab.phase == "paused"


def test_every_channel_of_a_layer(app: Any, settle: Any, qtbot: Any, open_net: Any) -> None:
    control = opened(app, settle)
    grown(control, app, settle)
    section = control.tab.layer
    assert section.run.text() == "Generate remaining 5"
    section.run.click()
    assert section.run.text() == "Pause"
    settle(app)
    assert section.thumbs.made == frozenset(range(6))
    assert not section.run.isEnabled()
    where = section.thumbs.place(5).center().toPoint()
    qtbot.mouseClick(surface(section.thumbs), Qt.MouseButton.LeftButton, pos=QPoint(where))
    settle(app)
    assert app.controller.session.channel == 5
    assert np.array_equal(control.found.pictures, by_hand(app, Objective("relu", (5,)), FEW).pictures)
    qtbot.keyClick(section.thumbs, Qt.Key.Key_Left)
    assert app.controller.session.channel == 4
    again = opened(open_net(), settle)
    assert again.tab.layer.thumbs.made == frozenset(range(6))


def test_a_batch_pauses_and_goes_on_where_it_was(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle, MaximiseSettings(steps=300))
    section = control.tab.layer
    section.run.click()
    qtbot.waitUntil(lambda: control.layer._progress is not None and control.layer._progress.latest, timeout=WAIT)
    app.controller.change(tap="down", channel=1)
    qtbot.waitUntil(lambda: "relu continues" in section.words.text(), timeout=WAIT)
    assert section.run.text().startswith("Generate all 8")
    app.controller.change(tap="relu", channel=0)
    section.run.click()
    settle(app)
    assert control.layer.running is None
    choose(app, settle, FEW)
    section.run.click()
    settle(app)
    assert len(section.thumbs.made) == 6


def test_beside_the_samples(app: Any, settle: Any) -> None:
    control = opened(app, settle)
    found = grown(control, app, settle)
    rows = {row.label: row.value for row in table_rows(control.tab.numbers)}
    mean = float(app.controller.view.shown.maps[2].mean())
    assert float(rows["current input"]) == pytest.approx(mean, rel=1e-3)
    assert float(rows["generated image"]) == pytest.approx(found.value, rel=1e-3)
    control.tab.compare.click()
    settle(app)
    natural = control._natural
    rows = {row.label: row.value for row in table_rows(control.tab.numbers)}
    assert float(rows[f"best of {natural.total} samples"]) == pytest.approx(natural.best[2], rel=1e-3)
    assert natural.best[2] >= mean * (1 - 1e-4)  # the input is one of them
    assert not control.tab.compare.isVisibleTo(app.window)


def test_the_picture_can_be_taken_along(
    app: Any, settle: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = opened(app, settle)
    found = grown(control, app, settle)
    control.tab.copy.click()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (32, 32)
    path = tmp_path / "picture.png"
    monkeypatch.setattr("explorer.ui.save_as.QFileDialog.getSaveFileName", lambda *_a, **_k: (str(path), ""))
    with qtbot.waitSignal(app.controller.saved, timeout=WAIT):
        control.tab.save.click()
    with Image.open(path) as saved:
        assert np.array_equal(np.asarray(saved), found.pictures[0])
        assert '"channels": [2]' in saved.text["Description"]
    control.tab.use.click()
    qtbot.waitUntil(lambda: app.controller.view.capture.picture.name.startswith("maximised"), timeout=WAIT)
    assert np.array_equal(app.controller.view.capture.picture.pixels, found.pictures[0])


def test_settings_are_remembered(app: Any, settle: Any, open_net: Any) -> None:
    tab = opened(app, settle).tab
    tab.choices.switches["jitter"].click()
    tab.choices.numbers["seed"].setValue(11)
    tab.choices.set_open(True)
    app.close()
    other = open_net().controller.understand.maximise.tab.choices
    assert (other.settings.jitter, other.settings.seed, other.settings.steps) == (False, 11, 4)
    assert other.inside.isVisibleTo(other)


def test_damaged_settings_are_the_defaults(open_net: Any, app: Any) -> None:
    app.settings.put("maximise", '{"steps": "many"}')
    app.close()
    assert open_net().controller.understand.maximise.tab.choices.settings == MaximiseSettings()


@pytest.mark.parametrize("words", ["", "99", "two"])
def test_a_direction_that_is_none_is_said_in_place(app: Any, settle: Any, words: str) -> None:
    control = opened(app, settle)
    control.tab.channels.setText(words)
    pick(app, settle, "direction")
    if control.tab.run.isEnabled():
        control.tab.run.click()
        settle(app)
    assert control.found is None
    assert control.tab.notes.text()
    assert app.window.banner.kind != "error"
    pick(app, settle, "channel")
    assert not control.tab.notes.text()
    assert control.tab.run.isEnabled()


def test_an_error_on_the_way_keeps_what_was_reached(app: Any, settle: Any, module: Any, qtbot: Any) -> None:
    control = opened(app, settle, LONG)
    control.tab.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)

    def full(*_: Any) -> None:
        raise MemoryError("no room")

    handle = module(app).norm.register_forward_hook(full)
    settle(app)
    handle.remove()
    assert control.tab.notes.text()
    assert control.found.step > 0
    assert control.tab.run.text() == "Resume"


def test_a_model_that_ends_in_nan_says_so(app: Any, settle: Any, module: Any) -> None:
    control = opened(app, settle)
    handle = module(app).norm.register_forward_hook(lambda _m, _a, out: out * float("nan"))
    control.tab.run.click()
    settle(app)
    handle.remove()
    assert "not a finite number" in control.tab.notes.text()
    assert control.found is None


def test_a_moving_input_pauses_it(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle, LONG)
    control.tab.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    app.controller.play_input(InputRef("scene"))
    qtbot.waitUntil(lambda: control._running is None, timeout=WAIT)
    assert control.tab.message.text()
    app.controller.toggle_live()
    qtbot.waitUntil(lambda: not control.tab.message.text(), timeout=WAIT)
    settle(app)
    assert control.tab.phase == "paused"


def test_late_answers_are_not_taken(app: Any, settle: Any) -> None:
    control = opened(app, settle)
    made = grown(control, app, settle)
    app.controller.change(channel=3)
    settle(app)
    app.controller.receive(Event(1, Lane.METHOD, "maximise", value=made))
    app.controller.receive(Event(1, Lane.METHOD, "maximised", value=made))
    assert control.found is None


def test_a_vector_has_channels_and_no_cells(app: Any, settle: Any) -> None:
    control = opened(app, settle)
    app.controller.change(tap="fc", channel=1)
    settle(app)
    found = grown(control, app, settle)
    assert found.objective == Objective("fc", (1,))
    assert control.tab.layer.thumbs.accessibleDescription() == "1 of 4 channels have an image"


def test_every_control_is_reached_by_keyboard(app: Any, settle: Any) -> None:
    tab = opened(app, settle).tab
    widgets = [tab.target, tab.negative, tab.channels, tab.run, tab.cancel, tab.copy, tab.save, tab.use, tab.compare]
    widgets += [tab.choices.head, tab.choices.start, tab.choices.diversity, tab.layer.run, tab.layer.thumbs]
    widgets += [*tab.choices.switches.values(), *tab.choices.numbers.values()]
    assert all(widget.focusPolicy() & Qt.FocusPolicy.TabFocus for widget in widgets)
    assert all(widget.toolTip() for widget in widgets if widget is not tab.layer.thumbs)
