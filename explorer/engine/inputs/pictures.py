"""Picture files: decode once, exactly, into original coordinates, and say what was done on the way."""

from __future__ import annotations

import logging
import warnings
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from explorer.core.types import Array, ExplorerError, InputRef, Picture
from explorer.engine.inputs.arrays import check_size, freeze, over_white
from explorer.engine.inputs.arrays import picture_from_array as picture_from_array
from explorer.engine.inputs.deep import is_deep_colour, read_deep
from explorer.engine.inputs.files import check_file, unreadable
from explorer.engine.inputs.quiet import quiet_terminal

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "DIB", "TIFF", "GIF", "PPM")
_ORIENTATION = 0x0112
_TODO = "Open it in a picture editor and save it again, or choose another picture."

# Our own limit is checked before decoding, with words for it; Pillow's would print a warning at 89 MP.
Image.MAX_IMAGE_PIXELS = None
# Without a handler, Pillow's complaints about odd tags reach the terminal.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def open_picture(path: str | Path) -> Picture:
    """Decode a picture file: PNG, JPEG, WebP, BMP, TIFF, GIF (first frame), PPM.

    Pixels are (H, W, 1 or 3): uint8, uint16 (16-bit files) or float32 in 0..1 (float files). EXIF orientation is
    applied, alpha composed over white; `notes` says so. Raises ExplorerError, never Pillow's own errors.
    """
    path = Path(path)
    check_file(path, "picture")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # e.g. "Truncated File Read" of a TIFF tag: decoding tells what matters
        try:
            pixels, notes = _decode(path)
        except ExplorerError:
            raise
        except MemoryError as error:
            raise ExplorerError(
                f"“{path.name}” does not fit into memory.", todo="Close other programs, or make the picture smaller."
            ) from error
        except Exception as error:  # Pillow's decoders raise a dozen kinds for damaged files
            raise _damaged(path, error) from error
    ref = InputRef("picture", str(path))
    return freeze(pixels, ref, path.name, tuple(notes))


def _decode(path: Path) -> tuple[Array, list[str]]:
    with _opened(path) as image:
        check_size(image.height, image.width, path.name)
        notes = []
        is_deep = is_deep_colour(image)  # first: asking a PNG for its EXIF tags already decodes it
        if getattr(image, "is_animated", False):
            notes.append("first of several frames")
        turned = _orientation(image)
        deep = read_deep(path) if is_deep else None
        if deep is not None:
            pixels, remaining = deep, turned
        else:
            if is_deep:
                notes.append("16-bit colour read as 8-bit")
            with quiet_terminal() if image.format == "TIFF" else nullcontext():
                image.load()
            # Pillow turns TIFF while loading, and then no longer has the tag
            remaining = _orientation(image)
            pixels = _pixels(image, notes)
    return _finished(pixels, turned, remaining, notes)


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path, formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise ExplorerError(
            f"“{path.name}” is not a picture that can be opened.",
            "Its content is none of PNG, JPEG, WebP, BMP, TIFF, GIF or PPM, whatever its name says.",
            "Convert it to PNG or JPEG, or choose another picture.",
        ) from error
    except PermissionError as error:
        raise unreadable(path, "picture", error) from error


def _finished(pixels: Array, turned: int, remaining: int, notes: list[str]) -> tuple[Array, list[str]]:
    """Alpha and orientation; (H, W, 1 or 3)."""
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.shape[2] in (2, 4):
        pixels, composed = over_white(pixels)
        if composed:
            notes.append("alpha composed over white")
    if turned != 1:
        notes.append(f"EXIF orientation {turned} applied")
    return _oriented(pixels, remaining), notes


def _pixels(image: Image.Image, notes: list[str]) -> Array:
    """The decoded image as an array (H, W) or (H, W, C), alpha last, in the file's own precision."""
    mode = image.mode
    if mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)  # native byte order
    if mode in ("I", "F"):
        return _wide(np.asarray(image), notes)
    if image.has_transparency_data:
        return np.asarray(image.convert("LA" if mode in ("1", "L", "LA", "La") else "RGBA"))
    if mode in ("1", "L"):
        return np.asarray(_as(image, "L"))
    if mode not in ("RGB", "P"):
        notes.append(f"{mode} converted to RGB")
    return np.asarray(_as(image, "RGB"))


def _as(image: Image.Image, mode: str) -> Image.Image:
    """Converted where it has to be: Pillow would copy 400 MB of a 100 MP picture that is so already."""
    return image if image.mode == mode else image.convert(mode)


def _wide(values: Array, notes: list[str]) -> Array:
    """32-bit numbers: kept where their range has a meaning, else stretched over 0..1, and said so."""
    finite = np.isfinite(values)
    if not finite.all():
        notes.append(f"{int((~finite).sum())} non-finite pixels set to 0")
        values = np.where(finite, values, 0)
    low, high = float(values.min()), float(values.max())
    if values.dtype.kind == "i" and low >= 0 and high <= 65535:
        return values.astype(np.uint16)
    if values.dtype.kind == "f" and low >= 0.0 and high <= 1.0:
        return values.astype(np.float32)
    notes.append(f"values {low:g} .. {high:g} stretched over 0 .. 1")
    span = (high - low) or 1.0
    return np.clip((values.astype(np.float64) - low) / span, 0.0, 1.0).astype(np.float32)


def _orientation(image: Image.Image) -> int:
    """1..8; 1 (as it is) also when the EXIF block is damaged: a picture is worth more than its tags."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged tags raise anything
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _oriented(pixels: Array, orientation: int) -> Array:
    """Undo an EXIF orientation: 5..8 swap the axes, the rest are mirrors."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def _damaged(path: Path, error: Exception) -> ExplorerError:
    text = str(error) or type(error).__name__
    cut = "truncated" in text.lower() or "eof" in text.lower() or isinstance(error, EOFError)
    why = "The file is cut short" if cut else "The file is damaged, or of a kind that is not supported"
    return ExplorerError(f"“{path.name}” cannot be decoded.", f"{why} ({text}).", _TODO)
