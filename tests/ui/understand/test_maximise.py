"""The page of maximised pictures: the engine's pictures, kept and taken up again; and what goes wrong, in place."""

from __future__ import annotations

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

from explorer.core.inputs import InputRef
from explorer.core.maximisation import MaximiseSettings, Objective, class_logit
from explorer.engine.jobs.runner import Event, Lane
from explorer.engine.maximisation.maximised_store import MaximisedStore
from explorer.engine.maximisation.optimise import maximise

FEW, LONG = MaximiseSettings(steps=4), MaximiseSettings(steps=4000)
WAIT = 60_000


def opened(app: Any, settings: MaximiseSettings = FEW) -> Any:
    app.open_page("maximise")
    control = app.page("maximise")
    choose(app, settings)
    return control


def choose(app: Any, settings: MaximiseSettings) -> None:
    """As if every field had been set by hand."""
    tab = app.page("maximise")
    tab.choices.set_settings(settings)
    tab.choices.changed.emit()
    app.rest()


def pick(app: Any, kind: str) -> None:
    tab = app.page("maximise")
    tab.target.setCurrentIndex(tab.target.findData(kind))
    tab.target.activated.emit(0)
    app.rest()


def grown(control: Any, app: Any) -> Any:
    control.run.click()
    app.rest()
    return control.found


def by_hand(app: Any, objective: Objective, settings: MaximiseSettings, start: Any = None) -> Any:
    loaded = app.loaded
    steps = maximise(loaded, objective, settings, start=start)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_every_kind_of_target_is_the_engines(app: Any) -> None:
    control = opened(app)
    app.change(cell=(3, 4))
    app.rest()
    best = app.capture.prediction[0].index
    control.channels.setText("1, -4")
    for kind, objective in (
        ("channel", Objective("relu", (2,))),
        ("cell", Objective("relu", (2,), cell=(3, 4))),
        ("class", class_logit(best)),
        ("direction", Objective("relu", (1, 4), (1.0, -1.0))),
    ):
        pick(app, kind)
        found, expected = grown(control, app), by_hand(app, objective, FEW)
        assert found.objective == objective
        assert np.array_equal(found.pictures, expected.pictures)
        assert found.value == expected.value
        assert len(curve_values(control.plot)) == 4
    control.negative.click()
    found = grown(control, app)
    assert found.objective.negative
    assert np.array_equal(curve_values(control.plot), -found.curve)


def test_switches_numbers_and_the_start_are_the_settings(app: Any) -> None:
    control = opened(app)
    tab = control
    for box in tab.choices.switches.values():
        box.setChecked(False)
    for name, value in {"steps": 3, "size": 24, "seed": 7, "batch": 2}.items():
        tab.choices.numbers[name].setValue(value)
    tab.choices.diversity.setValue(1.5)
    tab.choices.start.setChecked(True)
    found = grown(control, app)
    picture = app.capture.picture
    wanted = MaximiseSettings(24, 3, 0.07, 7, False, 1.25, False, False, False, False, False, 2, 1.5)
    assert found.settings == replace(wanted, start=picture.digest)
    assert np.array_equal(found.pictures, by_hand(app, Objective("relu", (2,)), wanted, picture).pictures)
    assert len(tab.view.places()) == 2


def test_diversity_of_a_single_picture_changes_nothing(app: Any) -> None:
    control = opened(app)
    before = grown(control, app)
    control.choices.diversity.setValue(3)
    app.rest()
    assert control.found.key == before.key
    assert control.phase == "done"


def test_a_kept_picture_is_shown_at_once(app: Any, open_net: Any) -> None:
    control = opened(app)
    assert control.status.text() == "Not generated yet."
    made = grown(control, app)
    app.change(channel=3)
    app.rest()
    assert control.found is None
    assert control.run.text() == "Start"
    other = open_net()
    again = opened(other)
    assert np.array_equal(again.found.pictures, made.pictures)
    assert "Stored" in again.status.text()
    assert not again.run.isEnabled()


def test_pausing_resuming_and_cancelling(app: Any, qtbot: Any, module: Any) -> None:
    control = opened(app, LONG)
    control.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    assert control.run.text() == "Pause"
    control.run.click()
    app.rest()
    paused = control.found
    assert 0 < paused.step < 4000
    assert control.run.text() == "Resume"
    control.run.click()
    qtbot.waitUntil(lambda: control.found.step > paused.step, timeout=WAIT)
    assert np.array_equal(control.found.curve[: paused.step], paused.curve)
    control.cancel.click()
    app.rest()
    assert control.run.text() == "Start"
    assert control.found is not None  # the last picture stays
    assert MaximisedStore().state(paused.model, paused.objective, LONG) is None
    net = module(app)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
    assert all(p.requires_grad and p.grad is None for p in net.parameters())


def test_what_grows_goes_on_elsewhere_and_is_kept_when_another_starts(app: Any, qtbot: Any) -> None:
    control = opened(app, LONG)
    control.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    app.change(channel=4)
    assert control.found is None
    assert control.elsewhere.text().startswith("Channel 2 of relu continues")
    before = control.latest.step
    app.open_page("values")
    qtbot.waitUntil(lambda: control.latest.step > before, timeout=WAIT)
    app.open_page("maximise")
    control.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    assert control.found.objective.channels == (4,)
    assert not control.elsewhere.isVisibleTo(app.main_window)
    app.change(channel=2)
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    assert control.phase == "paused"
    assert control.found.step >= before
    control.cancel.click()  # of this one; the other goes on
    qtbot.waitUntil(lambda: not control.forgetting, timeout=WAIT)
    assert control.running is not None
    control.hold.click()
    app.rest()
    assert not control.elsewhere.isVisibleTo(app.main_window)


def test_another_model_and_closing_keep_what_has_grown(app: Any, qtbot: Any, open_net: Any) -> None:
    control = opened(app, LONG)
    spec = app.session.model
    control.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    app.open_model(replace(spec, id=spec.id.replace("make_model", "make_smooth")))
    qtbot.waitUntil(lambda: app.capture.model != control.latest.model, timeout=WAIT)
    app.rest()
    assert control.running is None
    step = control.latest.step
    app.open_model(spec)
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    assert (control.found.step, control.phase) == (step, "paused")
    control.run.click()
    qtbot.waitUntil(lambda: control.found.step > step, timeout=WAIT)
    app.close()
    again = opened(open_net(), LONG)
    assert again.found.step > step
    assert again.phase == "paused"


def test_every_channel_of_a_layer(app: Any, qtbot: Any, open_net: Any) -> None:
    control = opened(app)
    grown(control, app)
    section = control.layer
    assert section.run.text() == "Generate remaining 5"
    section.run.click()
    assert section.run.text() == "Pause"
    app.rest()
    assert section.thumbs.made == frozenset(range(6))
    assert not section.run.isEnabled()
    where = section.thumbs.place(5).center().toPoint()
    qtbot.mouseClick(surface(section.thumbs), Qt.MouseButton.LeftButton, pos=QPoint(where))
    app.rest()
    assert app.session.channel == 5
    assert np.array_equal(control.found.pictures, by_hand(app, Objective("relu", (5,)), FEW).pictures)
    qtbot.keyClick(section.thumbs, Qt.Key.Key_Left)
    assert app.session.channel == 4
    again = opened(open_net())
    assert again.layer.thumbs.made == frozenset(range(6))


def test_a_batch_pauses_and_goes_on_where_it_was(app: Any, qtbot: Any) -> None:
    control = opened(app, MaximiseSettings(steps=300))
    section = control.layer
    section.run.click()
    qtbot.waitUntil(lambda: control.batch_progress is not None and control.batch_progress.latest, timeout=WAIT)
    app.change(tap="down", channel=1)
    qtbot.waitUntil(lambda: "relu continues" in section.words.text(), timeout=WAIT)
    assert section.run.text().startswith("Generate all 8")
    app.change(tap="relu", channel=0)
    section.run.click()
    app.rest()
    assert control.batch is None
    choose(app, FEW)
    section.run.click()
    app.rest()
    assert len(section.thumbs.made) == 6


def test_beside_the_samples(app: Any) -> None:
    control = opened(app)
    found = grown(control, app)
    rows = {row.label: row.value for row in table_rows(control.numbers)}
    mean = float(app.shown.maps[2].mean())
    assert float(rows["current input"]) == pytest.approx(mean, rel=1e-3)
    assert float(rows["generated image"]) == pytest.approx(found.value, rel=1e-3)
    control.compare.click()
    app.rest()
    natural = control.natural
    rows = {row.label: row.value for row in table_rows(control.numbers)}
    assert float(rows[f"best of {natural.total} samples"]) == pytest.approx(natural.best[2], rel=1e-3)
    assert natural.best[2] >= mean * (1 - 1e-4)  # the input is one of them
    assert not control.compare.isVisibleTo(app.main_window)


def test_the_picture_can_be_taken_along(app: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    control = opened(app)
    found = grown(control, app)
    control.copy.click()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (32, 32)
    path = tmp_path / "picture.png"
    monkeypatch.setattr("explorer.ui.save_as.QFileDialog.getSaveFileName", lambda *_a, **_k: (str(path), ""))
    with qtbot.waitSignal(app.saved, timeout=WAIT):
        control.save.click()
    with Image.open(path) as saved:
        assert np.array_equal(np.asarray(saved), found.pictures[0])
        assert '"channels": [2]' in saved.text["Description"]
    control.use.click()
    qtbot.waitUntil(lambda: app.capture.picture.name.startswith("maximised"), timeout=WAIT)
    assert np.array_equal(app.capture.picture.pixels, found.pictures[0])


def test_settings_are_remembered(app: Any, open_net: Any) -> None:
    tab = opened(app)
    tab.choices.switches["jitter"].click()
    tab.choices.numbers["seed"].setValue(11)
    tab.choices.set_open(True)
    app.close()
    other = open_net().page("maximise").choices
    assert (other.settings.jitter, other.settings.seed, other.settings.steps) == (False, 11, 4)
    assert other.inside.isVisibleTo(other)


def test_damaged_settings_are_the_defaults(open_net: Any, app: Any) -> None:
    app.settings.put("maximise", '{"steps": "many"}')
    app.close()
    assert open_net().page("maximise").choices.settings == MaximiseSettings()


@pytest.mark.parametrize("words", ["", "99", "two"])
def test_a_direction_that_is_none_is_said_in_place(app: Any, words: str) -> None:
    control = opened(app)
    control.channels.setText(words)
    pick(app, "direction")
    if control.run.isEnabled():
        control.run.click()
        app.rest()
    assert control.found is None
    assert control.notes.text()
    assert app.banner.kind != "error"
    pick(app, "channel")
    assert not control.notes.text()
    assert control.run.isEnabled()


def test_an_error_on_the_way_keeps_what_was_reached(app: Any, module: Any, qtbot: Any) -> None:
    control = opened(app, LONG)
    control.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)

    def full(*_: Any) -> None:
        raise MemoryError("no room")

    handle = module(app).norm.register_forward_hook(full)
    app.rest()
    handle.remove()
    assert control.notes.text()
    assert control.found.step > 0
    assert control.run.text() == "Resume"


def test_a_model_that_ends_in_nan_says_so(app: Any, module: Any) -> None:
    control = opened(app)
    handle = module(app).norm.register_forward_hook(lambda _m, _a, out: out * float("nan"))
    control.run.click()
    app.rest()
    handle.remove()
    assert "not a finite number" in control.notes.text()
    assert control.found is None


def test_a_moving_input_pauses_it(app: Any, qtbot: Any) -> None:
    control = opened(app, LONG)
    control.run.click()
    qtbot.waitUntil(lambda: control.found is not None, timeout=WAIT)
    app.live.play(InputRef("scene"))
    qtbot.waitUntil(lambda: control.running is None, timeout=WAIT)
    assert control.message.text()
    app.live.toggle()
    qtbot.waitUntil(lambda: not control.message.text(), timeout=WAIT)
    app.rest()
    assert control.phase == "paused"


def test_late_answers_are_not_taken(app: Any) -> None:
    control = opened(app)
    made = grown(control, app)
    app.change(channel=3)
    app.rest()
    app.receive(Event(1, Lane.METHOD, "maximise", value=made))
    app.receive(Event(1, Lane.METHOD, "maximised", value=made))
    assert control.found is None


def test_a_vector_has_channels_and_no_cells(app: Any) -> None:
    control = opened(app)
    app.change(tap="fc", channel=1)
    app.rest()
    found = grown(control, app)
    assert found.objective == Objective("fc", (1,))
    assert control.layer.thumbs.accessibleDescription() == "1 of 4 channels have an image"


def test_every_control_is_reached_by_keyboard(app: Any) -> None:
    tab = opened(app)
    widgets = [tab.target, tab.negative, tab.channels, tab.run, tab.cancel, tab.copy, tab.save, tab.use, tab.compare]
    widgets += [tab.choices.head, tab.choices.start, tab.choices.diversity, tab.layer.run, tab.layer.thumbs]
    widgets += [*tab.choices.switches.values(), *tab.choices.numbers.values()]
    assert all(widget.focusPolicy() & Qt.FocusPolicy.TabFocus for widget in widgets)
    assert all(widget.toolTip() for widget in widgets if widget is not tab.layer.thumbs)
