"""How similar every cell is to one: Amir et al., "Deep ViT Features as Dense Visual Descriptors", 2021."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.layer_views import Directions, without_values
from explorer.core.representations import Similarity, Vectors
from explorer.core.translation import tr
from explorer.engine.representations.cell_vectors import same_place


def directions(cells: Vectors) -> Directions:
    """What stays the same for every cell that is asked about."""
    return Directions(without_values(cells), *_units(cells.values))


def query(of: Directions, cell: tuple[int, int]) -> Array:
    """(channels,) the direction of one cell. Raises ExplorerError when there is no such cell or it has no direction."""
    asked = of.places.row(cell)
    if not of.known[asked]:
        raise ExplorerError(
            tr(
                "The cell {cell},{cell2} of {places} has no direction.",
                cell=cell[0],
                cell2=cell[1],
                places=of.places.name,
            ),
            tr("It is zero or not finite."),
        )
    found: Array = of.units[asked]
    return found


def similar(cells: Vectors, cell: tuple[int, int], other: Vectors | None = None) -> Similarity:
    """Cosine of one cell's vector with every cell of the same input, or of `other`: another input, the same channels.

    Raises ExplorerError when there is no such cell, when its vector is zero or not finite, and when the channels differ.
    """
    cells.row(cell)
    where = cells if other is None else other
    if where.values.shape[1] != cells.values.shape[1]:
        why = tr(
            "{cells} has {shape} channels, {where} {shape2}.",
            cells=cells.name,
            shape=cells.values.shape[1],
            where=where.name,
            shape2=where.values.shape[1],
        )
        raise ExplorerError(
            tr("Only vectors of the same channels have a cosine."), why, tr("Compare cells within each model.")
        )
    mine = directions(cells)
    there = mine if other is None else directions(other)
    return ranked(there, there.units @ query(mine, cell), cell if other is None else None)


def ranked(of: Directions, products: Array, own: tuple[int, int] | None) -> Similarity:
    """Products (cells,) of directions with one as an answer; `own`: the cell that was asked about, where it is one of these."""
    found, known, width = np.clip(products, -1.0, 1.0), of.known, of.places.grid[1]
    ranks = np.where(known, found, -2.0)
    if own is not None:
        ranks[of.places.row(own)] = -1.5  # only where nothing else is known
    y, x = divmod(int(ranks.argmax()), width)
    return Similarity(found.reshape(of.places.grid), known.reshape(of.places.grid), (y, x))


def across(cells: Vectors, cell: tuple[int, int], other: Vectors) -> tuple[tuple[int, int], Similarity]:
    """The same place asked of another layer or model, whose channels differ: (its cell there, its own similarity)."""
    there = same_place(cells, cell, other)
    return there, similar(other, there)


def buddies(cells: Vectors, other: Vectors) -> Array:
    """(pairs, 2) numbers of cells that are each other's most similar one in two inputs ("best buddies", ibid.)."""
    a, known_a = _units(cells.values)
    b, known_b = _units(other.values)
    cosines = np.where(known_a[:, None] & known_b, a @ b.T, -2.0)
    there, back = cosines.argmax(1), cosines.argmax(0)
    mine = np.flatnonzero((back[there] == np.arange(len(a))) & known_a & known_b[there])
    return np.stack([mine, there[mine]], 1)


def _units(values: Array) -> tuple[Array, Array]:
    """(vectors of length 1, 0 where there is no direction; whether there is one)."""
    finite = np.asarray(np.isfinite(values).all(1))
    clean = np.where(finite[:, None], values, 0.0)
    top = np.abs(clean).max(1, initial=0.0)  # first, so that no square overflows or vanishes
    clean = clean / np.where(top > 0, top, 1.0)[:, None]
    length = np.linalg.norm(clean, axis=1)
    return clean / np.where(length > 0, length, 1.0)[:, None], finite & (top > 0)
