"""Files of weights of every kind, and ways to damage one: each from a seed, so that a finding can be made again."""

from __future__ import annotations

import argparse
import io
import json
import pathlib
import pickle
import random
import struct
import warnings
import zipfile
from collections import OrderedDict
from typing import Any

import numpy as np
import torch

Corpus = list[bytes]
_NUMBERS = (
    0,
    1,
    2,
    3,
    7,
    255,
    256,
    65_535,
    1 << 31,
    (1 << 31) - 1,
    (1 << 32) - 1,
    1 << 62,
    (1 << 63) - 1,
    -1,
    -(1 << 63),
)


class _Reduced:
    """Pickles as a call of `function` with `args`."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.function, self.args = function, args

    def __reduce__(self) -> Any:
        return self.function, self.args


def corpus() -> Corpus:
    """Sound files: all formats, kinds of numbers, wrappers, and what stands beside weights."""
    held = _held()
    files = [_saved(each) for each in held]
    files += [_saved(each, _use_new_zipfile_serialization=False) for each in held[:-1]]
    files += [pickle.dumps(_arrays(), protocol) for protocol in range(6)]
    files += _hostile()
    return [*files, *_safetensors()]


def _held() -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantised = torch.quantize_per_tensor(torch.ones(4), 0.1, 3, torch.quint8)
        by_channel = torch.quantize_per_channel(torch.ones(3, 4), torch.ones(3), torch.zeros(3), 0, torch.qint8)
        sparse = {"coo": torch.eye(3).to_sparse(), "csr": torch.eye(3).to_sparse_csr()}
    state = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2)).state_dict()
    kinds = (torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.int64, torch.bool, torch.complex64)
    shared = torch.zeros(8, 8)
    return [
        state,
        {
            "state_dict": state,
            "epoch": 3,
            "args": argparse.Namespace(out=pathlib.PurePosixPath("x")),
            "loss": np.float64(1),
        },
        {f"k{i}": torch.ones(3).to(kind) for i, kind in enumerate(kinds)},
        {"a": shared, "b": shared[2:, 3:], "c": shared.T, "d": shared[:1].expand(8, 8), "e": torch.zeros(0, 3)},
        {
            "p": torch.nn.Parameter(torch.ones(2)),
            "c": torch.ones(2, dtype=torch.complex64).conj(),
            "q": quantised,
            **sparse,
        },
        {"by_channel": by_channel, "weight": torch.ones(2, 2)},
        {"model": _arrays(), "s": {1, 2}, "f": frozenset("ab"), "o": OrderedDict(a=1), "b": b"bytes", "n": 10**40},
        {"f8": torch.ones(4).to(torch.float8_e4m3fn), "u": torch.ones(3, dtype=torch.uint16)},
    ]


def _arrays() -> dict[str, Any]:
    return {"w": np.ones((3, 4), np.float32), "f": np.asfortranarray(np.ones((2, 3))), "big": np.ones(3, ">f4")}


def _hostile() -> Corpus:
    """Object arrays over bytes of the file, as pointers; sizes beyond all memory; functions of Python."""
    there = _Reduced(np.ndarray, (1,), _Reduced(np.dtype, "O8"), b"\x41" * 8)
    weights = {"w": torch.zeros(2, 2)}
    extras = [
        _Reduced(set, there),
        _Reduced(OrderedDict, there),
        _Reduced(np.dtype, "O,O"),
        _Reduced(bytearray, 1 << 40),
        _Reduced(torch._utils._rebuild_tensor_v2, None, 1 << 62, (1 << 62,), (1,), False, {}),
        _Reduced(getattr, "", "join"),
    ]
    return [
        *(_saved({"state_dict": weights, "extra": extra}) for extra in extras),
        _saved({"w": torch.zeros(1).expand(10**9)}),
    ]


def _saved(held: Any, **how: Any) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(held, file, **how)
    return file.getvalue()


def _safetensors() -> Corpus:
    from safetensors.torch import save

    plain = {"a": torch.ones(2, 3), "b": torch.ones(4).half(), "c": torch.ones(2).to(torch.float8_e5m2)}
    kinds = ("F4", "F6_E2M3", "F8_E4M3", "F32", "X")
    return [save(plain), save(plain, {"d": "a"})] + [
        with_header({"a": {"dtype": kind, "shape": [2], "data_offsets": [0, 8]}}, bytes(8)) for kind in kinds
    ]


def with_header(header: Any, data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


# ---- damage


def mutated(files: Corpus, draw: random.Random) -> bytes:
    """One of the files, damaged once or a few times; one in forty is a random program for the pickle machine."""
    if draw.random() < 0.025:
        return _program(draw)
    whole = draw.choice(files)
    inner = _inner(whole) if whole[:2] == b"PK" and draw.random() < 0.9 else None
    target = damaged_bytes(inner if inner is not None else whole, draw, files)
    return _again(whole, target, draw) if inner is not None else target


def damaged_bytes(data: bytes, draw: random.Random, files: Corpus) -> bytes:
    """Damaged once or a few times, without an eye on what it means."""
    for _ in range(draw.choice((1, 1, 1, 1, 2, 4))):
        data = draw.choice(_WAYS)(data, draw, files)
    return data


def _inner(whole: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))


def _again(whole: bytes, inner: bytes, draw: random.Random) -> bytes:
    """The archive with another pickle in it, sound in itself."""
    file = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if draw.random() < 0.1 else zipfile.ZIP_STORED
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(file, "w", how) as new:
        for name in old.namelist():
            new.writestr(name, inner if name.endswith("data.pkl") else old.read(name))
    return file.getvalue()


def _flip(data: bytes, draw: random.Random, _files: Corpus) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 4))):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _cut(data: bytes, draw: random.Random, _files: Corpus) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _drop(data: bytes, draw: random.Random, _files: Corpus) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + data[at + draw.randrange(1, 12) :]


def _repeat(data: bytes, draw: random.Random, _files: Corpus) -> bytes:
    start = draw.randrange(len(data) + 1)
    piece = data[start : start + draw.randrange(1, 40)] * draw.choice((1, 2, 100))
    at = draw.randrange(len(data) + 1)
    return data[:at] + piece + data[at:]


def _splice(data: bytes, draw: random.Random, files: Corpus) -> bytes:
    other = draw.choice(files)
    start = draw.randrange(len(other))
    at = draw.randrange(len(data) + 1)
    return data[:at] + other[start : start + draw.randrange(1, 200)] + data[at:]


def _number(data: bytes, draw: random.Random, _files: Corpus) -> bytes:
    """A number where some bytes were, in the width that the format may use."""
    value, width = draw.choice(_NUMBERS), draw.choice((1, 2, 4, 8))
    at = draw.randrange(len(data) + 1)
    coded = (value & ((1 << 8 * width) - 1)).to_bytes(width, "little")
    return data[:at] + coded + data[at + width :]


def _instruction(data: bytes, draw: random.Random, _files: Corpus) -> bytes:
    """An instruction of pickle put in, with an argument of its size."""
    at = draw.randrange(len(data) + 1)
    return data[:at] + _op(draw) + data[at:]


_NAMES = (
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "torch._utils _rebuild_sparse_tensor",
    "torch._utils _rebuild_qtensor",
    "torch._tensor _rebuild_from_type_v2",
    "torch FloatStorage",
    "torch.storage UntypedStorage",
    "numpy dtype",
    "numpy ndarray",
    "numpy.core.multiarray _reconstruct",
    "numpy.core.multiarray scalar",
    "_codecs encode",
    "builtins set",
    "argparse Namespace",
    "posix mkdir",
    "torch Size",
)


def _op(draw: random.Random) -> bytes:
    kind = draw.randrange(6)
    if kind == 0:
        return b"c" + draw.choice(_NAMES).replace(" ", "\n").encode() + b"\n"
    if kind == 1:
        return b"J" + struct.pack("<i", draw.choice(_NUMBERS[:9]) % (1 << 31))
    if kind == 2:
        return b"\x8a\x08" + struct.pack("<q", draw.choice(_NUMBERS[:-2]) % (1 << 63))
    if kind == 3:
        return draw.choice((b"q", b"h", b"K")) + bytes([draw.randrange(256)])
    if kind == 4:
        return draw.choice((b"X", b"B")) + struct.pack("<I", draw.choice((0, 3, 1 << 31))) + b"abc"
    return draw.choice(
        (b"}", b"]", b")", b"(", b"t", b"R", b"b", b"s", b"u", b"e", b"a", b"Q", b"N", b"0", b"2", b"\x81", b"\x85")
    )


def _program(draw: random.Random) -> bytes:
    return b"\x80\x02" + b"".join(_op(draw) for _ in range(draw.randrange(2, 60))) + b"."


_WAYS = (_flip, _flip, _cut, _drop, _repeat, _splice, _number, _number, _instruction, _instruction)
