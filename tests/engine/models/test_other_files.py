"""Files that are no weights, or are no longer whole: each is named or called damaged, in one line."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save as safe

from explorer.core.errors import ExplorerError
from explorer.engine.models.unknown_file import refusal_of
from explorer.engine.models.weights.checkpoint import read_checkpoint


def refused(path: Path) -> ExplorerError:
    with pytest.raises(ExplorerError) as caught:
        read_checkpoint(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    return caught.value


def packed(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.ckpt"), io.BytesIO())
    return file.getvalue()


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, a=np.zeros(3))
    return file.getvalue()


KNOWN = {
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "JPEG": b"\xff\xd8\xff\xe0" + bytes(50),
    "MP4": b"\0\0\0\x18ftypmp42" + bytes(50),
    "PDF": b"%PDF-1.7\n" + bytes(50),
    "OpenVINO": b'<?xml version="1.0"?>\n<net name="a" version="11">' + bytes(50),
    "Core ML": b"\x08\x04\x12\x9c\x01\n\x0c\n\x05image" + bytes(50),
    "ncnn": b"7767517\n75 83\nInput data 0 1 data" + bytes(50),
    "TensorFlow.js": b'{"format": "graph-model", "weightsManifest": []}',
    "ONNX model": b"\x08\x0a\x3a\xa2\x01\n\x10\x12\x04conv" + bytes(50),
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(50),
    "GGUF": b"GGUF\x03\0\0\0" + bytes(50),
    "ONNX": b"\x08\x07\x12\x07pytorch\x1a\x052.0.1" + bytes(50),
    "TensorFlow Lite": b"\x1c\0\0\0TFL3" + bytes(50),
    "gzip": gzip.compress(b"x" * 100),
    "tar": tar(),
    ".npy": npy(),
    ".npz": npz(),
    "Office": packed(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b""}),
    "Keras": packed(**{"config.json": b"{}", "model.weights.h5": b""}),
    "resnet.pth": packed(**{"folder/resnet.pth": b"x"}),
    "TorchScript": packed(**{"a/data.pkl": b"", "a/constants.pkl": b"", "a/code/x.py": b""}),
    "pt2": packed(**{"a/archive_format": b"pt2", "a/models/model.json": b"{}"}),
    "index": json.dumps({"metadata": {}, "weight_map": {"a": "model-1.safetensors"}}).encode(),
    "JSON": b'{"a": 1}',
    "script": b"#!/bin/sh\necho",
}


@pytest.mark.parametrize("what", KNOWN)
@pytest.mark.parametrize("name", ["w.pth", "w.safetensors", "w.ckpt"])
def test_other_kinds_of_files_are_named(tmp_path: Path, what: str, name: str) -> None:
    (tmp_path / name).write_bytes(KNOWN[what])
    error = refused(tmp_path / name)
    assert what in error.what
    assert "damaged" not in str(error)
    assert error.todo


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("saved_model.pb", b"\x08\x01\x12\xf0\x01\n\x0a", "SavedModel"),
        ("frozen.pb", b"\n\x0f\n\x05input\x12\x0bPlaceholder", "graph of TensorFlow"),
        ("net.mlmodel", b"\x08\x01\x12\x9c\x01\n\x0c", "Core ML"),
        ("yolo.weights", bytes((0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0)) + bytes(100), "Darknet"),
        ("net.caffemodel", b"\n\x07net\x12" + bytes(30), "Caffe"),
    ],
)
def test_what_begins_alike_is_known_by_its_name_too(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(content)
    error = refused(tmp_path / name)
    assert what in error.what
    assert error.todo
    assert "damaged" not in str(error)


@pytest.mark.parametrize(
    ("name", "content", "what", "way"),
    [
        ("net.keras", KNOWN["Keras"], "Keras model", "net.onnx"),
        ("net.h5", KNOWN["HDF5"], "HDF5", "net.onnx"),
        ("net.tflite", KNOWN["TensorFlow Lite"], "TensorFlow Lite", "--tflite"),
        ("saved_model.pb", b"\x08\x01\x12\xf0\x01\n\x0a", "SavedModel", "--saved-model"),
        ("frozen.pb", b"\n\x0f\n\x05input\x12\x0bPlaceholder", "graph of TensorFlow", "--graphdef"),
        ("net.mlpackage.zip", packed(**{"net.mlpackage/Manifest.json": b"{}"}), "Core ML package", "net.pt2"),
        ("w.npz", npz(), "NumPy archive", "torch.save"),
        ("w.pdparams", b"\x80\x02}q\x00.", "PaddlePaddle", "safetensors"),
        ("w.msgpack", b"\x81\xa6params\x80", "Flax", "safetensors"),
        ("both.zip", packed(**{"folder/resnet.pth": b"x"}), "resnet.pth", "Unpack"),
        ("cut.zip", b"PK\x03\x04" + bytes(40), "not a model that opens", "torchvision:resnet18"),
    ],
)  # fmt: skip
def test_a_model_of_another_library_is_named_with_the_way_out(
    tmp_path: Path, name: str, content: bytes, what: str, way: str
) -> None:
    (tmp_path / name).write_bytes(content)
    error = refusal_of(str(tmp_path / name))
    assert error is not None
    assert what in error.what
    assert way in error.todo


@pytest.mark.parametrize(
    ("name", "what"), [("saved_model.pb", "SavedModel"), ("coremldata.bin", "Core ML"), ("_METADATA", "JAX")]
)
def test_folders_of_other_libraries_are_named(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    error = refused(tmp_path)
    assert what in error.what
    assert error.todo


def test_a_file_that_is_called_as_a_model_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resnet18").write_text("notes")
    (tmp_path / "resnet18.txt").write_text("notes")
    assert refusal_of("resnet18") is None
    assert refusal_of("resnet18.txt") is not None


def test_text_is_said_to_be_text(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_text("These are the weights of my network. I hope you like them.\n")
    assert "it is text" in refused(tmp_path / "w.pth").why


def test_a_path_that_no_file_can_have() -> None:
    error = refused(Path("a\0b.pth"))
    assert "NUL" in error.why
    assert "\0" not in str(error)


SOUND = {
    "w.pth": lambda: saved(True),
    "old.pth": lambda: saved(False),
    "w.safetensors": lambda: safe({"a.weight": torch.randn(9, 9), "b.weight": torch.randn(8)}),
}


def saved(zipped: bool) -> bytes:
    file = io.BytesIO()
    held = {"a.weight": torch.randn(9, 9), "b.weight": torch.randn(8)}
    torch.save(held, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


@pytest.mark.parametrize("name", SOUND)
def test_cut_at_every_place(tmp_path: Path, name: str) -> None:
    whole = SOUND[name]()
    path = tmp_path / name
    for size in range(1, len(whole), 7 if len(whole) > 2_000 else 3):
        path.write_bytes(whole[:size])
        assert "damaged" in refused(path).what


@pytest.mark.parametrize("name", SOUND)
def test_every_byte_changed(tmp_path: Path, name: str) -> None:
    """What is read in spite of it is whole: names and shapes as they were, or fewer; everything else is refused in a line."""
    whole = SOUND[name]()
    path = tmp_path / name
    refusals = tried = 0
    for at in range(0, len(whole), 5):
        tried += 1
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x81]) + whole[at + 1 :])
        try:
            state = read_checkpoint(path).state
        except ExplorerError as error:
            refusals += "\n" not in str(error)
        else:
            assert all(isinstance(value, torch.Tensor) for value in state.values())
            tried -= 1
    assert refusals == tried > 20


def test_what_a_file_says_is_told_in_one_line(tmp_path: Path) -> None:
    torch.save({"a\nb" * 500: 1, "c\0": "x"}, tmp_path / "w.pth")
    refused(tmp_path / "w.pth")
    (tmp_path / "w.pth").write_bytes(packed(**{"a\nb" * 100 + ".pth": b""}))
    refused(tmp_path / "w.pth")
    (tmp_path / "w.pth").write_bytes(packed(**{"a/data.pkl": b"", "a\nb": b""}).replace(b"a\nb", b"\n\n\n"))
    refused(tmp_path / "w.pth")


def test_a_changed_number_in_an_archive_is_seen(tmp_path: Path) -> None:
    """By the checksum that the archive keeps of each part."""
    whole, numbers = saved(True), torch.full((64,), 0.12345)
    file = io.BytesIO()
    torch.save({"w": numbers}, file)
    whole = file.getvalue()
    at = whole.index(numbers.numpy().tobytes())
    (tmp_path / "w.pth").write_bytes(whole[:at] + b"\x01" + whole[at + 1 :])
    assert "checksum" in refused(tmp_path / "w.pth").why


@pytest.mark.parametrize("kind", ["F4", "F6_E2M3", "I4", "NEW"])
def test_numbers_of_a_kind_that_is_not_read(tmp_path: Path, kind: str) -> None:
    header = json.dumps({"conv.weight": {"dtype": kind, "shape": [4], "data_offsets": [0, 2]}}).encode()
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"ab")
    error = refused(tmp_path / "w.safetensors")
    assert kind in error.why
    assert "conv.weight" in error.why
    assert "damaged" not in str(error)


@pytest.mark.parametrize(
    "header",
    [
        b"{",
        b"[]",
        b'{"a":1}',
        b'{"a":{}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}',
        b'{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}',
        b'{"\xff":1}',
    ],
)
def test_headers_of_safetensors_that_do_not_hold_together(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"abcd")
    assert "damaged" in refused(tmp_path / "w.safetensors").what
