"""Live inputs: frames decoded and prepared on a thread of their own, so that the worker only computes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import AnyPreprocess, Preprocess, of_pictures
from explorer.core.translation import tr
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.preprocess import to_tensor

_WAIT = 0.05  # seconds a taker waits before it lets other work run
_CLOSE = 2.0  # and whoever closes a stream for its thread
Prepared = tuple[Picture, tuple[Tensor, ...]]


class FrameStream:
    """Frames of a video or a scene at their own pace; those that come while the taker is busy are dropped and counted.

    `frames` is called on the stream's thread and yields pictures; `fps` None hands over every frame as fast as it is taken.
    """

    def __init__(self, frames: Callable[[], Iterator[Picture]], fps: float | None) -> None:
        self._frames, self._fps = frames, fps
        self._condition = threading.Condition()
        self._slot: Prepared | None = None
        self._wanted: tuple[Preprocess, ...] = ()
        self._stop = False
        self._done = False
        self._error: ExplorerError | None = None
        self.dropped = 0
        # where a disk or a network does not answer, it is not waited for, neither here nor when the program ends
        self._thread = threading.Thread(target=self._produce, name="explorer-stream", daemon=True)
        self._thread.start()

    def take(self, preprocess: AnyPreprocess) -> tuple[Picture, Tensor] | None:
        """The newest prepared frame, or None when none came within a moment. Raises what stopped the stream."""
        return _only(self.take_for((preprocess,)))

    def take_for(self, wanted: tuple[AnyPreprocess, ...]) -> Prepared | None:
        """As `take`, with an input tensor for each of these preprocessings."""
        sizes = tuple(map(of_pictures, wanted))
        with self._condition:
            if sizes != self._wanted:
                self._wanted, self._slot = sizes, None
                self._condition.notify_all()
            if self._slot is None and not self._done:
                self._condition.wait(_WAIT)
            taken, self._slot = self._slot, None
            self._condition.notify_all()
            if taken is None and self._error is not None:
                error, self._error = self._error, None
                raise error
            return taken

    @property
    def ended(self) -> bool:
        """Whether no frame and no error is left to be taken."""
        with self._condition:
            return self._done and self._slot is None and self._error is None

    def close(self) -> None:
        """Stops the thread and waits for it, unless it stands in the reading of a frame that does not come."""
        with self._condition:
            self._stop = True
            self._slot = None
            self._condition.notify_all()
        self._thread.join(_CLOSE)

    def _produce(self) -> None:
        error: ExplorerError | None = None
        try:
            self._run()
        except ExplorerError as raised:
            error = raised
        except Exception as raised:  # noqa: BLE001 - handed over as text
            error = ExplorerError(
                tr("The live input stopped."), f"{type(raised).__name__}: {raised}", tr("Open it again.")
            )
        with self._condition:
            self._done, self._error = True, error
            self._condition.notify_all()

    def _run(self) -> None:
        if not self._wait_for(lambda: bool(self._wanted)):
            return
        start = time.monotonic()
        for number, picture in enumerate(self._frames()):
            with self._condition:
                wanted = self._wanted
            if self._fps is not None and not self._pause_until(start + number / self._fps):
                return
            if not self._put((picture, tuple(to_tensor(picture, preprocess) for preprocess in wanted)), wanted):
                return

    def _put(self, prepared: Prepared, wanted: tuple[Preprocess, ...]) -> bool:
        """Into the slot: at once when paced (an untaken frame is dropped), else when the slot is free. What was prepared
        for another taker than there is by now is dropped."""
        with self._condition:
            if self._fps is None:
                self._condition.wait_for(lambda: self._stop or self._slot is None)
            if wanted != self._wanted:
                self.dropped += 1
                return not self._stop
            self.dropped += self._slot is not None
            self._slot = prepared
            self._condition.notify_all()
            return not self._stop

    def _wait_for(self, ready: Callable[[], bool]) -> bool:
        with self._condition:
            self._condition.wait_for(lambda: self._stop or ready())
            return not self._stop

    def _pause_until(self, due: float) -> bool:
        with self._condition:
            self._condition.wait_for(lambda: self._stop, max(0.0, due - time.monotonic()))
            return not self._stop


class PushStream:
    """Frames that somebody else brings, the camera: `push` keeps only the newest."""

    def __init__(self, ref: InputRef, name: str) -> None:
        self._ref, self._name = ref, name
        self._condition = threading.Condition()
        self._slot: Array | None = None
        self._error: ExplorerError | None = None
        self._done = False

    def push(self, pixels: Array) -> None:
        """(H, W, 3) uint8, not changed afterwards. Any thread."""
        with self._condition:
            self._slot = pixels
            self._condition.notify_all()

    def fail(self, error: ExplorerError) -> None:
        """The source is gone: the taker is told once, then the stream has ended."""
        with self._condition:
            self._error, self._done = error, True
            self._condition.notify_all()

    def take(self, preprocess: AnyPreprocess) -> tuple[Picture, Tensor] | None:
        return _only(self.take_for((preprocess,)))

    def take_for(self, wanted: tuple[AnyPreprocess, ...]) -> Prepared | None:
        sizes = tuple(map(of_pictures, wanted))
        with self._condition:
            if self._slot is None and not self._done:
                self._condition.wait(_WAIT)
            pixels, self._slot = self._slot, None
            if pixels is None and self._error is not None:
                error, self._error = self._error, None
                raise error
        if pixels is None:
            return None
        picture = picture_from_array(pixels, self._ref, self._name)
        return picture, tuple(to_tensor(picture, preprocess) for preprocess in sizes)

    @property
    def ended(self) -> bool:
        with self._condition:
            return self._done and self._slot is None and self._error is None

    def close(self) -> None:
        with self._condition:
            self._done = True
            self._slot = None
            self._condition.notify_all()


def _only(taken: Prepared | None) -> tuple[Picture, Tensor] | None:
    return None if taken is None else (taken[0], taken[1][0])
