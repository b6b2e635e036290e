"""One call of a torch function as the rules see it: what went in, what came out, and what is known of each tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from torch import Tensor

from explorer.engine.capture.provenance import Provenance


class TensorOrigin(Enum):
    """Of a tensor without a place: whether the input has a part in it."""

    CONSTANT = "constant"  # a weight, or made of weights and shapes alone
    LOST = "lost"  # made of the input, or of unknown origin; which cells went into which element is not known


Known = Provenance | TensorOrigin
PlaceOf = Callable[[Tensor], "Provenance | None"]


# arguments by name, in the order that functions take them in; the others follow
_ORDER = "condition input query x a x1 mat1 batch1 other x2 mat2 batch2 vec key mask value index tensors src".split()
_RANK = {name: rank for rank, name in enumerate(_ORDER)} | {"out": len(_ORDER) + 1}
_ALSO = {"dim": ("axis",), "keepdim": ("keepdims",), "input": ("x", "a", "x1"), "other": ("x2",)}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a torch function: what it is named, what went in and what came out."""

    name: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    out: Tensor
    place: PlaceOf
    position: int = 0  # of `out` among the tensors the function returned
    constant: Callable[[Tensor], bool] = lambda _: (
        True
    )  # of a tensor without a place: whether the input has no part in it

    def arg(self, position: int, name: str, default: Any = None) -> Any:
        return argument(self.args, self.kwargs, position, name, default)

    @property
    def operands(self) -> list[Tensor]:
        """Tensors that the result is made of, in order."""
        return list(tensors((*self.args, *(value for name, value in self.kwargs.items() if name != "out"))))

    def depends(self, tensor: Tensor) -> bool:
        """Whether the input may have a part in a tensor."""
        return self.place(tensor) is not None or not self.constant(tensor)


def tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    """All tensors among arguments, also inside lists, tuples and dicts."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors(value)
        elif isinstance(value, dict):
            yield from tensors(value.values())


def argument(args: tuple[Any, ...], kwargs: dict[str, Any], position: int, name: str, default: Any = None) -> Any:
    """An argument of a call by its position or its name; torch takes numpy's names of some of them as well."""
    for known in (name, *_ALSO.get(name, ())):
        if known in kwargs:
            return kwargs[known]
    return args[position] if len(args) > position else default


def in_order(kwargs: dict[str, Any] | None) -> dict[str, Any]:
    """Named arguments as they would stand without names, so that the first tensor is the one that the others serve."""
    return dict(sorted((kwargs or {}).items(), key=lambda item: _RANK.get(item[0], len(_ORDER))))


def pair(value: Any) -> tuple[int, int]:
    """(y, x) of an int or a sequence; for one-dimensional convolutions y is 1-like and given by the caller."""
    if isinstance(value, (tuple, list)):
        return (int(value[0]), int(value[1])) if len(value) > 1 else (int(value[0]), int(value[0]))
    return int(value), int(value)


def getter(func: Callable[..., Any]) -> str:
    """The attribute that a function reads or writes: 'data' of `tensor.data`; '' of other functions."""
    return (
        str(getattr(getattr(func, "__self__", None), "__name__", ""))
        if getattr(func, "__name__", "") in ("__get__", "__set__")
        else ""
    )
