"""The size of picture that a transformer's position embedding was made for. Its length alone does not say: 144 is 12 × 12 and 8 × 18."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

_ALIKE = 0.3  # cosine of neighbours from which positions count as learnt
_CLEARER = 0.05  # by which one grid must be smoother than all others
_LONGEST = 8  # times as wide as high: grids beyond that are not proposed
_LISTED = 5

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PositionSize:
    """`size` (height, width) in pixels, None: as the architecture usually is. `note`: how it is known, "" where it is plain."""

    size: Size | None = None
    note: str = ""


def picture_size(plan: nn.Module, state: Mapping[str, Tensor], asked: Size | None, file: str) -> PositionSize:
    """From the positions in the weights, and from the size that the person names where those do not say.

    Raises ExplorerError where several grids have that many positions and nothing tells which.
    """
    have, given = plan.state_dict().get("pos_embed"), state.get("pos_embed")
    patch = getattr(getattr(plan, "patch_embed", None), "patch_size", None)
    if have is None or given is None or not isinstance(patch, tuple):
        return PositionSize()
    if have.ndim == given.ndim == 4:
        return _of_grid(have, given, patch)
    if have.ndim != 3 or given.ndim != 3:
        return PositionSize()
    native = _pair(getattr(plan.patch_embed, "grid_size", None))
    prefix = have.shape[1] - math.prod(native)
    count = int(given.shape[1]) - prefix
    if count < 1:
        return PositionSize()
    wanted = None if asked is None else (asked[0] // patch[0], asked[1] // patch[1])
    if wanted is not None and math.prod(wanted) == count and wanted != native:
        return PositionSize(
            _pixels(wanted, patch),
            tr("Its {count} positions are taken as {named}, as the size says.", count=count, named=_named(wanted)),
        )
    seen = smoothest(given[0, prefix:])
    if have.shape[1] == given.shape[1]:
        if seen is None or seen == native:
            return PositionSize()
        look = tr(
            "Its positions look like {named}, and are taken as {named2}, the usual.",
            named=_named(seen),
            named2=_named(native),
        )
        return PositionSize(None, tr("{look} Give the size if that is wrong.", look=look))
    if seen is not None:
        return PositionSize(
            _pixels(seen, patch),
            tr(
                "Its {count} positions stand as {named}: in no other grid are neighbours as alike.",
                count=count,
                named=_named(seen),
            ),
        )
    grids = _grids(count)
    if len(grids) == 1:
        return PositionSize(_pixels(grids[0], patch))
    raise _ambiguous(count, grids, patch, file)


def smoothest(positions: Tensor) -> Size | None:
    """(rows, columns) of the grid in which neighbours are most alike, from (count, width); None where none stands out."""
    positions = positions.float()
    if not torch.isfinite(positions).all():
        return None
    centred = positions - positions.mean(0)
    ranked = sorted(((_smoothness(centred, grid), grid) for grid in _all_grids(len(positions))), reverse=True)
    if not ranked or ranked[0][0] < _ALIKE:
        return None
    return ranked[0][1] if len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= _CLEARER else None


def _smoothness(centred: Tensor, grid: Size) -> float:
    """The lesser of the mean cosines of neighbours across and down."""
    laid = centred.reshape(*grid, -1)
    across = cosine_similarity(laid[:, 1:], laid[:, :-1], dim=-1).mean()
    down = cosine_similarity(laid[1:], laid[:-1], dim=-1).mean()
    return float(min(across, down))


def _all_grids(count: int) -> list[Size]:
    return [(rows, count // rows) for rows in range(2, count // 2 + 1) if count % rows == 0]


def _grids(count: int) -> list[Size]:
    """Those that a picture may have, the squarest first; a single row where there is no other."""
    likely = [grid for grid in _all_grids(count) if max(grid) <= _LONGEST * min(grid)]
    return sorted(likely, key=lambda grid: max(grid) / min(grid)) or [(1, count)]


def _of_grid(have: Tensor, given: Tensor, patch: Size) -> PositionSize:
    """Positions that are stored as a grid: (1, rows, columns, width), or the width first."""
    if have.shape == given.shape:
        return PositionSize()
    rows, columns = (given.shape[1:3]) if have.shape[3] == given.shape[3] else given.shape[2:]
    return PositionSize(_pixels((int(rows), int(columns)), patch))


def _pixels(grid: Size, patch: Size) -> Size:
    return grid[0] * patch[0], grid[1] * patch[1]


def _named(grid: Size) -> str:
    return f"{grid[0]} × {grid[1]}"


def _pair(grid: object) -> Size:
    return (int(grid[0]), int(grid[1])) if isinstance(grid, (tuple, list)) and len(grid) == 2 else (0, 0)


def _ambiguous(count: int, grids: list[Size], patch: Size, file: str) -> ExplorerError:
    listed = ", ".join(f"{_named(_pixels(grid, patch))} px ({_named(grid)})" for grid in grids[:_LISTED])
    more = ", …" if len(grids) > _LISTED else ""
    height, width = _pixels(grids[-1 if len(grids) == 1 else 1], patch)
    return ExplorerError(
        tr("{file} does not say what size of picture it was trained on.", file=file),
        tr("It has {count} positions, which can be {listed}{more}.", count=count, listed=listed, more=more),
        tr(
            "Give height and width beside the file in the dialog that opens models, or with --size {height}x{width}.",
            height=height,
            width=width,
        ),
    )
