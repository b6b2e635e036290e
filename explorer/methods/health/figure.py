"""The figure of a layer's health: the layer as a whole, its channels, the histogram of the selected one."""

from __future__ import annotations

from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import FigureAxis, FigureDescription, FigurePart, HistogramPart, TablePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.health import ChannelHealth, Health
from explorer.core.translation import msgid, tr

_HEADER = (
    msgid("channel"),
    msgid("state"),
    msgid("sparsity"),
    msgid("mean"),
    msgid("std"),
    msgid("max"),
    msgid("active"),
    msgid("prefers"),
)


def figure(found: Health, about: FigureSubject) -> FigureDescription:
    """Every channel is a row."""
    whole = (
        (tr("inputs"), f"{found.count:,}"),
        (tr("channels"), f"{len(found.channels):,}"),
        (found.silent_word, str(found.dead)),
        (tr("always on"), str(found.always_on)),
        (tr("duplicates"), str(found.duplicates)),
        (tr("sparsity"), f"{100 * found.sparsity:.1f} %"),
        (tr("effective rank"), written(found.effective_rank, 3)),
        (tr("participation ratio"), written(found.participation_ratio, 3)),
    )
    first: list[FigurePart] = [TablePart(tr("Layer"), (), whole)]
    if 0 <= about.channel < len(found.channels):
        counts, edges = found.values_of(about.channel)
        title = tr("Channel {channel}, all inputs", channel=about.channel)
        first.append(HistogramPart(title, counts, edges, FigureAxis(tr("value")), FigureAxis(tr("cells"))))
    header = tuple(map(tr, _HEADER if found.classes else _HEADER[:-1]))
    rows = tuple(_row(row, found.silent_word, bool(found.classes)) for row in found.channels)
    unfinished = "" if found.final else tr("Stopped after {count:,} inputs", count=found.count)
    caption = about.caption(unfinished, *found.notes)
    table = TablePart(tr("Channels"), header, rows)
    return FigureDescription(
        tr("Health of {tap}", tap=found.tap), (tuple(first), (table,)), caption, file_name(found.tap, "health")
    )


def _row(row: ChannelHealth, silent: str, classes: bool) -> tuple[str, ...]:
    states = (silent,) * row.dead + (tr("always on"),) * row.always_on
    states += (tr("like {duplicate_of}", duplicate_of=row.duplicate_of),) * (row.duplicate_of >= 0)
    numbers = (f"{100 * row.sparsity:.0f} %", *(written(v, 3) for v in (row.mean, row.std, row.maximum)))
    return (str(row.channel), ", ".join(states) or "–", *numbers, str(row.inputs_active), *((row.prefers,) * classes))
