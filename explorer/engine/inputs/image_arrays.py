"""From plain arrays to a Picture: clipboard, camera, video frames and everything that was decoded."""

from __future__ import annotations

import hashlib

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.render.display_image import displayable
from explorer.core.translation import tr

PIXEL_LIMIT = 100_000_000  # 100 MP: 300 MB as 8-bit RGB
_DTYPES = (np.uint8, np.uint16, np.float32)


def picture_from_array(array: Array, ref: InputRef, name: str = "", notes: tuple[str, ...] = ()) -> Picture:
    """A Picture of a copy of `array`: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4 with alpha last).

    uint8, uint16 or float (0..1; float64 becomes float32). Alpha is composed over white, and said so in the notes.
    Raises ExplorerError for any other shape, type or range. About a millisecond for a 768 × 432 frame.
    """
    pixels = np.asarray(array)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4) or pixels.size == 0:
        raise _refused(
            tr("Its shape is {shape}; a picture is (height, width) with 1, 3 or 4 channels.", shape=array.shape)
        )
    check_size(pixels.shape[0], pixels.shape[1], name)
    pixels = _typed(pixels)
    if pixels.shape[2] == 4:
        pixels, composed = over_white(pixels)
        notes = (*notes, tr("alpha composed over white")) if composed else notes
    return freeze(np.array(pixels, order="C"), ref, name, notes)


def freeze(pixels: Array, ref: InputRef, name: str, notes: tuple[str, ...] = ()) -> Picture:
    """A Picture that takes `pixels` (H, W, 1 or 3) over without a copy; nobody else may hold or change them."""
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    # here, on the worker: of a large picture it takes longer than the window may stand still
    small = displayable(pixels)
    return Picture(ref, pixels, digest_of(pixels), name, notes, None if small is pixels else small)


def digest_of(pixels: Array) -> str:
    """sha256 of shape, dtype and bytes, its first 16 hex digits."""
    told = hashlib.sha256(f"{pixels.shape}{pixels.dtype.str}".encode())
    told.update(pixels.data)
    return told.hexdigest()[:16]


def over_white(pixels: Array) -> tuple[Array, bool]:
    """(H, W, C + 1) with alpha last -> (H, W, C) over white, and whether anything was transparent."""
    top = 1.0 if pixels.dtype == np.float32 else float(np.iinfo(pixels.dtype).max)
    if float(pixels[..., -1].min()) == top:
        return pixels[..., :-1], False
    out = np.empty((*pixels.shape[:2], pixels.shape[2] - 1), pixels.dtype)
    # in blocks: whole, the floats of a 100 MP picture would take gigabytes
    for start in range(0, pixels.shape[0], 256):
        block = pixels[start : start + 256].astype(np.float64)
        weight = block[..., -1:] / top
        mixed = block[..., :-1] * weight + top * (1 - weight)
        out[start : start + 256] = mixed if pixels.dtype == np.float32 else np.rint(mixed)
    return out, True


def check_size(height: int, width: int, name: str) -> None:
    """Raises ExplorerError for a picture above the pixel limit; called before anything is decoded."""
    if height * width <= PIXEL_LIMIT:
        return
    raise ExplorerError(
        tr(
            "{the_picture} is too large: {width:,} × {height:,} pixels.",
            the_picture="“" + name + "”" if name else tr("The picture"),
            width=width,
            height=height,
        ),
        tr(
            "That is {height:,.0f} megapixels; at most {pixel_limit:,.0f} are opened.",
            height=height * width / 1000000.0,
            pixel_limit=PIXEL_LIMIT / 1000000.0,
        ),
        tr("Make it smaller, or cut out a part, in a picture editor."),
    )


def _typed(pixels: Array) -> Array:
    if pixels.dtype == np.float64 or pixels.dtype == np.float16:
        pixels = pixels.astype(np.float32)
    if pixels.dtype not in _DTYPES:
        raise _refused(tr("Its numbers are {dtype}; a picture has uint8, uint16 or float numbers.", dtype=pixels.dtype))
    if pixels.dtype == np.float32:
        low, high = float(pixels.min()), float(pixels.max())
        # written so that NaN fails too
        if not (low >= 0.0 and high <= 1.0):
            raise _refused(
                tr("Its float values span {low:g} .. {high:g}; they must lie in 0 .. 1.", low=low, high=high)
            )
    return pixels


def _refused(why: str) -> ExplorerError:
    return ExplorerError(tr("The array is not a picture."), why, tr("Hand over (H, W, 3) uint8 pixels."))
