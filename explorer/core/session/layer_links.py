"""Which layer of one model goes with which of another: by relative depth or by stride. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explorer.core.activations import Tap
from explorer.core.geometry.affine import Affine
from explorer.core.representations import Strides
from explorer.core.session.comparison import Link

_ALIKE = 1e-6  # of two logarithms


def strides(film: Sequence[Tap], affine: Affine) -> tuple[float | None, ...]:
    """How many pixels of the original picture lie between neighbouring cells of each tap; None where there are no cells.

    The geometric mean of both axes. `affine` is that of the picture and the model's preprocessing.
    """
    return tuple(_stride(tap, affine) for tap in film)


def _stride(tap: Tap, affine: Affine) -> float | None:
    field = tap.receptive
    if field is None or tap.grid is None or field.jump_y <= 0 or field.jump_x <= 0:
        return None
    return math.sqrt(field.jump_y / affine.scale_y * field.jump_x / affine.scale_x)


def at_depth(at: int, length: int, other: int) -> int:
    """The place in a film of `other` layers as deep, relative to its length, as `at` is in one of `length`; half a place is up."""
    steps, others = max(length - 1, 1), max(other - 1, 0)
    return (2 * at * others + steps) // (2 * steps)


def by_depth(length: int, other: int) -> tuple[int, ...]:
    """`at_depth` of each layer of the first film; nothing when the second has none."""
    return tuple(at_depth(at, length, other) for at in range(length)) if other else ()


def at_stride(lead: Strides, at: int, other: Strides) -> int:
    """The place in another film whose stride is the same, else the nearest; as far through those of that stride as `at` is.

    Layers without cells have no stride: there the relative depth decides. The window links by it, `cka` prints it.
    """
    here = lead[at]
    if here is None or not any(stride is not None for stride in other):
        return at_depth(at, len(lead), len(other))
    mine = [i for i, stride in enumerate(lead) if _apart(stride, here) <= _ALIKE]
    least = min(_apart(stride, here) for stride in other)
    theirs = [i for i, stride in enumerate(other) if _apart(stride, here) <= least + _ALIKE]
    return theirs[at_depth(mine.index(at), len(mine), len(theirs))]


def by_stride(lead: Strides, other: Strides) -> tuple[int, ...]:
    """`at_stride` of each layer of the first film; nothing when the second has none."""
    return tuple(at_stride(lead, at, other) for at in range(len(lead))) if other else ()


def _apart(one: float | None, other: float) -> float:
    return math.inf if one is None else abs(math.log(one / other))


def linked(link: Link, lead: Strides, at: int, other: Strides) -> int | None:
    """The place in the other film that a link leads to; None when nothing links them or one of them is empty.

    The path through the matrix of CKA is not in the layers themselves: see `core/session/cka_path.py`.
    """
    if link in (Link.NONE, Link.PATH) or not lead or not other:
        return None
    at = min(max(at, 0), len(lead) - 1)
    return at_stride(lead, at, other) if link is Link.STRIDE else at_depth(at, len(lead), len(other))


def offset_to(place: int, offset: int, length: int) -> int:
    """The place moved by an offset, within a film of `length` layers."""
    return min(max(place + offset, 0), max(length - 1, 0))
