"""Operations of a recorded forward that overwrite what is kept, made anew beside it: no value has to be copied first.

A batch normalisation whose values are kept, and the ReLU that overwrites them, are read and written twice: copied, then
changed. In a recording the ReLU can write into memory of its own instead, with the same numbers.
"""

from __future__ import annotations

from typing import Any

import torch

# What makes memory of its own: nothing else can be looking at its result.
_MAKERS = frozenset(
    f"aten::{name}" for name in ("_convolution", "batch_norm", "layer_norm", "linear", "add", "mul", "cat")
)
COPIES = frozenset(("aten::clone", "aten::detach"))


def beside(function: Any) -> Any:
    """A recorded function that gives the same values with fewer copies."""
    graph = function.graph.copy()
    torch._C._jit_pass_constant_propagation(graph)  # sizes and paddings are put together once, not in every forward
    for node in [node for node in graph.nodes() if _overwrites_a_copied(node)]:
        _write_beside(graph, node)
    return torch._C._create_function_from_graph("forward", graph)


def _overwrites_a_copied(node: Any) -> bool:
    """Whether it writes into a value that only it and copies for keeping ever use."""
    if not node.kind().endswith("_") or node.outputsSize() != 1:
        return False
    value = next(iter(node.inputs()))
    others = [use.user for use in value.uses() if use.user != node]
    return value.node().kind() in _MAKERS and bool(others) and all(other.kind() in COPIES for other in others)


def _write_beside(graph: Any, node: Any) -> None:
    value = next(iter(node.inputs()))
    for user in [use.user for use in value.uses() if use.user != node]:
        _use_instead(value, user)
    new = graph.create(node.kind().removesuffix("_"), list(node.inputs()), 1)
    new.insertBefore(node)
    new.output().setType(node.output().type())
    node.output().replaceAllUsesWith(new.output())
    node.destroy()


def _use_instead(value: Any, copy: Any) -> None:
    """Takes a copy away, and what only copies that."""
    for further in [use.user for use in copy.output().uses()]:
        if further.kind() in COPIES:
            _use_instead(value, further)
    copy.output().replaceAllUsesWith(value)
    copy.destroy()
