"""A sound as a WAV file, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from explorer.core.arrays import Array
from explorer.core.wav_bytes import WavKind, WrittenWav, wav_bytes
from explorer.engine import export


def write_wav(
    path: str | Path, samples: Array, rate: int, kind: WavKind = "float32", gain: float | None = None
) -> WrittenWav:
    """Writes (channels, T) or (T,) floats as a WAV file. Raises ExplorerError.

    gain: one for several sounds that are to be compared; None: 1, or for "pcm16" less where the loudest sample would be cut off.
    """
    data, written = wav_bytes(samples, rate, kind, gain)
    export.write(path, data)
    return written
