"""Whether a forward lets the inputs of a batch decide for each other: then each has to run alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from explorer.engine.capture.calls import in_order, tensors
from explorer.engine.capture.dimensions import ALONG, REDUCING, SORTING, dims_of
from explorer.engine.capture.trace import READS

# statistics that a decision may be made of: a sum is seen in the values themselves
_RUNS = {**REDUCING, **ALONG, **dict.fromkeys(SORTING, 1)}


class Mixing(TorchFunctionMode):
    """Notes, while it is entered, whether values of a batch of `count` are read in Python or put together over the batch."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count, self.mixes = count, False

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if name in READS:
            self.mixes = True
        elif name in _RUNS and not self.mixes:
            self.mixes = self._over_batch(name, args, in_order(kwargs))
        return func(*args, **(kwargs or {}))

    def _over_batch(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        source = next(tensors((*args, *kwargs.values())), None)
        if source is None or not source.dim() or source.shape[0] != self.count:
            return False
        value = kwargs.get("dim", kwargs.get("axis", args[_RUNS[name]] if len(args) > _RUNS[name] else None))
        if isinstance(value, Tensor):  # the larger of two tensors
            return False
        default = None if name in REDUCING else 1 if name in ("normalize", "local_response_norm") else -1
        return 0 in dims_of(default if value is None else value, source)
