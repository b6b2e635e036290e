"""Layers as pictures for the window: vectors, basis, colours, with the bases of earlier ones at hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import count

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.layer_view_spec import LayerViewSpec
from explorer.core.layer_views import (
    BasisOrigin,
    CellPicture,
    Directions,
    Painted,
    Palette,
    Sheet,
    reads,
    without_values,
)
from explorer.core.registry import load
from explorer.core.representations import Basis, Vectors
from explorer.core.translation import tr
from explorer.engine.representations import components, similarity
from explorer.engine.representations.cell_vectors import vectors_of

_BASES = 512  # a basis is six vectors: some tens of kilobytes at most


class Painter:
    """Fitting a basis is what takes its time: each is fitted once. Belongs to one thread."""

    def __init__(self) -> None:
        self._bases: OrderedDict[tuple[object, ...], Basis] = OrderedDict()
        self._numbers = count(1)

    def paint(
        self,
        sheet: Sheet,
        foreground: bool = False,
        pinned: Palette | None = None,
        like: Painted | None = None,
        joint: Sequence[Sheet] = (),
    ) -> Painted:
        """One layer in its own colours, in those of a `pinned` palette, in those of a basis fitted on the layers `joint`
        together, or (`like`) turned onto the colours of another layer or model on the same picture.

        `foreground`: only where the first component is positive, with a basis fitted there. Raises ExplorerError when
        channels differ, when nothing is left, and for `like` when no place is common.
        """
        cells = vectors_of(sheet.capture, sheet.tap, sheet.pre)
        palette = pinned or self._palette(sheet, cells, foreground, joint)
        keep = components.foreground(palette.whole, cells) if foreground else None
        if like is not None:
            colours = components.aligned(palette.basis, [cells], [(like.places, like.colours)], [keep])[0]
        else:
            colours = components.colours(palette.basis, cells, keep)
        turned, together = like.tap if like is not None else "", max(len(joint), 1)
        shares = (
            components.shares_of(palette.basis, cells)
            if pinned is not None
            else components.shares(palette.basis, colours)
        )
        where, number = without_values(cells), next(self._numbers)
        return Painted(sheet.key, sheet.tap, where, colours, palette, shares, number, turned, together, foreground)

    def columns(self, sheets: Sequence[Sheet], foreground: bool = False) -> tuple[Painted, ...]:
        """Layers side by side: those of the first one's model and layer on other pictures share its basis, those of other
        models or layers on its picture are turned onto its colours; what shares neither has its own."""
        first, *others = sheets
        joint = [first, *(sheet for sheet in others if _same_layer(first, sheet))]
        joint = joint if len(set(reads(joint))) > 1 else []
        lead = self.paint(first, foreground, joint=joint)
        found = [lead]
        for sheet in others:
            if sheet in joint:
                found.append(self.paint(sheet, foreground, joint=joint))
            elif sheet.picture.digest == first.picture.digest:
                found.append(self.paint(sheet, foreground, like=lead))
            else:
                found.append(self.paint(sheet, foreground))
        return tuple(found)

    def view(self, spec: LayerViewSpec, sheet: Sheet) -> CellPicture:
        """A layer as a view of a package draws it. Raises ExplorerError where its colours are not those of the cells."""
        cells = vectors_of(sheet.capture, sheet.tap, sheet.pre)
        rgb = load(spec.painter)(cells.values.reshape(*cells.grid, -1))
        if not isinstance(rgb, np.ndarray) or rgb.shape != (*cells.grid, 3) or rgb.dtype != np.uint8:
            why = tr("It did not give {grid} × {grid2} × 3 numbers of 8 bits.", grid=cells.grid[0], grid2=cells.grid[1])
            raise ExplorerError(tr("The view {spec_title} could not draw this layer.", spec_title=spec.title), why)
        return CellPicture(without_values(cells), rgb)

    def directions(self, sheet: Sheet) -> Directions:
        """The cells of a layer, ready to be compared. Raises ExplorerError when it has no channels or is not held."""
        return similarity.directions(vectors_of(sheet.capture, sheet.tap, sheet.pre))

    def palette(self, sheet: Sheet, foreground: bool = False) -> Palette:
        """A layer's own colours, to be pinned. Errors as `paint`."""
        return self._palette(sheet, vectors_of(sheet.capture, sheet.tap, sheet.pre), foreground, ())

    def _palette(self, sheet: Sheet, cells: Vectors, foreground: bool, joint: Sequence[Sheet]) -> Palette:
        together = joint or [sheet]
        every = [cells if each is sheet else vectors_of(each.capture, each.tap, each.pre) for each in together]
        key = reads(together)
        whole = basis = self._basis((*key, False), every, None)
        if foreground:
            basis = self._basis((*key, True), every, [components.foreground(whole, each) for each in every])
        return Palette(basis, whole, _origin(sheet, foreground))

    def _basis(self, key: tuple[object, ...], cells: Sequence[Vectors], keep: Sequence[Array] | None) -> Basis:
        if key not in self._bases:
            if keep is not None and not any(mask.any() for mask in keep):
                why = tr("The first component is positive nowhere.")
                raise ExplorerError(
                    tr("There is no foreground in {name}.", name=cells[0].name), why, tr("Show all locations.")
                )
            self._bases[key] = components.fit(cells, keep=keep)
            if len(self._bases) > _BASES:
                self._bases.popitem(last=False)
        self._bases.move_to_end(key)
        return self._bases[key]


def _origin(sheet: Sheet, foreground: bool) -> BasisOrigin:
    capture, picture = sheet.capture, sheet.picture
    return BasisOrigin(capture.model, sheet.tap, picture.ref, picture.digest, picture.name, capture.edits, foreground)


def _same_layer(one: Sheet, other: Sheet) -> bool:
    return (one.capture.model, one.tap) == (other.capture.model, other.tap)
