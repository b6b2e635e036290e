"""What predict prints and writes of an output that is no class vector: a class map, boxes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np

from explorer.core.activations import Capture
from explorer.core.errors import ExplorerError
from explorer.core.model_output import NO_CLASS, Boxes, ClassMap, ModelOutput, OtherOutput
from explorer.core.models import ModelCard
from explorer.core.render.class_colours import cells_on_picture, class_colour
from explorer.core.translation import tr


def output_lines(output: ModelOutput, top: int) -> Iterator[str]:
    """A line for each class or box; none for classes and for what is not interpreted."""
    if isinstance(output, ClassMap):
        yield from (f"{area.share:7.2%}  {area.label}" for area in output.areas[:top])
    elif isinstance(output, Boxes):
        for found in output.found[:top]:
            place = ", ".join(f"{side:.1f}" for side in (found.box.x0, found.box.y0, found.box.x1, found.box.y1))
            yield f"{found.score:7.3f}  {found.label}  ({place})"


def check_output(card: ModelCard, capture: Capture) -> None:
    """Raises ExplorerError where there is nothing to print."""
    output = capture.output
    if isinstance(output, ClassMap | Boxes) or capture.prediction:
        return
    why = tr("Its output describes the input.") if not card.classifies else ""
    why = why or tr("Its output has another shape or is not finite.")
    if isinstance(output, OtherOutput) and output.tensors:
        why = f"{why} {tr('It returns {list}.', list=output.text)}"
    raise ExplorerError(tr("This model has no class predictions."), why)


def map_file(capture: Capture) -> bytes:
    """PNG of a class map as the model gives it: the number of the class of each cell on the picture, in colours where there are 255
    classes or fewer, else 16 bit. Cells without a class have the largest number. Raises ExplorerError for another output."""
    from PIL import Image

    output = capture.output
    if not isinstance(output, ClassMap):
        raise ExplorerError(
            tr("The output of this model is no class map."), "", tr("Leave out --out, or use --json for its values.")
        )
    cells = cells_on_picture(output, capture.picture.size)
    file = io.BytesIO()
    if output.classes > 255:
        Image.fromarray(cells).save(file, "PNG")
        return file.getvalue()
    image = Image.fromarray(np.where(cells == NO_CLASS, 255, cells).astype(np.uint8))
    image.putpalette([part for index in range(256) for part in class_colour(index)])
    image.save(file, "PNG")
    return file.getvalue()
