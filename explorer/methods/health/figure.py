"""The figure of a layer's health: the layer as a whole, its channels, the histogram of the selected one."""

from __future__ import annotations

from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import FigureAxis, FigureDescription, FigurePart, HistogramPart, TablePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.health import ChannelHealth, Health


def figure(found: Health, about: FigureSubject) -> FigureDescription:
    """Every channel is a row."""
    whole = (
        ("inputs", f"{found.count:,}"),
        ("channels", f"{len(found.channels):,}"),
        (found.silent_word, str(found.dead)),
        ("always on", str(found.always_on)),
        ("duplicates", str(found.duplicates)),
        ("sparsity", f"{100 * found.sparsity:.1f} %"),
        ("effective rank", written(found.effective_rank, 3)),
        ("participation ratio", written(found.participation_ratio, 3)),
    )
    first: list[FigurePart] = [TablePart("Layer", (), whole)]
    if 0 <= about.channel < len(found.channels):
        counts, edges = found.values_of(about.channel)
        title = f"Channel {about.channel}, all inputs"
        first.append(HistogramPart(title, counts, edges, FigureAxis("value"), FigureAxis("cells")))
    header = ("channel", "state", "sparsity", "mean", "std", "max", "active", *(("prefers",) if found.classes else ()))
    rows = tuple(_row(row, found.silent_word, bool(found.classes)) for row in found.channels)
    unfinished = "" if found.final else f"Stopped after {found.count:,} inputs"
    caption = about.caption(unfinished, *found.notes)
    table = TablePart("Channels", header, rows)
    return FigureDescription(
        f"Health of {found.tap}", (tuple(first), (table,)), caption, file_name(found.tap, "health")
    )


def _row(row: ChannelHealth, silent: str, classes: bool) -> tuple[str, ...]:
    states = (silent,) * row.dead + ("always on",) * row.always_on
    states += (f"like {row.duplicate_of}",) * (row.duplicate_of >= 0)
    numbers = (f"{100 * row.sparsity:.0f} %", *(written(v, 3) for v in (row.mean, row.std, row.maximum)))
    return (str(row.channel), ", ".join(states) or "–", *numbers, str(row.inputs_active), *((row.prefers,) * classes))
