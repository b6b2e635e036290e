"""What a device computes beside the CPU: the same work on both, and how far apart the values are."""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from explorer.api.device_work import WORK, DeviceBench, DeviceWork, draw_pictures
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.system import paths
from explorer.core.translation import tr
from explorer.engine.jobs import devices

_IN_TF32 = (
    5e-3  # of the largest value: products keep 10 of 23 bits; weights off by 3e-4 at random move captures by 2e-3
)


@dataclass(frozen=True, slots=True)
class DeviceDifference:
    """One kind of work on both. difference: the largest, at `place`; rates: so many `work.unit` a second; error: what stopped it.
    tf32: as torch is set, with products in TF32; otherwise in float32 throughout."""

    work: DeviceWork
    difference: float
    place: str
    tolerance: float
    rate: float
    cpu_rate: float
    error: str = ""
    tf32: bool = False

    @property
    def same(self) -> bool:
        """Whether the values of the device are those of the CPU, within the tolerance."""
        return not self.error and self.difference <= self.tolerance


@dataclass(frozen=True, slots=True)
class MeasuredWork:
    """What one device gave: arrays by place, and how many pieces of work a second."""

    values: Mapping[str, Array] = field(default_factory=dict)
    rate: float = 0.0
    error: str = ""


def usable(device: str) -> str:
    """The device by torch's name. Raises ExplorerError where there is none of that name, with those that there are."""
    there = [name for name, _ in devices.devices()]
    for name in there:
        if device in (name, name.partition(":")[0]):
            return name
    raise ExplorerError(
        tr("There is no device {device} here.", device=device), tr("There are: {names}.", names=", ".join(there))
    )


def in_tf32(device: str) -> bool:
    """Whether torch multiplies float32 numbers in TF32 on this device, as its settings are."""
    backends: Any = torch.backends
    return device.startswith("cuda") and bool(backends.cudnn.allow_tf32 or backends.cuda.matmul.allow_tf32)


def compared(device: str, works: Sequence[DeviceWork] = ()) -> Iterator[DeviceDifference]:
    """Each kind of work on the CPU and on `device` (a name of `usable`), one after the other; nothing of it stays on the disk.

    Products are in float32. Where torch is set to TF32, the first kind comes once more as it is set.
    """
    works = works or WORK
    with tempfile.TemporaryDirectory(prefix="fme-device-") as where:
        draw_pictures(Path(where) / "pictures")
        benches = []
        for number, name in enumerate(("cpu", device)):
            folder = Path(where) / str(number)
            folder.mkdir()
            benches.append(DeviceBench(name, Path(where) / "pictures", folder))
        for work in works:
            with _float32():
                cpu, other = (measured(work, bench) for bench in benches)
            yield difference(work, cpu, other)
        if in_tf32(device):
            cpu, other = (measured(works[0], bench) for bench in benches)
            yield replace(difference(works[0], cpu, other), tolerance=_IN_TF32, tf32=True)


def measured(work: DeviceWork, bench: DeviceBench) -> MeasuredWork:
    """The values of a kind of work, and its rate the second time, when everything is loaded."""
    try:
        with _cache_in(bench.folder / "first"):
            values, _ = work.run(bench)
        with _cache_in(bench.folder / "second"):
            begun = time.perf_counter()
            _, count = work.run(bench)
            return MeasuredWork(values, count / max(time.perf_counter() - begun, 1e-9))
    except ExplorerError as error:
        return MeasuredWork(error=" ".join(filter(None, (error.what, error.why))))
    except (RuntimeError, NotImplementedError, AssertionError, MemoryError, TypeError) as error:  # what devices raise
        return MeasuredWork(error=f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}")


def difference(work: DeviceWork, cpu: MeasuredWork, other: MeasuredWork) -> DeviceDifference:
    """How far apart two runs of a kind of work are."""
    error, worst, place = cpu.error or other.error, 0.0, ""
    if not error and cpu.values.keys() != other.values.keys():
        error = tr("The places are others than on the CPU.")
    for name, values in () if error else cpu.values.items():
        apart = _apart(values, other.values[name], work)
        if apart > worst:
            worst, place = apart, name
    return DeviceDifference(work, worst, place, work.tolerance, other.rate, cpu.rate, error)


def _apart(a: Array, b: Array, work: DeviceWork) -> float:
    """Infinite where shapes differ, or one is not a number."""
    if a.shape != b.shape:
        return math.inf
    a, b = a.astype(np.float64), b.astype(np.float64)
    if np.array_equal(a, b, equal_nan=True):
        return 0.0
    apart = np.abs(a - b)
    size = {"largest": np.abs(a).max(), "length": np.linalg.norm(a), "absolute": 1.0}[work.metric]
    found = float(np.linalg.norm(apart) if work.metric == "length" else apart.max()) / max(float(size), 1e-12)
    return math.inf if math.isnan(found) else found


@contextmanager
def _float32() -> Iterator[None]:
    """Products of float32 numbers keep all their bits, on every device."""
    backends: Any = torch.backends
    of = (backends.cudnn, backends.cuda.matmul)
    before = [each.allow_tf32 for each in of]
    try:
        for each in of:
            each.allow_tf32 = False
        yield
    finally:
        for each, allowed in zip(of, before, strict=True):
            each.allow_tf32 = allowed


@contextmanager
def _cache_in(folder: Path) -> Iterator[None]:
    """What is kept on the disk is kept there: nothing is taken from what another device has computed."""
    before = os.environ.get(paths.HOME_VARIABLE)
    os.environ[paths.HOME_VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[paths.HOME_VARIABLE]
        else:
            os.environ[paths.HOME_VARIABLE] = before
