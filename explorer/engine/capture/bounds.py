"""Between which numbers the output of a model must lie, whatever its input: followed through the operations that made it.

Logits may happen to lie in 0 to 1; what came out of a sigmoid cannot lie elsewhere. Bounds belong to a storage, so that views
share them and every write changes them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from explorer.engine.capture.class_vector import ANYTHING, LOGARITHMS, Bounds

_UNIT: Bounds = (0.0, 1.0)
_POSITIVE: Bounds = (0.0, math.inf)
_FIXED: dict[str, Bounds] = {
    **dict.fromkeys(("sigmoid", "hardsigmoid", "_softmax", "_safe_softmax", "rand", "rand_like"), _UNIT),
    **dict.fromkeys(("exp", "softplus", "abs", "relu6", "linalg_vector_norm", "norm", "square"), _POSITIVE),
    **dict.fromkeys(("_log_softmax", "log_sigmoid_forward"), LOGARITHMS),
    **dict.fromkeys(("tanh", "sin", "cos", "erf"), (-1.0, 1.0)),
    # what a linear map gives may be anything: numbers that were made by one are no probabilities, whatever they are
    **dict.fromkeys(
        ("addmm", "mm", "bmm", "baddbmm", "matmul", "convolution", "linear", "randn", "randn_like"), ANYTHING
    ),
    **dict.fromkeys(("native_batch_norm", "native_layer_norm", "_native_batch_norm_legit_no_training"), ANYTHING),
}
# results that lie between the smallest and the largest of what was given
_WITHIN = frozenset(
    "mean amax amin max min median nanmedian gather index_select index select take flip roll sort topk clone contiguous copy "
    "_to_copy to alias detach view _unsafe_view reshape squeeze unsqueeze expand permute transpose t slice flatten unbind split "
    "chunk repeat cat stack where lerp masked_fill max_pool2d max_pool2d_with_indices avg_pool2d adaptive_avg_pool2d "
    "_adaptive_avg_pool2d mkldnn_adaptive_avg_pool2d upsample_bilinear2d upsample_nearest2d lift_fresh "
    "maximum minimum fill full full_like scalar_tensor".split()
)
_CONSTANT: dict[str, Bounds] = {
    **dict.fromkeys(("zeros", "zeros_like", "new_zeros", "zero"), (0.0, 0.0)),
    **dict.fromkeys(("ones", "ones_like", "new_ones"), (1.0, 1.0)),
}


class BoundsMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is active, notes the bounds of every result; `of` answers afterwards, None for what is not known."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._known: dict[int, Bounds] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch imports its compiler, which takes seconds, at the first operation

    def of(self, tensor: Tensor) -> Bounds | None:
        return self._known.get(_place(tensor))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = func.overloadpacket.__name__
        writes = func._schema.is_mutable
        found = self._rule(name.removesuffix("_") if writes else name, args, kwargs)
        places = {_place(t) for t in _tensors(args)}
        out = func(*args, **kwargs)
        for tensor in _tensors(out):
            place = _place(tensor)
            if writes and place in places:
                # a part of it may have been written to: the rest is what it was
                part = tensor.untyped_storage().nbytes() > tensor.numel() * tensor.element_size()
                found = _union([found, self._known.get(place)]) if part else found
            elif place in places:
                continue  # a view
            self._note(place, found)
        return out

    def _note(self, place: int, found: Bounds | None) -> None:
        if found is None:
            self._known.pop(place, None)  # the memory may have been another tensor's
        else:
            self._known[place] = found

    def _rule(self, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Bounds | None:
        if name in _FIXED:
            return _FIXED[name]
        if name in _CONSTANT:
            return _CONSTANT[name]
        if name == "copy":
            return self._bounds(args[1])
        if name in _WITHIN:
            return self._within(name, args, kwargs)
        rule = _RULES.get(name)
        return rule([self._bounds(arg) for arg in args], args, kwargs) if rule is not None else None

    def _within(self, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Bounds | None:
        held = [t for t in _tensors(args) if t.is_floating_point()]
        numbers = {"masked_fill": args[2:3], "fill": args[1:2], "full": args[1:2], "full_like": args[1:2]}
        given: list[Any] = list(numbers.get(name, args[:1] if name == "scalar_tensor" else ()))
        if name in ("fill", "full_like"):
            held = []  # nothing of what was there stays
        if "padding" in kwargs or name.startswith("avg_pool"):
            given.append(0.0)
        return _union([self._bounds(value) for value in (*held, *(v for v in given if not isinstance(v, Tensor)))])

    def _bounds(self, value: Any) -> Bounds | None:
        if isinstance(value, Tensor):
            return self.of(value)
        if isinstance(value, (bool, int, float)):
            return float(value), float(value)
        return None


def _place(tensor: Tensor) -> int:
    try:
        return tensor.untyped_storage().data_ptr()
    except (RuntimeError, NotImplementedError):  # sparse, or without memory
        return 0


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in _tensors(item)]
    return []


def _union(found: Sequence[Bounds | None]) -> Bounds | None:
    known = [bounds for bounds in found if bounds is not None]
    if not known or len(known) < len(found):
        return ANYTHING if ANYTHING in known else None
    if all(bounds is LOGARITHMS for bounds in known):
        return LOGARITHMS
    return min(low for low, _ in known), max(high for _, high in known)


# --- rules: bounds of the arguments (None where not known), the arguments -> bounds of the result -----------------------

Rule = Callable[[Sequence["Bounds | None"], Sequence[Any], dict[str, Any]], "Bounds | None"]


def _pair(work: Callable[[Bounds, Bounds], Bounds]) -> Rule:
    """Of two operands. One that may be anything makes the result anything."""

    def rule(given: Sequence[Bounds | None], _args: Sequence[Any], kwargs: dict[str, Any]) -> Bounds | None:
        if len(given) < 2 or kwargs.get("alpha", 1) != 1 or (len(given) > 2 and given[2] not in (None, (1.0, 1.0))):
            return None
        a, b = given[0], given[1]
        if a is None or b is None:
            return ANYTHING if ANYTHING in (a, b) else None
        return work(a, b)

    return rule


def _within_unit(a: Bounds) -> bool:
    return a[0] >= 0 and a[1] <= 1


def _times(a: float, b: float) -> float:
    return 0.0 if 0.0 in (a, b) else a * b


def _product(a: Bounds, b: Bounds) -> Bounds:
    ends = [_times(x, y) for x in a for y in b]
    return min(ends), max(ends)


def _quotient(a: Bounds, b: Bounds) -> Bounds:
    if b[0] > 0:
        return _product(a, (0.0 if math.isinf(b[1]) else 1 / b[1], 1 / b[0]))
    return _POSITIVE if a[0] >= 0 and b[0] >= 0 else ANYTHING


def _sum_of(a: Bounds, b: Bounds) -> Bounds:
    return a[0] + b[0], a[1] + b[1]


def _less(a: Bounds, b: Bounds) -> Bounds:
    return a[0] - b[1], a[1] - b[0]


def _clamped(given: Sequence[Bounds | None], args: Sequence[Any], kwargs: dict[str, Any]) -> Bounds | None:
    low, high = (args[at] if len(args) > at else kwargs.get(name) for at, name in ((1, "min"), (2, "max")))
    if isinstance(low, Tensor) or isinstance(high, Tensor):
        return None
    a = given[0] or ANYTHING
    least, most = -math.inf if low is None else float(low), math.inf if high is None else float(high)
    return min(max(a[0], least), most), max(min(a[1], most), least)


def _relu(given: Sequence[Bounds | None], _args: Sequence[Any], _kwargs: dict[str, Any]) -> Bounds | None:
    return 0.0, max((given[0] or ANYTHING)[1], 0.0)


def _summed(given: Sequence[Bounds | None], _args: Sequence[Any], _kwargs: dict[str, Any]) -> Bounds | None:
    a = given[0]
    if a is None:
        return None
    return (0.0 if a[0] >= 0 else -math.inf), (0.0 if a[1] <= 0 else math.inf)


def _monotone(work: Callable[[float], float]) -> Rule:
    """Of one operand, growing."""

    def rule(given: Sequence[Bounds | None], _args: Sequence[Any], _kwargs: dict[str, Any]) -> Bounds | None:
        a = given[0]
        return None if a is None else ANYTHING if a == ANYTHING else (work(a[0]), work(a[1]))

    return rule


def _power(given: Sequence[Bounds | None], args: Sequence[Any], _kwargs: dict[str, Any]) -> Bounds | None:
    a, exponent = given[0], args[1]
    if a is None or not isinstance(exponent, (int, float)) or exponent <= 0 or a[0] < 0:
        return _POSITIVE if exponent == 2 else None
    return a[0] ** exponent, a[1] ** exponent


_RULES: dict[str, Rule] = {
    "add": _pair(_sum_of),
    "sub": _pair(_less),
    "rsub": _pair(lambda a, b: _less(b, a)),
    "mul": _pair(_product),
    "div": _pair(_quotient),
    "neg": lambda given, _a, _k: None if given[0] is None else (-given[0][1], -given[0][0]),
    "clamp": _clamped,
    "clamp_min": _clamped,
    "clamp_max": lambda given, args, _k: _clamped(given, (args[0], None, args[1]), {}),
    "hardtanh": _clamped,
    "relu": _relu,
    "sum": _summed,
    "cumsum": _summed,
    "log": lambda given, _a, _k: LOGARITHMS if given[0] is not None and _within_unit(given[0]) else None,
    "reciprocal": lambda given, _a, _k: None if given[0] is None else _quotient((1.0, 1.0), given[0]),
    "cumprod": lambda given, _a, _k: _UNIT if given[0] is not None and _within_unit(given[0]) else None,
    "round": _monotone(lambda v: float(round(v)) if math.isfinite(v) else v),
    "sqrt": _monotone(lambda v: math.sqrt(max(v, 0.0)) if math.isfinite(v) else v),
    "pow": _power,
}


def bounds_of(forward: Callable[[], Any], keys: Callable[[Any], Tensor | None]) -> tuple[Any, Bounds | None]:
    """(what the forward returned, the bounds of the tensor that `keys` finds in it)."""
    with BoundsMode() as mode:
        output = forward()
    tensor = keys(output)
    return output, None if tensor is None else mode.of(tensor)
