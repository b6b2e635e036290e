"""Run a person's Python file and its factory, in a thread of its own that can be left behind.

Python cannot stop a thread. When a factory hangs and the person cancels, the thread is abandoned: it goes on in the
background, its result is thrown away, and the application is told by `abandoned()` so that it can end without waiting.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.jobs.prints import Prints, caught_prints
from explorer.engine.models.open_errors import Cancelled

POLL = 0.05  # seconds between two looks at `cancelled`
_threads: list[threading.Thread] = []


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of the person's code as text; the object itself would keep tensors alive."""

    text: str  # "ValueError: no such file (line 12)"
    details: str  # the traceback


def abandoned() -> int:
    """Number of factories that were given up and still run."""
    _threads[:] = [thread for thread in _threads if thread.is_alive()]
    return len(_threads)


def run_apart(work: Callable[[], Any], file: str, cancelled: Callable[[], bool] | None) -> tuple[Any, str]:
    """(result of `work`, what it printed). Raises ExplorerError for what it raises, Cancelled when it is given up.

    `file` is the person's file: its line is named in the message.
    """
    prints, results, failures = Prints(), list[Any](), list[Raised | ExplorerError]()

    def body() -> None:
        with caught_prints(prints):
            try:
                results.append(work())
            except ExplorerError as error:
                failures.append(ExplorerError(error.what, error.why, error.todo))
            except BaseException as error:  # noqa: BLE001 - sys.exit() in a person's file must not end the application
                failures.append(_as_text(error, file))

    # A daemon, for a factory that never returns must not keep the application from ending.
    thread = threading.Thread(target=body, name="factory", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(POLL)
        if thread.is_alive() and cancelled is not None and cancelled():
            _threads.append(thread)
            todo = tr("It may continue in the background until the application ends.")
            raise Cancelled(tr("{file} did not finish and is ignored.", file=file), "", todo)
    for failure in failures:
        raise failure if isinstance(failure, ExplorerError) else _error(failure, file, prints.text)
    return results[0], prints.text


def _as_text(error: BaseException, file: str) -> Raised:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    where = tr(" (line {lines})", lines=lines[-1]) if lines and not isinstance(error, SyntaxError) else ""
    text = tr("SystemExit: the file ends the program") if isinstance(error, SystemExit) else told(error)
    return Raised(text + where, "".join(traceback.format_exception(error)))


def _error(raised: Raised, file: str, printed: str) -> ExplorerError:
    said = tr(" It printed: {printed}", printed=printed[-300:]) if printed else ""
    error = ExplorerError(
        tr("{file} could not be run.", file=file), raised.text + "." + said, tr("Fix the file and open it again.")
    )
    error.add_note(raised.details)
    return error
