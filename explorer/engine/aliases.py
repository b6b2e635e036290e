"""Memory of tensors, and who may write to it without torch counting the write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor

from explorer.engine.calls import getter

# what hands out memory, or puts other memory under a tensor
_HANDS_OUT = frozenset(
    """numpy __array__ __dlpack__ data_ptr untyped_storage storage _typed_storage set_ share_memory_ resize_ resize_as_""".split()
)


def memory_of(tensor: Tensor) -> int:
    """The address of a tensor's memory, 0 where it has none of its own."""
    try:
        return tensor.untyped_storage().data_ptr() if tensor.numel() else 0
    except (RuntimeError, NotImplementedError):  # sparse, or a wrapper of function transforms
        return 0


def uncounted(name: str, func: Callable[..., Any], operands: Iterable[Tensor]) -> set[int]:
    """Memory of those arguments that a function lets others write to without their count of writes going up."""
    if name not in _HANDS_OUT and getter(func) != "data":
        return set()
    return {memory for tensor in operands if (memory := memory_of(tensor))}
