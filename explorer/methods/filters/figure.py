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
from explorer.core.translation import tr
from explorer.methods.filters.spec import Filters

_FLOOR = -60.0  # dB at which the colours begin


def figure(found: Filters, about: FigureSubject) -> FigureDescription:
    """With a picture of all filters, one a row, by their peak."""
    channel = min(about.channel, max(len(found.peak) - 1, 0))
    hertz = FigureAxis(tr("frequency"), "Hz")
    one = FigureCurve("", found.hertz, found.decibels[channel])
    whole = FigureCurve("", found.hertz, found.cumulative)
    order = list(found.order)
    values = found.decibels[order]
    table = colormaps.table("magma")
    rgb = colormaps.looked_up(table, np.nan_to_num((values - _FLOOR) / -_FLOOR), np.isfinite(values))
    scale = ColourScale(table, _FLOOR, 0.0, tr("response, less is drawn as this"), "dB")
    names = tuple(f"{h:,.0f}" for h in found.hertz)
    every = MatrixPart(tr("All filters"), values, rgb, tuple(map(str, order)), names, tr("channel"), "Hz", scale)
    rows = tuple((str(n), found.words(n), f"{found.share[n]:.0%}") for n in order)
    return FigureDescription(
        tr("Filters of {tap}", tap=found.tap),
        (
            (
                CurvesPart(
                    tr("Channel {channel}: {words}", channel=channel, words=found.words(channel)),
                    (one,),
                    hertz,
                    FigureAxis(tr("response"), "dB"),
                ),
                CurvesPart(tr("All filters together"), (whole,), hertz, FigureAxis(tr("response"))),
            ),
            (every,),
            (TablePart(tr("By peak"), (tr("channel"), tr("peak ± half width"), tr("near the peak")), rows),),
        ),
        about.caption(tr("Sound at {rate:,} Hz", rate=found.rate)),
        file_name(found.tap, "filters"),
    )
