"""Sizes of an ONNX model's values before anything is computed."""

from __future__ import annotations

import math
from typing import Any

from explorer.core.translation import tr
from explorer.engine.models.onnx.onnx_file import LARGEST, OnnxFile
from explorer.engine.models.weights import names
from explorer.engine.models.weights.inert import TooMuch

_SMALL = 1024  # numbers of a constant that may be a shape


def check_sizes(file: OnnxFile) -> None:
    """Raises TooMuch where a value is known to be larger than any that a model can have here."""
    from onnx import ModelProto, numpy_helper, shape_inference

    proto = ModelProto()
    proto.CopyFrom(file.proto)
    for name, array in file.constants.items():
        if array.size <= _SMALL:
            proto.graph.initializer.append(numpy_helper.from_array(array, name))
    try:
        inferred: Any = shape_inference.infer_shapes(proto, data_prop=True)
    except Exception:  # noqa: BLE001 - shapes that do not fit are told by the runtime
        return
    for value in inferred.graph.value_info:
        sizes = [size.dim_value for size in value.type.tensor_type.shape.dim]
        count = math.prod(size for size in sizes if size > 0)
        if count > LARGEST:
            raise TooMuch(
                tr("its value {name} has {count} numbers", name=names.shown(value.name, 60), count=f"{count:.1e}")
            )
