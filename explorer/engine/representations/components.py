"""Principal components of cells as colours that mean the same between inputs, layers and models.

Whitened scores through a sigmoid: Siméoni et al., DINOv3, 2025; foreground by the sign of the first: Oquab et al., DINOv2, 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.representations import Basis, Colours, Vectors
from explorer.core.translation import tr
from explorer.engine.representations.cell_vectors import read_at

COMPONENTS = 6  # three are shown; alignment may turn the others into them
_GAIN = 2.0  # of the sigmoid
_NOTHING = 1e-9  # of the largest singular value: float32 activations hold no more
_ROUNDING = 1e-13  # of the mean: equal cells differ from their own mean by so much


def fit(
    cells: Sequence[Vectors],
    components: int = COMPONENTS,
    keep: Sequence[Array] | None = None,
    attention: Sequence[Array] | None = None,
) -> Basis:
    """The components of all these cells together; they must have the same channels.

    `keep`: one bool mask (h, w) an entry, cells that count; those not finite never do. Signs: the first component is positive
    where `attention` (h, w) is higher than elsewhere, if it is given; every other one where its largest loading is.
    Raises ExplorerError when channels differ or no cell is left.
    """
    if len({v.values.shape[1] for v in cells}) != 1:
        raise ExplorerError(
            tr("A joint basis needs taps with the same number of channels."), "", tr("Align the colours instead.")
        )
    chosen = [v.finite & _flat(keep, number, True) for number, v in enumerate(cells)]
    stacked = np.concatenate([v.values[mask] for v, mask in zip(cells, chosen, strict=True)])
    if not len(stacked):
        raise ExplorerError(tr("There is no cell for a PCA."), tr("All are excluded or not finite."))
    mean = stacked.mean(0)
    axes, squares = _axes(stacked - mean, mean, components)
    total = float(((stacked - mean) ** 2).sum())
    if attention is not None:
        looked = np.concatenate([np.asarray(a, float).reshape(-1)[m] for a, m in zip(attention, chosen, strict=True)])
        lean = float(((stacked - mean) @ axes[0]) @ (looked - looked.mean()))
        axes[0] *= -1.0 if lean < 0 else 1.0
    share = squares / total if total > 0 else np.zeros(components)
    return Basis(mean, axes, np.sqrt(squares / len(stacked)), share, len(stacked))


def _flat(masks: Sequence[Array] | None, number: int, otherwise: bool) -> Array:
    return np.array(otherwise) if masks is None else np.asarray(masks[number], bool).reshape(-1)


def _axes(centred: Array, mean: Array, components: int) -> tuple[Array, Array]:
    """((components, C) axes by falling variance, (components,) sums of squares along them), zeros beyond the rank."""
    count, channels = centred.shape
    if count > channels:  # the small square instead of the long matrix
        triangle = np.linalg.qr(centred, mode="r")
        _, singular, found = np.linalg.svd(triangle)
    else:
        _, singular, found = np.linalg.svd(centred, full_matrices=False)
    floor = max(_NOTHING * float(singular.max(initial=0.0)), _ROUNDING * np.sqrt(count) * float(np.linalg.norm(mean)))
    real = int(np.sum(singular[:components] > floor))
    axes, squares = np.zeros((components, channels)), np.zeros(components)
    axes[:real], squares[:real] = found[:real], singular[:real] ** 2
    largest = np.take_along_axis(axes, np.abs(axes).argmax(1)[:, None], 1)
    return axes * np.where(largest < 0, -1.0, 1.0), squares


def scores(basis: Basis, cells: Vectors) -> Array:
    """(cells, components): whitened, so that the cells fitted on have variance 1 along each; 0 for cells that are not finite.

    Raises ExplorerError when the basis is of other channels.
    """
    if cells.values.shape[1] != len(basis.mean):
        what = tr(
            "{cells} has {shape} channels, the pinned basis {count}.",
            cells=cells.name,
            shape=cells.values.shape[1],
            count=len(basis.mean),
        )
        raise ExplorerError(what, "", tr("Fit a separate PCA and align the colours."))
    known = np.where(cells.finite[:, None], cells.values, basis.mean)
    found: Array = (known - basis.mean) @ basis.axes.T / np.where(basis.std > 0, basis.std, np.inf)
    return found


def foreground(basis: Basis, cells: Vectors) -> Array:
    """(h, w) bool: where the first component is positive."""
    found: Array = (scores(basis, cells)[:, 0] > 0).reshape(cells.grid)
    return found


def colours(basis: Basis, cells: Vectors, keep: Array | None = None) -> Colours:
    """The first three components as red, green and blue, on a scale that is the same for every input."""
    return _painted(scores(basis, cells), cells, keep)


def aligned(
    basis: Basis,
    cells: Sequence[Vectors],
    reference: Sequence[tuple[Vectors, Colours]],
    keep: Sequence[Array | None] | None = None,
) -> list[Colours]:
    """Colours turned onto those of another layer or model for the same pictures, by orthogonal Procrustes (Schönemann, 1966).

    One turn for all pictures. `reference`: the cells and colours of each picture, read at the centres of these cells, and only
    where both are shown. Raises ExplorerError when the numbers of components differ, and for no place in common.
    """
    masks = keep or [None] * len(cells)
    own = [scores(basis, c) for c in cells]
    wanted = [_wanted(c, *pair, mask) for c, pair, mask in zip(cells, reference, masks, strict=True)]
    here = np.concatenate([s[common] for s, (_, common) in zip(own, wanted, strict=True)])
    there = np.concatenate([s[common] for s, common in wanted])
    if here.shape[1] != there.shape[1]:
        raise ExplorerError(tr("Colours of different numbers of components cannot be aligned."))
    if not len(here):
        raise ExplorerError(tr("The two have no location of the picture in common."))
    turn = procrustes(here, there)
    comparable, residual = likeness((here @ turn)[:, :3], there[:, :3])
    return [
        replace(_painted(s @ turn, c, mask), comparable=comparable, residual=residual, turn=turn)
        for s, c, mask in zip(own, cells, masks, strict=True)
    ]


def _wanted(cells: Vectors, of: Vectors, reference: Colours, keep: Array | None) -> tuple[Array, Array]:
    """(scores of the reference at these cells, (cells,) bool whether both are shown there)."""
    shown = reference.shown.reshape(-1, 1).astype(float)
    read, reached = read_at(np.concatenate([reference.scores, shown], 1), of, cells)
    wholly = read[:, -1] > 0.999  # half a cell of what is not shown would pull the colours
    return read[:, :-1], reached & wholly & cells.finite & (True if keep is None else keep.reshape(-1))


def procrustes(new: Array, reference: Array) -> Array:
    """(K, K) orthogonal R that brings new @ R nearest to reference, both (n, K)."""
    left, _, right = np.linalg.svd(new.T @ reference)
    turn: Array = left @ right
    return turn


def likeness(a: Array, b: Array) -> tuple[float, float]:
    """(cosine of two arrays held to 0..1, |a − b| / |b|); (0, 1) when either is 0 everywhere."""
    size_a, size_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if not (size_a > 0 and size_b > 0):
        return 0.0, 1.0
    cosine = float((a * b).sum()) / (size_a * size_b)
    return min(max(cosine, 0.0), 1.0), float(np.linalg.norm(a - b)) / size_b


def shares(basis: Basis, painted: Colours) -> Array:
    """(3,) of the variance of what the basis was fitted on that red, green and blue each predict, also after alignment."""
    if painted.turn is None:
        return basis.share[:3]
    found: Array = (painted.turn**2).T[:3] @ basis.share  # whitened scores do not correlate
    return found


def shares_of(basis: Basis, cells: Vectors) -> Array:
    """(3,) of the variance of these cells that lies along red, green and blue of a basis fitted on others."""
    known = cells.values[cells.finite]
    centred = known - known.mean(0) if len(known) else known
    total = float((centred**2).sum())
    along: Array = ((centred @ basis.axes[:3].T) ** 2).sum(0)
    return along / total if total > 0 else np.zeros(3)


def _painted(found: Array, cells: Vectors, keep: Array | None) -> Colours:
    shown = cells.finite.reshape(cells.grid) & (True if keep is None else np.asarray(keep, bool))
    three = np.zeros((len(found), 3))
    three[:, : min(3, found.shape[1])] = found[:, :3]
    light = 1 / (1 + np.exp(-np.clip(_GAIN * three, -50, 50)))
    rgb = np.rint(255 * light).astype(np.uint8).reshape(*cells.grid, 3) * shown[..., None].astype(np.uint8)
    return Colours(rgb, found, shown)
