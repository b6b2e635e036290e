"""What a WAV file that was cut off lacks."""

from __future__ import annotations

import struct
from pathlib import Path

_UNKNOWN = (0, 0xFFFFFFFF)  # lengths of a file that was written without going back to its header


def missing_bytes(path: Path) -> int:
    """How many bytes of samples the header of a WAV file promises beyond its end; 0 for every other file."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return 0
        end, at = file.seek(0, 2), 12
        while at + 8 <= end:
            file.seek(at)
            name, size = struct.unpack("<4sI", file.read(8))
            if name == b"data":
                return 0 if size in _UNKNOWN else max(0, at + 8 + size - end)
            at += 8 + size + size % 2
    return 0
