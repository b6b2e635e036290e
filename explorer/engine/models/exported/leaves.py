"""Real layers of torch from a call with one operator in it: nn.Conv2d with its stride and padding, nn.ReLU(inplace=True).

Only where the layer's own forward calls that very operator with those arguments; everything else stays a row of operators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from explorer.engine.models.exported.program import Argument, ProgramNode, ValueName

_DIMS = {1: "1d", 2: "2d", 3: "3d"}


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """A layer to be made. `state`: its parameters and buffers -> the values of the graph that they are; `source`: its input."""

    make: Callable[[], nn.Module]
    source: str
    state: tuple[tuple[str, str], ...] = ()
    said: tuple[Any, ...] = ()  # equal for two calls that are alike


@dataclass(frozen=True, slots=True)
class _Operator:
    """An operator's arguments by name, what was left out with its default."""

    given: Mapping[str, Argument]
    defaults: Mapping[str, Any]
    shapes: Mapping[str, tuple[int, ...]]

    def __getitem__(self, name: str) -> Any:
        return self.given[name] if name in self.given else self.defaults.get(name)

    def value(self, name: str) -> str | None:
        """The value of the graph that an argument is, None where it is none."""
        held = self.given.get(name)
        return held.name if isinstance(held, ValueName) else None

    def shape(self, name: str) -> tuple[int, ...]:
        value = self.value(name)
        return () if value is None else self.shapes.get(value, ())


Builder = Callable[[_Operator], "tuple[type[nn.Module], dict[str, Any]] | None"]


def layer_plan(
    node: ProgramNode, kind: str, shapes: Mapping[str, tuple[int, ...]], state: set[str]
) -> LayerPlan | None:
    """The layer that a call of a module of the class `kind` with this single operator is; None where it is none.

    `shapes`: of the state of the model by the value's name, `state`: those values.
    """
    base = node.target.split(".")[1] if node.target.startswith("aten.") else ""
    builder = _BUILDERS.get(base.rstrip("_")) or _BUILDERS.get(base)
    if builder is None:
        return None
    found = _Operator(dict(node.args), _defaults(node.target), shapes)
    sources = [v for name, _ in node.args if (v := found.value(name)) is not None and v not in state]
    made = builder(found)
    if made is None or len(sources) != 1:
        return None
    layer, options = made
    held = tuple((name, v) for name in (*PARAMETERS, *BUFFERS) if (v := found.value(name)) is not None and v in state)
    if len(held) != sum(isinstance(given, ValueName) for _, given in node.args) - 1:
        return None
    if base.endswith("_"):
        if base not in _IN_PLACE:
            return None
        options["inplace"] = True
    said = (base, tuple((name, given) for name, given in node.args if given != ValueName(sources[0])))
    return LayerPlan(lambda: _named(layer, kind)(**options), sources[0], held, said)


PARAMETERS, BUFFERS = ("weight", "bias"), ("running_mean", "running_var")
_IN_PLACE = frozenset("relu_ relu6_ hardtanh_ silu_ mish_ hardswish_ hardsigmoid_ elu_ leaky_relu_ dropout_".split())


def _defaults(target: str) -> dict[str, Any]:
    words = target.split(".")
    try:
        schema = getattr(getattr(torch.ops.aten, words[1]), words[2])._schema
    except (AttributeError, IndexError):
        return {}
    return {argument.name: argument.default_value for argument in schema.arguments if argument.has_default_value()}


def _named(layer: type[nn.Module], kind: str) -> type[nn.Module]:
    """The layer itself, or where the model has it under a name of its own, a class of that name which is one."""
    name = kind.rpartition(".")[2]
    if name == layer.__name__ or not name.isidentifier():
        return layer
    known: Any = getattr(nn, name, None) if kind.startswith("torch.nn.modules.") else None
    if layer is _AnyBatchNorm and known in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d):
        return known  # type: ignore[no-any-return]
    return _subclass(layer, name)


def _subclass(layer: type[nn.Module], name: str) -> type[nn.Module]:
    return type(name, (layer,), {"__module__": "exported"})


# ---- one builder an operator: (class, arguments of its constructor), None where the layer would do something else


def _convolution_of(op: _Operator, dims: int, transposed: bool) -> tuple[type[nn.Module], dict[str, Any]] | None:
    weight, groups = op.shape("weight"), op["groups"]
    if len(weight) != dims + 2 or type(groups) is not int:
        return None
    inputs, outputs = (weight[0], weight[1] * groups) if transposed else (weight[1] * groups, weight[0])
    options = {
        "in_channels": inputs,
        "out_channels": outputs,
        "kernel_size": weight[2:],
        "stride": _whole(op["stride"], dims),
        "padding": op["padding"] if isinstance(op["padding"], str) else _whole(op["padding"], dims),
        "dilation": _whole(op["dilation"], dims),
        "groups": groups,
        "bias": op.value("bias") is not None,
        "device": "meta",
    }
    if transposed:
        options["output_padding"] = _whole(op["output_padding"], dims)
    if any(value is None for value in options.values()):
        return None
    return getattr(nn, f"Conv{'Transpose' if transposed else ''}{_DIMS[dims]}"), options


def _whole(given: Any, dims: int) -> tuple[int, ...] | None:
    values = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    values = values * dims if len(values) == 1 else values
    return values if len(values) == dims and all(type(value) is int for value in values) else None


def _convolution(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]] | None:
    return (
        _convolution_of(op, len(op.shape("weight")) - 2, op["transposed"] is True) if op.shape("weight")[2:] else None
    )


def _linear(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]] | None:
    weight = op.shape("weight")
    if len(weight) != 2:
        return None
    bias = op.value("bias") is not None
    return nn.Linear, {"in_features": weight[1], "out_features": weight[0], "bias": bias, "device": "meta"}


def _batch_norm(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]] | None:
    shape = op.shape("weight") or op.shape("running_mean")
    if len(shape) != 1 or (op.value("running_mean") is None) != (op.value("running_var") is None):
        return None
    return _AnyBatchNorm, {
        "num_features": shape[0],
        "eps": op["eps"],
        "momentum": op["momentum"],
        "affine": op.value("weight") is not None,
        "track_running_stats": op.value("running_mean") is not None,
        "device": "meta",
    }


class _AnyBatchNorm(nn.modules.batchnorm._BatchNorm):
    """Of inputs of any number of dimensions."""

    def _check_input_dim(self, input: Any) -> None: ...


def _layer_norm(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]] | None:
    affine = op.value("weight") is not None
    if not isinstance(op["normalized_shape"], tuple) or (op.value("bias") is not None and not affine):
        return None
    options = {"normalized_shape": op["normalized_shape"], "eps": op["eps"], "elementwise_affine": affine}
    return nn.LayerNorm, {**options, "bias": op.value("bias") is not None, "device": "meta"}


def _group_norm(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]] | None:
    if not op.shape("weight") or op.value("bias") is None:
        return None
    options = {"num_groups": op["num_groups"], "num_channels": op.shape("weight")[0], "eps": op["eps"]}
    return nn.GroupNorm, {**options, "device": "meta"}


def _max_pool(dims: int) -> Builder:
    def build(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]]:
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return getattr(nn, f"MaxPool{_DIMS[dims]}"), _plain(op, names)

    return build


def _average_pool(dims: int) -> Builder:
    def build(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]]:
        names = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
        more = ("divisor_override",) if dims > 1 else ()
        return getattr(nn, f"AvgPool{_DIMS[dims]}"), _plain(op, (*names, *more))

    return build


def _plain(op: _Operator, names: tuple[str, ...]) -> dict[str, Any]:
    """Options as they are usually written: 2 for (2, 2), no stride for the kernel's."""
    found: dict[str, Any] = {}
    for name in names:
        value = op[name]
        if isinstance(value, (tuple, list)):
            value = tuple(value)
            value = None if not value else value[0] if len(set(value)) == 1 else value
        found[name] = value
    return found


def _of(layer: type[nn.Module], **options: str) -> Builder:
    """`options`: argument of the constructor -> argument of the operator."""
    return lambda op: (layer, {name: op[argument] for name, argument in options.items()})


def _adaptive(dims: int) -> Builder:
    return lambda op: (getattr(nn, f"AdaptiveAvgPool{_DIMS[dims]}"), _plain(op, ("output_size",)))


def _hardtanh(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]]:
    low, high = op["min_val"], op["max_val"]
    return (nn.ReLU6, {}) if (low, high) == (0, 6) else (nn.Hardtanh, {"min_val": low, "max_val": high})


def _softmax(layer: type[nn.Module]) -> Builder:
    return lambda op: (layer, {"dim": op["dim"]}) if op["dtype"] is None else None


def _elu(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]] | None:
    return (nn.ELU, {"alpha": op["alpha"]}) if (op["scale"], op["input_scale"]) == (1, 1) else None


def _embedding(op: _Operator) -> tuple[type[nn.Module], dict[str, Any]] | None:
    weight = op.shape("weight")
    if len(weight) != 2 or op["sparse"] or op["scale_grad_by_freq"]:
        return None
    at = op["padding_idx"]
    padding = at if type(at) is int and at >= 0 else None
    return nn.Embedding, {
        "num_embeddings": weight[0],
        "embedding_dim": weight[1],
        "padding_idx": padding,
        "device": "meta",
    }


_BUILDERS: dict[str, Builder] = {
    **{f"conv{_DIMS[n]}": (lambda op, n=n: _convolution_of(op, n, False)) for n in _DIMS},  # type: ignore[misc]
    **{f"conv_transpose{_DIMS[n]}": (lambda op, n=n: _convolution_of(op, n, True)) for n in _DIMS},  # type: ignore[misc]
    "convolution": _convolution,
    "linear": _linear,
    "batch_norm": _batch_norm,
    "_native_batch_norm_legit_no_training": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    **{f"max_pool{_DIMS[n]}": _max_pool(n) for n in _DIMS},
    **{f"avg_pool{_DIMS[n]}": _average_pool(n) for n in _DIMS},
    **{f"adaptive_avg_pool{_DIMS[n]}": _adaptive(n) for n in _DIMS},
    "embedding": _embedding,
    "relu": _of(nn.ReLU),
    "hardtanh": _hardtanh,
    "relu6": _of(nn.ReLU6),
    "sigmoid": _of(nn.Sigmoid),
    "tanh": _of(nn.Tanh),
    "gelu": _of(nn.GELU, approximate="approximate"),
    "silu": _of(nn.SiLU),
    "mish": _of(nn.Mish),
    "hardswish": _of(nn.Hardswish),
    "hardsigmoid": _of(nn.Hardsigmoid),
    "elu": _elu,
    "leaky_relu": _of(nn.LeakyReLU, negative_slope="negative_slope"),
    "softplus": _of(nn.Softplus, beta="beta", threshold="threshold"),
    "softmax": _softmax(nn.Softmax),
    "log_softmax": _softmax(nn.LogSoftmax),
    "dropout": _of(nn.Dropout, p="p"),
    "flatten": _of(nn.Flatten, start_dim="start_dim", end_dim="end_dim"),
    "pixel_shuffle": _of(nn.PixelShuffle, upscale_factor="upscale_factor"),
}
