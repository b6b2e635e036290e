"""What Explore shows of what comes, and what it asks for, with a fake engine and a fake view: no torch, no thread, no window."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from fake_host import FakeSettings, capture, card, picture
from PySide6.QtCore import QObject

from explorer.core.activations import Capture
from explorer.core.inputs import InputRef
from explorer.core.interventions import Ablation, Edit, EditedFrame, Shift, digest_of
from explorer.core.live_frames import LiveFrame
from explorer.core.models import ModelSpec
from explorer.core.pane_requests import ApplyEdits, CapturePicture, Opened, OpenInput, OpenModel, Recompute
from explorer.core.render import SortKey
from explorer.core.session.resolve import View, resolve
from explorer.core.session.session import Order, Session
from explorer.ui.explore.opener import Opener
from explorer.ui.explore.presenter import ExplorePresenter
from explorer.ui.state import Store

ONE = Edit("relu", (1,))
SHIFTS = (Shift(0, "ring", 0.5, 0.25, 1.0, 0.5),)


class Calls:
    """Keeps (name, arguments) of whatever is called."""

    def __init__(self, **fields: Any) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *what, **_more: self.calls.append((name, what))

    @property
    def names(self) -> list[str]:
        """What was called since this was asked last."""
        found = [name for name, _ in self.calls]
        self.calls.clear()
        return found

    def last(self, name: str) -> tuple[Any, ...]:
        return next(what for called, what in reversed(self.calls) if called == name)


class FakeView(Calls):
    """Resolves, and draws nothing."""

    def __init__(self) -> None:
        self.prediction, self.input, self.layers = Calls(), Calls(), Calls(taps=capture().taps)
        super().__init__(
            capture=None,
            whole=True,
            layers=self.layers,
            pane=self.input,
            workspace=SimpleNamespace(input=SimpleNamespace(prediction=self.prediction)),
        )

    def set_capture(self, shown: Capture, session: Session, live: bool = False) -> View:
        self.calls.append(("set_capture", (shown, session, live)))
        self.capture = shown
        return self._resolved(session)

    def show(self, session: Session) -> View:
        self.calls.append(("show", (session,)))
        return self._resolved(session)

    def _resolved(self, session: Session) -> View:
        return resolve(session, self.capture)


class Explore:
    """A presenter with all that is around it."""

    def __init__(self) -> None:
        self.engine, self.window, self.view = FakeEngine(), QObject(), FakeView()
        self.status = Calls()
        self.toolbar = Calls(status=self.status, model=Calls())
        self.live, self.clip, self.walk = Calls(playing=False), Calls(), Calls()
        self.notices, self.desk = Calls(), Calls(cached_bytes=0)
        self.settings = Remembering()
        self.store = Store(self.window)
        self.opener = Opener(self.engine.client, self.window)
        self.presenter = ExplorePresenter(
            self.window,
            self.toolbar,
            self.view,
            self.store,
            self.opener,
            self.live,
            self.clip,
            self.walk,
            self.notices,
            self.desk,
            self.settings,
            self.engine.client,
        )
        self.heard: list[str] = []
        for name in ("captured", "turned", "model_opened", "picture_changed"):
            getattr(self.presenter, name).connect(lambda *_what, name=name: self.heard.append(name))

    def open(self, name: str = "net", seen: str = "p") -> None:
        """A model and a picture are open and shown."""
        self.opener.open_input(picture(seen).ref)
        self.engine.answer(picture(seen))
        self.opener.open_model(ModelSpec(name))
        self.engine.answer(Opened(card(name), {}), partial=True)
        self.engine.answer(capture(name, seen))

    @property
    def shown(self) -> tuple[str, str, str]:
        """Model, picture and edits of what the panels have."""
        now = self.view.capture
        return (now.model, now.picture.digest, now.edits) if now is not None else ("", "", "")

    @property
    def requests(self) -> list[Any]:
        return [request for request, _ in self.engine.asked]


class Remembering(FakeSettings):
    def __init__(self) -> None:
        super().__init__()
        self.remembered: list[tuple[str, str]] = []

    def remember(self, kind: str, what: str) -> None:
        self.remembered.append((kind, what))


@pytest.fixture
def explore(qapp: Any) -> Explore:
    return Explore()


# --- what comes


def test_a_model_and_its_capture_are_shown_and_named(explore: Explore) -> None:
    explore.open()
    assert explore.shown == (card().digest, "p", "")
    assert (explore.store.session.model, explore.store.session.tap) == (ModelSpec("net"), "relu")
    assert explore.settings.remembered == [("models", "net")]
    assert explore.desk.last("watch") == ("relu",)
    assert explore.status.last("set_parts")[0][1] == "1 layers"
    assert explore.heard == ["picture_changed", "model_opened", "captured"]
    assert explore.walk.last("look_ahead") == (picture().ref, card())


def test_the_layer_of_the_session_stays_where_the_model_has_it(explore: Explore) -> None:
    explore.store.put(tap="relu", channel=3)
    explore.open()
    assert (explore.store.session.tap, explore.store.session.channel) == ("relu", 3)
    explore.store.put(tap="gone", channel=3, cell=(1, 1))
    explore.presenter.take_capture(capture())
    assert (explore.store.session.tap, explore.store.session.cell) == ("relu", None)


def test_what_is_of_another_model_or_picture_is_passed_over(explore: Explore) -> None:
    explore.open()
    explore.heard.clear()
    for late in (capture("other"), capture(seen="before")):
        explore.presenter.take_capture(late)
    assert explore.shown == (card().digest, "p", "")
    assert explore.heard == []


def test_an_order_that_was_measured_does_not_outlive_its_model(explore: Explore) -> None:
    explore.open()
    explore.store.put(order=Order("relu", "dead", (3, 2, 1, 0)), sort=SortKey.MEASURED)
    explore.opener.open_model(ModelSpec("other"))
    explore.engine.answer(Opened(card("other"), {}), partial=True)
    assert (explore.store.session.order, explore.store.session.sort) == (None, SortKey.INDEX)


def test_what_the_engine_says_of_a_capture_is_said(explore: Explore) -> None:
    explore.open()
    explore.presenter.take_capture(replace(capture(), notes=("Computed on the CPU.",)))
    assert explore.notices.last("tell") == ("Computed on the CPU.",)


def test_values_that_were_dropped_are_asked_for_once_a_layer_is_looked_at(explore: Explore) -> None:
    explore.open()
    bare = replace(capture(), values={}, dropped=("relu",))
    explore.presenter.take_capture(bare)
    request = explore.engine.request
    assert isinstance(request, Recompute)
    assert (request.capture, request.names) == (bare, ("relu",))
    explore.live.playing = True
    asked = len(explore.engine.asked)
    explore.presenter.show()
    assert len(explore.engine.asked) == asked  # the next frame has it


# --- the session


def test_a_channel_draws_less_than_a_layer_or_a_colour(explore: Explore) -> None:
    explore.open()
    explore.view.calls.clear()
    explore.store.update(channel=2)
    assert explore.view.names == ["show_channel"]
    explore.store.update(channel=1, sort=SortKey.DISTANCE)
    assert explore.view.names == ["show"]
    explore.store.update(channel=2)
    assert explore.view.names == ["show"]  # the order is of the channel
    explore.store.update(colormap="viridis")
    assert explore.view.names == ["show"]
    assert explore.view.layers.names == ["redraw"]
    explore.store.update(blocks=True)
    assert explore.view.names == ["set_blocks"]
    explore.heard.clear()
    explore.store.update(blocks=True)
    assert (explore.view.names, explore.heard) == ([], [])
    explore.store.update(tap="other")
    assert explore.desk.last("watch") == ("other",)


# --- edits


def edited(explore: Explore) -> None:
    explore.presenter.interventions.put(ONE)
    values = {"relu": np.zeros((4, 8, 8), np.float32)}
    explore.engine.answer(Ablation((ONE,), digest_of((ONE,)), SHIFTS, values, capture().taps))


def test_edits_are_shown_beside_what_they_change_and_go(explore: Explore) -> None:
    explore.open()
    explore.heard.clear()
    edited(explore)
    assert explore.shown == (card().digest, "p", digest_of((ONE,)))
    assert explore.view.prediction.last("set_shifts") == (SHIFTS, "1 channel edited")
    assert explore.heard == ["turned"]
    explore.presenter.interventions.clear()
    assert explore.shown == (card().digest, "p", "")


def test_edits_are_made_on_the_next_picture_and_on_layers_that_were_dropped(explore: Explore) -> None:
    explore.open()
    edited(explore)
    explore.opener.open_input(InputRef("sample", "house"))
    explore.engine.answer(picture("house"), partial=True)
    explore.engine.answer(capture(seen="house"))
    assert isinstance(explore.engine.request, ApplyEdits)
    assert explore.engine.request.capture.picture.digest == "house"
    explore.engine.answer(Ablation((ONE,), digest_of((ONE,)), SHIFTS, {}, capture().taps))
    explore.presenter.show()
    assert isinstance(explore.engine.request, ApplyEdits)
    assert Recompute not in map(type, explore.requests)


# --- frames


def test_a_frame_is_shown_while_it_plays_and_its_status_now_and_then(explore: Explore) -> None:
    explore.open()
    frame = capture(seen="frame")
    explore.presenter.take_capture(frame, live=True)
    assert explore.shown[1] == "p"  # it does not play any more
    explore.live.playing, explore.view.whole = True, False
    explore.clip.calls.clear()
    explore.presenter.take_capture(frame, live=True)
    assert explore.shown[1] == "frame"
    assert explore.opener.picture is frame.picture
    assert explore.live.last("follow") == (frame,)
    assert explore.clip.names == []
    explore.view.whole = True
    explore.presenter.take_capture(frame, live=True)
    assert explore.clip.names == ["show_frame"]


def test_a_frame_under_other_edits_asks_for_the_next_and_is_not_shown(explore: Explore) -> None:
    explore.open()
    explore.live.playing = True
    explore.presenter.interventions.put(ONE)
    explore.presenter.take_capture(capture(seen="frame"), live=True)
    assert (explore.shown[1], explore.live.names) == ("p", ["follow"])
    before, after = capture(seen="next"), capture(seen="next", edits=digest_of((ONE,)))
    explore.presenter.take_frame(EditedFrame((ONE,), before, after, SHIFTS))
    assert explore.shown == (card().digest, "next", digest_of((ONE,)))
    assert explore.view.prediction.last("set_shifts") == (SHIFTS, "1 channel edited")
    assert explore.presenter.interventions.plain is before


def test_a_frame_of_all_columns_is_the_input_that_the_next_one_starts_from(explore: Explore) -> None:
    explore.open()
    frame = LiveFrame(picture("frame"), {}, True, 0.1)
    assert not explore.presenter.take_together(frame)
    explore.live.playing = True
    assert explore.presenter.take_together(frame)
    assert explore.opener.picture is frame.picture
    assert explore.shown[1] == "p"


# --- what does not come


def test_the_first_failure_opens_something_else_and_later_ones_only_say_so(explore: Explore) -> None:
    explore.opener.open_model(ModelSpec("gone"))
    explore.engine.fail("It is gone.")
    assert explore.notices.last("fail")[0].what == "It is gone."
    assert explore.engine.request == OpenModel(None)
    explore.engine.fail("There is none.")
    assert len(explore.engine.asked) == 2
    explore.opener.open_input(InputRef("picture", "gone.png"))
    explore.engine.fail("It is gone too.")
    assert isinstance(explore.engine.request, OpenInput)
    assert explore.engine.request.ref == InputRef("sample", "cat")


def test_what_is_shown_stays_when_the_next_model_fails(explore: Explore) -> None:
    explore.open()
    explore.opener.open_model(ModelSpec("gone"))
    asked = len(explore.engine.asked)
    explore.engine.fail("It is gone.")
    assert explore.shown == (card().digest, "p", "")
    assert (len(explore.engine.asked), explore.view.names[-1]) == (asked, "show")
    assert not any(isinstance(request, CapturePicture) for request in explore.requests[asked:])
