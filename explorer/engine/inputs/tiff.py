"""TIFFs whose numbers Pillow would cut, mix up or refuse: more than 8 bits, signed, float, further bands, bands one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.inputs.image_arrays import check_size, over_white
from explorer.engine.inputs.stretched import stretched
from explorer.engine.inputs.tiff_blocks import PACKED, can_read, read_bands
from explorer.engine.inputs.tiff_tags import Tags, read_tags

_COLOURS = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4}  # bands of colour by photometric interpretation
_TO_PIXELS = (2, 3, 4, 6, 7)  # compressions that only Pillow's libtiff unpacks
_MOST_BYTES = 2_500_000_000
_PREMULTIPLIED, _ALPHA = 1, 2
_TODO = tr("Save it as 8- or 16-bit RGB or grey, or as 32-bit float.")


def read_tiff(path: Path) -> tuple[Array, list[str], int] | None:
    """(pixels (H, W, 1 or 3), notes, orientation that is still to apply); None for a file that Pillow reads rightly.

    uint8, uint16 or float32 in 0..1. Raises ExplorerError naming what is not read, ValueError for a file that is cut short.
    """
    tags = read_tags(path)
    if tags is None or _is_plain(tags):
        return None
    check_size(tags.height, tags.width, path.name)
    base = _COLOURS.get(tags.photometric, 0)
    if not base or not can_read(tags) or tags.samples < base or (base == 4 and tags.ink_set != 1):
        if _leave_to_pillow(tags):
            return None
        raise refused(path.name, tags)
    wanted = (1 if tags.planes else tags.samples) * tags.bits[0] // 8
    if tags.height * tags.width * max(wanted, 1) > _MOST_BYTES:
        what = tr(
            "“{path}” is too large: {width:,} × {height:,} pixels, {words}.",
            path=path.name,
            width=tags.width,
            height=tags.height,
            words=tags.words,
        )
        raise ExplorerError(what, tr("It would take more than 2.5 GB."), tr("Cut out a part, or save fewer bands."))
    alpha = _alpha_band(tags, base)
    values = read_bands(path, tags, [*range(base), *([] if alpha is None else [alpha])])
    notes = [tr("first of several frames")] if tags.more else []
    notes += _left_out(tags, base, alpha)
    orientation = tags.orientation if 1 <= tags.orientation <= 8 else 1
    return _picture(values, tags, base, notes), notes, orientation


def refused(name: str, tags: Tags) -> ExplorerError:
    """This TIFF is not read, in words that say what it is."""
    return ExplorerError(
        tr("“{name}” is a TIFF of a kind that is not read.", name=name),
        tr("It holds {words}.", words=tags.words),
        _TODO,
    )


def _is_plain(tags: Tags) -> bool:
    """8 bits or fewer without further bands, one after the other: what Pillow knows best."""
    base = {**_COLOURS, 6: 3}.get(tags.photometric)
    depth = (8,) if tags.samples > 1 else (1, 2, 4, 8)
    alike = len(set(tags.bits)) == 1 and set(tags.formats) == {1} and tags.compression in (*PACKED, *_TO_PIXELS)
    return alike and tags.bits[0] in depth and base == tags.samples and not (tags.planes or tags.extras or tags.big)


def _leave_to_pillow(tags: Tags) -> bool:
    """8 bits in a compression that only Pillow's libtiff unpacks to pixels, such as JPEG."""
    known = set(tags.bits) <= {1, 8} and set(tags.formats) == {1}
    return known and tags.photometric in (0, 1, 2, 3, 5, 6) and tags.compression in _TO_PIXELS


def _alpha_band(tags: Tags, base: int) -> int | None:
    """The band of opacity; a further band without a meaning is none."""
    if tags.formats[0] == 2 or base == 4:
        return None
    meanings = tags.extras[: tags.samples - base]
    return next((base + n for n, kind in enumerate(meanings) if kind in (_PREMULTIPLIED, _ALPHA)), None)


def _left_out(tags: Tags, base: int, alpha: int | None) -> list[str]:
    unused = tags.samples - base - (alpha is not None)
    if not unused:
        return []
    rest = (
        tr("1 is neither colour nor alpha, and")
        if unused == 1
        else tr("{unused} are neither colour nor alpha, and", unused=unused)
    )
    return [tr("{samples} bands, of which {rest} left out", samples=tags.samples, rest=rest)]


def _picture(values: Array, tags: Tags, base: int, notes: list[str]) -> Array:
    """(H, W, 1 or 3) of the stored bands, with the opacity last where there is one."""
    if tags.photometric == 3:
        return _through_palette(values, tags)
    colours = _in_range(values[..., :base], tags, notes)
    if tags.photometric == 0:
        colours = _top(colours) - colours
    if base == 4:
        notes.append(tr("CMYK converted to RGB"))
        return _from_cmyk(colours)
    return colours if values.shape[2] == base else _composed(colours, values[..., base:], tags, notes)


def _composed(colours: Array, stored: Array, tags: Tags, notes: list[str]) -> Array:
    """Over white, by the opacity as it is stored."""
    opacity = _in_range(stored, tags, [])
    kind = tags.extras[(_alpha_band(tags, colours.shape[2]) or 0) - colours.shape[2]]
    if opacity.dtype != colours.dtype or (colours.dtype.kind == "f" and tags.formats[0] != 3):
        notes.append(tr("alpha left out: the colours have no range that it goes with"))
        return colours
    if kind == _PREMULTIPLIED:
        composed, changed = _premultiplied_over_white(colours, opacity)
    else:
        composed, changed = over_white(np.concatenate([colours, opacity], axis=-1))
    notes += [tr("alpha composed over white")] if changed else []
    return composed


def _in_range(values: Array, tags: Tags, notes: list[str]) -> Array:
    """uint8, uint16 or float32 in 0..1, true to the file where its range has a meaning."""
    bits = tags.bits[0]
    if tags.formats[0] in (1, 4) and bits <= 16:
        if bits in (8, 16):
            return values
        top = 255 if bits < 8 else 65535
        notes.append(tr("{bits}-bit values 0 .. {bits2} scaled to 0 .. {top}", bits=bits, bits2=2**bits - 1, top=top))
        scaled: Array = np.rint(values * (top / (2**bits - 1))).astype(np.uint8 if bits < 8 else np.uint16)
        return scaled
    if tags.formats[0] == 2 and bits == 8 and int(values.min()) >= 0:
        return values.astype(np.uint8)
    return stretched(values, notes)


def _top(pixels: Array) -> Array:
    top: Array = np.array(1.0 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max, pixels.dtype)
    return top


def _premultiplied_over_white(colours: Array, opacity: Array) -> tuple[Array, bool]:
    top = _top(colours)
    if (opacity == top).all():
        return colours, False
    # colours above their opacity are an error of the writer, and stay at white
    mixed = colours.astype(np.float64) + (float(top) - opacity.astype(np.float64))
    made: Array = np.minimum(mixed, float(top)).astype(colours.dtype)
    return made, True


def _through_palette(values: Array, tags: Tags) -> Array:
    """Colours of a table of 16-bit numbers; many writers fill it with 8-bit ones."""
    table = np.array(tags.palette, np.uint16).reshape(3, -1)
    small = int(table.max()) < 256
    numbers = values[..., 0].astype(np.int64)
    if int(numbers.max()) >= table.shape[1]:
        raise ValueError(tr("a pixel names a colour that the palette has not"))
    picked = table.T[numbers]
    made: Array = picked.astype(np.uint8) if small else picked
    return made


def _from_cmyk(inks: Array) -> Array:
    """(1 - ink) (1 - black), as Pillow does for 8 bits."""
    top = float(_top(inks))
    out = np.empty((*inks.shape[:2], 3), inks.dtype)
    for start in range(0, inks.shape[0], 256):
        block = inks[start : start + 256].astype(np.float64)
        mixed = (top - block[..., :3]) * (top - block[..., 3:]) / top
        out[start : start + 256] = mixed if inks.dtype.kind == "f" else np.rint(mixed)
    return out
