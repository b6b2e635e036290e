"""ONNX files for tests: of operators written by hand, and of networks that torch's exporter has written."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from explorer.core.models import ModelSpec
from explorer.engine.models import LoadedModel, open_model

Shape = Sequence[int | str]


def written(
    path: Path,
    nodes: Sequence[Any],
    constants: dict[str, Any] | None = None,
    shape: Shape = (1, 3, 16, 16),
    outputs: Sequence[str] = ("y",),
    opset: int = 20,
    kind: int = TensorProto.FLOAT,
    **more: Any,
) -> Path:
    """A graph from "x" of this shape to `outputs`."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info("x", kind, list(shape))],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in (constants or {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, **more)
    path.write_bytes(model.SerializeToString())
    return path


def node(op: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    """With its values in words: node("Add", "a b", "c")."""
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def exported(net: nn.Module, x: Tensor, path: Path, **more: Any) -> Path:
    """`net` as torch's exporter of traced networks writes it; the other one needs onnxscript."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net.eval(), (x,), str(path), dynamo=False, **more)
    return path


def reopened(path: Path) -> LoadedModel:
    return open_model(ModelSpec(f"onnx:{path}"))


def reference(path: Path, x: Tensor) -> dict[str, Any]:
    """All values by onnx's own evaluator in Python."""
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(path)
    names = [name for each in model.graph.node for name in each.output if name]
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    found = ReferenceEvaluator(model).run(None, {model.graph.input[0].name: x.numpy()})
    return dict(zip(names, found, strict=True))
