"""An input that moves: play, pause, step and seek; what runs is the worker's live lane."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.live_frames import LiveFrame
from explorer.core.models import ModelCard, Preprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.translation import tr
from explorer.engine.desk import Desk

if TYPE_CHECKING:
    from explorer.engine.live.frame_stream import PushStream
    from explorer.engine.live.sound_stream import SoundStream
    from explorer.engine.model_session import FrameSource
    from explorer.ui.camera import Camera
    from explorer.ui.sound.microphone import Microphone

MOVING = ("video", "scene")
SLOW = 200  # ms between two updates of what need not follow every frame


class LiveControl(QObject):
    """Says `changed` when it starts or stops, `failed` with an ExplorerError when it cannot go on."""

    changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._camera: Camera | None = None
        self._push: PushStream | None = None
        self._microphone: Microphone | None = None
        self._heard: SoundStream | None = None
        self.playing = False
        self._ticket = 0
        self.ref: InputRef | None = None  # of the frame that is shown
        self.frames: int | None = None  # of the clip
        self.together = False  # through the columns of Compare instead of Explore's model
        self.paced = True  # False: every frame, as fast as the model takes them (measurements)

    def play(self, card: ModelCard, ref: InputRef) -> None:
        """Streams from a frame on; from the start when the clip is over."""
        from explorer.engine.live.input_streams import live_source  # late: it imports torch

        if self._takes_no_pictures(card):
            return
        if self.frames is not None and ref.frame >= self.frames - 1:
            ref = replace(ref, frame=0)
        try:
            source = live_source(ref, self.paced)
        except ExplorerError as error:
            self.failed.emit(error)
            return
        self.ref = ref
        self._ticket = self._go(card, source)
        self._set(True)

    def _takes_no_pictures(self, card: ModelCard) -> bool:
        """Whether what moves cannot go through the model; it is said. Of columns each says it itself."""
        if self.together or isinstance(card.preprocess, Preprocess):
            return False
        self.failed.emit(
            ExplorerError(
                tr("{card} takes no pictures.", card=card.name), card.preprocess.says, tr("Open a model of pictures.")
            )
        )
        return True

    def _go(self, card: ModelCard, source: FrameSource) -> int:
        return self._desk.go_live_together(source) if self.together else self._desk.go_live(card, source)

    def play_camera(self, card: ModelCard, device: str, title: str) -> None:
        """Streams a camera; it reports its own failures."""
        from explorer.engine.live.frame_stream import PushStream

        self.stop()
        if self._takes_no_pictures(card):
            return
        self.ref = InputRef("camera", device)
        push = PushStream(self.ref, title)
        self._push = push
        self._opened_camera().start(device)
        if self._push is push:  # the camera may have failed at once
            self._ticket = self._go(card, push)
            self._set(True)

    def play_microphone(self, card: ModelCard, device: str, title: str) -> None:
        """Streams a microphone through a model that takes sounds; it reports its own failures."""
        from explorer.engine.live.sound_stream import SoundStream

        self.stop()
        pre = card.preprocess
        if not isinstance(pre, SoundPreprocess):
            self.failed.emit(
                ExplorerError(tr("{card} takes no sounds.", card=card.name), pre.says, tr("Open a model of sounds."))
            )
            return
        self.ref = InputRef("microphone", device)
        heard = self._heard = SoundStream(self.ref, title)
        self._opened_microphone().start(pre.hertz, device)
        if self._heard is heard:  # the microphone may have failed at once
            self._ticket = self._go(card, heard)
            self._set(True)

    def microphones(self) -> list[tuple[str, str]]:
        """(id, title) of the microphones that are connected."""
        return self._opened_microphone().microphones()

    def _opened_microphone(self) -> Microphone:
        from explorer.ui.sound.microphone import Microphone

        if self._microphone is None:
            self._microphone = Microphone(self)
            self._microphone.block.connect(self._came)
            self._microphone.failed.connect(self._silent)
        return self._microphone

    def _came(self, block: Array) -> None:
        if self._heard is not None and self._microphone is not None:
            self._heard.push(block, self._microphone.rate)

    def _silent(self, words: str) -> None:
        self._lost(ExplorerError(words))

    def cameras(self) -> list[tuple[str, str]]:
        """(id, title) of the cameras that are connected."""
        return self._opened_camera().cameras()

    def _opened_camera(self) -> Camera:
        from explorer.ui.camera import Camera

        if self._camera is None:
            self._camera = Camera(self)
            self._camera.frame.connect(self._pushed)
            self._camera.failed.connect(self._lost)
        return self._camera

    def _pushed(self, pixels: Array) -> None:
        if self._push is not None:
            self._push.push(pixels)

    def _lost(self, error: ExplorerError) -> None:
        self.stop()
        self.failed.emit(error)

    def follow(self, shown: Capture | LiveFrame) -> None:
        """A frame has been shown."""
        self.ref = shown.picture.ref
        if self._camera is not None and self._push is not None:
            self._camera.ready()

    def ended(self, ticket: int) -> None:
        """The worker has come to the end of a stream; that of an earlier one says nothing about this."""
        if self.playing and ticket == self._ticket:
            self.stop()

    def stop(self) -> None:
        """Pauses; the last frame stays."""
        if self._camera is not None:
            self._camera.stop()
        if self._microphone is not None:
            self._microphone.stop()
        self._push = self._heard = None
        self._desk.stop_live()
        self._set(False)

    def _set(self, on: bool) -> None:
        if on != self.playing:
            self.playing = on
            self.changed.emit(on)
