"""Where the figures were taken."""

from __future__ import annotations

import ctypes
import os
import platform
import time
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("torch", "torchvision", "PySide6-Essentials", "numpy", "captum", "torchlens", "av")


def describe(threads: int) -> dict[str, Any]:
    """Processor, cores, memory, versions; no host name and no paths."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory GiB": _memory(),
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "C library": " ".join(platform.libc_ver()).strip() or "unknown",
        "python": platform.python_version(),
        "threads of a forward": threads,
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def load() -> list[float]:
    """Processes that wanted to run in the last 1, 5 and 15 minutes; [] where the system does not tell."""
    return [round(x, 2) for x in os.getloadavg()] if hasattr(os, "getloadavg") else []


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = [line.partition(":") for line in lines]
    found = {key.strip(): value.strip() for key, _, value in reversed(fields)}
    model = found.get("model name", platform.machine())
    numbers = [f"{short} {found[key]}" for short, key in (("family", "cpu family"), ("model", "model")) if key in found]
    return f"{model} ({', '.join(numbers)})" if numbers else model


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


class Others:
    """What other processes took of the machine since this was made."""

    def __init__(self) -> None:
        self._start, self._busy, self._own = time.monotonic(), _busy(), _own()

    def cores(self) -> float | None:
        """Cores they kept busy on average; None where the system does not tell."""
        busy = _busy()
        if busy is None or self._busy is None:
            return None
        spent = busy - self._busy - (_own() - self._own)
        return round(max(0.0, spent / (time.monotonic() - self._start)), 2)


def _busy() -> float | None:
    """Seconds that all cores together have worked."""
    try:
        line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    except OSError:
        return None
    user, nice, system, _idle, _wait, *rest = (int(part) for part in line.split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def _own() -> float:
    """Seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class _MallocInfo(ctypes.Structure):
    """What glibc's mallinfo2 returns, all in bytes but the numbers of blocks."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *(
                "arena",
                "ordblks",
                "smblks",
                "hblks",
                "hblkhd",
                "usmblks",
                "fsmblks",
                "uordblks",
                "fordblks",
                "keepcost",
            ),
        )
    ]


@cache
def _mallinfo() -> Any:
    try:
        count = ctypes.CDLL("libc.so.6").mallinfo2
    except (OSError, AttributeError):
        return None
    count.restype = _MallocInfo
    return count


def malloc_info() -> dict[str, int]:
    """What glibc's mallinfo2 tells, by its names; empty where there is none."""
    count = _mallinfo()
    if count is None:
        return {}
    info = count()
    return {name: int(getattr(info, name)) for name, _ in _MallocInfo._fields_}


def held() -> int | None:
    """Bytes that this process holds by the C library's own count: everything allocated and not freed; None where it cannot tell."""
    info = malloc_info()
    return info["uordblks"] + info["hblkhd"] if info else None


def threads() -> int | None:
    """Threads of this process, those of libraries counted; None where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return None


def proportional() -> int | None:
    """Bytes in memory, shared pages divided among those who share them; None where the system does not tell."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)


def resident() -> int:
    """Bytes of this process in memory now; the most there ever were where only that is told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource
        import sys

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
