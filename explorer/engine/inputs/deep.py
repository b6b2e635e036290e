"""16-bit colour pictures. Pillow reads 16-bit grey but cuts 16-bit colour down to 8 bits; FFmpeg keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from explorer.core.arrays import Array

_CHANNELS = {"rgb48": 3, "rgba64": 4, "ya16": 2}


def is_deep_colour(image: Image.Image) -> bool:
    """Whether the file holds 16 bits a channel that Pillow would cut: known from the raw modes of its tiles."""
    if image.mode not in ("RGB", "RGBA", "LA"):
        return False
    modes = [tile[3] for tile in getattr(image, "tile", ())]
    return any(";16" in str(mode) or (image.format == "PPM" and mode == ("RGB", 65535)) for mode in modes)


def read_deep(path: Path) -> Array | None:
    """uint16 (H, W, 3), or (H, W, 4) or (H, W, 2) with alpha last; None when FFmpeg cannot read this file."""
    import av
    import av.error

    av.logging.set_level(None)
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                return _plane(frame)
    except (av.error.FFmpegError, OSError, ValueError):
        return None
    return None


def _plane(frame: Any) -> Array | None:
    """The packed numbers as they are: FFmpeg's own conversion would round them."""
    name, order = frame.format.name[:-2], frame.format.name[-2:]
    if name not in _CHANNELS or frame.is_corrupt:
        return None
    plane, channels = frame.planes[0], _CHANNELS[name]
    rows = np.frombuffer(plane, dtype=">u2" if order == "be" else "<u2").reshape(frame.height, plane.line_size // 2)
    return rows[:, : frame.width * channels].reshape(frame.height, frame.width, channels).astype(np.uint16)
