"""The figure of changed examples: how many of each channel's best inputs are others, and the lists of the selected one."""

from __future__ import annotations

from explorer.core.changed_examples import ChangedExamples
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import BarsPart, FigureDescription, FigurePart, TablePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.ready_sets import data_title
from explorer.core.translation import tr

_LISTED = 24


def figure(found: ChangedExamples, about: FigureSubject) -> FigureDescription:
    """The channels with the most changes first."""
    order = sorted(range(len(found.channels)), key=lambda at: -found.channels[at].changed)[:_LISTED]
    counts = [found.channels[at].changed for at in order]
    words = tuple(
        tr("{n} of {count}", n=n, count=len(found.channels[at].first)) for n, at in zip(counts, order, strict=True)
    )
    names = tuple(tr("channel {at}", at=at) for at in order)
    bars = BarsPart(tr("Best inputs that are others"), names, tuple(float(n) for n in counts), words)
    channel = about.pair.sides[about.pair.focus].channel if about.pair is not None else found.most
    rows: list[tuple[FigurePart, ...]] = [(bars,)]
    if 0 <= channel < len(found.channels):
        one = found.channels[channel]
        tables = (("A", one.first), ("B", one.second))
        rows.append(
            tuple(
                _list(tr("{letter}: channel {channel}", letter=letter, channel=channel), entries)
                for letter, entries in tables
            )
        )
    of = tr(
        "Data {data_title}, {pictures:,} and {pictures2:,} inputs; mean {mean:.2f} changed",
        data_title=data_title(found.data),
        pictures=found.pictures[0],
        pictures2=found.pictures[1],
        mean=found.mean,
    )
    return FigureDescription(tr("Changed examples"), tuple(rows), about.caption(of), file_name("changed", *found.taps))


def _list(title: str, entries: tuple[tuple[str, float], ...]) -> TablePart:
    return TablePart(title, (tr("input"), tr("value")), tuple((name, written(value)) for name, value in entries))
