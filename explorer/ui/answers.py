"""What the engine says, handed to the panels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot

from explorer.core.display import liveliest
from explorer.core.edits import EditedFrame
from explorer.core.render import SortKey
from explorer.core.resolve import first_tap
from explorer.core.together import Together
from explorer.core.types import Capture, InputRef, Picture
from explorer.engine import desk as work
from explorer.engine.desk import Desk, Saved
from explorer.engine.runner import Event, Lane
from explorer.engine.worker import Ready
from explorer.ui.explore import present
from explorer.ui.moving import Moving
from explorer.ui.settings import Settings
from explorer.ui.widgets.text import tip
from explorer.ui.window import Window


class Answers(Moving):
    """A document that takes what it has asked for. What is about something that is no longer open is passed over."""

    def __init__(self, window: Window, desk: Desk, settings: Settings) -> None:
        super().__init__(window, desk, settings)
        self.engine: Ready | None = None
        self._fallback = {work.MODEL, work.INPUT}  # once each

    @Slot(object)
    def receive(self, event: Event) -> None:
        """An event of the worker, in the UI thread."""
        if self.client.receive(event):
            return
        if event.key.startswith(work.COMPARE):
            self.compare.receive(event)
        elif event.key.startswith(work.FEATURES):
            self.store.receive(event)
        elif event.lane == Lane.METHOD or event.key in (work.LOOK, work.OVERVIEW):
            self.understand.receive(event)
        elif event.failure is not None:
            self._failed(event)
        elif event.progress is not None:
            if (
                self.window.banner.kind != "error"
            ):  # what went wrong stays until it is read or something else is asked for
                self.window.banner.show_progress(event.progress, cancellable=event.key in (work.MODEL, work.SAVE))
                self.window.place_banner()
        elif event.value is None:
            self._done_loading(event)
            if event.lane == Lane.LIVE:
                self.live.ended(event.ticket)
        else:
            self._done_loading(event)
            self._take(event)

    def _done_loading(self, event: Event) -> None:
        if event.lane == Lane.LOAD and self.window.banner.kind == "progress":
            self.window.banner.dismiss()

    def _take(self, event: Event) -> None:
        value = event.value
        if isinstance(value, Ready):
            self.engine = value
            self._show_status()
            self.ready.emit(value)
        elif isinstance(value, Picture):
            self._take_picture(value)
        elif isinstance(value, Together):
            self._take_together(value)
        elif isinstance(value, Capture):
            self._take_capture(value, live=event.lane == Lane.LIVE)
        elif isinstance(value, EditedFrame):
            self.understand.ablation.frame(value)
        elif isinstance(value, Saved):
            self.window.banner.show_message(f"Saved {value.path}")
            self.window.place_banner()
            self.saved.emit(value.path)
        elif event.key == work.MODEL:
            self._take_model(value)

    def _take_model(self, opened: Any) -> None:
        if self.card is None or self.card.spec.id != opened.card.spec.id or self.own_preprocess is None:
            self.own_preprocess = opened.card.preprocess
        if opened.card.spec != self.session.model:
            self._forget_order()  # it was measured on the other one
        self.card = opened.card
        self.session = replace(self.session, model=opened.card.spec)
        self.view.set_model(opened.card, opened.kernels)
        self.window.toolbar.show_model(opened.card)
        self.window.toolbar.model.setToolTip(tip(present.model_tip(opened.card)))
        self.window.setWindowTitle(f"{opened.card.name} — Feature Map Explorer")
        self.settings.remember("models", opened.card.spec.id) if not opened.card.spec.weights else None
        self.compare.model_opened(opened.card)
        self._arrived()
        if self.picture is not None:
            self.view.set_picture(self.picture)
            self.desk.show(opened.card, self.picture)

    def _forget_order(self) -> None:
        sort = SortKey.INDEX if self.session.sort is SortKey.MEASURED else self.session.sort
        self.session = replace(self.session, order=None, sort=sort)

    def _take_picture(self, picture: Picture) -> None:
        self.picture = picture
        self.session = replace(self.session, input=picture.ref)
        self.view.set_picture(picture)
        self.window.toolbar.show_input(picture.name or Path(picture.ref.path).name)
        if picture.ref.kind in ("picture", "video"):
            self.settings.remember("inputs", picture.ref.path)
        self._set_clip(picture.ref)
        self.compare.picture_changed()
        self._arrived()
        if self.card is not None:
            self.desk.show(self.card, picture)

    def _arrived(self) -> None:
        self._record()
        self._reach()

    def _take_capture(self, capture: Capture, live: bool) -> None:
        if self.card is None or capture.model != self.card.digest:
            return  # of a model that is no longer open
        if live and not self.live.playing:
            return
        if live and not self.understand.ablation.fits(capture):
            self.live.follow(capture)  # made under other edits than now: passed over, the next one is asked for
            return
        if not live and self.picture is not None and capture.picture.digest != self.picture.digest:
            return
        if live:
            self.picture = capture.picture
            self.session = replace(self.session, input=capture.picture.ref)
            self.live.follow(capture)
        if not any(tap.name == self.session.tap for tap in capture.taps):
            tap = first_tap(capture.taps)
            self.session = replace(self.session, tap=tap, channel=liveliest(capture, tap), cell=None)
            self.desk.watch(tap)
        if self._target is None:
            self.history.amend(self.session)
        view = self.view.set_capture(capture, self.session, live)
        if view.missing and view.tap is not None and not live:
            self.desk.recompute(capture, [view.tap.name])
        if not live or self.view.whole:
            self.understand.captured(capture, live)
        self.features.follow()
        for note in capture.notes:
            self.window.banner.show_message(note)
            self.window.place_banner()
        if self.view.whole:  # of live frames in between only the maps are followed
            if live:
                self.window.toolbar.show_input(capture.picture.name.rpartition(", frame")[0] or capture.picture.name)
                self.window.explore.input.transport.set_frame(capture.picture.ref.frame, True)
            self._show_status(capture)
        self.captured.emit(capture)
        self._look_ahead(capture.picture.ref)

    # --- captures that are shown in the place of another ---

    def show_edited(self, capture: Capture) -> None:
        """A capture under edits, in the place of the one without."""
        self.view.set_capture(capture, self.session)
        self.understand.follow()
        self.features.follow()

    def show_frame(self, capture: Capture) -> None:
        """A live frame under edits."""
        self._take_capture(capture, live=True)

    def show_again(self, capture: Capture) -> None:
        """A capture that has been shown before."""
        self._take_capture(capture, live=False)

    def _take_together(self, frame: Together) -> None:
        """A live frame in all columns of Compare."""
        if not self.live.playing:
            return
        self.picture = frame.picture
        self.session = replace(self.session, input=frame.picture.ref)
        self.history.amend(self.session)
        self.live.follow(frame)
        self.window.toolbar.show_input(frame.picture.name.rpartition(", frame")[0] or frame.picture.name)
        self.compare.show_frame(frame)

    def _show_status(self, capture: Capture | None = None) -> None:
        capture = capture or self.view.capture
        if self.engine is not None:
            threads = self.engine.threads
            title = "CPU" if (capture.device if capture else self.engine.device) == "cpu" else self.engine.device
            self.window.toolbar.device.setText(f"{title} · {threads} thread{'s' if threads != 1 else ''}")
        if capture is not None:
            parts = [
                f"{'first look' if capture.watched else 'forward'} {capture.seconds * 1000:.0f} ms",
                f"{self.view.film_length} layers",
                f"{present.size(self.desk.cached_bytes)} cached",
            ]
            self.window.toolbar.status.set_parts(parts)

    # --- failures ---

    def _failed(self, event: Event) -> None:
        assert event.failure is not None
        self._done_loading(event)
        if event.key in (work.MODEL, work.INPUT):
            self._target = None
        if event.lane == Lane.LIVE:
            self.live.ended(event.ticket)
        self.fail(event.failure)
        self.view.show(self.session)  # where a model's first forward failed, the maps say whose they still are
        if event.key in self._fallback:  # nothing is open yet: an empty window would be the last good state
            self._fallback.remove(event.key)
            if event.key == work.MODEL and self.card is None:
                self.desk.open_start()
            elif event.key == work.INPUT and self.picture is None:
                self.desk.open_input(InputRef("sample", "cat"))
