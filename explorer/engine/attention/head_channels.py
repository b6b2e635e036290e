"""Which channels of which layer are the values of one head alone: where they are 0, the head adds nothing to its block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from explorer.core.activations import Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.attention.record import RecordedAttention

Found = tuple[str, tuple[int, ...]]  # tap, channels
_CLOSE = 1e-6  # of the largest value: the same numbers of two forwards


def candidates(found: RecordedAttention, taps: Sequence[Tap]) -> list[str]:
    """Layers that may hold the values, in the order of the forward: inside the module of the attention, a row a key."""
    call, width = found.call, _values(found).shape[-1]
    within = f"{call.path}." if call.path else ""
    return [
        tap.name
        for tap in taps
        if tap.path.startswith(within) and tap.layout is Layout.NLC and tap.nbytes and _rows(tap) == call.keys.count
        and tap.channels % width == 0
    ]  # fmt: skip


def head_channels(found: RecordedAttention, head: int, values: Mapping[str, Array], taps: Sequence[Tap]) -> Found:
    """The layer and the channels that hold the values of a head and of no other one, by their very numbers.

    `values`: of the candidates, each (1, keys, channels) or (keys, channels). Raises ExplorerError where no layer holds them alone.
    """
    own = _values(found)
    if not 0 <= head < len(own):
        raise ExplorerError(
            tr("There is no head {head}.", head=head), tr("This attention has heads 0 to {count}.", count=len(own) - 1)
        )
    shared = [other for other in range(len(own)) if other != head and _same(own[other], own[head])]
    if shared:
        why = tr("Its values are those of {list} too.", list=", ".join(tr("head {n}", n=n) for n in shared))
        raise ExplorerError(tr("Head {head} of {call} cannot be ablated alone.", head=head, call=found.call.name), why)
    for name in (tap.name for tap in taps if tap.name in values):
        for first in _places(values[name].reshape(own.shape[1], -1), own[head]):
            return name, tuple(range(first, first + own.shape[2]))
    why = tr("No layer of the model returns its values: they are made inside one function.")
    raise ExplorerError(
        tr("Head {head} of {call} cannot be ablated.", head=head, call=found.call.name),
        why,
        tr("Ablate channels of a layer."),
    )


def _values(found: RecordedAttention) -> Array:
    """(heads, keys, width)"""
    if found.values is None or found.call.windows > 1:
        why = tr("Its tokens attend within windows.") if found.call.windows > 1 else tr("Its values were not recorded.")
        raise ExplorerError(tr("The heads of {call} cannot be ablated.", call=found.call.name), why)
    array: Array = found.grouped(found.values)[0].float().cpu().numpy()
    return array


def _rows(tap: Tap) -> int:
    return int(np.prod(tap.shape[:-1]))


def _same(one: Array, other: Array) -> bool:
    return bool(np.abs(one - other).max(initial=0.0) <= _CLOSE * max(float(np.abs(other).max(initial=0.0)), 1e-30))


def _places(rows: Array, wanted: Array) -> Iterator[int]:
    width = wanted.shape[1]
    for first in range(0, rows.shape[1] - width + 1, width):
        if _same(rows[:, first : first + width], wanted):
            yield first
