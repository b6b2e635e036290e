"""What is said of a layer's colours and similarities. Pure."""

from __future__ import annotations

from explorer.core.alike import Similarity
from explorer.core.cells import Cell
from explorer.core.features import Colouring, Origin, Painted, Shows
from explorer.ui.graphics.cells_on_image import text_of
from explorer.ui.widgets import text

VIEWS = (
    ("View  maps", Shows.MAPS),
    ("View  components", Shows.COMPONENTS),
    ("View  similarity", Shows.SIMILARITY),
)
COLUMN_VIEWS = (*VIEWS, ("View  attention", Shows.ATTENTION))
VIEW_TIP = (
    "Every channel as a map, or all channels in one picture: principal components as red, green and blue, or the cosine of "
    "every place with one"
)
FOREGROUND = "Foreground"
FOREGROUND_TIP = "Only the places where the first component is positive, with a basis fitted on them alone"
COLUMN_TIP = (
    "Every channel as a map, all channels in one picture (principal components as red, green and blue, or the cosine of every "
    "place with one), or the nearest attention: its heads, all blocks, rollout, relevance, lengths of tokens"
)
POINT = "Point at a place, click to keep it"
LET_GO = "Esc lets it go"
_ALIKE, _PARTLY = 0.9, 0.6  # of the correlation of two pictures' colours


def explained(found: Painted) -> tuple[float, ...]:
    """Share of the variance that red, green and blue stand for."""
    return tuple(float(share) for share in found.shares)


def scores(found: Painted, cell: Cell) -> str:
    """A place and its three scores, in standard deviations of the cells that the basis was fitted on."""
    row = found.colours.scores[cell[0] * found.places.grid[1] + cell[1]]
    three = "   ".join(text.signed(float(score), 3) for score in row[:3])
    away = "" if found.colours.shown[cell] else "   not in the foreground" if found.foreground else "   not finite"
    return f"{text_of(cell)}   {three} σ{away}"


def residual(found: Painted) -> str:
    """How far colours that were turned onto others can be compared with them; "" for those that were not."""
    alike, left = found.colours.comparable, found.colours.residual
    if alike is None or left is None:
        return ""
    how = "alike" if alike >= _ALIKE else "partly alike" if alike >= _PARTLY else "hardly alike"
    return f"{how}: comparable {alike:.2f}, residual {left:.2f}"


def coloured(found: Painted, colouring: Colouring, pinned: Origin | None) -> str:
    """Whose colours they are."""
    return "  ·  ".join(part for part in (_whose(found, colouring, pinned), _fore(found)) if part)


def _whose(found: Painted, colouring: Colouring, pinned: Origin | None) -> str:
    if colouring is Colouring.PINNED and pinned is not None:
        if found.palette.of == pinned:
            return f"Colours pinned on {pinned.picture or 'another picture'}"
        return f"The pinned colours are of {pinned.tap}: here this layer's own"
    if found.like:
        return f"Colours turned onto those of {found.like}, {residual(found)}"
    if colouring is Colouring.LIKE:
        return "Own colours: no other layer of this picture was painted before"
    basis = found.palette.basis
    return f"Own colours, of {basis.cells:,} places with {len(basis.mean):,} channels each"


def _fore(found: Painted) -> str:
    return f"foreground: {found.shown:,} of {found.colours.shown.size:,} places" if found.foreground else ""


def cosine(found: Similarity, cell: Cell) -> str:
    """A place and its cosine."""
    return f"{text_of(cell)}   cosine {_of(found, cell)}"


def _of(found: Similarity, cell: Cell) -> str:
    return text.number(float(found.values[cell]), 3) if found.known[cell] else "not defined: zero or not finite"


def asked(found: Similarity, cell: Cell, kept: bool) -> str:
    """What a map of similarity is about."""
    best = f"most similar {text_of(found.best)}, {_of(found, found.best)}"
    return f"Cosine with place {text_of(cell)}  ·  {best}  ·  {LET_GO if kept else 'click to keep it'}"


def beside(found: Painted, first: str, at: int) -> str:
    """Whose colours a column's are; `at` counts columns, `first` is the letter of the one whose colours lead."""
    return "  ·  ".join(part for part in (_beside(found, first, at), _fore(found)) if part)


def _beside(found: Painted, first: str, at: int) -> str:
    if found.joint > 1:
        places = f"{found.palette.basis.cells:,} places"
        return f"One basis for {found.joint} columns of this layer, {places}: colours mean the same"
    if at and found.like:
        return f"Turned onto the colours of {first} ({found.like}), {residual(found)}"
    if at:
        return f"Own colours: neither the picture of {first} nor its model and layer, so hues cannot be compared"
    return f"Own colours, of {found.palette.basis.cells:,} places with {len(found.palette.basis.mean):,} channels each"


def of_first(found: Similarity, cell: Cell, mutual: bool | None) -> str:
    """How similar a column's places are to one of the first column; `mutual` None: not known yet."""
    back = "" if mutual is None else ", and the other way round" if mutual else ", but not the other way round"
    return f"Cosine with place {text_of(cell)} of A  ·  most similar here {text_of(found.best)}, {_of(found, found.best)}{back}"
