"""Layers that are long lines, made ready for drawing before they are chosen: values and requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import ClassVar

import numpy as np

from explorer.core.activations import Capture, Layout, Tap
from explorer.core.arrays import Array
from explorer.core.render.scale import Extremes, extremes
from explorer.core.render.statistics import LayerNumbers
from explorer.core.render.waveform_reduced import waveform_reduced
from explorer.core.requests import Request
from explorer.core.translation import tr

_LONG = 1 << 20  # values from which on reading them all costs more than a frame of the screen has


@dataclass(frozen=True, slots=True, eq=False)
class ReducedLine:
    """A layer (C, T) in columns of pixels over all its steps, with the extremes of all its values."""

    tap: str
    values: Array  # as the capture holds them: kept, for some are made anew when they are asked for
    columns: Array  # (C, width): of each column the value of largest magnitude
    extremes: Extremes  # of one map


def reduced_line(tap: str, values: Array, line: Array, width: int) -> ReducedLine:
    """`line`: the values as (C, T). Its extremes are those of its columns, unless a value is not finite: those must be counted."""
    found = waveform_reduced(line, width)
    low, high = found.low.min(), found.high.max()
    if line.dtype == np.float32 and np.isfinite(low) and np.isfinite(high):
        ends = np.array([low], np.float64), np.array([high], np.float64), np.zeros(1, np.int64)
    else:
        ends = extremes(line[None])
    return ReducedLine(tap, values, found.largest, ends)


@dataclass(frozen=True, slots=True, eq=False)
class LineNumbers:
    """The numbers beside a layer that is a long line."""

    tap: str
    values: Array
    numbers: LayerNumbers


@dataclass(frozen=True)
class PrepareLines(Request[ReducedLine | LineNumbers]):
    """Reduces the layers `names` of a capture to `width` columns, one after the other, then counts the layer `shown` ("": none).
    Partial results alone."""

    handler: ClassVar[str] = "explorer.engine.line_answers:prepare_lines"
    answer: ClassVar[tuple[type, ...]] = (ReducedLine, LineNumbers)
    saying: ClassVar[str] = tr("Long layers are being read")

    capture: Capture = field(compare=False, repr=False)
    number: int  # Capture.number
    names: tuple[str, ...]
    width: int
    shown: str = ""


def is_long_line(tap: Tap) -> bool:
    """Whether a layer is drawn as lines, and is large."""
    line = tap.layout is Layout.NCT or (tap.layout is Layout.NLC and tap.grid is None) or 1 in (tap.grid or ())
    return tap.observable and line and prod(tap.shape) >= _LONG
