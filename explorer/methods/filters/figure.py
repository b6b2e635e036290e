"""The figure of learnt filters: the spectrum of the selected one, what all pass together, all by their peak."""

from __future__ import annotations

import numpy as np

from explorer.core.figure.figure_parts import (
    ColourScale,
    CurvesPart,
    FigureAxis,
    FigureCurve,
    FigureDescription,
    MatrixPart,
    TablePart,
)
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.render import colormaps
from explorer.methods.filters.spec import Filters

_FLOOR = -60.0  # dB at which the colours begin


def figure(found: Filters, about: FigureSubject) -> FigureDescription:
    """With a picture of all filters, one a row, by their peak."""
    channel = min(about.channel, max(len(found.peak) - 1, 0))
    hertz = FigureAxis("frequency", "Hz")
    one = FigureCurve("", found.hertz, found.decibels[channel])
    whole = FigureCurve("", found.hertz, found.cumulative)
    order = list(found.order)
    values = found.decibels[order]
    table = colormaps.table("magma")
    rgb = colormaps.looked_up(table, np.nan_to_num((values - _FLOOR) / -_FLOOR), np.isfinite(values))
    scale = ColourScale(table, _FLOOR, 0.0, "response, less is drawn as this", "dB")
    names = tuple(f"{h:,.0f}" for h in found.hertz)
    every = MatrixPart("All filters", values, rgb, tuple(map(str, order)), names, "channel", "Hz", scale)
    rows = tuple((str(n), found.words(n), f"{found.share[n]:.0%}") for n in order)
    return FigureDescription(
        f"Filters of {found.tap}",
        (
            (
                CurvesPart(f"Channel {channel}: {found.words(channel)}", (one,), hertz, FigureAxis("response", "dB")),
                CurvesPart("All filters together", (whole,), hertz, FigureAxis("response")),
            ),
            (every,),
            (TablePart("By peak", ("channel", "peak ± half width", "near the peak"), rows),),
        ),
        about.caption(f"Sound at {found.rate:,} Hz"),
        file_name(found.tap, "filters"),
    )
