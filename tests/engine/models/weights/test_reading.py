"""Weight files against the libraries that write them, and what a hostile one asks for."""

from __future__ import annotations

import argparse
import datetime
import enum
import io
import pathlib
import pickle
import struct
import subprocess
import sys
import warnings
import zipfile
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.engine.models.weights import names, pickles
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.inert import Broken, PickledCall, TooMuch

DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.bfloat16,
    torch.int8,
    torch.uint8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.bool,
    torch.complex64,
    torch.complex128,
]
NEWER = [torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e8m0fnu]


def saved(path: Path, held: Any, **how: Any) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(held, path, **how)
    return path


def equal(a: Tensor, b: Tensor) -> bool:
    if a.is_quantized:
        return (
            a.qscheme() == b.qscheme()
            and torch.equal(a.int_repr(), b.int_repr())
            and torch.equal(a.dequantize(), b.dequantize())
        )
    if a.layout != torch.strided:
        return a.layout == b.layout and torch.equal(a.to_dense(), b.to_dense())
    a, b = (each.resolve_conj().resolve_neg() for each in (a, b))
    return a.dtype == b.dtype and a.shape == b.shape and a.stride() == b.stride() and bytes_of(a) == bytes_of(b)


def bytes_of(tensor: Tensor) -> bytes:
    flat = tensor.contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def tensors() -> dict[str, Tensor]:
    torch.manual_seed(0)
    base = torch.randn(6, 8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = torch.quantize_per_tensor(torch.randn(5), 0.1, 3, torch.quint8)
        many = torch.quantize_per_channel(torch.randn(3, 4), torch.rand(3) + 0.1, torch.zeros(3), 0, torch.qint8)
        whole = torch.quantize_per_channel(
            torch.randn(3, 4), torch.rand(3) + 0.1, torch.tensor([-128, 5, 127]), 0, torch.qint8
        )
        floats = torch.quantize_per_channel(
            torch.rand(3, 4), torch.rand(4) + 0.1, torch.rand(4) * 3, 1, torch.quint8
        )  # as of embeddings: zero points that are no whole numbers
        sparse = {
            "coo": torch.eye(3).to_sparse(),
            "csr": torch.eye(4).to_sparse_csr(),
            "bsc": torch.eye(4).to_sparse_bsc((2, 2)),
        }
    kinds = {str(dtype): (torch.randn(5) * 3).to(dtype) for dtype in DTYPES}
    views = {"base": base, "part": base[2:, 3:5], "turned": base.T, "one": base[0, 0], "none": base[:0]}
    complex_ = torch.randn(3, dtype=torch.complex64)
    flagged = {"conj": complex_.conj(), "imag": torch.randn(3, dtype=torch.complex64).conj().imag}
    quantised = {"q": one, "qc": many, "qw": whole, "qf": floats}
    return {**kinds, **views, **flagged, **sparse, **quantised, "p": torch.nn.Parameter(torch.ones(2))}


@pytest.mark.parametrize("zipped", [True, False])
def test_every_kind_of_tensor_is_what_torch_reads(tmp_path: Path, zipped: bool) -> None:
    given = tensors()
    given |= {} if not zipped else {str(dtype): torch.ones(4).to(dtype) for dtype in NEWER}
    path = saved(tmp_path / "w.pth", given, _use_new_zipfile_serialization=zipped)
    read = read_checkpoint(path).state
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = torch.load(path, weights_only=True)
    assert read.keys() == oracle.keys()
    assert [name for name in read if not equal(read[name], oracle[name].detach())] == []


def test_archives_that_were_packed_again(tmp_path: Path) -> None:
    given = {"a": torch.randn(50, 50), "b": torch.arange(7)}
    with (
        zipfile.ZipFile(saved(tmp_path / "w.pth", given)) as old,
        zipfile.ZipFile(tmp_path / "z.pth", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    read = read_checkpoint(tmp_path / "z.pth").state
    assert all(torch.equal(read[name], value) for name, value in given.items())


def test_numbers_with_the_highest_byte_first(tmp_path: Path) -> None:
    given = {
        "a": torch.randn(5),
        "c": torch.randn(3, dtype=torch.complex64),
        "h": torch.randn(4).half(),
        "u": torch.arange(3, dtype=torch.uint8),
    }
    with zipfile.ZipFile(saved(tmp_path / "w.pth", given)) as old, zipfile.ZipFile(tmp_path / "z.pth", "w") as new:
        for name in old.namelist():
            content = b"big" if name.endswith("byteorder") else old.read(name)
            if "/data/" in name:
                word = {20: ">f4", 24: ">f4", 8: ">f2", 3: "u1"}[len(content)]
                content = np.frombuffer(content, word.replace(">", "<")).astype(word).tobytes()
            new.writestr(name, content)
    read = read_checkpoint(tmp_path / "z.pth").state
    assert all(torch.equal(read[name], value) for name, value in given.items())


def test_safetensors_as_their_library_reads_them_under_any_name(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    skipped = (torch.complex128, torch.float8_e8m0fnu)
    given = {str(dtype): (torch.randn(3, 4) * 2).to(dtype) for dtype in (*DTYPES, *NEWER) if dtype not in skipped}
    for name in ("w.safetensors", "model.ckpt", "pytorch_model.bin", "w"):
        save_file(given, tmp_path / name)
        read = read_checkpoint(tmp_path / name).state
        assert all(equal(read[key], value) for key, value in load_file(tmp_path / name).items())
        assert read.keys() == given.keys()


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_of_numpy_arrays(tmp_path: Path, protocol: int) -> None:
    """As Detectron2 and Paddle keep weights."""
    rng = np.random.default_rng(0)
    arrays = {
        "w": rng.normal(size=(40, 300)).astype(np.float32),
        "by_column": np.asfortranarray(rng.normal(size=(2, 3, 4))),
        "big": rng.normal(size=5).astype(">f4"),
        "i": np.arange(-3, 3, dtype=np.int64),
        "h": rng.normal(size=7).astype(np.float16),
        "b": np.array([True, False]),
    }
    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"model": arrays, "__author__": "x"}, protocol))
    read = read_checkpoint(tmp_path / "w.pkl").state
    assert all(np.array_equal(read[name].numpy(), value) for name, value in arrays.items())


class Colour(enum.Enum):
    RED = 1


class Settings(dict[str, Any]):
    """A class that nobody but this file knows."""


def test_values_of_any_class_stand_beside_the_weights_and_are_not_made(tmp_path: Path) -> None:
    beside = {
        "args": argparse.Namespace(lr=0.1, out=pathlib.PurePosixPath("out")),
        "when": datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC),
        "colour": Colour.RED,
        "settings": Settings(a=1),
        "loss": np.float64(0.5),
        "rng": np.random.default_rng(0),
        "kind": torch.float32,
        "device": torch.device("cpu"),
        "counts": Counter("abc"),
        "more": defaultdict(list, a=[1]),
        "set": {1, 2},
        "frozen": frozenset("ab"),
        "slice": slice(1, 2),
        "range": range(3),
        "bytes": b"x",
        "complex": 1j,
        "layer": torch.nn.Linear(1, 1),
        "scheduler": torch.optim.lr_scheduler.StepLR(torch.optim.SGD([torch.zeros(1)], 0.1), 1),
    }
    weights = OrderedDict(w=torch.randn(3))
    for zipped in (True, False):
        path = saved(tmp_path / "w.pth", {"state_dict": weights, **beside}, _use_new_zipfile_serialization=zipped)
        read = read_checkpoint(path)
        assert torch.equal(read.state["w"], weights["w"])
        assert "were not made" in read.notes[-1]


def test_what_pickles_say_is_what_python_makes_of_it() -> None:
    held = {
        "a": [1, -2, 2**70, -(2**70), 1.5, None, True],
        "b": ("x", "ü\n", b"\xff", (), (1,), (1, 2), (1, 2, 3, 4)),
        3: {},
    }
    for protocol in range(6):
        assert pickles.parse(memoryview(pickle.dumps(held, protocol))).value == held


BY_CHANNEL: dict[str, tuple[Tensor, Tensor]] = {
    "zero point below": (torch.ones(3).double(), torch.tensor([0, -129, 0])),
    "zero point above": (torch.ones(3).double(), torch.tensor([128, 0, 0])),
    "zero point nan": (torch.ones(3), torch.tensor([0.5, float("nan"), 0.5])),
    "zero point of no kind": (torch.ones(3).double(), torch.ones(3, dtype=torch.bool)),
    "scale 0": (torch.tensor([1.0, 0.0, 1.0]).double(), torch.tensor([0, 0, 0])),
    "scale below 0": (torch.tensor([1.0, -1.0, 1.0]).double(), torch.tensor([0, 0, 0])),
    "scale infinite": (torch.tensor([1.0, 1.0, float("inf")]), torch.zeros(3)),
    "scale of whole numbers": (torch.ones(3, dtype=torch.int64), torch.tensor([0, 0, 0])),
}
BY_TENSOR = {"below": (1.0, -129), "above": (1.0, 128), "scale": (0.0, 0), "infinite": (float("inf"), 0)}


@pytest.mark.parametrize("how", [*BY_CHANNEL.values(), *BY_TENSOR.values()], ids=[*BY_CHANNEL, *BY_TENSOR])
def test_a_quantised_tensor_that_cannot_be_one_is_refused(tmp_path: Path, how: tuple[Any, Any]) -> None:
    """torch makes it, and raises when its numbers are asked for, or gives numbers that mean nothing."""
    by_channel = isinstance(how[0], Tensor)
    given = (torch.per_channel_affine, *how, 0) if by_channel else (torch.per_tensor_affine, *how)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        storage = torch.quantize_per_tensor(torch.ones(3, 4), 1.0, 0, torch.qint8)._typed_storage()
    path = saved(
        tmp_path / "w.pth", {"w": Reduced(torch._utils._rebuild_qtensor, storage, 0, (3, 4), (4, 1), given, False, {})}
    )
    with pytest.raises(ExplorerError, match="quantised tensor in it has") as raised:
        read_checkpoint(path)
    assert "damaged" in str(raised.value)


# ---- hostile


class Reduced:
    """Pickles as a call of `function` with `args`."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.function, self.args = function, args

    def __reduce__(self) -> Any:
        return self.function, self.args


def objects() -> Reduced:
    """An array of objects over bytes of the file: each would be an address of the file's choosing."""
    return Reduced(np.ndarray, (1,), Reduced(np.dtype, "O8"), b"\x41" * 8)


def hostile() -> dict[str, Any]:
    from numpy._core.multiarray import scalar

    return {
        "set": Reduced(set, objects()),
        "table": Reduced(OrderedDict, objects()),
        "counter": Reduced(Counter, objects()),
        "scalar": Reduced(
            scalar, Reduced(np.dtype, "O,O"), Reduced(np.ndarray, (1,), Reduced(np.dtype, "V16"), b"A" * 16)
        ),
        "bytes": Reduced(bytearray, 1 << 45),
        "encode": Reduced(__import__("_codecs").encode, "x" * 9, "zlib"),
        "tensor": Reduced(torch._utils._rebuild_tensor_v2, objects(), 0, (1,), (1,), False, {}),
        "numpy": Reduced(torch._utils._rebuild_device_tensor_from_numpy, objects(), torch.float32, "cpu", False),
    }


def test_a_file_cannot_reach_into_memory(tmp_path: Path) -> None:
    """In a process of its own: read with these names allowed, the first of these files would end it."""
    weights: dict[str, Any] = {"w": torch.zeros(2, 2)}
    files = []
    for name, value in hostile().items():
        files.append(saved(tmp_path / f"{name}-beside.pth", {"state_dict": weights, "extra": value}))
        files.append(saved(tmp_path / f"{name}-inside.pth", {**weights, "x": value}))
    code = (
        "import sys; from pathlib import Path; from explorer.core.errors import ExplorerError\n"
        "from explorer.engine.models.weights.checkpoint import read_checkpoint\n"
        "for path in sys.argv[1:]:\n"
        "    try: print(sorted(read_checkpoint(Path(path)).state))\n"
        "    except ExplorerError as error: print('refused', error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, files)], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[::2] == ["['w']"] * len(hostile())
    assert all(line.startswith(("['w']", "refused")) for line in lines)
    assert len(lines) == len(files)


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "posix.mkdir",
        "builtins.eval",
        "subprocess.Popen",
        "torch.serialization.os.system",
        "pickle.loads",
        "runpy._run_code",
    ],
)
def test_names_that_only_an_attack_needs(name: str) -> None:
    assert names.dangerous([name]) == (name,)


@pytest.mark.parametrize(
    "name",
    [
        "pathlib.PosixPath",
        "builtins.getattr",
        "builtins.set",
        "omegaconf.dictconfig.DictConfig",
        "types.SimpleNamespace",
        "mylib.Net",
        "builtins.ValueError",
    ],
)
def test_names_of_harmless_values(name: str) -> None:
    assert names.dangerous([name]) == ()


def test_nothing_that_is_named_is_looked_up(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(
        b"\x80\x02}(X\x01\0\0\0acno_such_module\nThing\n)R" + b"X\x01\0\0\0bcantigravity_\nx\nu."
    )
    with pytest.raises(ExplorerError, match=r"no_such_module\.Thing"):
        read_checkpoint(tmp_path / "w.pth")
    assert isinstance(pickles.parse(memoryview(b"cos\nsystem\n(X\x01\0\0\0xtR.")).value, PickledCall)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda args: (args[0], 1 << 40, *args[2:]), "reaches beyond"),
        (lambda args: (*args[:2], (1 << 40,), *args[3:]), "reaches beyond"),
        (lambda args: (*args[:2], (4, 4), (1, 1), *args[4:]), "reaches beyond"),
        (lambda args: (*args[:2], (-4,), *args[3:]), "shape"),
        (lambda args: (*args[:3], (-1,), *args[4:]), "shape"),
        (lambda args: (*args[:2], (1 << 40, 1 << 40), (0, 0), *args[4:]), "shape"),
        (lambda args: (*args[:2], (2, 2), (1,), *args[4:]), "shape"),
        (lambda args: (args[0], 0.5, *args[2:]), "shape"),
        (lambda args: (args[0], True, *args[2:]), "shape"),
        (lambda args: ("none", *args[1:]), "no memory"),
    ],
)
def test_sizes_are_checked_against_what_is_there(tmp_path: Path, change: Any, why: str) -> None:
    class Odd(torch.Tensor):
        def __reduce_ex__(self, protocol: Any) -> Any:
            function, args = torch.Tensor.__reduce_ex__(torch.zeros(4), protocol)
            return function, change(args)

    path = saved(tmp_path / "w.pth", {"w": Odd(torch.zeros(4)), "v": torch.zeros(2)})
    with pytest.raises(ExplorerError, match=why) as caught:
        read_checkpoint(path)
    assert "damaged" in caught.value.what


def test_a_name_of_a_storage_is_no_way_out_of_the_archive(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth", {"w": torch.zeros(4)})
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "z.pth", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name,
                content.replace(b"X\x01\0\0\x000", b"X\x0a\0\0\x00../version")
                if name.endswith("data.pkl")
                else content,
            )
    with pytest.raises(ExplorerError, match=r"under \.\./version are not in it"):
        read_checkpoint(tmp_path / "z.pth")


# ---- larger inside than outside


def zipped(path: Path, pickled: bytes, how: int = zipfile.ZIP_DEFLATED, data: bytes = b"") -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr("a/data.pkl", pickled)
        archive.writestr("a/data/0", data)
    return path


def bombs(folder: Path) -> dict[str, Path]:
    """A few kB each, or some MB where that is what is wrong with it."""
    one = torch.zeros(1)
    pickled = zipfile.ZipFile(saved(folder / "one.pth", {"w": torch.zeros(4)})).read("one/data.pkl")
    large = pickled.replace(b"K\x04t", b"J" + struct.pack("<i", 100_000_000) + b"t")
    base = torch.zeros(1_000_000)
    keys = b"".join(b"U%c%sh\1" % (len(k), k) for k in (b"k%d" % i for i in range(1, 600_000)))
    header = b'{"a":' + b"[" * 200_000
    huge = b'{"a":{"dtype":"F32","shape":[1099511627776,1099511627776],"data_offsets":[0,4]}}'
    files = {
        "deep.safetensors": struct.pack("<Q", len(header)) + header,
        "huge.safetensors": struct.pack("<Q", len(huge)) + huge + b"abcd",
        "long.safetensors": struct.pack("<Q", 99_000_000) + b"{}" + b" " * 98_999_998,
        "longer.safetensors": struct.pack("<Q", 1 << 39) + b"{}",
        "number.pth": b"\x80\x02\x8b" + struct.pack("<i", 50_000_000) + bytes(50_000_000) + b".",
        "memo.pth": b"\x80\x02Nr\xff\xff\xff\xff.",
        "text.pth": b"\x80\x02X\xff\xff\xff\xffabc.",
        "bytes.pth": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b"abc.",
        "nested.pth": b"\x80\x02)" + b"\x85" * 1_000_000 + b".",
        "doubled.pth": b"\x80\x02]q\0" + b"".join(b"(h%ch%clq%c" % (i, i, i + 1) for i in range(200)) + b".",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    made = {name: folder / name for name in files}
    made["expanded.pth"] = saved(folder / "expanded.pth", {"w": one.expand(4 * 10**8), "v": torch.zeros(3)})
    made["expanded_old.pth"] = saved(
        folder / "old.pth", {"w": one.expand(10**12)}, _use_new_zipfile_serialization=False
    )
    made["views.pth"] = saved(folder / "views.pth", {f"k{i}": base[i:] for i in range(1_000)})
    made["pickle.pth"] = zipped(folder / "pickle.pth", b"\x80\x02" + bytes(200_000_000))
    made["data.pth"] = zipped(folder / "data.pth", large, data=bytes(400_000_000))
    made["keys.pth"] = zipped(folder / "keys.pth", b"\x80\x02U\1aq\1}(U\2k0h\1" + keys + b"u.", zipfile.ZIP_STORED)
    return made


_MEASURE = """
import json, sys, time
from pathlib import Path
import torch
from explorer.core.errors import ExplorerError
from explorer.engine.models.weights.checkpoint import read_checkpoint
def peak(): return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) // 1024
torch.zeros(1).sum()
for path in sys.argv[1:]:
    before, started = peak(), time.process_time()
    try: read_checkpoint(Path(path)); said = "read"
    except ExplorerError as error: said = str(error)
    print(json.dumps([Path(path).name, said, peak() - before, time.process_time() - started]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")
def test_what_is_larger_inside_is_refused_early(tmp_path: Path) -> None:
    import json

    files = bombs(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *map(str, files.values())],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    for line in done.stdout.splitlines():
        name, said, megabytes, seconds = json.loads(line)
        assert said != "read", name
        assert "\n" not in said
        assert megabytes < 200, (name, megabytes)
        assert seconds < 4, (name, seconds)  # a second on a machine that does nothing else
    assert len(done.stdout.splitlines()) == len(files)


def test_many_parts_are_counted_before_they_are_read() -> None:
    from explorer.engine.models.weights.archive import Archive

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/data.pkl", b"")
    content = bytearray(file.getvalue())
    at = content.rindex(b"PK\x05\x06")
    content[at + 8 : at + 12] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(Broken):
        Archive(memoryview(bytes(content)))
    far = b"PK\x06\x06" + bytes(28) + struct.pack("<QQQ", 1 << 40, 0, 0)
    end = bytearray(content[at:])
    end[8:20] = b"\xff" * 12
    locator = b"PK\x06\x07" + bytes(4) + struct.pack("<QI", 0, 1)
    with pytest.raises(TooMuch, match="parts"):
        Archive(memoryview(far + locator + bytes(end)))
