"""The figure of channel statistics: the histogram of the selected channel over the inputs, its numbers, the highest inputs."""

from __future__ import annotations

from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import BarsPart, FigureAxis, FigureDescription, HistogramPart, TablePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.translation import msgid, tr
from explorer.methods.channel_statistics.spec import ChannelStatistics, summary


def figure(found: ChannelStatistics, about: FigureSubject) -> FigureDescription:
    """With a table of all channels."""
    channel = min(about.channel, max(found.values.shape[1] - 1, 0))
    counts, edges = found.histogram(channel)
    axis = FigureAxis(tr(found.statistic))
    best = found.highest(channel, 8)
    names, values = tuple(name for name, _ in best), tuple(value for _, value in best)
    rows = tuple(
        (
            str(row["channel"]),
            *("–" if row[key] is None else written(row[key]) for key in _NUMBERS),
            row["highest"] or "–",
        )
        for row in summary(found)
    )
    title = tr(
        "{statistic} of channel {channel} of {tap} over {count:,} inputs",
        statistic=tr(found.statistic),
        channel=channel,
        tap=found.tap,
        count=len(found.names),
    )
    return FigureDescription(
        title[:1].upper() + title[1:],
        (
            (
                HistogramPart(tr("Channel {channel}", channel=channel), counts, edges, axis, FigureAxis(tr("inputs"))),
                BarsPart(
                    tr("Highest inputs"), names, values, tuple(written(v) for v in values), any(v < 0 for v in values)
                ),
            ),
            (TablePart(tr("All channels"), (tr("channel"), *map(tr, _NUMBERS), tr("highest")), rows),),
        ),
        about.caption(*found.notes),
        file_name(found.tap, found.statistic),
    )


_NUMBERS = (msgid("mean"), msgid("std"), msgid("minimum"), msgid("maximum"))
