"""Out of memory: how it is recognised wherever it strikes, how much was asked for, how much there is. Without torch."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from explorer.core.byte_words import byte_words
from explorer.core.error_text import message_of
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

# What torch, its libraries, numpy, the C++ library and the system say of it.
_SAID = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "unable to allocate",
    "failed to allocate",
    "bad_alloc",
    "bad allocation",
    "could not create a memory object",
    "can't start new thread",
)
# oneDNN: "a primitive descriptor" that could not be created is an operation that it does not know
_PRIMITIVE = re.compile(r"could not create a primitive(?! desc)")
_ASKED = re.compile(r"(?:allocate|allocating)\s+(\d[\d.,]*)\s*(bytes|[kmgt]i?b)\b", re.IGNORECASE)
_UNITS = {"b": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LARGE = 1 << 30  # bytes of one thing before the system is asked whether it can be had
_DEPTH = 8  # of errors that led to one another


class OutOfMemoryError(ExplorerError):
    """There is not enough memory for what was asked for."""


def is_shortage(error: BaseException) -> bool:
    """Whether an error, or one that led to it, says that there is not enough memory."""
    return any(_is_shortage(each) for each in _chain(error))


def _is_shortage(error: BaseException) -> bool:
    if isinstance(error, (MemoryError, OutOfMemoryError)) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    if not isinstance(error, (RuntimeError, OSError, SystemError)):
        return False
    text = message_of(error).lower()
    return any(said in text for said in _SAID) or _PRIMITIVE.search(text) is not None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it was raised from or while handling."""
    for _ in range(_DEPTH):
        yield error
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is None:
            return
        error = before


def asked_for(text: str) -> int | None:
    """Bytes that a message says were asked for, None when it does not say."""
    found = _ASKED.search(text)
    if found is None:
        return None
    number = float(found[1].replace(",", "").rstrip("."))
    return int(number * float(1024 ** _UNITS[found[2][0].lower()]))


def shortage(error: BaseException, needed: int | None = None, device: str = "cpu") -> OutOfMemoryError:
    """What to say of it: what was needed, by its own words or by `needed` (an estimate in bytes), and what there is."""
    own = next((each for each in _chain(error) if isinstance(each, OutOfMemoryError)), None)
    if own is not None:
        return own
    first = next(each for each in _chain(error) if _is_shortage(each))
    return told(_first_line(first), needed, free_bytes() if device == "cpu" else None)


def told(said: str, needed: int | None, free: int | None, what: str = "this") -> OutOfMemoryError:
    """`said`: the first line of what the library said; `free`: the bytes that there were when it did."""
    asked = asked_for(said)
    if asked is not None:
        need = tr("{byte_words} more were asked for at once", byte_words=byte_words(asked))
    else:
        need = (
            tr("At least {byte_words} are needed", byte_words=byte_words(needed))
            if needed
            else tr("It was not said how much was needed ({said})", said=said)
        )
    return OutOfMemoryError(
        tr("There is not enough memory for {what}.", what=what),
        tr("{need}; {byte_words} were free.", need=need, byte_words=byte_words(free)),
        tr("Choose a smaller input size in the preprocessing, or a smaller model, or close other programs."),
    )


def check_room(needed: int, what: str) -> None:
    """Raises OutOfMemoryError where a copy of so many bytes, and another to compare it with, cannot be had. Some systems grant
    them all the same, and end the process when they are written to."""
    if needed < _LARGE:
        return
    free = free_bytes()
    if free is not None and 2 * needed > free:
        raise told("", 2 * needed, free, what)


def _first_line(error: BaseException) -> str:
    text = message_of(error).splitlines()
    return text[0][:200] if text else type(error).__name__


def free_bytes() -> int | None:
    """Bytes of main memory that this process can still have: by the system, its container and its own limits; None where
    nothing of it can be told."""
    known = [n for n in (_available(), _container(), _own_limit()) if n is not None]
    return max(0, min(known)) if known else None


def _available() -> int | None:
    """What the system can give without moving other programs to disk."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _container(folder: str = "/sys/fs/cgroup") -> int | None:
    try:
        most, used = (Path(folder, name).read_text(encoding="ascii") for name in ("memory.max", "memory.current"))
        return int(most) - int(used)
    except (ValueError, OSError):
        return None  # none, or "max"


def resident_bytes() -> int | None:
    """Bytes of main memory that this process takes now; None where the system does not tell."""
    return _pages(1)


def _pages(which: int) -> int | None:
    """Bytes of its address space (0) or of what lies in memory of it (1)."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[which]) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _own_limit() -> int | None:
    """What is left of the address space that this process may have."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most == resource.RLIM_INFINITY:
        return None
    taken = _pages(0)
    return None if taken is None else most - taken
