"""Rectangles of an input: a box, the receptive field that gives each cell its own, the way from a picture to the input tensor."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixel-edge coordinates: y0 <= y < y1. May reach past the picture (padding)."""

    y0: float
    x0: float
    y1: float
    x1: float

    def cut(self, other: Box) -> Box:
        """The part inside the other box; without area where there is none."""
        y0, x0 = max(self.y0, other.y0), max(self.x0, other.x0)
        return Box(y0, x0, max(y0, min(self.y1, other.y1)), max(x0, min(self.x1, other.x1)))


@dataclass(frozen=True, slots=True)
class Affine:
    """input-tensor = original * scale + offset, per axis, in pixel-edge coordinates (pixel i covers i .. i+1)."""

    scale_y: float
    scale_x: float
    offset_y: float
    offset_x: float


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """Receptive field of a spatial tap in input-tensor pixels: cell (i, j) may depend on
    rows [start_y + i*jump_y, start_y + i*jump_y + size_y), likewise columns. The union over all paths and channels."""

    jump_y: float
    jump_x: float
    start_y: float
    start_x: float
    size_y: float
    size_x: float
    # True: the gradient of every cell reaches the four sides of its box, cut off at the picture. False: an upper bound
    exact: bool = True
    # True: through attention, global pooling or statistics every cell may depend on the whole input;
    # the box then only says over which pixels the cell stands
    whole: bool = False
    # True, of `whole` cells in one row: a cell depends on nothing past the end of its own box, as behind causal attention
    causal: bool = False
    # pixels outside it reach no cell at all: cut off, or left over by a stride. None: the whole picture
    within: Box | None = None

    def box(self, y: int, x: int) -> Box:
        y0, x0 = self.start_y + y * self.jump_y, self.start_x + x * self.jump_x
        box = Box(y0, x0, y0 + self.size_y, x0 + self.size_x)
        return box if self.within is None else box.cut(self.within)

    def seen(self, y: int, x: int) -> Box | None:
        """What a cell may depend on, without end where it is the side of the input; None: the whole input."""
        box = self.box(y, x)
        if not self.whole:
            return box
        return Box(-math.inf, -math.inf, math.inf, box.x1) if self.causal else None
