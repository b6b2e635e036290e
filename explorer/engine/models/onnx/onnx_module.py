"""An ONNX model as a module: a layer for each operator, whose values ONNX Runtime computes for those that are looked at.

A forward first asks which layers have hooks. One run of the runtime gives their values and the outputs; then each of these
layers is called with its value, so that hooks see it. Where a hook, or another forward of a layer, returns other values, the
rest of the graph is run again from what is known by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import _get_current_function_mode_stack as _modes

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.capture.aliases import UncountedWrites, memory_of
from explorer.engine.models.onnx.onnx_graph import OnnxGraph
from explorer.engine.models.onnx.onnx_layers import ForwardInProgress, OnnxLayer, WeightShelf, layer_of
from explorer.engine.models.onnx.operator_call import OperatorCall
from explorer.engine.models.onnx.runtime_sessions import RuntimeSessions
from explorer.engine.models.onnx.torch_twins import twin_of

_SAME = 1e-3  # of the largest number: a function of torch that differs by more does something else


class OnnxModule(nn.Module):
    """`dtype`: what the graph takes; `last`: its channels come last, and pictures are turned for it. Input (batch, channels,
    height, width)."""

    def __init__(self, graph: OnnxGraph, dtype: torch.dtype = torch.float32, last: bool = False) -> None:
        super().__init__()
        self.graph, self.dtype, self.last = graph, dtype, last
        self.sessions = RuntimeSessions(graph)
        self.running = ForwardInProgress()
        shelf = WeightShelf(graph.constants)
        for node in graph.layers:  # their names are whole paths, and no module stands between
            self._modules[node.path] = layer_of(node, shelf, self.running)

    def get_submodule(self, target: str) -> nn.Module:
        """Raises AttributeError where there is none."""
        found = self._modules.get(target) if target else self
        if found is None:
            raise AttributeError(f"OnnxModule has no layer {target!r}")
        return found

    def forward(self, x: Tensor) -> Any:
        if torch.is_grad_enabled() and x.requires_grad:
            raise no_gradients()
        before, self.running.now = self.running.now, None
        x = x.permute(0, 2, 3, 1) if self.last else x
        try:
            run = OnnxForward(self, x if x.dtype is self.dtype else x.to(self.dtype))
            self.running.now = run
            for layer in run.layers:
                run.take(layer, layer(*(run.held.get(name) for name in layer.node.inputs)))
            return run.result()
        finally:
            self.running.now = before


def no_gradients() -> ExplorerError:
    """What a method that needs them is told."""
    return ExplorerError(
        tr("An ONNX model gives values and no gradients."),
        tr("ONNX Runtime only computes forwards."),
        tr("Open the PyTorch model it was exported from, or choose a method without gradients."),
    )


class OnnxForward:
    """One forward: what is known of the values so far."""

    def __init__(self, module: OnnxModule, x: Tensor) -> None:
        self.graph, self.sessions, self.x = module.graph, module.sessions, x
        self.watched = _watched()
        every = [layer for layer in module._modules.values() if isinstance(layer, OnnxLayer)]
        self.layers = every if self.watched else [layer for layer in every if _looked_at(layer)]
        self.whole = len(self.layers) == len(every)
        self.held: dict[str, Tensor] = {self.graph.inputs[0].name: x}  # handed out, as they are by now
        self.fresh: dict[str, Any] = {}  # of the last run, not handed out yet
        self.shapes: dict[str, Any] = {}  # what is computed of the input's shape, and constants
        self.given: dict[str, tuple[Tensor, int]] = {}  # the tensor that a layer was asked for, its count of writes
        self.done = 0  # layers that have returned

    # --- what the layers ask

    def values_of(self, layer: OnnxLayer, given: tuple[Tensor | None, ...]) -> Any:
        """A layer's values: a tensor, or a tuple of several."""
        node = layer.node
        if any(name not in self.fresh for name in node.gives):
            self._run()
        if len(node.gives) == 1 and not self.watched:
            return self._one_value(node.gives[0])
        arrays = [self.fresh[name] for name in node.gives]
        made = self._followed(layer, given, arrays) if self.watched else None
        with torch._C.DisableTorchFunction():
            tensors = made or [_tensor(array, self.x) for array in arrays]
            for name, tensor in zip(node.gives, tensors, strict=True):
                if isinstance(tensor, Tensor):
                    self.given[name] = (tensor, tensor._version)
        return tensors[0] if len(tensors) == 1 else tuple(tensors)

    def _one_value(self, name: str) -> Any:
        with torch._C.DisableTorchFunction():
            made = _tensor(self.fresh[name], self.x)
            if isinstance(made, Tensor):
                self.given[name] = (made, made._version)
        return made

    def take(self, layer: OnnxLayer, made: Any) -> None:
        """What a layer returned after all hooks: what depends on it is forgotten where it is not what it was given."""
        self.done += 1
        if type(made) is Tensor and len(layer.node.gives) == 1:  # nearly all of them, and as they were given
            name = layer.node.gives[0]
            known, count = self.given.get(name, (None, -1))
            if known is made:
                with torch._C.DisableTorchFunction():
                    same = count == made._version
                if same:
                    self.held[name] = made
                    return
        values = made if isinstance(made, (tuple, list)) else (made,)
        with torch._C.DisableTorchFunction():
            changed = [
                name for name, value in zip(layer.node.gives, values, strict=False) if self._changed(name, value)
            ]
        if changed:
            for name in self.graph.behind(changed):
                self.fresh.pop(name, None)
                self.held.pop(name, None)

    def _changed(self, name: str, value: Any) -> bool:
        if not isinstance(value, Tensor):
            return False
        self.held[name] = value
        known, count = self.given.get(name, (None, -1))
        if known is value:
            return count != value._version
        return bool(self.fresh) and not _same_numbers(value, self.fresh.get(name))

    def result(self) -> Any:
        """The output; several by their names."""
        wanted = [name for name in self.graph.outputs if name not in self.held and name not in self.fresh]
        if wanted:
            self._run()
        found = {name: self.held[name] if name in self.held else self._output(name) for name in self.graph.outputs}
        return next(iter(found.values())) if len(found) == 1 else found

    def _output(self, name: str) -> Any:
        with torch._C.DisableTorchFunction():
            return _tensor(self.fresh[name], self.x)

    # --- the runtime

    def _run(self) -> None:
        wanted = [name for layer in self.layers[self.done :] for name in layer.node.gives]
        wanted += [name for name in self.graph.outputs if name not in self.held]
        if self.whole:  # what is computed with shapes costs nothing, and the watched forward asks for it
            wanted += [name for node in self.graph.nodes if not node.path for name in node.gives]
        with torch._C.DisableTorchFunction():
            known = {name: tensor.detach().cpu().numpy() for name, tensor in self.held.items()}
        found = self.sessions.run(tuple(dict.fromkeys(wanted)), known)
        self.fresh.update(found)

    # --- the watched forward

    def _followed(
        self, layer: OnnxLayer, given: tuple[Tensor | None, ...], arrays: Sequence[Any]
    ) -> list[Tensor] | None:
        """The values in tensors that functions of torch have made, so that those who watch know where they come from; None
        where no function does the same."""
        node = layer.node
        if not all(isinstance(array, np.ndarray) for array in arrays):
            return None
        shapes = {name: value for name in node.inputs if name and (value := self._unmoved(name)) is not None}
        try:
            tensors = tuple(self._input(layer, number, tensor, shapes) for number, tensor in enumerate(given))
            made = twin_of(OperatorCall(node, tensors, shapes, tuple(arrays), isinstance(layer, nn.Linear)))
            results = [made] if isinstance(made, Tensor) else list(made)
            if len(results) != len(arrays) or not all(map(_alike, results, arrays)):
                return None
            known = {memory_of(tensor) for tensor in (*tensors, *layer._parameters.values()) if tensor is not None}
            shared = [len(results) > 1 or memory_of(each) in known or 0 in each.stride() for each in results]
            results = [each.clone() if own else each for each, own in zip(results, shared, strict=True)]
        except Exception:  # noqa: BLE001 - a function that cannot be called like this is no twin
            return None
        with torch._C.DisableTorchFunction():
            for tensor, array in zip(results, arrays, strict=True):
                _put(tensor, array)
        return results

    def _input(self, layer: OnnxLayer, number: int, given: Tensor | None, shapes: Mapping[str, Any]) -> Tensor | None:
        """What a layer takes at an input: what came before, a constant, or what was computed of shapes."""
        constant = layer.constant(number)
        if given is not None or constant is not None:
            return constant if given is None else given
        array = shapes.get(layer.node.inputs[number])
        if not isinstance(array, np.ndarray):
            return None
        made = torch.zeros(array.shape, dtype=torch.from_numpy(array).dtype, device=self.x.device)  # seen as a constant
        with torch._C.DisableTorchFunction():
            _put(made, array)
        return made

    def _unmoved(self, name: str) -> Any:
        """A constant, or a value that was computed of shapes; None for one that the input has a part in."""
        if name in self.graph.constants:
            return self.graph.constants[name]
        number = self.graph.makers.get(name)
        return None if number is None or self.graph.nodes[number].path else self.fresh.get(name)


def _looked_at(layer: OnnxLayer) -> bool:
    return bool(layer._forward_hooks or layer._forward_pre_hooks or "forward" in layer.__dict__)


def _watched() -> bool:
    """Whether somebody watches the functions of torch, other than for writes that are not counted."""
    return any(not isinstance(mode, UncountedWrites) for mode in _modes())  # type: ignore[no-untyped-call]


def _tensor(array: Any, x: Tensor) -> Any:
    """As a tensor on the device of `x`, without a copy on the CPU; what torch has no type for stays what it is."""
    if not isinstance(array, np.ndarray):
        return array
    try:
        tensor = torch.from_numpy(array)
    except TypeError:
        return array
    return tensor if x.device.type == "cpu" else tensor.to(x.device)


def _same_numbers(tensor: Tensor, array: Any) -> bool:
    mine = tensor.detach().cpu().numpy()
    if not isinstance(array, np.ndarray) or mine.shape != array.shape:
        return False
    return bool(np.array_equal(mine, array, equal_nan=mine.dtype.kind == "f"))


def _alike(tensor: Tensor, array: Any) -> bool:
    """Whether a function of torch gave what the runtime gave, up to rounding."""
    if tuple(tensor.shape) != array.shape:
        return False
    with torch._C.DisableTorchFunction():
        mine = tensor.detach().cpu().numpy()
    if mine.dtype != array.dtype:
        return False
    if mine.dtype.kind != "f" or not array.size:
        return bool(np.array_equal(mine, array))
    largest = float(np.abs(np.nan_to_num(array.astype(np.float64))).max())
    return bool(
        np.allclose(
            mine.astype(np.float64), array.astype(np.float64), rtol=0, atol=_SAME * largest + 1e-30, equal_nan=True
        )
    )


def _put(tensor: Tensor, array: Any) -> None:
    """The runtime's numbers into a tensor that nobody else has seen yet; no write that would be counted."""
    if tensor.device.type == "cpu":
        np.copyto(tensor.detach().numpy(), array)
    else:
        tensor.data.copy_(torch.from_numpy(array))
