"""Which frames a video has: one pass over its packets, without decoding (about 0.1 ms for ten packets)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.core.translation import tr

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Frames in the order they are shown. `pts[i]` is the time stamp of frame i, `keys` the keyframes' numbers."""

    pts: tuple[int, ...]
    keys: tuple[int, ...]
    timed: bool  # False: time stamps are missing or repeat; frames are then counted from the start
    count: int
    cut: str = ""  # why the packets ended early; "" when they did not

    def key_before(self, number: int) -> int:
        """The last keyframe at or before a frame; 0 when there is none."""
        place = bisect_right(self.keys, number)
        return self.keys[place - 1] if place else 0

    def number(self, pts: int) -> int | None:
        """Which frame has this time stamp; None: none of those listed."""
        place = bisect_right(self.pts, pts) - 1
        return place if place >= 0 and self.pts[place] == pts else None


def scan(container: Any, stream: Any) -> FrameIndex:
    """Index of a freshly opened PyAV container; the container's position is at its end afterwards."""
    stamps: list[int | None] = []
    keyframes: set[int | None] = set()
    cut, packets, end = "", 0, 0
    for packet in _packets(container, stream):
        if isinstance(packet, str):
            cut = packet
            break
        packets += 1
        if is_shown(packet, stream.codec_context.name):
            stamps.append(packet.pts)
            end = max(end, (packet.pts or 0) + (packet.duration or 0))
            if packet.is_keyframe:
                keyframes.add(packet.pts)
    # AVI knows only the order of decoding: with frames out of order its stamps lie
    timed = container.format.name != "avi" or not stream.codec_context.has_b_frames
    return _index(
        stamps if timed else [None] * len(stamps), keyframes, cut or _missing(container, stream, packets, end)
    )


def _missing(container: Any, stream: Any, packets: int, end: int) -> str:
    """What the header promises and the packets do not hold: a file whose end is gone often just stops."""
    if stream.frames > packets:
        return tr("the header promises {frames} frames, {packets} are there", frames=stream.frames, packets=packets)
    rate = float(stream.average_rate or 25)
    # the container's duration speaks of the pictures only when there is nothing else in it
    promised = container.duration / 1e6 if container.duration and len(container.streams) == 1 else 0.0
    if stream.duration:
        promised = float(stream.duration * stream.time_base)
    seen = float((end - (stream.start_time or 0)) * stream.time_base) if end else promised
    if promised - seen > 2.5 / rate:
        return tr(
            "the header promises {promised:.2f} s, the pictures end after {seen:.2f} s", promised=promised, seen=seen
        )
    return ""


def is_shown(packet: Any, codec: str) -> bool:
    """Whether a packet becomes a frame: not cut off by an edit list, not half there, not VP8's hidden reference."""
    if packet.is_discard or packet.is_corrupt:
        return False
    # bit 4 of a VP8 frame is show_frame
    return codec not in ("vp8", "libvpx") or bool(bytes(packet)[0] & 0x10)


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """The stream's packets; a text instead of a packet when reading breaks off."""
    import av.error

    try:
        for packet in container.demux(stream):
            if packet.size:  # the last one is empty: it flushes the decoder
                if packet.is_corrupt:
                    yield tr("the file is cut short")
                    return
                yield packet
    except (av.error.FFmpegError, OSError) as error:
        yield error.strerror or str(error)


def _index(stamps: list[int | None], keyframes: set[int | None], cut: str) -> FrameIndex:
    known = sorted(stamp for stamp in stamps if stamp is not None)
    if len(set(known)) < len(stamps):
        return FrameIndex((), (), False, len(stamps), cut)
    keys = tuple(number for number, stamp in enumerate(known) if stamp in keyframes)
    return FrameIndex(tuple(known), keys, True, len(known), cut)
