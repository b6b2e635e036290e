"""How far a class may go: a small text beside the lesson, which a teacher changes while the class works.

It holds the number of a step, from 1, or its id: that step may still be opened, and none behind it. A file that is empty, or not there,
holds nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.lessons.kit_archive import is_kit
from explorer.engine.lessons.lesson_source import OpenedLesson

SUFFIX = "class.txt"
_MOST_BYTES = 200
_EVERY_S = 2.0


def class_file(opened: OpenedLesson) -> Path:
    """`NAME.class.txt` beside the kit `NAME.fmxlab`; class.txt beside lesson.toml."""
    return opened.file.with_suffix(f".{SUFFIX}") if is_kit(opened.file) else opened.folder / SUFFIX


def last_step(text: str, names: Sequence[str]) -> int | None:
    """Of the steps of these ids the last one that may be opened, from 0; None where nobody is held. Raises ExplorerError."""
    said = text.strip()
    if not said:
        return None
    if said in names:
        return names.index(said)
    if said.isascii() and said.isdecimal() and int(said) >= 1:
        return min(int(said), len(names)) - 1
    raise ExplorerError(
        tr("The class is not held at a step."),
        tr("{name} names no step of this lesson: “{said}”.", name=SUFFIX, said=said[:40]),
        tr("Write the number of a step, or its id."),
    )


class ClassFile:
    """Reads it again every two seconds, in a thread: a folder of the network may be slow."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self._clock = path, clock
        self._text, self._last = _read(path), clock()
        self._reading: threading.Thread | None = None

    @property
    def text(self) -> str:
        """What it said last; asks again where that was some time ago."""
        if self._clock() - self._last >= _EVERY_S and (self._reading is None or not self._reading.is_alive()):
            self._reading = threading.Thread(target=self.read, name="class file", daemon=True)
            self._reading.start()
        return self._text

    def read(self) -> None:
        """Now."""
        self._text, self._last = _read(self.path), self._clock()


def _read(path: Path) -> str:
    """ "" where it cannot be read, so that nobody waits for a file that is gone."""
    try:
        with path.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""
