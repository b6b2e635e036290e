"""Sessions of ONNX Runtime for parts of a graph: from values that are known to values that are wanted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from explorer.core.arrays import Array
from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.models.extras import ONNX, load
from explorer.engine.models.onnx.onnx_file import DTYPES
from explorer.engine.models.onnx.onnx_graph import OnnxGraph
from explorer.engine.models.weights import names

_KEPT = 4  # sessions: each holds the weights of its part once more, in the order that its kernels want
_INSIDE = 256  # bytes of a constant that is written into the graph: its value may decide about shapes
_NUMBERS = {np.dtype(dtype): number for number, dtype in DTYPES.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _PartOfGraph:
    """What a session gives and takes; no session where all of it is known already."""

    asked: tuple[str, ...]
    feeds: tuple[str, ...]
    session: Any


class RuntimeSessions:
    """Runs parts of one graph on the CPU. A part is optimised as a whole: values that nobody asks for may never be made."""

    def __init__(self, graph: OnnxGraph) -> None:
        self.graph = graph
        self._sessions: OrderedDict[tuple[Any, ...], _PartOfGraph] = OrderedDict()
        self._held: dict[str, Any] = {}  # large constants as values of the runtime, shared by all sessions

    def run(self, wanted: tuple[str, ...], given: Mapping[str, Array]) -> dict[str, Any]:
        """The values `wanted` by name, from those of `given` that stand before them. Arrays; what is no tensor is a list.

        Raises ExplorerError for a graph that the runtime does not take and for a run that it ends, MemoryError.
        """
        key = (wanted, tuple(given), tuple(array.dtype.str for array in given.values()), torch.get_num_threads())
        part = self._sessions.get(key)
        if part is None:
            part = self._sessions[key] = self._part(wanted, given)
            while len(self._sessions) > _KEPT:
                self._sessions.popitem(last=False)
        self._sessions.move_to_end(key)
        found = {name: self.graph.constants[name] for name in wanted if name in self.graph.constants}
        if part.session is None:
            return found
        try:
            made = part.session.run(part.asked, {name: np.ascontiguousarray(given[name]) for name in part.feeds})
        except Exception as error:  # noqa: BLE001 - the runtime has some twenty kinds
            if "llocat" in str(error):
                raise MemoryError(_line(error)) from None
            raise ExplorerError(
                tr("ONNX Runtime ended this forward."),
                _line(error),
                tr("Give it an input of the size that it was exported for."),
            ) from None
        return found | dict(zip(part.asked, made, strict=True))

    def _part(self, wanted: tuple[str, ...], given: Mapping[str, Array]) -> _PartOfGraph:
        nodes, feeds, constants = self.graph.needed(wanted, given)
        asked = tuple(name for name in wanted if name not in given and name in self.graph.makers)
        types = {name: given[name].dtype.str for name in feeds}
        return _PartOfGraph(asked, tuple(feeds), self._session(nodes, asked, types, constants) if asked else None)

    def _session(self, nodes: Any, asked: Sequence[str], feeds: Mapping[str, str], constants: Collection[str]) -> Any:
        runtime = load(ONNX)
        from onnx import TensorProto, ValueInfoProto, helper, numpy_helper

        whole = self.graph.proto
        model = type(whole)(ir_version=whole.ir_version, opset_import=whole.opset_import, functions=whole.functions)
        graph = model.graph
        graph.name = "part"
        graph.node.extend(node.proto for node in nodes)
        known = {value.name: value for value in self.graph.inputs}
        for name, dtype in feeds.items():
            graph.input.append(known.get(name) or helper.make_tensor_value_info(name, _NUMBERS[np.dtype(dtype)], None))
        graph.output.extend(ValueInfoProto(name=name) for name in asked)
        used = set(constants)
        graph.initializer.extend(tensor for tensor in whole.graph.initializer if tensor.name in used)
        graph.sparse_initializer.extend(s for s in whole.graph.sparse_initializer if s.values.name in used)
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads, options.inter_op_num_threads = torch.get_num_threads(), 1
        large = []
        for name in constants:
            array = self.graph.constants.get(name)
            if array is None:
                continue
            if array.nbytes <= _INSIDE:
                graph.initializer.append(numpy_helper.from_array(array, name))
                continue
            tensor = graph.initializer.add()
            tensor.name, tensor.data_type, tensor.data_location = name, _NUMBERS[array.dtype], TensorProto.EXTERNAL
            tensor.dims.extend(array.shape)
            for key, value in (("location", "memory"), ("offset", "0"), ("length", str(array.nbytes))):
                tensor.external_data.add(key=key, value=value)
            if name not in self._held:
                self._held[name] = runtime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array))
            large.append(name)
        if large:
            options.add_external_initializers(large, [self._held[name] for name in large])
        try:
            return runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 - as above
            raise ExplorerError(
                tr("ONNX Runtime does not take this model."), _line(error), tr("Export it again, in another opset.")
            ) from None


def _line(error: Exception) -> str:
    """What the runtime says, in one line and without the files of its own source."""
    said = told(error).replace("\n", " ")
    at = said.rfind("] ")
    return names.shown(said if at < 0 else said[at + 2 :], 200)
