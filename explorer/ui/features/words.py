"""What is said of a layer's colours and similarities. Pure."""

from __future__ import annotations

from explorer import catalogue
from explorer.core.geometry.cells import Cell
from explorer.core.layer_views import BasisOrigin, Colouring, Painted
from explorer.core.representations import Basis, Similarity
from explorer.core.translation import tr
from explorer.ui.graphics.cells_on_image import text_of
from explorer.ui.widgets import text

FOREGROUND = tr("Foreground")
FOREGROUND_TIP = tr("Only the locations where the first component is positive, with a PCA of these alone")
POINT = tr("Point at a location, click to pin it")
LET_GO = tr("Esc to unpin")
_ALIKE, _PARTLY = 0.9, 0.6  # of the correlation of two pictures' colours


def offered(workspace: str) -> list[tuple[str, object]]:
    """(title, id) of the layer views that can be chosen in a workspace."""
    return [(view.title, view.id) for view in catalogue.views_of(workspace)]


def view_tip(workspace: str) -> str:
    """What each of them shows."""
    return "\n".join(f"{view.title}: {view.about}" for view in catalogue.views_of(workspace))


def explained(found: Painted) -> tuple[float, ...]:
    """Share of the variance that red, green and blue stand for."""
    return tuple(float(share) for share in found.shares)


def scores(found: Painted, cell: Cell) -> str:
    """A place and its three scores, in standard deviations of the cells that the basis was fitted on."""
    row = found.colours.scores[cell[0] * found.places.grid[1] + cell[1]]
    three = "   ".join(text.signed(float(score), 3) for score in row[:3])
    away = (
        "" if found.colours.shown[cell] else tr("   not in the foreground") if found.foreground else tr("   not finite")
    )
    return f"{text_of(cell)}   {three} σ{away}"


def residual(found: Painted) -> str:
    """How far colours that were turned onto others can be compared with them; "" for those that were not."""
    alike, left = found.colours.comparable, found.colours.residual
    if alike is None or left is None:
        return ""
    if alike >= _ALIKE:
        return tr("high agreement {alike:.2f}, residual {left:.2f}", alike=alike, left=left)
    if alike >= _PARTLY:
        return tr("medium agreement {alike:.2f}, residual {left:.2f}", alike=alike, left=left)
    return tr("low agreement {alike:.2f}, residual {left:.2f}", alike=alike, left=left)


def coloured(found: Painted, colouring: Colouring, pinned: BasisOrigin | None) -> str:
    """Whose colours they are."""
    return "  ·  ".join(part for part in (_whose(found, colouring, pinned), _fore(found)) if part)


def _whose(found: Painted, colouring: Colouring, pinned: BasisOrigin | None) -> str:
    if colouring is Colouring.PINNED and pinned is not None:
        if found.palette.of == pinned:
            return tr("PCA pinned on {picture}", picture=pinned.picture or tr("another picture"))
        return tr("The pinned PCA is of {tap}; this layer has its own", tap=pinned.tap)
    if found.like:
        return tr("aligned to {like} (Procrustes), {residual}", like=found.like, residual=residual(found))
    if colouring is Colouring.LIKE:
        return tr("PCA of this layer: no previous layer of this picture to align to")
    basis = found.palette.basis
    return _fitted(basis)


def _fitted(basis: Basis) -> str:
    return tr("PCA of this layer: {cells:,} locations × {count:,} channels", cells=basis.cells, count=len(basis.mean))


def _at(cell: Cell) -> str:
    """A location in words, which no line break parts."""
    return tr("row\xa0{cell}, col\xa0{cell2}", cell=cell[0], cell2=cell[1])


def _fore(found: Painted) -> str:
    return (
        tr("foreground: {shown:,} of {size:,} locations", shown=found.shown, size=found.colours.shown.size)
        if found.foreground
        else ""
    )


def cosine(found: Similarity, cell: Cell) -> str:
    """A place and its cosine."""
    return tr("{text_of}   cosine {of}", text_of=text_of(cell), of=_of(found, cell))


def _of(found: Similarity, cell: Cell) -> str:
    return text.number(float(found.values[cell]), 3) if found.known[cell] else tr("not defined: zero or not finite")


def asked(found: Similarity, cell: Cell, kept: bool) -> str:
    """What a map of similarity is about."""
    best = tr("nearest: {at}, {of}", at=_at(found.best), of=_of(found, found.best))
    return tr(
        "Cosine with {at}  ·  {best}  ·  {let_go}",
        at=_at(cell),
        best=best,
        let_go=LET_GO if kept else tr("click to pin"),
    )


def beside(found: Painted, first: str, at: int) -> str:
    """Whose colours a column's are; `at` counts columns, `first` is the letter of the one whose colours lead."""
    return "  ·  ".join(part for part in (_beside(found, first, at), _fore(found)) if part)


def _beside(found: Painted, first: str, at: int) -> str:
    if found.joint > 1:
        places = tr("{cells:,} locations", cells=found.palette.basis.cells)
        return tr(
            "One PCA of {joint} columns of this layer, {places}: colours are comparable",
            joint=found.joint,
            places=places,
        )
    if at and found.like:
        return tr(
            "aligned to {first} (Procrustes, {like}), {residual}",
            first=first,
            like=found.like,
            residual=residual(found),
        )
    if at:
        return tr(
            "PCA of this column: neither the picture of {first} nor its model and layer, so hues are not comparable",
            first=first,
        )
    return _fitted(found.palette.basis)


def of_first(found: Similarity, cell: Cell, mutual: bool | None) -> str:
    """How similar a column's places are to one of the first column; `mutual` None: not known yet."""
    back = "" if mutual is None else tr(", mutual") if mutual else tr(", not mutual")
    return tr(
        "Cosine with {at} of A  ·  nearest here: {at2}, {of}{back}",
        at=_at(cell),
        at2=_at(found.best),
        of=_of(found, found.best),
        back=back,
    )
