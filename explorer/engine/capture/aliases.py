"""Memory of tensors, and who may write to it without torch counting the write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from explorer.engine.capture.calls import getter, tensors

# what hands out memory, or puts other memory under a tensor
_HANDS_OUT = frozenset(
    """numpy __array__ __dlpack__ data_ptr untyped_storage storage _typed_storage set_ share_memory_ resize_ resize_as_""".split()
)


def memory_of(tensor: Tensor) -> int:
    """The address of a tensor's memory, 0 where it has none of its own."""
    with torch._C.DisableTorchFunction():  # a Guard would take this for somebody's
        return _address(tensor)


def _address(tensor: Tensor) -> int:
    try:
        return tensor.untyped_storage().data_ptr() if tensor.numel() else 0
    except (RuntimeError, NotImplementedError):  # sparse, or a wrapper of function transforms
        return 0


def uncounted(name: str, func: Callable[..., Any], operands: Iterable[Tensor]) -> set[int]:
    """Memory of those arguments that a function lets others write to without their count of writes going up."""
    if name not in _HANDS_OUT and getter(func) != "data":
        return set()
    return {memory for tensor in operands if (memory := memory_of(tensor))}


Stamp = tuple[int, int, int]


def stamp_of(tensor: Tensor) -> Stamp:
    """Changes when a counted write, other memory or another tensor is put under a tensor; the first is -1 where nothing is counted."""
    with torch._C.DisableTorchFunction():  # a mode in Python would be asked for each of the five
        try:
            return tensor._version, tensor.untyped_storage().data_ptr() if tensor.numel() else 0, tensor._cdata
        except (RuntimeError, NotImplementedError):  # inference tensors count nothing, sparse ones have no memory
            return (-1 if tensor.is_inference() else tensor._version), _address(tensor), tensor._cdata


class UncountedWrites(TorchFunctionMode):
    """Notes, while it is entered, which memory may have been written to without a count."""

    def __init__(self) -> None:
        super().__init__()
        self.uncounted: set[int] = set()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if name in _HANDS_OUT or name in ("__get__", "__set__"):
            self.uncounted |= uncounted(name, func, tensors((*args, *(kwargs or {}).values())))
        return func(*args, **kwargs) if kwargs else func(*args)
