"""The figure of a cell's arithmetic: the window, its weights, their products, the largest terms, the steps to the value."""

from __future__ import annotations

import numpy as np

from explorer.core.arithmetic import Arithmetic, Contribution, Patch, Step, largest
from explorer.core.arrays import Array
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import (
    BarsPart,
    ColourScale,
    FigureDescription,
    FigurePart,
    MatrixPart,
    TablePart,
)
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.geometry.cells import title_of
from explorer.core.render import colormaps
from explorer.core.translation import tr

_LISTED = 12  # terms
_LARGEST = 16  # cells of a window's side that is drawn


def figure(found: Arithmetic, about: FigureSubject) -> FigureDescription:
    """Of a window with two sides the input channel with the largest contribution is drawn as numbers in colours."""
    first = found.steps[0]
    rows: list[tuple[FigurePart, ...]] = []
    if first.patch is not None:
        window = _window(first.patch)
        rows += [window] if window else []
        rows.append((_terms(first, first.patch),))
    elif first.operands:
        names, values = (tuple(getattr(o, field) for o in first.operands) for field in ("name", "value"))
        rows.append((BarsPart(tr("What is joined"), names, values, tuple(written(v) for v in values), True),))
    rows.append((_steps(found),))
    title = tr(
        "Channel {channel} of {tap} at {title_of} = {written}",
        channel=found.channel,
        tap=found.tap,
        title_of=title_of(found.cell),
        written=written(found.value, 5),
    )
    difference = tr("The recomputation differs from the tensor by {written}", written=written(found.difference, 2))
    caption = about.caption(difference, found.why, *found.notes)
    return FigureDescription(title, tuple(rows), caption, file_name(found.tap, str(found.channel), "arithmetic"))


def _window(patch: Patch) -> tuple[FigurePart, ...]:
    """Values × weights = products of one input channel; () where the window has not two sides, or is too large."""
    if patch.keys is not None or patch.values.ndim != 3 or max(patch.values.shape[1:]) > _LARGEST:
        return ()
    sums = patch.by_channel
    at = int(np.nan_to_num(np.abs(sums), nan=np.inf).argmax())
    channel = tr("input channel {channels}", channels=int(patch.channels[at]))
    named = (
        (tr("Values"), patch.values[at]),
        (tr("× weights"), patch.weights[at]),
        (tr("= products"), patch.products[at]),
    )
    rows, columns = (tuple(str(int(i)) for i in axis) for axis in patch.at[:2])
    notes = (channel, channel, tr("sum {written}", written=written(float(sums[at]))))
    return tuple(
        _matrix(title, values, rows, columns, note) for (title, values), note in zip(named, notes, strict=True)
    )


def _matrix(title: str, values: Array, rows: tuple[str, ...], columns: tuple[str, ...], note: str) -> MatrixPart:
    finite = values[np.isfinite(values)]
    signed = bool((finite < 0).any())
    top = float(np.abs(finite).max(initial=0.0)) or 1.0
    table = colormaps.table("blue-white-red" if signed else "viridis")
    share = (values / top + 1) / 2 if signed else values / top
    rgb = colormaps.looked_up(table, np.nan_to_num(share), np.isfinite(values))
    texts = tuple(tuple(written(float(v), 2) for v in row) for row in values)
    scale = ColourScale(table, -top if signed else 0.0, top, by_theme=signed)
    return MatrixPart(title, values, rgb, rows, columns, "", "", scale, (), texts, note)


def _terms(step: Step, patch: Patch) -> BarsPart:
    terms, rest = largest(patch, _LISTED)
    names, values = [_name(term) for term in terms], [term.product for term in terms]
    words = [f"{written(t.value, 3)} × {written(t.weight, 3)} = {written(t.product, 3)}" for t in terms]
    others = patch.values.size - len(terms)
    more = [(tr("remaining {others:,} terms", others=others), rest)] if others > 0 else []
    more += [(tr("bias"), step.bias)] if step.bias is not None else []
    for name, value in (*more, (tr("sum"), step.gives)):
        names.append(name)
        values.append(value)
        words.append(written(value))
    return BarsPart(
        tr("Terms of {operation}", operation=step.operation), tuple(names), tuple(values), tuple(words), True
    )


def _name(term: Contribution) -> str:
    if term.token:
        return tr("{token}, head {channel}", token=term.token, channel=term.channel)
    place = f" ({', '.join(str(i) for i in term.at)})" if term.at else ""
    return tr(
        "channel {channel}{place}{padding}",
        channel=term.channel,
        place=place,
        padding=tr(" padding") if term.padded else "",
    )


def _steps(found: Arithmetic) -> TablePart:
    rows = [(step.operation, step.formula, written(step.gives, 6)) for step in found.steps]
    rows += [
        (tr("then {operation}", operation=step.operation), step.formula, written(step.gives, 6))
        for step in found.following
    ]
    return TablePart(tr("Steps"), (tr("operation"), tr("formula"), tr("gives")), tuple(rows))
