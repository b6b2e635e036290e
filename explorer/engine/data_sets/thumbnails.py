"""Small pictures of large ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.engine.inputs.pictures import open_picture


def thumbnail(path: Path, side: int) -> Array:
    """(h, w, 3) uint8, the longer side at most `side`. Raises ExplorerError."""
    shown = np.ascontiguousarray(open_picture(path).shown)
    if shown.dtype != np.uint8 or shown.ndim != 3:
        raise ExplorerError(f"“{path.name}” cannot be shown.")
    image = Image.fromarray(np.repeat(shown, 3, 2) if shown.shape[2] == 1 else shown)
    image.thumbnail((side, side))
    small: Array = np.asarray(image).copy()
    small.flags.writeable = False
    return small
