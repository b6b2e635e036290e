"""The page of maximised pictures with a fake engine: what is asked, and what goes on when something else is looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from fake_host import FakeHost, capture, selection
from looks import table_rows

from explorer.core.abilities import Abilities
from explorer.core.maximisation import LayerProgress, Maximised, MaximiseSettings, Objective, class_logit
from explorer.core.maximised_pictures import LayerPictures, Natural
from explorer.methods.maximisation.presenter import Presenter
from explorer.methods.maximisation.requests import (
    FindKept,
    FindThumbs,
    Forget,
    Grow,
    GrowLayer,
    MaximiseTarget,
    NaturalMeans,
)


class Opened:
    """The page on one channel, with nothing kept of it."""

    def __init__(self, qtbot: Any, **settings: str) -> None:
        self.engine, self.host = FakeEngine(), FakeHost(**settings)
        self.presenter = Presenter(self.engine.client, self.host)
        self.view = self.presenter.view
        qtbot.addWidget(self.view)

    def asked(self, kind: type[Any]) -> list[Any]:
        return [request for request, _ in self.engine.asked if isinstance(request, kind)]

    def answer(self, kind: type[Any], value: Any, partial: bool = False) -> None:
        """To the last request of a kind."""
        number = max(at for at, (request, _) in enumerate(self.engine.asked) if isinstance(request, kind))
        self.engine.answer(value, number + 1, partial)

    def fail(self, kind: type[Any], words: str) -> None:
        number = max(at for at, (request, _) in enumerate(self.engine.asked) if isinstance(request, kind))
        self.engine.fail(words, number + 1)


@pytest.fixture
def opened(qtbot: Any) -> Opened:
    one = Opened(qtbot)
    one.presenter.follow(selection(), "")
    return one


def grown(target: MaximiseTarget, step: int, done: bool = False) -> Maximised:
    pixels, curve = np.zeros((1, 8, 8, 3), np.uint8), np.linspace(0, 1, step).astype(np.float32)
    return Maximised(target.model, target.objective, target.settings, pixels, step, curve, 1.0 if done else None)


def test_what_is_kept_is_asked_for_once(opened: Opened) -> None:
    kept, thumbs = opened.asked(FindKept)[0], opened.asked(FindThumbs)[0]
    assert kept.target == MaximiseTarget(selection().card.digest, Objective("relu", (2,)), MaximiseSettings())
    assert thumbs.channels == (0, 1, 2, 3)
    opened.presenter.follow(selection(seen="other"), "")  # the picture is no matter to it
    assert len(opened.asked(FindKept)) == 1
    opened.answer(FindKept, grown(kept.target, 12))
    assert (opened.view.phase, opened.view.run.text()) == ("paused", "Resume")
    opened.answer(FindThumbs, LayerPictures("relu", {1: np.zeros((8, 8, 3), np.uint8)}))
    assert opened.view.layer.run.text() == "Generate remaining 3"
    assert not opened.presenter.waiting


def test_a_model_without_gradients_says_so(opened: Opened) -> None:
    place = selection()
    without = replace(place, card=replace(place.card, abilities=Abilities("It gives no gradients.")))
    opened.presenter.follow(without, "")
    assert opened.view.message.text() == "It gives no gradients."
    opened.presenter.follow(place, "")
    assert opened.view.message.text() == ""


def test_it_grows_and_is_finished(opened: Opened) -> None:
    opened.answer(FindKept, None)
    opened.view.run.click()
    target = opened.asked(Grow)[0].target
    assert opened.view.status.text() == "Preparing …"
    opened.answer(Grow, grown(target, 64), partial=True)
    assert (opened.view.phase, opened.view.status.text()) == ("growing", "Step 64 of 256.")
    opened.answer(Grow, grown(target, 256, done=True))
    assert (opened.view.phase, opened.view.run.isEnabled()) == ("done", False)
    assert opened.view.layer.thumbs.made == {2}


def test_it_goes_on_elsewhere_and_is_paused_by_another_one(opened: Opened) -> None:
    opened.view.run.click()
    first = opened.asked(Grow)[0].target
    opened.presenter.follow(selection(3), "")
    assert opened.view.elsewhere.text().startswith("Channel 2 of relu continues")
    opened.presenter.leave()
    opened.answer(Grow, grown(first, 9), partial=True)
    assert opened.presenter.found is None
    opened.presenter.follow(selection(2), "")
    assert opened.presenter.found is not None
    opened.presenter.follow(selection(3), "")
    cancelled = len(opened.engine.cancelled)
    opened.view.run.click()
    assert len(opened.engine.cancelled) > cancelled
    assert opened.asked(Grow)[-1].target.objective.channels == (3,)
    opened.view.run.click()
    assert opened.view.phase == "idle"


def test_a_moving_input_and_another_model_pause_it(opened: Opened) -> None:
    for live, model in ((True, "net"), (False, "other")):
        opened.view.run.click()
        opened.view.layer.run.click()
        opened.presenter.captured(capture(), live=False)
        assert opened.view.phase == "growing"
        opened.presenter.captured(capture(model), live)
        assert opened.view.phase == "idle"
        assert opened.presenter.layer.running is None


def test_cancelling_takes_the_place_of_what_grows_or_stands_beside_it(opened: Opened) -> None:
    opened.view.run.click()
    opened.view.cancel.click()
    grow, forget = opened.engine.asked[-2:]
    assert isinstance(forget[0], Forget)
    assert grow[1] == forget[1]  # the same key: the one has ended before the other begins
    opened.engine.end()
    opened.view.run.click()
    opened.presenter.follow(selection(3), "")
    opened.answer(FindKept, grown(opened.asked(FindKept)[-1].target, 5))
    opened.view.cancel.click()
    assert opened.engine.asked[-1][1] != opened.engine.asked[-2][1]
    assert opened.presenter.forgetting
    assert opened.view.elsewhere.text()


def test_failures_are_said_in_place(opened: Opened) -> None:
    opened.view.run.click()
    opened.fail(Grow, "The disk is full.")
    assert opened.view.notes.text() == "The disk is full."
    assert opened.view.phase == "idle"
    opened.view.run.click()
    opened.presenter.follow(selection(3), "")
    opened.fail(Grow, "It is gone.")
    assert opened.view.notes.text() == "The other image failed: It is gone."
    opened.presenter.follow(None, "Pause first.")
    assert opened.view.message.text() == "Pause first."


def test_targets(opened: Opened) -> None:
    opened.presenter.follow(selection(cell=(3, 4)), "")
    for kind, objective in (
        ("cell", Objective("relu", (2,), cell=(3, 4))),
        ("class", class_logit(1)),
        ("direction", Objective("relu", (1, 3), (0.5, -1.0))),
    ):
        opened.view.channels.setText("0.5*1, -3")
        opened.view.choose(kind)
        opened.view.target.activated.emit(0)
        assert opened.asked(FindKept)[-1].target.objective == objective
    opened.view.channels.setText("nothing")
    opened.view.channels.editingFinished.emit()
    assert (opened.view.phase, bool(opened.view.notes.text())) == ("cannot", True)
    opened.presenter.choose_class()
    assert opened.view.kind == "class"


def test_settings_are_remembered_and_what_counts_for_nothing_is_not_asked(opened: Opened, qtbot: Any) -> None:
    opened.view.choices.diversity.setValue(3.0)
    assert opened.asked(FindKept)[-1].target.settings == MaximiseSettings()
    opened.view.choices.switches["jitter"].click()
    opened.view.choices.set_open(True)
    assert json.loads(opened.host.settings.values["method/maximise"])["jitter"] is False
    again = Opened(qtbot, **opened.host.settings.values)
    assert again.view.choices.settings == replace(MaximiseSettings(), jitter=False)
    assert again.view.choices.head.isChecked()
    broken = Opened(qtbot, **{"method/maximise": '{"steps": "many", "seed": 4}'})
    assert broken.view.choices.settings == MaximiseSettings(seed=4)


def test_beside_natural_pictures(opened: Opened) -> None:
    opened.answer(FindKept, grown(opened.asked(FindKept)[0].target, 256, done=True))
    opened.view.compare.click()
    asked = opened.asked(NaturalMeans)[0]
    opened.answer(NaturalMeans, Natural(asked.model, "relu", np.ones(4), np.zeros(4, int), ("cat",), 1))
    assert table_rows(opened.view.numbers)[-1].label == "ratio to the best"
    assert opened.view.compare.isHidden()


def test_every_channel(opened: Opened) -> None:
    opened.view.layer.run.click()
    asked = opened.asked(GrowLayer)[0]
    target = MaximiseTarget(asked.layer.model, Objective("relu", (0,)), asked.layer.settings)
    opened.answer(FindThumbs, LayerPictures("relu", {}))
    opened.answer(GrowLayer, LayerProgress("relu", (0, 1), 4, grown(target, 256, done=True)), partial=True)
    assert opened.asked(FindThumbs)[-1].channels == (1,)  # of several answers at once only the newest comes
    opened.answer(GrowLayer, LayerProgress("relu", (0, 1), 4, failed=((2, "Why."), (3, "Why not."))))
    assert "Not generated: channels 2, 3. Why not." in opened.view.layer.words.text()
    assert opened.presenter.layer.running is None
