"""What is said beside the matrix of CKA."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from explorer.core.caveats import flags
from explorer.core.dataset import Over
from explorer.core.representations import ENOUGH, Cka
from explorer.ui.compare.routes import Kept
from explorer.ui.compare.view import ColumnView
from explorer.ui.widgets import text

NO_MODEL = "Both columns need a model and a picture: choose them at the top of the columns."
NEEDED = "The link by CKA path needs this matrix: press Start."
_LISTED = 20  # pictures left out, named one by one


def name_of(view: ColumnView) -> str:
    """The letter of a column and its model."""
    return f"{view.letter}  {view.card.name if view.card is not None else 'no model yet'}"


def empty(one: ColumnView, other: ColumnView) -> str:
    """What stands where there is no matrix yet."""
    return (
        f"Start runs both models on the pictures and compares every layer of {one.letter} with every layer of "
        f"{other.letter}. Click a cell of the matrix to show both layers."
    )


def pair(
    found: Cka, at: tuple[int, int], columns: tuple[ColumnView, ColumnView], taps: Sequence[str] = ("", "")
) -> tuple[str, str, str]:
    """(value, layer downwards, layer across) of a cell; with how far on the layers `taps` are, for which it speaks."""
    row, column = at
    names = found.rows[row], found.columns[column]
    said = [
        f"{sign} {view.letter}  {name}{_beyond(view, name, tap)}"
        for sign, view, name, tap in zip("↓→", columns, names, taps, strict=True)
    ]
    if found.known[row, column]:
        value = f"CKA {text.number(float(found.values[row, column]))}"
    else:
        still = [view.letter for view, known in zip(columns, (found.known[row], found.known[:, column]), strict=True)]
        varies = (found.known[row].any(), found.known[:, column].any())
        same = " and ".join(letter for letter, moves in zip(still, varies, strict=True) if not moves)
        value = f"no value: {same} is constant"
    return f"{value}  ·  {count(found)}", said[0], said[1]


def _beyond(view: ColumnView, name: str, tap: str) -> str:
    """How far behind a compared layer the one is that it speaks for: "  +1" for a ReLU after a convolution."""
    steps = view.layers.index(tap) - view.layers.index(name) if tap else 0
    return f"  {steps:+d}".replace("-", "−") if steps else ""


def count(found: Cka) -> str:
    return f"{found.count:,} pictures"


def worth(found: Cka, running: bool) -> str:
    """Whether the values can be trusted, and what is missing."""
    parts = []
    if found.weak:
        parts.append(f"Grey: {found.count} pictures are too few for reliable values; use {ENOUGH} or more.")
    if not found.final and not running:
        parts.append(f"Stopped after {count(found)}.")
    if not found.known.all():
        parts.append("Hatched: no value, a layer is constant over all pictures.")
    if found.skipped:
        parts.append(f"{len(found.skipped):,} skipped.")
    return " ".join(parts)


def named(over: Over) -> str:
    """The pictures, in a sentence."""
    return "the gallery" if over.kind == "gallery" else f"“{Path(over.path).name}”"


def made_over(over: Over) -> str:
    """Said of a matrix that is not about the pictures that are chosen now."""
    return f" These values are over {named(over)}; press Start to recompute."


def without_edits(columns: Sequence[ColumnView]) -> str:
    """Said where a column shows its model under edits: what is compared are the models as they are."""
    edited = [view.letter for view in columns if view.of_edits]
    return f" Edits of {' and '.join(edited)} are not applied here." if edited else ""


def doubtful(columns: Sequence[ColumnView]) -> str:
    """Said of models whose weights are random, and of those whose answers differ from run to run."""
    said = [
        f"{view.letter}: {line.rstrip('.')}."
        for view in columns
        if view.of is not None
        for line in flags(view.of, view.capture.repeat if view.capture is not None else None, "comparison")
    ]
    return f" {' '.join(said)}" if said else ""


def left_out(skipped: Sequence[tuple[str, str]]) -> str:
    """The pictures that could not be used, and why."""
    lines = [f"{name}: {why}" for name, why in skipped[:_LISTED]]
    more = len(skipped) - _LISTED
    return text.tip("\n".join([*lines, *([f"and {more:,} more"] if more > 0 else [])]))


def going(progress: str, kept: Kept | None) -> str:
    """How far the pictures are."""
    grey = f" Grey below {ENOUGH}." if kept is not None and kept.cka.weak else ""
    return f"{progress} pictures compared.{grey}"
