"""An operator of ONNX with what it is given and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from explorer.core.arrays import Array
from explorer.engine.models.onnx.onnx_graph import OnnxNode


class NoTwin(Exception):
    """There is no function for this operator, or not with these attributes."""


@dataclass(frozen=True, slots=True, eq=False)
class OperatorCall:
    """An operator with what it is given: tensors, and all values that do not depend on the numbers of the input as arrays."""

    node: OnnxNode
    tensors: tuple[Tensor | None, ...]
    arrays: Mapping[str, Array]
    outputs: tuple[Array, ...]  # of the runtime
    linear: bool = False  # it is a linear layer, whose weight has a row for each output, however the file holds it

    def tensor(self, number: int) -> Tensor:
        found = self.given(number)
        if found is None:
            raise NoTwin
        return found

    def given(self, number: int) -> Tensor | None:
        return self.tensors[number] if number < len(self.tensors) else None

    def array(self, number: int) -> Array | None:
        """A constant, or what is computed of shapes."""
        name = self.node.inputs[number] if number < len(self.node.inputs) else ""
        return self.arrays.get(name)

    def ints(self, number: int, attribute: str = "") -> list[int] | None:
        """Numbers that came as an attribute in old versions of the operator and come as an input in new ones."""
        array = self.array(number)
        if array is not None:
            return [int(each) for each in array.reshape(-1)]
        said = self.node.attributes.get(attribute) if attribute else None
        if said is None and number < len(self.node.inputs) and self.node.inputs[number]:
            raise NoTwin  # it depends on the input
        return None if said is None else [int(each) for each in said]

    def said(self, name: str, usual: Any = None) -> Any:
        found = self.node.attributes.get(name, usual)
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else found
