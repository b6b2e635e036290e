"""Video files through FFmpeg: any frame, exactly, and the reason when there are no more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from explorer.core.errors import ExplorerError
from explorer.core.input_files import check_file
from explorer.core.inputs import InputRef, Picture
from explorer.core.translation import tr
from explorer.engine.inputs.image_arrays import check_size, freeze
from explorer.engine.inputs.video_index import FrameIndex, scan

_SCAN_LIMIT = 1_000_000_000  # bytes; a longer file is scanned when the first frame out of order is asked for
_RECENT = 16  # frames kept as they came from the decoder, for stepping back
_TODO = tr("Choose another video, or convert it to MP4 (H.264).")


class Video:
    """An open video. `read(i)` gives frame i exactly, whatever was read before; not for two threads at once.

    `count` is None until it is known. `ended` says why frames are missing at the end, "" while none are known to be.
    `fps`: frames a second, on average; 0.0 when the file does not say. `duration`: seconds, or None.
    Use it as a context manager, or call `close()`.
    """

    _container: Any
    _stream: Any
    _reformatter: Any
    _source: Iterator[Any]

    def __init__(self, path: str | Path) -> None:
        """Raises ExplorerError when the file is missing, unreadable, no video, or has no frame."""
        self.path = Path(path)
        check_file(self.path, "video")
        self.ended = ""
        self._closed = False
        self._recent: OrderedDict[int, Any] = OrderedDict()
        self._missing: set[int] = set()  # frames known not to come out of the decoder
        self._index: FrameIndex | None = None
        self._open()
        try:
            self.fps, self.duration, self._tick = _timing(self._container, self._stream)
            check_size(self._stream.codec_context.height, self._stream.codec_context.width, self.path.name)
            if self.path.stat().st_size <= _SCAN_LIMIT:
                self._scan()
        except BaseException:
            self.close()
            raise

    @property
    def count(self) -> int | None:
        """Number of frames that are there; None while a long file has not been scanned."""
        return self._index.count if self._index else None

    def time_of(self, number: int) -> float:
        """When frame `number` is shown, in seconds after the first one."""
        if self._index and self._index.timed and number < self._index.count:
            return (self._index.pts[number] - self._index.pts[0]) * self._tick
        return number / self.fps if self.fps else 0.0

    def read(self, number: int) -> Picture:
        """Frame `number`, from 0. Raises ExplorerError past the end, and for a frame that cannot be decoded."""
        self._check(number)
        frame = self._recent.get(number)
        if frame is None:
            frame = self._decoded(number)
        return self._picture(frame, number)

    def frames(self, start: int = 0) -> Iterator[Picture]:
        """Frames from `start` to the last good one; frames that cannot be decoded are left out. Then see `ended`."""
        number = start
        while self.count is None or number < self.count:
            try:
                picture = self.read(number)
            except ExplorerError:
                if self._exhausted or self._closed:
                    return
            else:
                yield picture
            number += 1

    def __iter__(self) -> Iterator[Picture]:
        return self.frames()

    def close(self) -> None:
        """Let go of the file and of the decoder with its threads; may be called twice."""
        self._closed = True
        self._recent.clear()
        self._container.close()
        # the decoder lives as long as its stream, or a frame on its way, is held
        self._source, self._stream, self._reformatter = iter(()), None, None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        from av.video.reformatter import VideoReformatter

        self._container, self._stream = _opened(self.path)
        self._reformatter = VideoReformatter()
        self._start()
        self._alive = True

    def _start(self) -> None:
        self._next = 0  # number of the next frame when frames are counted
        self._fresh = True  # nothing decoded since the last jump
        self._exhausted = False
        self._source = _frames_of(self._container, self._stream)  # which knows nothing of self: no circle

    def _restart(self) -> None:
        """Open the file again; when that fails (a stick was pulled out), the next read tries once more."""
        self._recent.clear()
        self._container.close()
        self._source, self._exhausted, self._alive = iter(()), True, False
        self._open()

    def _scan(self) -> None:
        self._index = scan(self._container, self._stream)
        if not self._index.count:
            raise ExplorerError(
                tr("“{path}” has no frame that can be read.", path=self.path.name),
                self._index.cut or tr("It is empty."),
                _TODO,
            )
        if self._index.cut:
            self.ended = tr("{count} frames can be read: {cut}.", count=self._index.count, cut=self._index.cut)
        self._restart()

    def _check(self, number: int) -> None:
        if self._closed:
            raise ExplorerError(tr("“{path}” has been closed.", path=self.path.name), todo=tr("Open it again."))
        count = self.count
        if number < 0 or (count is not None and number >= count):
            raise ExplorerError(
                tr("“{path}” has no frame {number}.", path=self.path.name, number=number),
                self.ended or tr("Its frames are 0 to {count}.", count=(count or 1) - 1),
                tr("Go back to an earlier frame."),
            )

    def _decoded(self, number: int) -> Any:
        """Decode forward to a frame, from where we are if that is no detour, else from the keyframe before it."""
        if self._is_ahead(number):
            frame = self._forward(number)
            if frame is not None:
                return frame
        elif self._index is None:
            self._restart()
            self._scan()
        # a second try from the very start: some files do not seek where they say
        for key in (self._key(number), None):
            if number in self._missing:
                break
            self._jump(key)
            frame = self._forward(number)
            if frame is not None:
                return frame
        raise self._undecodable(number)

    def _undecodable(self, number: int) -> ExplorerError:
        if self._exhausted:
            last = self._next - 1
            self.ended = self.ended or (
                tr("Frame {last} is the last that can be decoded.", last=last) if last >= 0 else ""
            )
        return ExplorerError(
            tr("Frame {number} of “{path}” cannot be decoded.", number=number, path=self.path.name),
            tr("Its data is damaged or missing.")
            if number in self._missing
            else (self.ended or tr("No frame comes of it.")),
            tr("Go to another frame."),
        )

    def _is_ahead(self, number: int) -> bool:
        if self._exhausted or number < self._next:
            return False
        if self._index is None:
            return number == self._next or number - self._next < _RECENT
        return not self._index.timed or self._index.key_before(number) <= self._next

    def _key(self, number: int) -> int | None:
        if self._index is None or not self._index.timed:
            return None
        return self._index.key_before(number)

    def _jump(self, key: int | None) -> None:
        """To a keyframe, or to the start by opening the file again."""
        import av.error

        self._recent.clear()
        if not key or self._index is None or not self._alive:
            self._restart()
            return
        try:
            self._container.seek(self._index.pts[key], stream=self._stream, backward=True)
        except (av.error.FFmpegError, OSError):
            self._restart()
            return
        self._start()
        self._next = key

    def _forward(self, number: int) -> Any:
        """Decode until frame `number`; None when it does not come."""
        import av.error

        try:
            for frame in self._source:
                found = self._number(frame)
                if found is None:
                    continue
                before, self._next, self._fresh = (None if self._fresh else self._next), found + 1, False
                self._recent[found] = frame
                while len(self._recent) > _RECENT:
                    self._recent.popitem(last=False)
                if found == number:
                    return frame
                if found > number:
                    # passed over between two frames of one run: no seek will bring it
                    self._missing.update(range(before if before is not None else found, found))
                    return None
        except (av.error.FFmpegError, OSError) as error:
            self.ended = self.ended or tr("Reading broke off: {error}.", error=error)
        self._exhausted = True
        return None

    def _number(self, frame: Any) -> int | None:
        if self._index is None or not self._index.timed:
            return self._next
        # a frame without a listed time stamp is one that is not shown
        return self._index.number(frame.pts) if frame.pts is not None else None

    def _picture(self, frame: Any, number: int) -> Picture:
        pixels = self._reformatter.reformat(frame, format="rgb24", src_colorspace=_colours(frame)).to_ndarray()
        notes = []
        if turns := round(frame.rotation / 90) % 4:
            pixels = np.rot90(pixels, turns)
            notes.append(tr("turned by {rotation}°", rotation=-frame.rotation % 360))
        if frame.is_corrupt:
            notes.append(tr("damaged frame: parts of it are guessed by the decoder"))
        ref = InputRef("video", str(self.path), number)
        return freeze(pixels, ref, f"{self.path.name}, frame {number}", tuple(notes))


def _opened(path: Path) -> tuple[Any, Any]:
    """(container, video stream). Raises ExplorerError when there is nothing to decode."""
    import av
    import av.error

    av.logging.set_level(None)  # FFmpeg's own words go to the terminal otherwise
    try:
        container: Any = av.open(str(path))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise ExplorerError(
            tr("“{path}” is not a video that can be opened.", path=path.name),
            tr(
                "It is cut short, damaged, gone, or no video at all ({getattr}).",
                getattr=getattr(error, "strerror", None) or error,
            ),
            _TODO,
        ) from error
    stream: Any = next(iter(container.streams.video), None)
    if stream is None or stream.codec_context is None:
        container.close()
        why = tr("It holds no video stream.") if stream is None else tr("Its codec is not known here.")
        raise ExplorerError(tr("“{path}” has no pictures that can be decoded.", path=path.name), why, _TODO)
    stream.thread_type = "AUTO"
    return container, stream


def _timing(container: Any, stream: Any) -> tuple[float, float | None, float]:
    """(frames a second, seconds, seconds between two ticks of its time stamps), as the file says."""
    rate, base = stream.average_rate or stream.guessed_rate, stream.time_base
    if stream.duration is not None and base is not None:
        seconds: float | None = float(stream.duration * base)
    else:
        seconds = container.duration / 1e6 if container.duration else None
    return float(rate) if rate else 0.0, seconds, float(base or 0)


def _frames_of(container: Any, stream: Any) -> Iterator[Any]:
    """Frames in the order they are shown; packets that cannot be decoded are passed over. Raises what ends the reading."""
    import av.error

    for packet in container.demux(stream):
        if packet.is_corrupt:
            continue
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, OSError):
            continue
        yield from frames


def _colours(frame: Any) -> int | None:
    """Which matrix made the YUV values, where the file does not say: players take BT.709 from 720 rows upward."""
    from av.video.reformatter import Colorspace

    unspecified = 2
    if frame.colorspace != unspecified:
        return None
    return int(Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601)
