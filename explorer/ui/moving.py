"""Walking through what there is: layers and channels, the pictures of a folder, the frames of what moves."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QTimer

from explorer.core.cells import step_cell
from explorer.core.types import ExplorerError, InputRef
from explorer.engine.desk import Desk
from explorer.ui.document import Document, failure_of, file_ref
from explorer.ui.live import MOVING
from explorer.ui.settings import Settings
from explorer.ui.window import Window

_FILM_MS = 160


class Moving(Document):
    """A document in which one goes from one thing to the next, by hand or as it plays."""

    def __init__(self, window: Window, desk: Desk, settings: Settings) -> None:
        super().__init__(window, desk, settings)
        self._film = QTimer(self)
        self._film.setInterval(_FILM_MS)
        self._film.timeout.connect(self._film_on)

    # --- the pictures of a folder ---

    def neighbour(self, step: int) -> None:
        """The next or previous file of the folder, or sample."""
        ref = self.session.input
        if ref is None:
            return
        try:
            following = _neighbour(ref, step)
        except ExplorerError as error:
            self.fail(failure_of(error))
            return
        if following is not None:
            self.open_input(following)
            self._walk = step

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

    # --- scrubbing ---

    def show_workspace(self, name: str) -> None:
        """Brings "explore" or "compare" to the front; what moves stands still until it is played there."""
        if name != self.window.workspace:
            self.live.stop()
        self.live.together = name == "compare"
        self.window.show_workspace(name)
        self.show_history()
        if name == "compare":
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

    def _select_step(self, channel: int, step: int) -> None:
        shown = self.view.shown
        if shown is not None:
            self.change(channel=channel, cell=step_cell(shown.tap, step))

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
        self.compare.live_changed(on)

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
