"""Where forwards run: devices, threads, memory."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from explorer.core.errors import ExplorerError
from explorer.core.translation import msgid, tr
from explorer.engine.jobs import memory

R = TypeVar("R")
OUT_OF_MEMORY, FAILED = msgid("out of memory"), "failed"  # what can be wrong with a device


def devices() -> tuple[tuple[str, str], ...]:
    """(torch name, title) of every device that can be chosen here."""
    import torch

    found = [("cpu", "CPU")]
    if torch.cuda.is_available():
        found += [(f"cuda:{i}", torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(("mps", tr("Apple GPU")))
    return tuple(found)


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_threads() -> int:
    """One core is left to the painter: with all of them taken, forwards and frames both get slower."""
    return max(1, cores() - 1)


def keep_freed_memory() -> bool:
    """Asks glibc to reuse large blocks instead of handing them back; call it before the first large allocation.

    Fresh pages cost more than the copying of activations does. Other C libraries are left as they are.
    """
    libc = _libc()
    if libc is None:
        return False
    try:
        mmap_threshold, trim_threshold, arena_max = -3, -1, -8
        # one arena for all threads: those of other threads give their heaps of 64 MiB back whatever the threshold says
        wanted = ((mmap_threshold, 1 << 30), (trim_threshold, 1 << 30), (arena_max, 1))
        done = [libc.mallopt(option, value) for option, value in wanted]  # every one is asked for
        return all(done)
    except AttributeError:
        return False


def give_back_freed() -> bool:
    """Hands back the pages that lie free between others: some milliseconds, and the next forward has to ask for them again."""
    libc = _libc()
    try:
        return libc is not None and bool(libc.malloc_trim(0))
    except AttributeError:
        return False


@cache  # every look at a library makes types of its own
def _libc() -> ctypes.CDLL | None:
    """The C library where it may be glibc."""
    try:
        return ctypes.CDLL("libc.so.6") if sys.platform.startswith("linux") else None
    except OSError:
        return None


def release() -> None:
    """Gives back what nobody holds any more."""
    import torch

    gc.collect()
    give_back_freed()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def free_bytes(device: str) -> int | None:
    """Free memory of a device in bytes, None where it cannot be told."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.mem_get_info(device)[0])
    return memory.free_bytes() if device == "cpu" else None


def or_why(work: Callable[[], R], past: tuple[type[Exception], ...] = ()) -> R | str:
    """What `work` gives, or in words why it cannot be had: what a person can act on, or what the device said.

    The error itself, which holds tensors, ends here; those of the kinds `past` and the model's own go on.
    """
    try:
        return work()
    except past:
        raise
    except ExplorerError as error:
        return " ".join(part for part in (error.what, error.why) if part)
    except (RuntimeError, MemoryError) as error:
        said = said_by_device(error)
        if said is None:
            raise
    release()
    return said


def device_problem(error: BaseException) -> str | None:
    """'out of memory' or 'failed' when the error is the device's, None when it is the model's."""
    if memory.is_shortage(error):
        return OUT_OF_MEMORY
    text = str(error).lower()
    if isinstance(error, RuntimeError) and any(
        word in text for word in ("cuda error", "cudnn", "cublas", "mps backend", "mps device")
    ):
        return FAILED
    if isinstance(error, NotImplementedError) and "mps" in text:
        return FAILED
    return None


def said_by_device(error: BaseException) -> str | None:
    """ "out of memory: …" or "failed: …" with the first line of what it said; None when the error is the model's."""
    problem = device_problem(error)
    return None if problem is None else f"{problem}: {str(error).splitlines()[0] if str(error) else ''}"
