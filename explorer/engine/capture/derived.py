"""Values of a recorded forward that are not kept, because they can be made again, to the last bit, from others that are.

A convolution, its normalisation and its activation are three layers to look at, and two of them follow from the first by one
cheap operation each. Writing all three to memory that is not in the processor's cache is what capturing everything costs;
so only the first is written, and what follows is made when somebody looks at it, by the very operation of the forward.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer.engine.capture.rewrite_inplace import COPIES

# Operations of one tensor, and constants: each element of the result takes some nanoseconds.
_CHEAP = frozenset(
    f"aten::{name}"
    for name in ("batch_norm", "relu", "relu6", "hardtanh", "leaky_relu", "silu", "hardswish", "hardsigmoid", "sigmoid")
)
_TRAINING = 4  # which argument after the tensor says that a normalisation takes the statistics of what it is given


@dataclass(frozen=True, slots=True, eq=False)
class Derivation:
    """How one value follows from another: `source` names the tap of that."""

    source: str
    operation: str  # without "aten::"
    constants: tuple[Any, ...]  # copies of their own: the model may be changed for a moment while somebody looks

    def __call__(self, given: Tensor) -> Tensor:
        with torch.inference_mode():
            made: Tensor = getattr(torch.ops.aten, self.operation)(given, *self.constants)
        return made


class Values(Mapping[str, Tensor]):
    """Tensors by tap name: those that are held, and those that are made from them whenever they are asked for."""

    def __init__(self, held: Mapping[str, Tensor], ways: Mapping[str, Derivation]) -> None:
        self.held, self.ways = held, ways

    def __getitem__(self, name: str) -> Tensor:
        if name in self.held:
            return self.held[name]
        way = self.ways[name]
        return way(self[way.source])

    def __contains__(self, name: object) -> bool:
        return name in self.held or name in self.ways

    def __iter__(self) -> Iterator[str]:
        yield from self.held
        yield from self.ways

    def __len__(self) -> int:
        return len(self.held) + len(self.ways)


def derive(
    function: Any, names: tuple[str, ...], fit: Collection[str]
) -> tuple[Any, tuple[str, ...], dict[str, Derivation]]:
    """A recorded function that hands out less, the names of what it hands out, and the ways to the rest.

    `function` gives (output, values by `names`). Only values of the taps in `fit` are left out. Whether the ways give
    the true values is for the caller to try.
    """
    graph = function.graph.copy()
    torch._C._jit_pass_constant_propagation(graph)
    returned = next(iter(graph.outputs())).node()
    kept = list(returned.inputs())[1].node()
    roots = [_root(value) for value in kept.inputs()]
    first = {root.debugName(): name for name, root in reversed(list(zip(names, roots, strict=True)))}
    ways: dict[str, Derivation] = {}
    of: dict[str, Derivation] = {}  # layers that hand on the same value share one way
    for name, root in zip(names, roots, strict=True):
        way = of.get(root.debugName()) or (_way(root, first) if name in fit else None)
        if way is not None:
            ways[name] = of[root.debugName()] = way
    held = tuple(name for name in names if name not in ways)
    _hand_out(graph, [value for name, value in zip(names, kept.inputs(), strict=True) if name not in ways])
    return torch._C._create_function_from_graph("forward", graph), held, ways


def _root(value: Any) -> Any:
    """What was copied to be kept."""
    while value.node().kind() in COPIES:
        value = next(iter(value.node().inputs()))
    return value


def _way(value: Any, kept: Mapping[str, str]) -> Derivation | None:
    node = value.node()
    kind = node.kind().removesuffix("_")
    if kind not in _CHEAP:
        return None
    given, *others = node.inputs()
    source = kept.get(_root(given).debugName())
    if source is None or any(other.node().kind() != "prim::Constant" for other in others):
        return None
    constants = tuple(_own(other.toIValue()) for other in others)
    if kind == "aten::batch_norm" and constants[_TRAINING]:
        return None
    return Derivation(source, kind.removeprefix("aten::"), constants)


def _own(constant: Any) -> Any:
    return constant.detach().clone() if isinstance(constant, Tensor) else constant


def _hand_out(graph: Any, values: list[Any]) -> None:
    """Lets the graph return (output, these); what was made for the others only is made no more."""
    returned = next(iter(graph.outputs())).node()
    output, before = list(returned.inputs())
    fewer = _tuple(graph, values, before.node())
    fresh = _tuple(graph, [output, fewer], returned)
    returned.output().replaceAllUsesWith(fresh)
    returned.destroy()
    before.node().destroy()
    torch._C._jit_pass_dce(graph)


def _tuple(graph: Any, values: list[Any], before: Any) -> Any:
    node = graph.create("prim::TupleConstruct", values, 1)
    node.insertBefore(before)
    node.output().setType(torch._C.TupleType([value.type() for value in values]))
    return node.output()
