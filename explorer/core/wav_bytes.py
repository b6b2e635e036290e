"""The bytes of a WAV file, with the gain said in them.

Format: Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), floats by its revision 3 (1994).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Literal

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

WavKind = Literal["float32", "pcm16"]
_MOST = 0xFFFFFFFF - 4096  # bytes of samples that a WAV file can hold


@dataclass(frozen=True, slots=True)
class WrittenWav:
    """What was written. gain: what the samples were multiplied by. clipped: samples that were beyond full scale after that."""

    kind: WavKind
    gain: float
    clipped: int

    @property
    def told(self) -> str:
        """In a line, for the person and for the file itself."""
        level = (
            tr("as loud as it is")
            if self.gain == 1
            else tr("gain {gain:.6g} ({log10:+.1f} dB)", gain=self.gain, log10=20 * math.log10(self.gain))
        )
        lost = tr(", {clipped:,} samples beyond full scale cut off", clipped=self.clipped) if self.clipped else ""
        return f"{('32-bit float' if self.kind == 'float32' else tr('16-bit PCM'))}, {level}{lost}"


def wav_bytes(
    samples: Array, rate: int, kind: WavKind = "float32", gain: float | None = None
) -> tuple[bytes, WrittenWav]:
    """The file, and what is in it."""
    values = np.atleast_2d(np.asarray(samples, np.float64))
    if not values.size or not np.isfinite(values).all():
        raise ExplorerError(
            tr("There is no sound to be written."), tr("It is empty, or has values that are no numbers.")
        )
    if gain is None:
        gain = fitting_gain(values) if kind == "pcm16" else 1.0
    if not (gain > 0 and math.isfinite(gain)):
        raise ExplorerError(
            tr("The sound could not be written."), tr("Its gain is {gain!r}.", gain=gain), tr("A gain is more than 0.")
        )
    values = values * gain
    clipped = 0
    if kind == "pcm16":
        whole = np.rint(values * 32768.0)
        clipped = int(((whole > 32767) & (values > 1) | (whole < -32768)).sum())
        body = np.ascontiguousarray(whole.clip(-32768, 32767).T.astype("<i2")).tobytes()
    else:
        body = np.ascontiguousarray(values.T.astype("<f4")).tobytes()
    if len(body) > _MOST:
        raise ExplorerError(
            tr("The sound is too long for a WAV file."), tr("It can hold 4 GiB."), tr("Choose a window of it.")
        )
    written = WrittenWav(kind, gain, clipped)
    return _chunks(body, values.shape, rate, written), written


def fitting_gain(*sounds: Array) -> float:
    """1, or less where one of them would be cut off at full scale: one gain for all."""
    peak = max(float(np.abs(sound).max(initial=0.0)) for sound in sounds)
    return 1.0 if peak <= 1.0 else 1.0 / peak


def _chunks(body: bytes, shape: tuple[int, ...], rate: int, written: WrittenWav) -> bytes:
    width = 4 if written.kind == "float32" else 2
    channels, count = shape
    form = struct.pack(
        "<HHIIHH", 3 if width == 4 else 1, channels, rate, rate * channels * width, channels * width, 8 * width
    )
    parts = [_chunk(b"fmt ", form + (b"\0\0" if width == 4 else b""))]
    if width == 4:
        parts.append(_chunk(b"fact", struct.pack("<I", count)))
    said = f"{written.told} (feature-map-explorer)".encode("ascii", "replace") + b"\0"
    parts += [_chunk(b"LIST", b"INFO" + _chunk(b"ICMT", said)), _chunk(b"data", body)]
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, parts))) + b"WAVE" + b"".join(parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
