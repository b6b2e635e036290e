"""An ONNX file to its protobuf and its constants as arrays. Nothing in it is run, and no file outside its folder is read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.engine.models.exported.program_json import NotRead
from explorer.engine.models.extras import ONNX, load
from explorer.engine.models.weights import names
from explorer.engine.models.weights.checkpoint import first_bytes
from explorer.engine.models.weights.inert import Broken, TooMuch

# numbers of TensorProto.DataType that numpy has
DTYPES: dict[int, Any] = {
    1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16,
    11: np.float64, 12: np.uint32, 13: np.uint64,
}  # fmt: skip
NODES = 200_000
LARGEST = 1 << 31  # numbers of one value
_FILE = (1 << 31) - 1  # bytes of one protobuf
_EXTERNAL = 1
_NESTED = 50  # graphs within graphs
_KNOWN = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "ai.onnx.preview.training")


@dataclass(frozen=True, slots=True, eq=False)
class OnnxFile:
    """`proto`: onnx.ModelProto. `constants`: the initialisers that numpy has a type for; the others stay in `proto`. `beside`: the
    files with weights beside it."""

    proto: Any
    constants: dict[str, Array]
    beside: tuple[Path, ...] = ()


def read_onnx(path: Path) -> OnnxFile:
    """Raises ExplorerError for a file that cannot be read, Broken, TooMuch, NotRead."""
    load(ONNX)
    import onnx

    first_bytes(path)
    if path.stat().st_size > _FILE:
        raise TooMuch(tr("it is larger than 2 GB; larger models keep their weights in files beside them"))
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(path.read_bytes())
    except Exception:  # noqa: BLE001 - protobuf's DecodeError, and MemoryError of a damaged length
        raise Broken(tr("it does not end where it should, or is no protobuf")) from None
    if not proto.HasField("graph") or not proto.graph.node or not proto.graph.output:
        raise Broken(tr("it holds no graph of operators"))
    del proto.training_info[:]
    _check(proto)
    beside = sorted(
        {_said(tensor).get("location", "") for tensor in proto.graph.initializer if tensor.data_location == _EXTERNAL}
    )
    constants = _constants(proto.graph, path.parent)  # first: says which may not be read
    return OnnxFile(proto, constants, tuple(path.parent / name for name in beside))


def _check(proto: Any) -> None:
    """What a library of its own, or a file elsewhere, would be needed for."""
    own = {(each.domain, each.name) for each in proto.functions}
    for count, node in enumerate(_nodes([*proto.graph.node, *(n for each in proto.functions for n in each.node)])):
        if count >= NODES:
            raise TooMuch(tr("it has more than {nodes} operators", nodes=f"{NODES:,}"))
        if node.domain not in _KNOWN and (node.domain, node.op_type) not in own:
            what = tr(
                "it uses the operator {operator} of {domain}, which only a library of its own knows, and none is loaded here",
                operator=names.shown(node.op_type, 40),
                domain=names.shown(node.domain, 40),
            )
            raise NotRead(what, tr("Export the model without custom operators."))
    for tensor in _tensors(proto):
        if tensor.data_location == _EXTERNAL:
            raise NotRead(tr("a constant inside its operators lies in another file, which is not read here"))


def _graphs(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield attribute.g
            yield from attribute.graphs


def _nodes(nodes: Any, depth: int = 0) -> Iterator[Any]:
    """With those of the graphs in their attributes."""
    if depth > _NESTED:
        raise TooMuch(tr("its graphs are nested too deeply"))
    for node in nodes:
        yield node
        for graph in _graphs([node]):
            yield from _nodes(graph.node, depth + 1)


def _tensors(proto: Any) -> Iterator[Any]:
    """Every tensor that is written in the file, but for the initialisers of the graph itself."""
    nodes = [*proto.graph.node, *(n for each in proto.functions for n in each.node)]
    yield from _sparse(proto.graph)
    for node in _nodes(nodes):
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for sparse in [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []:
                yield from (sparse.values, sparse.indices)
        for graph in _graphs([node]):
            yield from graph.initializer
            yield from _sparse(graph)


def _sparse(graph: Any) -> Iterator[Any]:
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)


# ---- constants


def _constants(graph: Any, folder: Path) -> dict[str, Array]:
    """The initialisers of a graph by name; their bytes leave the protobuf."""
    found: dict[str, Array] = {}
    others = []
    for tensor in graph.initializer:
        if tensor.name in found:
            raise Broken(tr("two of its tensors are called {name}", name=names.shown(tensor.name, 60)))
        array = array_of(tensor, folder)
        if array is None:
            others.append(tensor)
        else:
            found[tensor.name] = array
    kept = [type(tensor).FromString(tensor.SerializeToString()) for tensor in others]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return found


def array_of(tensor: Any, folder: Path | None = None) -> Array | None:
    """The numbers of a TensorProto; None where numpy has no type for them. Raises Broken, TooMuch, NotRead."""
    from onnx import numpy_helper

    name = names.shown(tensor.name, 60)
    dims = tuple(tensor.dims)
    if any(size < 0 for size in dims):
        raise Broken(tr("the tensor {name} has a negative size", name=name))
    count = math.prod(dims)
    if count > LARGEST:
        raise TooMuch(tr("the tensor {name} has {count} numbers", name=name, count=f"{count:.1e}"))
    dtype = DTYPES.get(tensor.data_type)
    outside = tensor.data_location == _EXTERNAL
    if dtype is None:
        if outside:
            raise NotRead(tr("{name} holds numbers of a kind that is not read from other files here", name=name))
        return None
    if outside:
        return _external(tensor, folder, np.dtype(dtype), dims, name)
    if tensor.HasField("raw_data"):
        if len(tensor.raw_data) != count * np.dtype(dtype).itemsize:
            raise Broken(tr("the tensor {name} has fewer or more numbers than its shape says", name=name))
        return np.frombuffer(tensor.raw_data, np.dtype(dtype).newbyteorder("<")).astype(dtype).reshape(dims)
    try:
        return np.array(numpy_helper.to_array(tensor), dtype)
    except (ValueError, TypeError, OverflowError):
        raise Broken(tr("the tensor {name} has fewer or more numbers than its shape says", name=name)) from None


def _said(tensor: Any) -> dict[str, str]:
    """Where a tensor lies that is not in the file itself."""
    return {entry.key: entry.value for entry in tensor.external_data}


def _inside(folder: Path, location: str) -> Path | None:
    """The place of a file that a model names, links followed; None for one outside the model's folder."""
    foreign = PureWindowsPath(location)  # takes the separators and drives of every system
    if not location or foreign.anchor or Path(location).is_absolute() or ".." in foreign.parts:
        return None
    try:
        path = (folder / location).resolve()
        return path if path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError):
        return None


def _external(tensor: Any, folder: Path | None, dtype: Any, dims: tuple[int, ...], name: str) -> Array:
    said = _said(tensor)
    location = said.get("location", "")
    shown = names.shown(location, 80)
    path = None if folder is None else _inside(folder, location)
    if path is None:
        raise NotRead(
            tr("{name} lies in {file}, outside the model's folder, where nothing is read", name=name, file=shown)
        )
    if not path.is_file():
        todo = tr("Put {file} beside the model: the two belong together.", file=shown)
        raise NotRead(tr("its weights are in {file}, which is not beside it", file=shown), todo)
    nbytes = math.prod(dims) * dtype.itemsize
    try:
        offset, length = int(said.get("offset", "0") or 0), int(said.get("length", nbytes) or nbytes)
    except ValueError:
        raise Broken(tr("it does not say in numbers where {name} lies in {file}", name=name, file=shown)) from None
    if offset < 0 or length != nbytes or offset + length > path.stat().st_size:
        raise Broken(tr("{file} is shorter than {name} needs, or belongs to another model", file=shown, name=name))
    if not nbytes:
        return np.empty(dims, dtype)
    with open(path, "rb") as file:
        file.seek(offset)
        return np.fromfile(file, dtype.newbyteorder("<"), math.prod(dims)).astype(dtype, copy=False).reshape(dims)


def files_beside(path: Path) -> tuple[tuple[str, Path], ...]:
    """(name seen from the model's folder, path) of the files that hold its weights; () where they cannot be told."""
    if ONNX.way:
        return ()
    from onnx import ModelProto

    proto = ModelProto()
    try:
        proto.ParseFromString(path.read_bytes())
    except Exception:  # noqa: BLE001 - it is no model; whoever opens it is told
        return ()
    named = sorted(
        {_said(tensor).get("location", "") for tensor in proto.graph.initializer if tensor.data_location == _EXTERNAL}
    )
    return tuple((name, found) for name in named if (found := _inside(path.parent, name)) is not None)
