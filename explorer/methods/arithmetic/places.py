"""Places of the model's input as boxes over the original picture, and in words."""

from __future__ import annotations

from explorer.core.activations import Tap
from explorer.core.any_input import Input
from explorer.core.arithmetic import Patch
from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.geometry import affine
from explorer.core.geometry.receptive_field import seen_by
from explorer.core.models import AnyPreprocess
from explorer.core.tensor_axes import axes_of
from explorer.core.translation import tr


def window_box(patch: Patch, before: Tap | None, picture: Input, pre: AnyPreprocess) -> Box | None:
    """The window of a sum on the original picture: the fields of its cells together; None where they have no place there.

    `before` None: the window slides over the model's input itself.
    """
    if len(patch.at) != 2:
        return None
    rows, columns = patch.at
    y0, x0, y1, x1 = int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max())
    if before is None:
        box = Box(y0, x0, y1 + 1, x1 + 1)
    elif before.receptive is None or before.receptive.whole:
        return None
    else:
        first, last = before.receptive.box(y0, x0), before.receptive.box(y1, x1)
        box = Box(first.y0, first.x0, last.y1, last.x1)
    return affine.to_original(affine.input_affine(picture.size, pre), box)


def seen_sentence(tap: Tap, cell: tuple[int, int], pre: AnyPreprocess, tokens: int = 0) -> str:
    """What a cell depends on, in pixels, samples, frames and bands, or tokens of the model's input; `tokens`: of the text, of which
    `pre` knows only the most."""
    if cell[0] < 0:
        return tr("A token before the grid has no position: it sees the input through attention.")
    try:
        seen = seen_by(tap, cell, (pre.height, tokens or pre.width))
    except ExplorerError as error:
        return error.why or error.what
    if seen.whole:
        return tr("May depend on the whole input: attention, global pooling or statistics come before it.")
    box, (down, along) = seen.clipped, axes_of(pre)
    said = tr("{along} {x0:g} to {x1:g} of {tokens:,}", along=along, x0=box.x0, x1=box.x1, tokens=tokens or pre.width)
    if down == "rows":
        said = tr(
            "rows {y0:g} to {y1:g}, columns {x0:g} to {x1:g} of {height} × {width}",
            y0=box.y0,
            y1=box.y1,
            x0=box.x0,
            x1=box.x1,
            height=pre.height,
            width=pre.width,
        )
    elif down:
        said = tr(
            "{down} {y0:g} to {y1:g} of {height}, {said}", down=down, y0=box.y0, y1=box.y1, height=pre.height, said=said
        )
    padding = max(seen.padding)
    unit = "px" if down == "rows" else along if padding > 1 else along[:-1]
    said += tr("; reaches {padding} {unit} into the padding", padding=padding, unit=unit) if padding else ""
    return said if seen.exact else tr("at most {said}", said=said)
