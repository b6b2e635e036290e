"""What is said of a cell of the matrix."""

from __future__ import annotations

from explorer.core.pairs import ShownPair, ShownSide
from explorer.core.representations import Cka
from explorer.core.translation import tr
from explorer.ui.widgets import text


def empty(pair: ShownPair) -> str:
    """What stands where there is no matrix yet."""
    one, other = (side.letter for side in pair.sides)
    return tr(
        "Start runs both models on the inputs and compares every layer of {one} with every layer "
        "of {other}. Click a cell of the matrix to show both layers.",
        one=one,
        other=other,
    )


def cell(found: Cka, at: tuple[int, int], pair: ShownPair, current: bool = False) -> tuple[str, str, str]:
    """(value, layer downwards, layer across) of a cell; of the `current` one with how far on the layers are that it speaks for."""
    row, column = at
    names = found.rows[row], found.columns[column]
    said = [
        f"{sign} {side.letter}  {name}{_beyond(side, name) if current else ''}"
        for sign, side, name in zip("↓→", pair.sides, names, strict=True)
    ]
    if found.known[row, column]:
        value = f"CKA {text.number(float(found.values[row, column]))}"
    else:
        varies = found.known[row].any(), found.known[:, column].any()
        same = tr(" and ").join(side.letter for side, moves in zip(pair.sides, varies, strict=True) if not moves)
        value = tr("no value: {same} is constant", same=same)
    return tr("{value}  ·  {count:,} inputs", value=value, count=found.count), said[0], said[1]


def _beyond(side: ShownSide, name: str) -> str:
    """How far behind a compared layer the one is that it speaks for: "  +1" for a ReLU after a convolution."""
    steps = side.at - side.place(name)
    return f"  {steps:+d}".replace("-", "−") if steps else ""
