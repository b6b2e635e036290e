"""The layers of an ONNX model as modules: one an operator, with its weights, and with what torch calls such a layer."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.engine.models.onnx.onnx_graph import OnnxNode

_KINDS: dict[str, type[nn.Module]] = {
    "Relu": nn.ReLU,
    "Clip": nn.Hardtanh,
    "Sigmoid": nn.Sigmoid,
    "HardSigmoid": nn.Hardsigmoid,
    "HardSwish": nn.Hardswish,
    "Tanh": nn.Tanh,
    "Elu": nn.ELU,
    "Celu": nn.CELU,
    "Selu": nn.SELU,
    "LeakyRelu": nn.LeakyReLU,
    "PRelu": nn.PReLU,
    "Gelu": nn.GELU,
    "Mish": nn.Mish,
    "Softplus": nn.Softplus,
    "Softmax": nn.Softmax,
    "LogSoftmax": nn.LogSoftmax,
    "ThresholdedRelu": nn.ReLU,
}
_CONVOLUTIONS: dict[tuple[str, int], type[nn.Module]] = {
    ("Conv", 3): nn.Conv1d,
    ("Conv", 4): nn.Conv2d,
    ("Conv", 5): nn.Conv3d,
    ("ConvTranspose", 3): nn.ConvTranspose1d,
    ("ConvTranspose", 4): nn.ConvTranspose2d,
}
ROLES = {
    "Conv": ("", "weight", "bias"),
    "ConvTranspose": ("", "weight", "bias"),
    "Gemm": ("", "weight", "bias"),
    "MatMul": ("", "weight"),
    "BatchNormalization": ("", "weight", "bias", "running_mean", "running_var"),
    "LayerNormalization": ("", "weight", "bias"),
    "InstanceNormalization": ("", "weight", "bias"),
    "GroupNormalization": ("", "weight", "bias"),
    "PRelu": ("", "weight"),
}


class RunningForward(Protocol):
    """A forward that is running: it knows the values."""

    def values_of(self, layer: OnnxLayer, given: tuple[Tensor | None, ...]) -> Any: ...


class ForwardInProgress:
    """Where the layers find the forward that runs them, None between two."""

    def __init__(self) -> None:
        self.now: RunningForward | None = None


class OnnxLayer(nn.Module):
    """One operator. Its values come from ONNX Runtime, whatever else its class can do."""

    node: OnnxNode
    running: ForwardInProgress
    names: dict[int, str]  # of the parameters and buffers, by the number of the input

    def forward(self, *given: Any) -> Any:
        if self.running.now is None:
            raise RuntimeError(tr("a layer of an ONNX model cannot be run alone"))
        return self.running.now.values_of(self, given)

    def extra_repr(self) -> str:
        return f"{', '.join(self.node.takes)} -> {', '.join(self.node.gives)}"

    def constant(self, number: int) -> Tensor | None:
        """The constant that stands at an input, None where it is no constant."""
        name = self.names.get(number)
        return None if name is None else getattr(self, name)


class WeightShelf:
    """One parameter for each constant, however many layers use it; it shares the memory of the array."""

    def __init__(self, constants: dict[str, Array]) -> None:
        self.constants = constants
        self._made: dict[tuple[str, bool], Tensor] = {}

    def get(self, name: str, turned: bool = False) -> Tensor | None:
        array = self.constants.get(name)
        if array is None:
            return None
        if (name, turned) not in self._made:
            tensor = torch.from_numpy(array if array.flags.writeable else array.copy())
            tensor = tensor.t() if turned else tensor
            floating = tensor.is_floating_point() and tensor.dim() > 0  # limits and scales are no weights
            self._made[name, turned] = nn.Parameter(tensor, requires_grad=False) if floating else tensor
        return self._made[name, turned]


def layer_of(node: OnnxNode, shelf: WeightShelf, running: ForwardInProgress) -> OnnxLayer:
    """The module of an operator: a convolution or a linear layer of torch where it is just that."""
    arrays = {number: shelf.constants[name] for number, name in enumerate(node.inputs) if name in shelf.constants}
    kind, settings, turned = _class_of(node, arrays)
    name = node.op if node.op.isidentifier() else "Operator"
    own = _named(name, kind)
    made = own.__new__(own)
    if settings is None:
        nn.Module.__init__(made)
    else:
        kind.__init__(made, **settings, device="meta")
        for held in list(made._parameters):
            made._parameters[held] = None
    made.node, made.running, made.names = node, running, {}
    roles = ROLES.get(node.op, ())
    for number, array in arrays.items():
        tensor = shelf.get(node.inputs[number], turned and number == 1)
        assert tensor is not None
        role = roles[number] if number < len(roles) and roles[number] else f"constant{number}"
        if settings is not None and role == "bias" and array.ndim != 1:
            role = f"constant{number}"
        made.names[number] = role
        if isinstance(tensor, nn.Parameter):
            made.register_parameter(role, tensor)
        else:
            made.register_buffer(role, tensor, persistent=False)
    return made.eval()


_classes: dict[tuple[str, type[nn.Module]], type[OnnxLayer]] = {}


def _named(name: str, kind: type[nn.Module]) -> type[OnnxLayer]:
    """A layer of that name which torch's tools take for one of `kind`."""
    if (name, kind) not in _classes:
        bases = (OnnxLayer,) if kind is nn.Module else (OnnxLayer, kind)
        _classes[name, kind] = type(name, bases, {"__module__": __name__})
    return _classes[name, kind]


def _class_of(node: OnnxNode, arrays: dict[int, Array]) -> tuple[type[nn.Module], dict[str, Any] | None, bool]:
    """(class of torch, what it is made with or None where it is only called so, whether its weight is turned)."""
    weight = arrays.get(1)
    if node.domain not in ("", "ai.onnx") or (weight is not None and weight.dtype.kind != "f"):
        return nn.Module, None, False
    if weight is not None and node.op in ("Conv", "ConvTranspose") and (node.op, weight.ndim) in _CONVOLUTIONS:
        settings = convolution_settings(node, weight.shape)
        if settings is not None and (2 in arrays) == (len(node.inputs) > 2 and bool(node.inputs[2])):
            return _CONVOLUTIONS[node.op, weight.ndim], settings, False
    if weight is not None and weight.ndim == 2 and 0 not in arrays:
        if node.op == "MatMul":
            rows, columns = weight.shape
            return nn.Linear, {"in_features": rows, "out_features": columns, "bias": False}, True
        plain = {
            name: node.attributes.get(name, usual) for name, usual in (("alpha", 1.0), ("beta", 1.0), ("transA", 0))
        }
        if node.op == "Gemm" and plain == {"alpha": 1.0, "beta": 1.0, "transA": 0}:
            turned = not node.attributes.get("transB", 0)
            outs, ins = weight.shape[::-1] if turned else weight.shape
            has_bias = len(node.inputs) > 2 and bool(node.inputs[2])
            if not has_bias or (2 in arrays and arrays[2].shape == (outs,)):
                return nn.Linear, {"in_features": ins, "out_features": outs, "bias": has_bias}, turned
    return _KINDS.get(node.op, nn.Module), None, False


def convolution_settings(node: OnnxNode, shape: tuple[int, ...]) -> dict[str, Any] | None:
    """What torch's layer is made with; None where it pads in a way that torch's layer does not."""
    dims, said = len(shape) - 2, node.attributes
    pads = tuple(said.get("pads", (0,) * 2 * dims))
    groups = int(said.get("group", 1))
    if said.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID") or pads[:dims] != pads[dims:] or groups < 1:
        return None
    settings: dict[str, Any] = {
        "kernel_size": tuple(shape[2:]),
        "stride": tuple(said.get("strides", (1,) * dims)),
        "padding": pads[:dims],
        "dilation": tuple(said.get("dilations", (1,) * dims)),
        "groups": groups,
        "bias": len(node.inputs) > 2 and bool(node.inputs[2]),
    }
    if node.op == "Conv":
        outs, ins = shape[0], shape[1] * groups
    else:
        if said.get("output_shape"):
            return None
        settings["output_padding"] = tuple(said.get("output_padding", (0,) * dims))
        ins, outs = shape[0], shape[1] * groups
    if ins % groups or outs % groups or min(shape, default=0) < 1:
        return None
    return settings | {"in_channels": ins, "out_channels": outs}
