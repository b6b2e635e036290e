"""Functions along dimensions: sums, statistics, softmax and normalisation keep the cells where they run inside each cell alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from torch import Tensor

from explorer.core.activations import Layout
from explorer.engine.capture.calls import Call
from explorer.engine.capture.provenance import Provenance, limited, rows_or_blocks, settle, slide, whole

_CHANNEL = {Layout.NCHW: 1, Layout.NHWC: 3}
_SPATIAL = {Layout.NCHW: (2, 3), Layout.NHWC: (1, 2)}

# name -> position of the argument that says along which dimensions
REDUCING = {
    **dict.fromkeys(
        """mean sum amax amin max min prod std var std_mean var_mean median nanmedian nanmean nansum mode logsumexp argmax argmin any all
        count_nonzero""".split(),
        1,
    ),
    **dict.fromkeys("norm linalg_vector_norm vector_norm quantile nanquantile kthvalue topk".split(), 2),
}
ALONG = {
    **dict.fromkeys("softmax log_softmax softmin cumsum cumprod logcumsumexp cummax cummin renorm _softmax".split(), 1),
    "normalize": 2,
    "local_response_norm": 9,  # always along channels
}
_ALONG_DEFAULT = {"normalize": 1, "local_response_norm": 1}
# what stands where depends on the values
SORTING = frozenset("sort argsort msort gumbel_softmax".split())


def inside_cells(place: Provenance, shape: Iterable[int], dims: Iterable[int]) -> bool:
    """Whether all elements along these dimensions belong to one cell, everywhere."""
    sizes = tuple(shape)
    long = [dim for dim in dims if sizes[dim] != 1]
    if place.layout is not None:
        return all(dim == _CHANNEL[place.layout] for dim in long)
    assert place.cells is not None
    return all(bool((place.cells == place.cells.narrow(dim, 0, 1)).all()) for dim in long)


def _dims(call: Call, source: Tensor, positions: dict[str, int], default: Any = None) -> tuple[int, ...]:
    return dims_of(call.arg(positions[call.name], "dim", default), source)


def dims_of(value: Any, source: Tensor) -> tuple[int, ...]:
    """The dimensions that an argument names; all where it names none."""
    if value is None or isinstance(value, (bool, Tensor)):  # var(x, True) is about the bias
        return tuple(range(source.dim()))
    named = value if isinstance(value, (tuple, list)) else (value,)
    return tuple(int(dim) % source.dim() for dim in named) or tuple(range(source.dim()))


def reduction(call: Call) -> Provenance | None:
    """Sums and statistics: inside cells they leave them, over rows or columns of a map they make coarser ones; else lost."""
    source = call.arg(0, "input")
    place = call.place(source)
    if place is None:
        return None
    dims = _dims(call, source, REDUCING)
    kept = call.out.dim() == source.dim()
    if inside_cells(place, source.shape, dims):
        if place.layout is not None and kept:
            return replace(place, padded=None, mixed=False)
        index = place.index(source.shape)
        for dim in sorted(dims, reverse=True):
            index = index.narrow(dim, 0, 1) if kept else index.select(dim, 0)
        return settle(index.expand(call.out.shape), place)
    return _coarser(place, dims) if kept else None


def _coarser(place: Provenance, dims: tuple[int, ...]) -> Provenance | None:
    if place.layout is None:
        return None
    high, wide = (side if dim in dims else 1 for side, dim in zip(place.grid, _SPATIAL[place.layout], strict=True))
    field = slide(limited(place), (high, wide), (high, wide), (0, 0))
    return Provenance((place.grid[0] // high, place.grid[1] // wide), field, place.layout, mixed=place.mixed)


def along(call: Call) -> Provenance | None:
    """The same shape, each element made of all along the dimension."""
    source = call.arg(0, "input")
    place = call.place(source)
    if place is None:
        return None
    dims = _dims(call, source, ALONG, _ALONG_DEFAULT.get(call.name, -1))
    return replace(place, padded=None) if inside_cells(place, source.shape, dims) else whole(place)


def layer_norm(call: Call) -> Provenance | None:
    """Over the last dimensions, as many as `normalized_shape` has."""
    source = call.arg(0, "input")
    place = call.place(source)
    if place is None:
        return None
    count = len(tuple(call.arg(1, "normalized_shape")))
    if inside_cells(place, source.shape, range(source.dim() - count, source.dim())):
        return replace(place, mixed=False)
    return last_dimension(call) if count == 1 else whole(place)


def last_dimension(call: Call) -> Provenance | None:
    """Linear maps over the last dimension: a row keeps its cell; without one cell a row the cells are mixed."""
    source = next(iter(call.operands), None)
    return None if source is None else _of_rows(call, source)


def added_product(call: Call) -> Provenance | None:
    """addmm: a linear map of the rows of its second argument, where the others are constants."""
    added, rows, kernel = (call.arg(at, name) for at, name in enumerate(("input", "mat1", "mat2")))
    place = _of_rows(call, rows)
    return whole(place) if place is not None and (call.depends(added) or call.depends(kernel)) else place


def _of_rows(call: Call, source: Tensor) -> Provenance | None:
    place = call.place(source)
    if place is None:
        return None
    found = rows_or_blocks(place, source.shape)
    if found is None or found[1].shape[:-1] != call.out.shape[:-1]:
        return None
    standing, index = found
    return settle(index.expand(call.out.shape), replace(standing, mixed=False))


def gated(call: Call) -> Provenance | None:
    """glu: one half times the sigmoid of the other, along a dimension."""
    source = call.arg(0, "input")
    place = call.place(source)
    dim = int(call.arg(1, "dim", -1)) % source.dim()
    if place is None or not inside_cells(place, source.shape, (dim,)):
        return None
    if place.layout is not None:
        return replace(place, padded=None)
    return settle(place.index(source.shape).narrow(dim, 0, call.out.shape[dim]), place)
