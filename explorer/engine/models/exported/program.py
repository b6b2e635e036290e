"""An exported program as plain values: its operators in order, which module each ran in, where its weights lie. No torch.

Format: `torch/_export/serde/schema.py` and `docs/source/export/pt2_archive` of PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class ValueName:
    """A value that an earlier operator made, or an input of the graph."""

    name: str


@dataclass(frozen=True, slots=True)
class TorchConstant:
    """A constant of torch: the number of a dtype, a layout or a memory format in the schema, the kind of a device."""

    kind: Literal["dtype", "layout", "memory_format", "device"]
    value: int | str


Argument: TypeAlias = (
    bool
    | int
    | float
    | complex
    | str
    | ValueName
    | TorchConstant
    | tuple["Argument", ...]
    | dict[str, "Argument"]
    | None
)
Bound: TypeAlias = str | tuple["Bound", ...] | None  # names that a result gets, as it is nested; None: not used


@dataclass(frozen=True, slots=True)
class ModuleFrame:
    """One call of a module: `key` differs from call to call, `path` is where the module stands, `kind` its dotted class."""

    key: str
    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class ProgramNode:
    """One operator. `target`: "aten.conv2d.default" without "torch.ops."; `stack`: the modules it ran in, the outermost first."""

    target: str
    args: tuple[tuple[str, Argument], ...]  # by the names of the operator's schema, in its order
    keywords: frozenset[str]  # those that were given by name
    outputs: tuple[Bound, ...]
    stack: tuple[ModuleFrame, ...] = ()


@dataclass(frozen=True, slots=True)
class TensorMeta:
    """`dtype`: its number in the schema. A size that was symbolic is the number that the file gives as an example, -1 without one."""

    dtype: int
    shape: tuple[int, ...]
    strides: tuple[int, ...] = ()
    offset: int = 0
    symbolic: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Payload:
    """The numbers of one tensor: which entry of the archive's data they are, and how it lies there."""

    entry: str
    meta: TensorMeta
    parameter: bool


@dataclass(frozen=True, slots=True)
class StateName:
    """An input of the graph that is a parameter, a buffer or a constant of the model, under its name there."""

    value: str
    name: str
    persistent: bool = True


@dataclass(frozen=True, slots=True)
class Program:
    """`constants`: inputs of the graph that are plain values. `outputs` are nested as the model returns them."""

    nodes: tuple[ProgramNode, ...]
    state: tuple[StateName, ...]
    inputs: tuple[tuple[str, TensorMeta], ...]
    constants: tuple[tuple[str, Argument], ...]
    outputs: Argument
    root: str = ""  # dotted class of the whole model
    torch_version: str = ""
    written: int = 0  # buffers that a forward writes to
