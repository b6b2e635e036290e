"""The sound track of a file through FFmpeg: its samples, exactly as they are in it, and the reason when there are no more."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.sounds import check_shape
from explorer.core.translation import tr
from explorer.engine.jobs.cancel import Cancelled, CancelledError
from explorer.engine.sound.channel_orders import keep_layout, plain_layout, safe_planes

# What FFmpeg may take a file for: nothing that names other files or addresses, as play lists do.
_FORMATS = "wav,w64,aiff,au,caf,flac,mp3,aac,ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,asf,flv,wv,tta,ape,ac3,eac3,amr"
_GUESSED = ("mp3", "aac", "mpeg", "mpegts", "ac3", "eac3", "amr")  # formats whose length is an estimate
# (container, decoder begins with) in which any sample is found exactly, and decoded without what was before it.
_JUMPS = (*((kind, "pcm_") for kind in ("wav", "w64", "aiff", "au", "caf")), ("flac", "flac"), ("mov", "alac"))
_SCALES = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0}
GAPS = (
    0.005,
    30.0,
)  # s between two frames that are filled: shorter ones are rounding, longer ones damage of the stamp itself
TODO = tr("Choose another sound, or convert it to WAV or FLAC.")


class JumpedTooFar(Exception):
    """The place that was jumped to is not known, or lies behind what is wanted."""


class SoundTrack:
    """The first sound track of a file, open. `blocks` reads it once; not for two threads at once.

    rate: Hz, channels: both of the first frame once that is read. promised: seconds that the header speaks of, None where it
    does not, or estimates. late: seconds after the beginning of the file at which it begins. damaged: packets that were
    passed over. silent: samples that are missing between others. ended: why reading broke off, "" while it did not.
    """

    _container: Any
    _stream: Any

    def __init__(self, path: Path) -> None:
        """Raises ExplorerError when there is nothing to decode."""
        self.name = path.name
        self.damaged = self.silent = 0
        self._jumped = False
        self.ended = ""
        self._container = _opened(path)
        try:
            self._stream, self.tracks = self._chosen()
            self.rate = int(self._stream.codec_context.sample_rate or 0)
            self.channels = plain_layout(self._stream.codec_context)
            check_shape(self.channels, self.rate, self.name)
            self.promised = self._promised()
            self.late = self._late()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._container.close()
        self._stream = None  # the decoder lives as long as its stream is held

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def padded(self) -> bool:
        """Whether the last packet is longer than the sound, and `promised` says where that ends."""
        return str(self._container.format.name).startswith("mov") and bool(self.promised)

    def jump(self, seconds: float) -> None:
        """To `seconds` or before, where that is exact; elsewhere nothing is done. Before `blocks`."""
        import av.error

        container, codec = self._container.format.name.partition(",")[0], self._stream.codec_context.name
        exact = any(container == kind and codec.startswith(begin) for kind, begin in _JUMPS)
        there = self.promised is None or seconds < self.promised
        if seconds < 1 or not (exact and there and self._stream.time_base):
            return
        try:
            self._container.seek(int(seconds / self._stream.time_base), stream=self._stream, backward=True)
        except (av.error.FFmpegError, OSError, OverflowError):
            return
        self._jumped = True

    def blocks(self, cancelled: Cancelled) -> Iterator[tuple[int, Array]]:
        """(number of its first sample, (channels, n) float32), frame by frame; where the stamps show a gap there is silence.

        Raises JumpedTooFar instead of the first where a jump cannot say where it went.
        """
        here: int | None = None
        base: int | None = None  # the time stamp of sample 0
        for frame in self._sounding(cancelled):
            stamp = (
                None if frame.pts is None or not frame.time_base else frame.pts * Fraction(frame.time_base) * self.rate
            )
            if here is None:
                if self._jumped and stamp is None:
                    raise JumpedTooFar
                here = round(stamp or 0) if self._jumped else 0
            if stamp is not None:
                base = round(stamp) - here if base is None else base
                gap = round(stamp) - base - here
                if GAPS[0] * self.rate < gap <= GAPS[1] * self.rate:
                    self.silent += gap
                    yield here, np.zeros((self.channels, gap), np.float32)
                    here += gap
            values = self._values(frame, self.channels)
            yield here, values
            here += values.shape[1]
        if here is None and self._jumped:
            raise JumpedTooFar

    def packets(self) -> Iterator[tuple[Fraction | None, Fraction, int | None]]:
        """(seconds at which it begins, where it says so; how long it is; its place in the file in bytes) of every packet, none of
        which is decoded. Instead of `blocks`. Ends where the file cannot be read on."""
        import av.error

        base = Fraction(self._stream.time_base or 0)
        try:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    begin = None if packet.pts is None else packet.pts * base
                    yield begin, (packet.duration or 0) * base, packet.pos
        except (av.error.FFmpegError, OSError) as error:
            self.ended = _said(error)

    @property
    def skipped(self) -> Fraction:
        """Seconds of the first packets that are no sound: what an encoder puts before it."""
        start, base = self._stream.start_time, self._stream.time_base
        alone = self._container.format.name.partition(",")[0] == "mp3"
        return max(start * Fraction(base), Fraction(0)) if alone and start is not None and base else Fraction(0)

    def _sounding(self, cancelled: Cancelled) -> Iterator[Any]:
        """Frames with samples, of one rate and one number of channels."""
        begun = False
        for frame in self._frames(cancelled):
            keep_layout(frame, self._stream.codec_context.name)
            if not frame.samples:
                continue
            rate, channels = int(frame.rate), int(frame.layout.nb_channels)
            if begun and (rate, channels) != (self.rate, self.channels):
                self.ended = tr("from there on it has {channels} channels at {rate:,} Hz", channels=channels, rate=rate)
                return
            if not begun:
                check_shape(channels, rate, self.name)
                self.rate, self.channels, begun = rate, channels, True
            yield frame

    def _frames(self, cancelled: Cancelled) -> Iterator[Any]:
        import av.error

        packets = self._container.demux(self._stream)
        while True:
            if cancelled():
                raise CancelledError
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, OSError) as error:
                self.ended = _said(error)
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, OSError):
                self.damaged += bool(packet.size)
                continue
            yield from frames

    def _values(self, frame: Any, channels: int) -> Array:
        """(channels, n) float32: whole numbers divided by their full scale."""
        kind = str(frame.format.name)
        plain = kind.removesuffix("p")
        try:
            frame = safe_planes(frame)
            values = frame.to_ndarray()
        except ValueError:
            raise ExplorerError(
                tr("“{name}” cannot be decoded.", name=self.name),
                tr("Its samples are {kind}, which is not read.", kind=kind),
                TODO,
            ) from None
        if not frame.format.is_planar:
            values = values.reshape(-1, channels).T
        if plain == "u8":
            return np.asarray((values.astype(np.float32) - 128.0) / 128.0)
        if plain in _SCALES:
            return np.asarray(values.astype(np.float32) / np.float32(_SCALES[plain]))
        with np.errstate(over="ignore", invalid="ignore"):  # doubles beyond float32: infinite, and said so later
            return np.asarray(values, np.float32)

    def _chosen(self) -> tuple[Any, int]:
        streams = self._container.streams.audio
        stream: Any = next(iter(streams), None)
        if stream is None:
            holds = tr("pictures, but no sound track") if self._container.streams.video else tr("no sound track")
            raise ExplorerError(
                tr("“{name}” has no sound.", name=self.name),
                tr("It holds {holds}.", holds=holds),
                tr("Choose another file."),
            )
        if stream.codec_context is None:
            raise ExplorerError(
                tr("“{name}” cannot be decoded.", name=self.name), tr("How its sound is coded is not known here."), TODO
            )
        return stream, len(streams)

    def _promised(self) -> float | None:
        if self._container.format.name.partition(",")[0] in _GUESSED:
            return None
        if self._stream.duration is not None and self._stream.time_base is not None:
            return float(self._stream.duration * self._stream.time_base)
        # the container's duration speaks of the sound only when there is nothing else in it
        alone = len(self._container.streams) == 1
        return self._container.duration / 1e6 if self._container.duration and alone else None

    def _late(self) -> float:
        start, began = self._stream.start_time, self._container.start_time
        if start is None or began is None or not self._stream.time_base or len(self._container.streams) == 1:
            return 0.0
        return max(0.0, float(start * self._stream.time_base) - float(began) / 1e6)


def _opened(path: Path) -> Any:
    import av
    import av.error

    av.logging.set_level(None)  # FFmpeg's own words go to the terminal otherwise
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
    try:
        # `file:` so that no name is taken for an address
        return av.open(f"file:{path.absolute()}", options=options, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise ExplorerError(
            tr("“{path}” is not a sound that can be opened.", path=path.name),
            tr("It is cut short, damaged, or no sound at all ({said}).", said=_said(error)),
            TODO,
        ) from error


def _said(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
