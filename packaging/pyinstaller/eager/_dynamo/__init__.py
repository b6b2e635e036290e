"""torch._dynamo for a torch without its compiler: the packaged application computes eagerly and compiles nothing.

Only what torch itself and models use while nothing is being compiled. The real one needs sympy and the compiler: 40 MB and,
at the first optimiser or `torch.compiler.disable`, 1.5 s.
"""

from __future__ import annotations

from typing import Any

from torch._dynamo import config, utils

__all__ = ["allow_in_graph", "assume_constant_result", "config", "disable", "forbid_in_graph", "graph_break", "utils"]


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None, wrapping: bool = True) -> Any:
    """`fn` as it is, or a decorator that leaves it so: nothing compiles it anyway."""
    return fn if fn is not None else _unchanged


def _unchanged(fn: Any) -> Any:
    return fn


allow_in_graph = forbid_in_graph = assume_constant_result = disallow_in_graph = _unchanged


def graph_break(msg: str = "") -> None:
    """There is no graph to break."""


def is_compiling() -> bool:
    return False


def reset() -> None:
    """There is nothing to forget."""


def mark_static_address(tensor: Any, guard: bool = False) -> None:
    """Of interest to a compiler only."""


def mark_static(tensor: Any, index: Any = None) -> None:
    """Of interest to a compiler only."""


def mark_dynamic(tensor: Any, index: Any, **bounds: Any) -> None:
    """Of interest to a compiler only."""


def list_backends(exclude_tags: Any = ()) -> list[str]:
    return []
