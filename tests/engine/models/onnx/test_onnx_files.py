"""ONNX files that cannot be opened, or must not be: each says why in one line, and nothing outside its folder is read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from onnx_files import node, reopened, written

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.core.session.named_files import split_id
from explorer.engine.capture.forward import discover
from explorer.engine.models import extras, open_model
from explorer.engine.models.base import parse_id
from explorer.engine.models.onnx.node_paths import paths_of
from explorer.engine.models.onnx.onnx_file import files_beside

WEIGHT = np.random.default_rng(0).normal(size=(8, 3, 3, 3)).astype(np.float32)
CONV = node("Conv", "x w", "y")


def plain(path: Path) -> Path:
    return written(path, [CONV], {"w": WEIGHT})


def changed(path: Path, change: Callable[[Any], object]) -> Path:
    model = onnx.load(plain(path))
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def at(location: str, length: int = WEIGHT.nbytes) -> Callable[[Any], None]:
    """The weight in another file."""

    def change(model: Any) -> None:
        (tensor,) = model.graph.initializer
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", "0"), ("length", str(length))):
            tensor.external_data.add(key=key, value=value)

    return change


def refused(path: Path) -> ExplorerError:
    with pytest.raises(ExplorerError) as caught:
        reopened(path)
    assert "\n" not in f"{caught.value.what}{caught.value.why}{caught.value.todo}"
    assert path.name in caught.value.what
    return caught.value


def test_weights_beside_the_model_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    path = changed(folder / "n.onnx", at("sub/w.data"))
    (folder / "sub" / "w.data").write_bytes(WEIGHT.tobytes())
    x = torch.randn(1, 3, 16, 16)
    found = discover(reopened(path).module, x).tensors["Conv_0"]
    assert torch.allclose(found, torch.conv2d(x, torch.from_numpy(WEIGHT)), atol=1e-4)
    assert files_beside(path) == (("sub/w.data", folder / "sub" / "w.data"),)
    before = reopened(path).card.digest
    (folder / "sub" / "w.data").write_bytes((2 * WEIGHT).tobytes())
    assert reopened(path).card.digest != before


@pytest.mark.parametrize(
    "location", ["../w.data", "{absolute}", "C:\\w.data", "..\\w.data", "sub/../../w.data", "link"]
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, location: str) -> None:
    (tmp_path / "w.data").write_bytes(WEIGHT.tobytes())
    folder = tmp_path / "model"
    folder.mkdir()
    if location == "link":
        (folder / "link").symlink_to(tmp_path / "w.data")
    path = changed(folder / "n.onnx", at(location.format(absolute=tmp_path / "w.data")))
    assert "outside the model's folder" in refused(path).why
    assert files_beside(path) == ()


def test_weights_that_are_not_there_or_too_short(tmp_path: Path) -> None:
    path = changed(tmp_path / "n.onnx", at("w.data"))
    error = refused(path)
    assert "not beside it" in error.why
    assert "w.data" in error.todo
    (tmp_path / "w.data").write_bytes(WEIGHT.tobytes()[:-4])
    assert "shorter" in refused(path).why


def test_an_inner_constant_in_another_file_is_not_read(tmp_path: Path) -> None:
    def change(model: Any) -> None:
        value = model.graph.node.add(op_type="Constant", output=["c"]).attribute.add(name="value", type=4).t
        value.data_type, value.data_location = TensorProto.FLOAT, TensorProto.EXTERNAL
        value.dims.append(4)
        value.external_data.add(key="location", value="/etc/hostname")

    assert "another file" in refused(changed(tmp_path / "n.onnx", change)).why


def test_a_custom_operator_is_named_and_no_library_is_loaded(tmp_path: Path) -> None:
    def change(model: Any) -> None:
        model.graph.node[0].op_type, model.graph.node[0].domain = "Secret", "com.example"
        model.opset_import.append(helper.make_opsetid("com.example", 1))

    error = refused(changed(tmp_path / "n.onnx", change))
    assert "Secret" in error.why
    assert "com.example" in error.why


@pytest.mark.parametrize("size", [1 << 34, 1 << 62])
def test_sizes_that_no_memory_holds(tmp_path: Path, size: int) -> None:
    def change(model: Any) -> None:
        (tensor,) = model.graph.initializer
        tensor.dims[0] = size

    assert "numbers" in refused(changed(tmp_path / "n.onnx", change)).why


def test_values_that_no_memory_holds(tmp_path: Path) -> None:
    nodes = [CONV, node("Expand", "y s", "z"), node("ReduceMean", "z", "o")]
    path = written(tmp_path / "n.onnx", nodes, {"w": WEIGHT, "s": np.array([1 << 24, 8, 14, 14])}, outputs=("o",))
    assert "numbers" in refused(path).why


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.graph.initializer[0].dims.append(2), "fewer or more numbers"),
        (lambda m: m.graph.node[0].input.append("nowhere"), "nowhere"),
        (lambda m: m.graph.output[0].ClearField("name") or setattr(m.graph.output[0], "name", "gone"), "gone"),
        (lambda m: m.graph.node.append(m.graph.node[0]), "Two operators"),
        (lambda m: m.graph.ClearField("node"), "no graph"),
        (lambda m: m.graph.initializer[0].dims.insert(0, -1), "negative"),
    ],
)  # fmt: skip
def test_damaged_files(tmp_path: Path, change: Callable[[Any], object], words: str) -> None:
    error = refused(changed(tmp_path / "n.onnx", change))
    assert "damaged or no ONNX model" in error.what
    assert words in error.why


def test_a_part_of_a_file_and_other_bytes(tmp_path: Path) -> None:
    path = plain(tmp_path / "n.onnx")
    for bytes_ in (path.read_bytes()[:-9], b"\x89PNG\r\n" * 20):
        path.write_bytes(bytes_)
        assert "damaged or no ONNX model" in refused(path).what


@pytest.mark.parametrize(
    ("shape", "kind", "words"),
    [
        ((1, 3, 16), TensorProto.FLOAT, "no batch of pictures"),
        ((1, 77), TensorProto.INT64, "int64 [1, 77]"),
        ((1, 3, 16, 16), TensorProto.UINT8, "uint8"),
        ((4, 3, 16, 16), TensorProto.FLOAT, "exactly 4"),
        ((1, 3, 1 << 20, 1 << 20), TensorProto.FLOAT, "no batch of pictures"),
    ],
)
def test_inputs_that_are_no_picture(tmp_path: Path, shape: tuple[int, ...], kind: int, words: str) -> None:
    path = written(tmp_path / "n.onnx", [node("Identity", "x", "y")], shape=shape, kind=kind)
    assert words in refused(path).why


def test_what_the_runtime_does_not_take_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "n.onnx", [node("Conv", "x w", "y", strides=[1, 2, 3])], {"w": WEIGHT})
    with pytest.raises(ExplorerError, match="ONNX Runtime"):
        reopened(path)


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = plain(tmp_path / "n.onnx")
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(ExplorerError, match="onnxruntime is not installed") as caught:
        reopened(path)
    assert caught.value.todo == "pip install feature-map-explorer[onnx]"


def test_a_path_is_a_model(tmp_path: Path) -> None:
    path = plain(tmp_path / "n.ONNX")
    loaded = open_model(ModelSpec(str(path)))
    assert loaded.card.spec.id == f"onnx:{path}"
    assert parse_id("C:\\nets\\n.onnx").source == "onnx"
    prefix, file, _ = split_id("n.onnx")
    assert prefix == "onnx:"
    assert file is not None
    assert not file.is_folder


def test_classes_that_a_file_names(tmp_path: Path) -> None:
    def change(model: Any) -> None:
        model.metadata_props.add(key="names", value="{0: 'cat', 1: 'dog'}")

    path = changed(tmp_path / "n.onnx", change)
    assert reopened(path).card.labels == ("cat", "dog")
    (tmp_path / "n.labels.txt").write_text("one\ntwo\n")
    assert reopened(path).card.labels == ("one", "two")


def test_names_of_layers() -> None:
    def of(*scopes: str) -> Any:
        made = helper.make_node("Relu", ["a"], ["b"])
        made.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=str(list(scopes)))
        return made

    def called(op: str, name: str) -> Any:
        return helper.make_node(op, ["a"], ["b"], name=name)

    assert paths_of(
        [of("", "body", "body.relu", "relu"), of("", "body", "body.relu", "relu_1"), of("", "body", "add")]
    ) == [
        "body.relu",
        "body.relu_1",
        "body.add",
    ]
    noted = ["/layer1/layer1.0/conv/Conv", "/layer1/layer1.0/Add", "/body/conv/conv.0/conv.0.1/Conv", "/Add", ""]
    assert paths_of([called("Conv", name) for name in noted]) == [
        "layer1.0.conv",
        "layer1.0.Add",
        "body.conv.0.1",
        "Add",
        "Conv_4",
    ]
    assert paths_of([called("Conv", "model/block\u202e/x\n/Conv2D"), called("Relu", "a"), called("Relu", "a")]) == [
        "model.block.x",
        "a",
        "a_1",
    ]
