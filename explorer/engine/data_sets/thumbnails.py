"""Small pictures of large ones."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.inputs.image_arrays import check_size
from explorer.engine.inputs.pictures import open_picture


def thumbnail(path: Path, side: int) -> Array:
    """(h, w, 3) uint8, the longer side at most `side`. Raises ExplorerError."""
    image = _photograph(path, side) or _any(path)
    image.thumbnail((side, side))
    small: Array = np.asarray(image).copy()
    small.flags.writeable = False
    return small


def _photograph(path: Path, side: int) -> Image.Image | None:
    """A JPEG, decoded at an eighth of its size where that is enough: all of one of a hundred megapixels takes seconds. None: another
    file, or a damaged one, of which `open_picture` says why."""
    if path.suffix.lower() not in (".jpg", ".jpeg"):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                check_size(image.height, image.width, path.name)
                if image.format != "JPEG" or image.mode not in ("RGB", "L"):
                    return None
                image.draft(image.mode, (2 * side, 2 * side))
                return ImageOps.exif_transpose(image).convert("RGB")
    except Exception:  # noqa: BLE001 - Pillow's decoders raise a dozen kinds for damaged files
        return None


def _any(path: Path) -> Image.Image:
    shown = np.ascontiguousarray(open_picture(path).shown)
    if shown.dtype != np.uint8 or shown.ndim != 3:
        raise ExplorerError(tr("“{path}” cannot be shown.", path=path.name))
    return rgb_image(shown)


def rgb_image(shown: Array) -> Image.Image:
    """Of (h, w, 1 or 3) uint8."""
    pixels = np.ascontiguousarray(shown)
    return Image.fromarray(np.repeat(pixels, 3, 2) if pixels.shape[2] == 1 else pixels)
