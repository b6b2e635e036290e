"""Picture files: decode once, exactly, into original coordinates, and say what was done on the way."""

from __future__ import annotations

import logging
import warnings
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError, features

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.input_files import check_file, unreadable
from explorer.core.inputs import InputRef, Picture
from explorer.core.translation import tr
from explorer.engine.inputs.deep import is_deep_colour, read_deep
from explorer.engine.inputs.image_arrays import check_size, freeze, over_white
from explorer.engine.inputs.kinds import avif_depth, kind_of
from explorer.engine.inputs.pnm import read_pnm
from explorer.engine.inputs.quiet import quiet_terminal
from explorer.engine.inputs.stretched import stretched
from explorer.engine.inputs.tiff import read_tiff, refused
from explorer.engine.inputs.tiff_tags import read_tags

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "DIB", "TIFF", "GIF", "PPM", *(("AVIF",) if features.check("avif") else ()))
_ORIENTATION = 0x0112
_TODO = tr("Open it in a picture editor and save it again, or choose another picture.")

# Our own limit is checked before decoding, with words for it; Pillow's would print a warning at 89 MP.
Image.MAX_IMAGE_PIXELS = None
# Without a handler, Pillow's complaints about odd tags reach the terminal.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def open_picture(path: str | Path) -> Picture:
    """Decode a picture file: PNG, JPEG, WebP, BMP, TIFF, GIF (first frame), PPM, and AVIF where Pillow has a decoder.

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
                tr("“{path}” does not fit into memory.", path=path.name),
                todo=tr("Close other programs, or make the picture smaller."),
            ) from error
        except Exception as error:  # Pillow's decoders raise a dozen kinds for damaged files
            raise _damaged(path, error) from error
    ref = InputRef("picture", str(path))
    return freeze(pixels, ref, path.name, tuple(notes))


def _decode(path: Path) -> tuple[Array, list[str]]:
    tiff = read_tiff(path)
    if tiff is not None:
        return _finished(tiff[0], tiff[2], tiff[2], tiff[1])
    deep_pnm = read_pnm(path)
    if deep_pnm is not None:
        return deep_pnm
    return _decode_with_pillow(path)


def _decode_with_pillow(path: Path) -> tuple[Array, list[str]]:
    with _opened(path) as image:
        check_size(image.height, image.width, path.name)
        notes = []
        is_deep = is_deep_colour(image)  # first: asking a PNG for its EXIF tags already decodes it
        if getattr(image, "is_animated", False):
            notes.append(tr("first of several frames"))
        if image.format == "AVIF" and (depth := avif_depth(path)) > 8:
            notes.append(tr("{depth}-bit colour read as 8-bit", depth=depth))
        turned = _orientation(image)
        deep = read_deep(path) if is_deep else None
        if deep is not None:
            pixels, remaining = deep, turned
        else:
            if is_deep:
                notes.append(tr("16-bit colour read as 8-bit"))
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
        raise _unknown(path) from error
    except PermissionError as error:
        raise unreadable(path, "picture", error) from error


def _unknown(path: Path) -> ExplorerError:
    """Why Pillow knows no picture in it, under the name of what it is."""
    tags = read_tags(path)
    if tags is not None:
        return refused(path.name, tags)
    todo = tr("Convert it to PNG or JPEG, or choose another picture.")
    kind = kind_of(path)
    if kind == "AVIF" and "AVIF" in _FORMATS:
        return ExplorerError(tr("“{path}” cannot be decoded.", path=path.name), tr("It is a damaged AVIF file."), _TODO)
    if kind:
        return ExplorerError(
            tr("“{path}” is {kind}, which is not opened as a picture.", path=path.name, kind=kind), "", todo
        )
    return ExplorerError(
        tr("“{path}” is not a picture that can be opened.", path=path.name),
        tr("Its content is none of PNG, JPEG, WebP, BMP, TIFF, GIF, PPM or AVIF, whatever its name says."),
        todo,
    )


def _finished(pixels: Array, turned: int, remaining: int, notes: list[str]) -> tuple[Array, list[str]]:
    """Alpha and orientation; (H, W, 1 or 3)."""
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.shape[2] in (2, 4):
        pixels, composed = over_white(pixels)
        if composed:
            notes.append(tr("alpha composed over white"))
    if turned != 1:
        notes.append(tr("EXIF orientation {turned} applied", turned=turned))
    return _oriented(pixels, remaining), notes


def _pixels(image: Image.Image, notes: list[str]) -> Array:
    """The decoded image as an array (H, W) or (H, W, C), alpha last, in the file's own precision."""
    mode = image.mode
    if mode.startswith("I;16"):
        return _with_key(np.asarray(image).astype(np.uint16), image.info.get("transparency"))  # native byte order
    if mode in ("I", "F"):
        return stretched(np.asarray(image), notes)
    if image.has_transparency_data:
        return np.asarray(image.convert("LA" if mode in ("1", "L", "LA", "La") else "RGBA"))
    if mode in ("1", "L"):
        return np.asarray(_as(image, "L"))
    if mode not in ("RGB", "P"):
        notes.append(tr("{mode} converted to RGB", mode=mode))
    return np.asarray(_as(image, "RGB"))


def _with_key(grey: Array, key: object) -> Array:
    """16-bit grey; with the opacity last where a PNG names one value as transparent."""
    if not isinstance(key, int):
        return grey
    return np.stack([grey, np.where(grey == key, 0, 65535).astype(np.uint16)], axis=-1)


def _as(image: Image.Image, mode: str) -> Image.Image:
    """Converted where it has to be: Pillow would copy 400 MB of a 100 MP picture that is so already."""
    return image if image.mode == mode else image.convert(mode)


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
    why = tr("The file is cut short") if cut else tr("The file is damaged, or of a kind that is not supported")
    return ExplorerError(tr("“{path}” cannot be decoded.", path=path.name), f"{why} ({text}).", _TODO)
