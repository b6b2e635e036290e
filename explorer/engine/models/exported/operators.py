"""Operators of exported programs as the public functions of torch that models call, so that every rule about those holds.

Allowed: operators of `torch.ops.aten` that torch's dispatcher knows, but for those that reach files, memory or the process;
`_operator.getitem`; arithmetic of whole numbers. Everything else is refused by its name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.translation import tr
from explorer.engine.models.exported.program import ProgramNode, ValueName
from explorer.engine.models.exported.program_json import NotRead

Function = Callable[..., Any]

_FORBIDDEN = frozenset(
    "from_file set set_ resize resize_ resize_as_ record_stream data set_data rename rename_ retain_grad _print".split()
)
# private operators that checked exports are written with; all others may read beyond what they are given
_PRIVATE = frozenset(
    """_softmax _log_softmax _to_copy _unsafe_view _adaptive_avg_pool2d _native_batch_norm_legit _native_batch_norm_legit_no_training
    _scaled_dot_product_flash_attention_for_cpu _shape_as_tensor _reshape_alias _unsafe_index _weight_norm _prelu_kernel
    _is_any_true _is_all_true _upsample_nearest_exact2d _upsample_bilinear2d_aa _upsample_bicubic2d_aa""".split()
)
_SUSPECT = (
    "backward",
    "unsafe_",
    "cudnn",
    "miopen",
    "mkldnn",
    "mps_",
    "quantized",
    "fbgemm",
    "sparse",
    "nested",
    "sym_storage",
)
# what only checks sizes and types while the program runs: for symbolic sizes, which are numbers here
CHECKS = frozenset(
    """aten._assert_scalar.default aten._assert_tensor_metadata.default aten.sym_constrain_range.default
    aten.sym_constrain_range_for_size.default aten._assert_async.msg aten._functional_assert_async.msg""".split()
)
# arguments of operators that their public functions do not have
LEFT_OUT = frozenset(
    "cudnn_enabled cudnn_enable implicit half_to_float path scale_grad_by_freq sparse padding_idx train".split()
)
_LARGEST = 1 << 62


def is_number_function(target: str) -> bool:
    """Whether an operator makes numbers of numbers."""
    return target in _NUMBERS


def function_of(node: ProgramNode) -> tuple[Function, bool]:
    """(what to call, whether all arguments are given by name). Raises NotRead for an operator that is not allowed."""
    target = node.target
    if target in _NUMBERS:
        return _number_function(_NUMBERS[target]), False
    if target == "_operator.getitem":
        return _getitem, False
    overload = _overload(target)
    base = target.split(".")[1]
    if target in _EXACT:
        return _EXACT[target], True
    if base in _BY_NAME:
        return _BY_NAME[base], True
    is_method = bool(node.args) and isinstance(node.args[0][1], ValueName)  # 1 - x is sub(1, x)
    return _public(base, overload, is_method), False


def _overload(target: str) -> Any:
    """The operator itself. Raises NotRead."""
    words = target.split(".")
    if len(words) != 3 or words[0] != "aten":
        raise NotRead(tr("it calls {target}, which is no operator of torch's own (aten)", target=target[:80]))
    _, base, name = words
    full = f"aten::{base}" + ("" if name == "default" else f".{name}")
    private = (base.startswith("_") and base not in _PRIVATE) or any(word in base for word in _SUSPECT)
    if base in _FORBIDDEN or (private and base not in _PRIVATE) or name.startswith("_") or name == "out":
        raise NotRead(
            tr("it calls the operator {base}, which models do not call and which is not run here", base=base[:60])
        )
    try:
        known = torch._C._dispatch_has_kernel(full)
        found = getattr(getattr(torch.ops.aten, base), name) if known else None
    except (AttributeError, RuntimeError):
        found = None
    if not isinstance(found, torch._ops.OpOverload):
        raise NotRead(
            tr(
                "it calls {target}, which this version of torch ({version}) does not know",
                target=target[:80],
                version=torch.__version__,
            )
        )
    return found


def _public(base: str, overload: Any, is_method: bool) -> Function:
    """A method of tensors or a function of the same signature, both generated from the operator; else the operator."""
    first = overload._schema.arguments[:1]
    method: Any = getattr(Tensor, base, None)
    if is_method and first and first[0].name == "self" and type(method).__name__ == "method_descriptor":
        return method  # type: ignore[no-any-return]
    for place in ("", "_nn", "_special", "_linalg", "_fft"):
        found: Any = getattr(getattr(torch._C, place, None) if place else torch, base, None)
        if type(found).__name__ == "builtin_function_or_method":
            return found  # type: ignore[no-any-return]
    return overload  # type: ignore[no-any-return]


# ---- whole numbers


def _number_function(function: Function) -> Function:
    def call(*numbers: Any) -> Any:
        if not all(isinstance(each, (int, float)) for each in numbers):
            raise TypeError("a size is no number")
        found = function(*numbers)
        if isinstance(found, int) and abs(found) > _LARGEST:
            raise OverflowError(tr("a size is too large"))
        return found

    return call


_NUMBERS: dict[str, Function] = {
    f"_operator.{name}": getattr(operator, name) for name in "add sub mul floordiv mod neg eq ne ge gt le lt".split()
}


def _getitem(held: Any, at: Any) -> Any:
    if not isinstance(held, (tuple, list, Tensor)) or not isinstance(at, int):
        raise TypeError("an operator takes a part of what has none")
    return held[at]


# ---- operators whose public function is written in Python, or takes its arguments in another order


def _pointwise(function: Function) -> tuple[Function, Function]:
    """(plain, in place) of a function with `inplace`."""

    def plain(self: Tensor, **more: Any) -> Any:
        return function(self, **more)

    def inplace(self: Tensor, **more: Any) -> Any:
        return function(self, inplace=True, **more)

    return plain, inplace


def _batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    # also where it was exported in training mode: models are looked at in evaluation mode
    training = training and running_mean is None
    return F.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def _batch_norm_legit(**given: Any) -> Any:
    return _batch_norm(**given), None, None


def _convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Any:
    dims = weight.dim() - 2
    if transposed:
        back = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[dims]
        return back(input, weight, bias, stride, padding, output_padding, groups, dilation)
    return {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[dims](input, weight, bias, stride, padding, dilation, groups)


def _slice(self: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    at = [slice(None)] * (dim % self.dim()) + [slice(start, end, step)]
    return self[tuple(at)]


def _index(self: Tensor, indices: Any) -> Any:
    return self[tuple(slice(None) if each is None else each for each in indices)]


def _to(self: Tensor, **more: Any) -> Any:
    names = ("dtype", "device", "non_blocking", "copy", "memory_format")
    given = {name: more[name] for name in names if more.get(name) is not None}
    other = more.get("other")
    return self.to(other) if other is not None else self.to(**given) if given else self


def _to_copy(self: Tensor, **more: Any) -> Any:
    return _to(self, **{**more, "copy": True})


def _expand(self: Tensor, size: Any) -> Any:
    return self.expand(size)


def _softmax(self: Tensor, dim: int, dtype: Any = None) -> Any:
    return F.softmax(self, dim, dtype=dtype)


def _log_softmax(self: Tensor, dim: int, dtype: Any = None) -> Any:
    return F.log_softmax(self, dim, dtype=dtype)


def _layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    return F.layer_norm(input, normalized_shape, weight, bias, eps)


def _native_layer_norm(input: Tensor, normalized_shape: Any, weight: Any, bias: Any, eps: float) -> Any:
    return F.layer_norm(input, normalized_shape, weight, bias, eps), None, None


def _group_norm(input: Tensor, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    return F.group_norm(input, num_groups, weight, bias, eps)


def _dropout(input: Tensor, p: float) -> Any:
    return F.dropout(input, p, training=False)


def _dropout_(self: Tensor, p: float) -> Any:
    return F.dropout(self, p, training=False, inplace=True)


def _embedding(weight: Tensor, indices: Tensor) -> Any:
    return F.embedding(indices, weight)


def _max_pool2d(
    self: Tensor, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    return F.max_pool2d(self, kernel_size, stride or None, padding, dilation, ceil_mode)


def _max_pool2d_with_indices(
    self: Tensor, kernel_size: Any, stride: Any = (), padding: Any = 0, *more: Any, **named: Any
) -> Any:
    return F.max_pool2d(self, kernel_size, stride or None, padding, *more, **named, return_indices=True)


def _adaptive(function: Function) -> Function:
    return lambda self, output_size: function(self, output_size)


def _pad(self: Tensor, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    return F.pad(self, tuple(pad), mode, value)


def _constant_pad(self: Tensor, pad: Any, value: Any = 0) -> Any:
    return F.pad(self, tuple(pad), "constant", value)


def _unbind(self: Tensor, dim: int = 0) -> Any:
    return self.unbind(dim)


def _upsample(mode: str) -> Function:
    def call(input: Tensor, output_size: Any = None, align_corners: Any = None, scale_factors: Any = None) -> Any:
        more: dict[str, Any] = {} if mode.startswith("nearest") else {"align_corners": bool(align_corners)}
        size = None if output_size is None else tuple(output_size)
        return F.interpolate(input, size, None if scale_factors is None else tuple(scale_factors), mode, **more)

    return call


def _split(self: Tensor, split_size: Any = None, split_sizes: Any = None, dim: int = 0) -> Any:
    sizes: Any = split_size if split_sizes is None else tuple(split_sizes)
    return torch.split(self, sizes, dim)


def _meshgrid(tensors: Any, indexing: str = "ij") -> Any:
    return torch.meshgrid(*tensors, indexing=indexing)


def _einsum(equation: str, tensors: Any) -> Any:
    return torch.einsum(equation, *tensors)


def _hardtanh(self: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    return F.hardtanh(self, min_val, max_val)


def _hardtanh_(self: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    return F.hardtanh(self, min_val, max_val, inplace=True)


_EXACT: dict[str, Function] = {
    "aten.upsample_nearest2d.vec": _upsample("nearest"),
    "aten._upsample_nearest_exact2d.vec": _upsample("nearest-exact"),
    "aten.upsample_bilinear2d.vec": _upsample("bilinear"),
    "aten.upsample_bicubic2d.vec": _upsample("bicubic"),
    "aten.index.Tensor": _index,
    "aten.view.default": lambda self, size: self.view(tuple(size)),
    "aten.split.sizes": _split,
    "aten.split.Tensor": _split,
}
_BY_NAME: dict[str, Function] = {
    "batch_norm": _batch_norm,
    "_native_batch_norm_legit_no_training": _batch_norm_legit,
    "convolution": _convolution,
    "slice": _slice,
    "to": _to,
    "_to_copy": _to_copy,
    "expand": _expand,
    "softmax": _softmax,
    "_softmax": _softmax,
    "log_softmax": _log_softmax,
    "_log_softmax": _log_softmax,
    "layer_norm": _layer_norm,
    "native_layer_norm": _native_layer_norm,
    "group_norm": _group_norm,
    "dropout": _dropout,
    "dropout_": _dropout_,
    "embedding": _embedding,
    "max_pool2d": _max_pool2d,
    "max_pool2d_with_indices": _max_pool2d_with_indices,
    "adaptive_avg_pool1d": _adaptive(F.adaptive_avg_pool1d),
    "adaptive_avg_pool2d": _adaptive(F.adaptive_avg_pool2d),
    "_adaptive_avg_pool2d": _adaptive(F.adaptive_avg_pool2d),
    "adaptive_avg_pool3d": _adaptive(F.adaptive_avg_pool3d),
    "adaptive_max_pool2d": lambda self, output_size: F.adaptive_max_pool2d(self, output_size, return_indices=True),
    "pad": _pad,
    "constant_pad_nd": _constant_pad,
    "unbind": _unbind,
    "split_with_sizes": _split,
    "meshgrid": _meshgrid,
    "einsum": _einsum,
    "hardtanh": _hardtanh,
    "hardtanh_": _hardtanh_,
    "sym_size": lambda self, dim: self.shape[dim],
    "sym_numel": lambda self: self.numel(),
    "lift_fresh_copy": lambda self: self.clone(),
    "_unsafe_view": lambda self, size: self.reshape(tuple(size)),
    "alias": lambda self: self,
}
for _name in "relu silu hardswish hardsigmoid leaky_relu mish selu celu threshold".split():
    _BY_NAME[_name], _BY_NAME[f"{_name}_"] = _pointwise(getattr(F, _name))
_BY_NAME["relu6"], _BY_NAME["relu6_"] = _pointwise(F.relu6)
