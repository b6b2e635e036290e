"""figure examples: the parts of the best inputs of a channel that its cells see, out of an index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.any_input import as_picture
from explorer.core.arrays import Array
from explorer.core.data_index import ChannelTop, IndexEntry
from explorer.core.errors import ExplorerError
from explorer.core.example_pictures import seen_box
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject, sentences
from explorer.core.figure.workspace_figures import index_words
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.engine.data_index.index_reader import IndexReader


def examples_figure(found: ChannelTop, reader: IndexReader) -> FigureDescription:
    """A table of them, of pictures with what the cells see. Raises ExplorerError where the index holds none."""
    from explorer.methods.examples.figure import figure

    if not found.entries:
        raise ExplorerError(tr("There is nothing to draw."), tr("No input has a value on this channel."))
    crops = [_crop(entry, found.tap, reader) for entry in found.entries] if reader.settings.kind == "picture" else []
    made = figure(found, FigureSubject(pictures=crops))
    return replace(made, caption=sentences(index_words(reader.facts()), made.caption))


def _crop(entry: IndexEntry, tap: str, reader: IndexReader) -> Array | None:
    """(h, w, 3) uint8; None where the picture is gone."""
    from explorer.engine.inputs import open_input

    try:
        given = as_picture(open_input(entry.picture.ref(reader.place)))
    except ExplorerError:
        return None
    box = seen_box(reader.tap(tap).receptive, reader.preprocess, given.size, entry.cell)
    if box is None:
        return given.shown
    y0, x0 = max(int(np.floor(box.y0)), 0), max(int(np.floor(box.x0)), 0)
    return given.shown[y0 : max(int(np.ceil(box.y1)), y0 + 1), x0 : max(int(np.ceil(box.x1)), x0 + 1)]
