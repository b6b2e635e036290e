"""Which layers feed which: of every tensor of a watched forward the layers whose values it is made of, with no layer in between.

A layer here is whatever returned a tensor of its own to a hook (a tap); functions between layers (a sum, a concatenation, a view) hand
on what they are given. Followed through tensors: numbers that went to Python and came back are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from explorer.core.layer_graph import INPUT

Feeds = frozenset[str] | None  # names of taps, INPUT for the model's input; None: not known

NOTHING: Feeds = frozenset()


class LayerFeeds:
    """The layers behind each tensor. What nobody saw being made is not known."""

    def __init__(self, x: Tensor) -> None:
        self._of: Any = WeakTensorKeyDictionary()
        self._of[x] = frozenset((INPUT,))

    def of(self, tensor: Tensor) -> Feeds:
        """What feeds a tensor."""
        found: Feeds = self._of.get(tensor)
        return found

    def put(self, tensor: Tensor, feeds: Feeds) -> None:
        """What feeds a tensor from now on."""
        self._of[tensor] = feeds

    def layer(self, tensor: Tensor, name: str) -> None:
        """A layer returned this tensor."""
        self._of[tensor] = frozenset((name,))

    def add(self, tensor: Tensor, more: Feeds) -> None:
        """Something was written to a part of a tensor."""
        self._of[tensor] = merged((self.of(tensor), more))


def merged(every: Iterable[Feeds]) -> Feeds:
    """Of what is made of several tensors; not known where one of them is not."""
    found: set[str] = set()
    for feeds in every:
        if feeds is None:
            return None
        found |= feeds
    return frozenset(found)


def fed(name: str, operands: Iterable[Tensor], before: Mapping[int, Feeds]) -> Feeds:
    """What feeds the result of the function `name` of tensors, from what fed these before it ran."""
    given = [before[id(tensor)] for tensor in operands]
    # the values of the other tensor alone
    return given[1] if name == "copy_" and len(given) > 1 else merged(given)


def overlap(a: Tensor, b: Tensor) -> bool:
    """Whether the memory of two tensors of one storage may overlap: by its first and its last element."""
    return _first(a) < _past(b) and _first(b) < _past(a)


def _first(tensor: Tensor) -> int:
    return int(tensor.storage_offset()) * tensor.element_size()


def _past(tensor: Tensor) -> int:
    reach = sum((side - 1) * step for side, step in zip(tensor.size(), tensor.stride(), strict=True))
    return int(tensor.storage_offset() + reach + 1) * tensor.element_size()
