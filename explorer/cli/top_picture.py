"""The best pictures of a channel side by side, each with the receptive field of its cell."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from explorer.core.any_input import as_picture
from explorer.core.data_index import ChannelTop, IndexEntry
from explorer.core.errors import ExplorerError
from explorer.core.example_pictures import seen_box
from explorer.engine import export
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.data_sets.thumbnails import rgb_image
from explorer.engine.inputs import open_input

_SIDE, _GAP, _LINE, _ACROSS = 192, 8, 16, 4


def save_top(file: str, found: ChannelTop, reader: IndexReader) -> None:
    """Whole pictures with a frame around what the cell sees. Raises ExplorerError."""
    if reader.settings.kind != "picture":
        raise ExplorerError(f"The index is of {reader.settings.kind}s.", "They are no pictures.", "Save it as .json.")
    if not found.entries:
        raise ExplorerError("There is nothing to draw.", "No picture has a value on this channel.")
    across = min(_ACROSS, len(found.entries))
    down = -(-len(found.entries) // across)
    cell = (_SIDE + _GAP, _SIDE + 2 * _LINE + _GAP)
    sheet = Image.new("RGB", (across * cell[0] + _GAP, down * cell[1] + _GAP + _LINE), "white")
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP, _GAP // 2), f"{found.tap}, channel {found.channel}: {found.order}", fill="black")
    for number, entry in enumerate(found.entries):
        at = _GAP + number % across * cell[0], _GAP + _LINE + number // across * cell[1]
        try:
            sheet.paste(_framed(entry, found.tap, reader), at)
        except ExplorerError as error:
            draw.text(at, error.what[:30], fill="black")
        label = f"  {entry.picture.label}" if entry.picture.label else ""
        draw.text((at[0], at[1] + _SIDE), f"{number + 1}: {entry.value:.4g}{label}"[:30], fill="black")
        draw.text((at[0], at[1] + _SIDE + _LINE), entry.picture.name[-30:], fill="gray")
    export.write(file, export.png(np.asarray(sheet), f"{found.tap} channel {found.channel}"))


def _framed(entry: IndexEntry, tap: str, reader: IndexReader) -> Image.Image:
    given = as_picture(open_input(entry.picture.ref(reader.place)))
    height, width = given.size
    image = rgb_image(given.shown)
    scale = _SIDE / max(height, width)
    image = image.resize((max(round(width * scale), 1), max(round(height * scale), 1)))
    box = seen_box(reader.tap(tap).receptive, reader.preprocess, (height, width), entry.cell)
    if box is not None:
        corner = min(box.x1 * scale, image.width - 1), min(box.y1 * scale, image.height - 1)
        start = min(box.x0 * scale, corner[0]), min(box.y0 * scale, corner[1])
        ImageDraw.Draw(image).rectangle((*start, *corner), outline=(255, 140, 0), width=2)
    return image
