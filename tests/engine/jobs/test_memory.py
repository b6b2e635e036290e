"""Out of memory is recognised whoever says it, told with what was needed and what there is, and recovered from."""

from __future__ import annotations

import errno
import subprocess
import sys

import numpy as np
import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.engine.capture.forward import discover
from explorer.engine.jobs import memory
from explorer.engine.jobs.devices import device_problem
from explorer.engine.jobs.runner import failure_of

_GIB = 2**30


def _raised_from(cause: BaseException) -> BaseException:
    try:
        raise ExplorerError("The picture cannot be decoded.") from cause
    except ExplorerError as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        MemoryError("std::bad_alloc"),
        np._core._exceptions._ArrayMemoryError((10**6, 10**6), np.dtype("f4")),  # type: ignore[attr-defined]
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried to …"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 80 bytes."),
        RuntimeError("could not create a primitive"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("can't start new thread"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        _raised_from(MemoryError()),
    ],
    ids=lambda error: f"{type(error).__name__} {str(error)[:30]}",
)
def test_a_shortage_is_recognised(error: BaseException) -> None:
    assert memory.is_shortage(error)
    assert device_problem(error) == "out of memory"
    failure = failure_of(error)
    assert failure.type == "OutOfMemoryError"
    assert "not enough memory" in failure.what
    assert "were free" in failure.why
    assert failure.todo


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("could not create a primitive descriptor for a convolution forward propagation primitive"),
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        ValueError("the memory bank is out of memory slots"),
        OSError(errno.ENOENT, "No such file"),
        ExplorerError("The file is damaged."),
        KeyError("memory"),
    ],
)
def test_what_is_no_shortage_is_none(error: BaseException) -> None:
    assert not memory.is_shortage(error)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 14400000000 bytes. Error code 12",
            14_400_000_000,
        ),
        ("CUDA out of memory. Tried to allocate 3.50 GiB. GPU 0 has a total capacity of 8 GiB", round(3.5 * _GIB)),
        ("Unable to allocate 512. MiB for an array", 512 * 2**20),
        ("Unable to allocate 1.00 TiB for an array with shape (524288, 524288)", 1024 * _GIB),
        ("could not create a primitive", None),
    ],
)
def test_what_was_asked_for_is_read_from_the_words(said: str, asked: int | None) -> None:
    assert memory.asked_for(said) == asked


def test_a_shortage_says_what_was_needed_and_what_there_is() -> None:
    assert (
        memory.told("tried to allocate 3 GiB", None, _GIB).why == "3 GiB more were asked for at once; 1 GiB were free."
    )
    assert (
        memory.told("could not create a primitive", 2 * _GIB, 5 * 2**20).why
        == "At least 2 GiB are needed; 5 MiB were free."
    )


_LIMITED = """
import resource
from explorer.engine.jobs import memory
def taken():
    return int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
limit = taken() + 300 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
assert 250 * 2**20 < memory.free_bytes() <= 300 * 2**20, memory.free_bytes()
"""

_FORWARDS = """
import resource, threading, queue
import numpy as np, torch
from torch import nn
from dataclasses import replace
from explorer.core.inputs import InputRef; from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.pane_requests import CapturePicture
from explorer.engine.desk import Desk
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.models import LoadedModel

torch.set_num_threads(1)
events = queue.Queue()
desk = Desk(events.put)
desk.runner.begin()
def answer():
    while True:
        event = events.get(timeout=120)
        if event.value is not None or event.failure is not None:
            return event
assert answer().value is not None
net = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()).eval()
def card(side):
    pre = Preprocess(side, side, resize=side)
    return ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(False), pre)
picture = picture_from_array(np.zeros((64, 64, 3), np.uint8), InputRef("clipboard"), "p")
def forward(side):
    desk.runner.submit("load", lambda job: desk.worker.bench.adopt(LoadedModel(net, card(side))), "model")
    found = answer()
    assert found.failure is None, found.failure
    desk.submit(CapturePicture(card(side).digest, picture, picture.digest), "show")
    return answer()
assert forward(64).failure is None
limit = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + 700 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for side in (400, 3000, 400, 20000, 64, 60000, 400):
    found = forward(side)
    print(side, found.failure.type if found.failure else "fine", found.failure.why if found.failure else "")
desk.close()
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only there a process can be kept from memory like this"
)
def test_the_own_limit_counts_as_what_is_free() -> None:
    subprocess.run([sys.executable, "-c", _LIMITED], check=True, timeout=120)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only there a process can be kept from memory like this"
)
def test_after_a_forward_that_was_too_large_a_smaller_one_works() -> None:
    done = subprocess.run([sys.executable, "-c", _FORWARDS], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ", 2) for line in done.stdout.splitlines()]
    assert [line[:2] for line in lines] == [
        [side, "fine" if int(side) <= 400 else "OutOfMemoryError"]
        for side in ("400", "3000", "400", "20000", "64", "60000", "400")
    ], done.stdout
    assert all("free" in why and ("asked for" in why or "needed" in why) for _, kind, why in lines if kind != "fine")


class Enormous(torch.nn.Module):
    """Returns one number, expanded to a gigabyte and more: the process would end where it is copied and compared."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x.mean() * torch.ones(1, 3, 4, 4)).mean().to(torch.uint8).expand(1, 2, 2**15, 2**15)


def test_an_output_larger_than_all_memory_is_refused_before_it_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: 3 << 30)
    with pytest.raises(memory.OutOfMemoryError) as refused:
        discover(Enormous().eval(), torch.rand(1, 3, 4, 4))
    assert "output" in refused.value.what
    assert refused.value.why == "At least 4 GiB are needed; 3 GiB were free."
