"""Work that does not end when it is asked to: where it stands, and an exception that is thrown into its thread."""

from __future__ import annotations

import ctypes
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

INTERRUPT_S = 0.5  # after it was given up: an exception is thrown into it, which ends what comes back to Python
ABANDON_S = 3.0  # and then its thread is left behind: it sleeps, waits for a lock, or stands in a library

_OURS = str(Path(__file__).resolve().parents[2])
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


class Interrupted(BaseException):
    """Thrown into a thread from outside. No Exception: code that catches those must not go on."""


def interrupt(thread: int | None) -> None:
    """Raises Interrupted in a thread, by its identity, as soon as it runs Python again."""
    _throw(thread, ctypes.py_object(Interrupted))


def withdraw(thread: int | None) -> None:
    """What `interrupt` asked for and has not come yet does not come any more."""
    _throw(thread, None)


def _throw(thread: int | None, error: ctypes.py_object[type[BaseException]] | None) -> None:
    if thread is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error)


def imports(thread: int | None) -> bool:
    """Whether a thread is importing something: broken off in the middle, it would stay half imported."""
    return any(frame.f_code.co_filename.startswith("<frozen importlib") for frame in _frames(thread))


def place(thread: int | None) -> str:
    """Where a thread stands, "net.py, line 9, in forward": in the person's own code where there is some; "" when it has ended."""
    frames = list(_frames(thread))
    own = next((frame for frame in frames if not _known(frame.f_code.co_filename)), None)
    frame = own or next(iter(frames), None)
    if frame is None:
        return ""
    return tr(
        "{name}, line {f_lineno}, in {co_name}",
        name=Path(frame.f_code.co_filename).name,
        f_lineno=frame.f_lineno,
        co_name=frame.f_code.co_name,
    )


def _frames(thread: int | None) -> Iterator[FrameType]:
    """The innermost first."""
    frame = sys._current_frames().get(thread) if thread is not None else None
    while frame is not None:
        yield frame
        frame = frame.f_back


def _known(file: str) -> bool:
    """Whether a file is part of this program or of a library."""
    return file.startswith(("<frozen", _OURS, *_LIBRARIES))


def left_behind(names: tuple[str, ...], weights: int, place: str, seconds: float, grown: int) -> ExplorerError:
    """What to say of work that was left behind. Bytes: of the weights of its models, and by which the process has grown."""
    whose = tr(" and ").join(f"“{name}”" for name in names)
    held = [tr("{byte_words} of weights", byte_words=byte_words(weights))] if weights else []
    held += [tr("what it has computed, up to {byte_words}", byte_words=byte_words(grown))] if grown > 0 else []
    return ExplorerError(
        tr(
            "A computation{whose} does not stop and was left behind.",
            whose=tr(" of {whose}", whose=whose) if whose else "",
        ),
        tr(
            "It has run for {seconds:.0f} s{place}.{list}",
            seconds=seconds,
            place=tr(" and stands at {place}", place=place) if place else "",
            list=tr(" It keeps {list}.", list=tr(" and ").join(held)) if held else "",
        ),
        tr("It may keep a processor busy until it ends or the application is closed. Other models can be opened."),
    )
