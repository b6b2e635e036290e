"""Session <-> engine <-> panels. The only place that knows both sides; makes no widgets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from explorer.core.display import liveliest
from explorer.core.edits import EditedFrame
from explorer.core.render import SortKey
from explorer.core.resolve import first_tap
from explorer.core.session import History, Session, changed
from explorer.core.types import (
    Array,
    Capture,
    ExplorerError,
    Failure,
    InputRef,
    ModelCard,
    ModelSpec,
    Picture,
    Preprocess,
)
from explorer.engine import desk as work
from explorer.engine.desk import Desk, Ready, Saved
from explorer.engine.runner import Event, Lane
from explorer.ui.bridge import Bridge
from explorer.ui.compare.control import CompareControl
from explorer.ui.explore import present
from explorer.ui.explore.view import ExploreView
from explorer.ui.live import MOVING, LiveControl
from explorer.ui.settings import Settings
from explorer.ui.understand.control import UnderstandControl
from explorer.ui.widgets.text import tip
from explorer.ui.window import Window

_FILM_MS = 160
_REST_MS = 700


class Controller(QObject):
    """`captured` is emitted after a capture has been handed to the panels, `ready` when the engine can be used."""

    captured = Signal(object)
    ready = Signal(object)
    failed = Signal(object)
    saved = Signal(str)

    def __init__(self, window: Window, desk: Desk, bridge: Bridge, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.desk, self.settings = window, desk, settings
        self.view = ExploreView(window.explore)
        self.live = LiveControl(desk, self)
        self.session = Session()
        self.history = History(self.session)
        self.card: ModelCard | None = None
        self.picture: Picture | None = None
        self.engine: Ready | None = None
        self._target: Session | None = None  # where going back or forward, or a session file, is leading
        self._walk = 0  # which way a person goes through a folder
        self._film = QTimer(self)
        self._film.setInterval(_FILM_MS)
        self._film.timeout.connect(self._film_on)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(lambda: self._record(rest=True))
        self._unread: Failure | None = None
        self._fallback = {work.MODEL, work.INPUT}  # once each
        self.trust_code = False  # every Python file may run: the command line said so
        self.own_preprocess: Preprocess | None = None  # what came with the open model
        self.understand = UnderstandControl(self)
        self.compare = CompareControl(self, window.compare)
        bridge.received.connect(self.receive)
        self._connect()

    def _connect(self) -> None:
        explore, window = self.window.explore, self.window
        maps, channel, strip, given = explore.maps, explore.channel, explore.strip, explore.input
        maps.changed.connect(lambda fields: self.change(**fields))
        maps.channel_moved.connect(lambda c: self.change(channel=c))
        maps.mosaic.selected.connect(self._select)
        maps.mosaic.hovered.connect(lambda _c, y, x: self.view.point_at(y, x))
        maps.mosaic.left.connect(self.view.point_away)
        maps.mosaic.scrubbed.connect(self.step)
        maps.vector.selected.connect(lambda i: self.change(channel=i))
        maps.sequence.selected.connect(lambda c, _t: self.change(channel=c))
        maps.tokens.selected.connect(lambda _t, c: self.change(channel=c))
        channel.map.hovered.connect(self.view.point_at)
        channel.map.left.connect(self.view.point_away)
        channel.map.selected.connect(lambda y, x: self.change(cell=(y, x)))
        channel.map.scrubbed.connect(self.step_channel)
        strip.strip.scrubbed.connect(lambda i: self.change(tap=self.view.film_tap(i)))
        strip.film.connect(self.play_film)
        strip.blocks.connect(lambda on: self.change(blocks=on))
        given.tree.chosen.connect(lambda name: self.change(tap=name))
        given.picture.hovered.connect(self.view.point_at_input)
        given.picture.left.connect(self.view.point_away)
        given.transport.play.connect(self.toggle_live)
        given.transport.stepped.connect(self.step_frame)
        given.transport.sought.connect(self.seek)
        window.banner.cancelled.connect(self.cancel)
        window.toolbar.workspace.connect(self.show_workspace)
        self.live.changed.connect(self._live_changed)
        self.live.failed.connect(lambda error: self.fail(_failure(error)))

    # --- the document ---

    def change(self, **fields: Any) -> None:
        """Another session; the panels follow, missing values are asked for."""
        if "tap" in fields and not fields["tap"]:
            return
        old, self.session = self.session, replace(self.session, **fields)
        self._record()
        self._refresh(changed(old, self.session))

    def _refresh(self, names: frozenset[str]) -> None:
        if "tap" in names:
            self.desk.watch(self.session.tap)
        if not names:
            return
        if "blocks" in names:
            self.view.set_blocks(self.session)
        elif names <= {"channel", "cell"} and self.session.sort != "distance":
            self.view.show_channel(self.session)
        else:
            self._show()
        if "colormap" in names:
            self.view.recolour_film()
        self.understand.follow()

    def _show(self) -> None:
        view = self.view.show(self.session)
        if view.missing and view.tap is not None and not self.live.playing and self.view.capture is not None:
            if self.view.capture.edits:
                self.understand.ablation.apply()
            else:
                self.desk.recompute(self.view.capture, [view.tap.name])

    def show_edited(self, capture: Capture) -> None:
        """A capture under edits, in the place of the one without."""
        self.view.set_capture(capture, self.session)
        self.understand.follow()

    def show_frame(self, capture: Capture) -> None:
        """A live frame under edits."""
        self._take_capture(capture, live=True)

    def show_again(self, capture: Capture) -> None:
        """A capture that has been shown before."""
        self._take_capture(capture, live=False)

    def _record(self, rest: bool = False) -> None:
        if self._target is None:
            self.history.push(self.session, rest)
            self.window.toolbar.show_history(self.history.can_back, self.history.can_forward)
            if not rest:
                self._rest.start()

    def back(self) -> None:
        self.go_to(self.history.back())

    def forward(self) -> None:
        self.go_to(self.history.forward())

    def go_to(self, session: Session | None) -> None:
        """Shows another session: a step of the history, a saved file. Model and input are opened first where they differ."""
        if session is None:
            return
        self.live.stop()
        self._target = session
        if session.model is not None and session.model != self.session.model:
            self.open_model(session.model)
        if session.input is not None and session.input != self.session.input:
            self.open_input(session.input)
        self._reach()

    def _reach(self) -> None:
        """Takes over the rest of the target once its model and input are here."""
        target, now = self._target, self.session
        if target is None or any(
            wanted is not None and wanted != have
            for wanted, have in ((target.model, now.model), (target.input, now.input))
        ):
            return
        self._target = None
        names = changed(now, target) - {"model", "input"}
        self.session = replace(now, **{name: getattr(target, name) for name in names})
        self.history.settle(self.session)
        self.window.toolbar.show_history(self.history.can_back, self.history.can_forward)
        self._refresh(names)

    # --- models and inputs ---

    def open_model(self, spec: ModelSpec, trust_code: bool = False, allow_download: bool = False) -> None:
        """Asks for a model; the one that is open stays until the new one has come."""
        self.asked_anew()
        self.live.stop()
        self.desk.open_model(spec, trust_code or self.trust_code, allow_download)

    def open_input(self, ref: InputRef) -> None:
        """Asks for a picture, a sample or a frame; a video starts paused at its first frame."""
        self.asked_anew()
        self.live.stop()
        self._walk = 0
        self.desk.open_input(ref)

    def open_pixels(self, pixels: Array, name: str) -> None:
        """A picture that is in no file."""
        self.live.stop()
        self.desk.open_array(pixels, InputRef("clipboard"), name)

    def set_preprocess(self, preprocess: Preprocess) -> None:
        if self.card is not None:
            self.live.stop()
            self.desk.repreprocess(self.card, preprocess)

    def neighbour(self, step: int) -> None:
        """The next or previous file of the folder, or sample."""
        ref = self.session.input
        if ref is None:
            return
        try:
            following = _neighbour(ref, step)
        except ExplorerError as error:
            self.fail(_failure(error))
            return
        if following is not None:
            self.open_input(following)
            self._walk = step

    # --- scrubbing ---

    def show_workspace(self, name: str) -> None:
        """Brings "explore" or "compare" to the front; what moves stands still while it is compared."""
        self.window.show_workspace(name)
        if name == "compare":
            self.live.stop()
            self.compare.start()

    def step(self, steps: int) -> None:
        """So many layers on, in the workspace that is in front."""
        if self.window.workspace == "compare":
            self.compare.step(steps)
        elif self.view.film_length:
            self.change(tap=self.view.film_step(steps))

    def page(self, direction: int) -> None:
        """To the next or previous stage."""
        if self.window.workspace == "compare":
            self.compare.page(direction)
        else:
            self.window.explore.strip.strip.page(direction)

    def step_channel(self, steps: int) -> None:
        shown = self.view.shown
        if shown is not None:
            self.change(channel=min(max(self.session.channel + steps, 0), max(len(shown.plain) - 1, 0)))

    def _select(self, channel: int, y: int, x: int) -> None:
        self.change(channel=channel, cell=(y, x) if y >= 0 else self.session.cell)

    def play_film(self, on: bool) -> None:
        """Walks through the layers, from the start when at the end."""
        if on and self.view.film_length:
            if self.view.film_step(1) == self.view.film_step(0):
                self.change(tap=self.view.film_tap(0))
            self._film.start()
        else:
            self._film.stop()

    def _film_on(self) -> None:
        here = self.view.film_step(0)
        self.step(1)
        if self.view.film_step(0) == here:
            self.window.explore.strip.play.setChecked(False)

    # --- live ---

    def toggle_live(self) -> None:
        """Plays or pauses what moves."""
        if self.live.playing:
            self.live.stop()
        elif self.card is not None and self.session.input is not None and self.session.input.kind in MOVING:
            self.live.play(self.card, self.session.input)

    def play_input(self, ref: InputRef) -> None:
        """Streams a video or the test scene at once."""
        if self.card is not None:
            self.live.stop()
            self._set_clip(ref)
            self.live.play(self.card, ref)

    def play_camera(self, device: str, title: str) -> None:
        if self.card is not None:
            self.live.play_camera(self.card, device, title)

    def step_frame(self, steps: int) -> None:
        ref = self.session.input
        if ref is not None and ref.kind in MOVING:
            self.seek(max(0, ref.frame + steps))

    def seek(self, frame: int) -> None:
        ref = self.session.input
        if ref is not None and ref.kind in MOVING:
            last = self.live.frames - 1 if self.live.frames is not None else frame
            self.open_input(replace(ref, frame=min(frame, last)))

    def _live_changed(self, on: bool) -> None:
        self.window.toolbar.show_live(on)
        frame = self.session.input.frame if self.session.input is not None else 0
        self.window.explore.input.transport.set_frame(frame, on)
        self.understand.follow()
        if not on and self.card is not None and self.picture is not None and self.view.capture is not None:
            self.desk.show(self.card, self.picture)  # all taps of the frame that stays

    # --- answers ---

    @Slot(object)
    def receive(self, event: Event) -> None:
        """An event of the worker, in the UI thread."""
        if event.key.startswith(work.COMPARE):
            self.compare.receive(event)
        elif event.lane == Lane.METHOD:
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

    def _set_clip(self, ref: InputRef) -> None:
        transport = self.window.explore.input.transport
        if ref.kind not in MOVING:
            transport.hide()
            return
        if self.live.ref is None or (self.live.ref.kind, self.live.ref.path) != (ref.kind, ref.path):
            self.live.frames = _length(ref)
        self.live.ref = ref
        transport.show_clip(self.live.frames)
        transport.set_frame(ref.frame, self.live.playing)

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

    def _look_ahead(self, ref: InputRef) -> None:
        """The next picture of a walk through a folder is captured while this one is looked at."""
        if not self._walk or self.card is None:
            return
        try:
            following = _neighbour(ref, self._walk)
        except ExplorerError:
            return  # it will be said when the person goes there
        if following is not None and following != ref and following.kind != "video":
            self.desk.prefetch(self.card, following)

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
            self.window.toolbar.status.setText("   ".join(parts))

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

    def fail(self, failure: Failure) -> None:
        """Says what happened; what was shown stays. One that has not been read yet is said along."""
        before, self._unread = self._unread if self.window.banner.kind == "error" else None, failure
        both = before is not None and before.what != failure.what
        said = replace(failure, todo=f"{failure.todo} Before that: {before.text}") if both and before else failure
        self.window.banner.show_failure(said)
        self.window.place_banner()
        self.failed.emit(failure)

    def asked_anew(self) -> None:
        """Whoever asks for something else has read the last error."""
        if self.window.banner.kind == "error":
            self.window.banner.dismiss()

    def cancel(self) -> None:
        """The work that shows its progress is not wanted any more."""
        for key in (work.MODEL, work.SAVE):
            self.desk.runner.cancel(Lane.LOAD, key)
        self.window.banner.dismiss()

    def close(self) -> None:
        """Stops timers and the engine; called once, when the window closes."""
        for timer in (self._film, self._rest):
            timer.stop()
        self.compare.close()
        self.live.stop()


def _failure(error: ExplorerError) -> Failure:
    return Failure(error.what, error.why, error.todo, type=type(error).__name__)


def _neighbour(ref: InputRef, step: int) -> InputRef | None:
    if ref.kind == "sample":
        from explorer.engine.inputs.samples import sample_pictures

        names = [sample.name for sample in sample_pictures()]
        at = names.index(ref.path) if ref.path in names else 0
        return InputRef("sample", names[(at + step) % len(names)])
    if ref.kind in ("picture", "video"):
        from explorer.engine.inputs.folder import neighbour

        return file_ref(neighbour(ref.path, step))
    return None


def file_ref(path: str | Path) -> InputRef:
    """The reference of a picture or video file, by its name."""
    from explorer.engine.inputs.folder import is_video

    return InputRef("video" if is_video(path) else "picture", str(path))


def _length(ref: InputRef) -> int | None:
    """Frames of a clip; None when endless or unknown."""
    if ref.kind != "video":
        return None
    from explorer.engine.inputs.video import Video

    try:
        with Video(ref.path) as video:
            return video.count
    except ExplorerError:
        return None
