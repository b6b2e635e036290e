"""A written-out attention as a graph: the functions between q k' and the weights, run again on the rows that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from torch import Tensor, nn

from explorer.core.translation import tr
from explorer.engine.attention.attention_weights import kept, kept_once, wide

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class AttentionNode:
    """One function between the scores and the weights. `args` hold nodes in place of the tensors that depend on the scores."""

    how: Literal["product", "view", "move", "mix", "point", "cut", "put"]
    func: Function
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    shape: tuple[int, ...]
    query: int = -2  # dimension, counted from the end
    key: int = -1
    normal: bool = False  # behind a softmax over the keys
    inside: tuple[str, str] = ("", "")  # of a product: (path, class) of the module that runs
    # how many dimensions the queries and the keys are laid over, rows and columns; of the queries all but the first are 1 in `rows`
    spread: tuple[int, int] = (1, 1)

    def rows(self, index: Tensor) -> Tensor:
        """The value for these queries only: `shape` with len(index) at `query`."""
        if self.how == "product":
            return wide(self.args[0]).index_select(-2, index) @ wide(self.args[1])
        if self.how in ("cut", "put"):
            return self._cut(index) if self.how == "cut" else self._put(index)
        args = tuple(self._given(arg, index) for arg in self.args)
        if self.how == "view":
            shape = list(self.shape)
            shape[self.query] = len(index)
            if self.spread[0] == 2:
                shape[self.query + 1] = 1
            value: Tensor = args[0].reshape(shape) if self.func is not Tensor.expand else args[0].expand(shape)
            return value
        found: Tensor = self.func(*args, **{key: self._given(arg, index) for key, arg in self.kwargs.items()})
        return wide(found)

    def _given(self, arg: Any, index: Tensor) -> Any:
        if isinstance(arg, AttentionNode):
            return arg.rows(index)
        if self.how != "point" or not isinstance(arg, Tensor) or arg.dim() < -self.query - self.spread[0] + 1:
            return arg
        if self.spread[0] == 2:
            return self._of_places(arg, index)
        split = arg.shape[self.query] == self.shape[self.query] > 1
        return arg.index_select(self.query, index) if split else arg

    def _of_places(self, arg: Tensor, index: Tensor) -> Tensor:
        """What belongs to these queries of a tensor that has rows and columns of them, or only one of both."""
        arg = arg[None] if arg.dim() == -self.query - 1 else arg
        width = self.shape[self.query + 1]
        row, column = arg.dim() + self.query, arg.dim() + self.query + 1
        wanted: list[Any] = [slice(None)] * arg.dim()
        wanted[row] = index // width if arg.shape[row] > 1 else index * 0
        wanted[column] = index % width if arg.shape[column] > 1 else index * 0
        found: Tensor = arg[tuple(wanted)].unsqueeze(column)
        return found

    def _cut(self, index: Tensor) -> Tensor:
        """`args`: the node, the first query, the slices of the other dimensions."""
        node, first, others = self.args
        found: Tensor = node.rows(index + first)[others]
        return found

    def _put(self, index: Tensor) -> Tensor:
        """`args`: the node, what is written into it, the first query, the one after the last, the slices of the others."""
        node, value, first, end, others = self.args
        rows: Tensor = node.rows(index).clone()
        within = (index >= first) & (index < end)
        if bool(within.any()):
            place = list(others)
            place[self.query] = within
            part = value.rows(index[within] - first) if isinstance(value, AttentionNode) else value
            rows[tuple(place)] = part.to(rows.dtype) if isinstance(part, Tensor) else part
        return rows

    def product(self) -> AttentionNode:
        """The first q k' that this depends on."""
        if self.how == "product":
            return self
        return next(arg for arg in (*self.args, *self.kwargs.values()) if isinstance(arg, AttentionNode)).product()


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """Weights of an attention that the model writes out itself."""

    node: AttentionNode
    q: Tensor
    k: Tensor

    def rows(self, index: Tensor) -> Tensor:
        return self.node.rows(index)

    def tensors(self) -> Iterator[Tensor]:
        yield from tensors_of(self.node)

    @property
    def note(self) -> str:
        """What is unusual about these weights."""
        return tr("Heads are mixed after the softmax: its rows need not sum to 1.") if _mixed_after(self.node) else ""


def _mixed_after(node: AttentionNode) -> bool:
    inner = [arg for arg in (*node.args, *node.kwargs.values()) if isinstance(arg, AttentionNode)]
    return node.normal and (node.how == "mix" or any(map(_mixed_after, inner)))


def tensors_of(value: Any) -> Iterator[Tensor]:
    """Every tensor beneath a node."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, AttentionNode):
        for arg in (*value.args, *value.kwargs.values()):
            yield from tensors_of(arg)


def written(node: AttentionNode) -> Written:
    """A copy of the node and all that it needs, which nothing overwrites."""
    copies: dict[int, AttentionNode] = {}  # two nodes may share one

    def copied(value: Any, copy: Callable[[Tensor], Tensor]) -> Any:
        if isinstance(value, Tensor):
            return value.detach() if isinstance(value, nn.Parameter) else copy(value)
        if not isinstance(value, AttentionNode):
            return value
        if id(value) not in copies:
            copy = kept_once if value.how == "point" else kept
            args = tuple(copied(arg, copy) for arg in value.args)
            kwargs = {key: copied(arg, copy) for key, arg in value.kwargs.items()}
            copies[id(value)] = replace(value, args=args, kwargs=kwargs)
        return copies[id(value)]

    found: AttentionNode = copied(node, kept)
    product = found.product()
    return Written(found, product.args[0], product.args[1].mT)
