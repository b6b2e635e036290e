"""The transport of an input that moves: play, pause, step, seek."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.ui.explore.input_panel import Transport
from explorer.ui.explore.opener import Opener
from explorer.ui.live import MOVING, LiveControl
from explorer.ui.state import Store


class Clip:
    """Binds the transport to the live input and to the frame that the session names."""

    def __init__(
        self,
        store: Store,
        live: LiveControl,
        opener: Opener,
        transport: Transport,
        open_input: Callable[[InputRef], None],
    ) -> None:
        self._store, self._live, self._opener, self._transport = store, live, opener, transport
        self._open = open_input
        transport.play.connect(self.toggle)
        transport.stepped.connect(self.step)
        transport.sought.connect(self.seek)

    def toggle(self) -> None:
        """Plays or pauses what moves."""
        card, ref = self._opener.card, self._store.session.input
        if self._live.playing:
            self._live.stop()
        elif card is not None and ref is not None and ref.kind in MOVING:
            self._live.play(card, ref)

    def play(self, ref: InputRef) -> None:
        """Streams a video or the test scene at once."""
        if self._opener.card is not None:
            self._live.stop()
            self.set(ref)
            self._live.play(self._opener.card, ref)

    def play_camera(self, device: str, title: str) -> None:
        if self._opener.card is not None:
            self._live.play_camera(self._opener.card, device, title)

    def play_microphone(self, device: str, title: str) -> None:
        if self._opener.card is not None:
            self._live.play_microphone(self._opener.card, device, title)

    def step(self, steps: int) -> None:
        """So many frames on."""
        ref = self._store.session.input
        if ref is not None and ref.kind in MOVING:
            self.seek(max(0, ref.frame + steps))

    def seek(self, frame: int) -> None:
        """To a frame, at most the last one."""
        ref = self._store.session.input
        if ref is not None and ref.kind in MOVING:
            last = self._live.frames - 1 if self._live.frames is not None else frame
            self._open(replace(ref, frame=min(frame, last)))

    def set(self, ref: InputRef) -> None:
        """Another input is shown: the transport is there for one that moves."""
        if ref.kind not in MOVING:
            self._transport.hide()
            return
        if self._live.ref is None or (self._live.ref.kind, self._live.ref.path) != (ref.kind, ref.path):
            self._live.frames = _length(ref)
        self._live.ref = ref
        self._transport.show_clip(self._live.frames)
        self._transport.set_frame(ref.frame, self._live.playing)

    def show_frame(self, frame: int, playing: bool) -> None:
        """The frame that is on the screen."""
        self._transport.set_frame(frame, playing)


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
