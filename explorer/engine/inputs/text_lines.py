"""Texts: what was typed, and lines of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Text
from explorer.core.system.input_files import check_file
from explorer.core.texts import MOST_CHARACTERS

_MOST_BYTES = 50_000_000
_NAMED = 40  # characters of a text that stand for it


def text_input(ref: InputRef, text: str, notes: tuple[str, ...] = ()) -> Text:
    """Raises ExplorerError for a text that is empty or too long."""
    if not text.strip():
        raise ExplorerError("The text is empty.", "", "Write a word.")
    if len(text) > MOST_CHARACTERS:
        raise ExplorerError(
            "The text is too long.", f"It has {len(text):,} characters, {MOST_CHARACTERS:,} at most.", "Shorten it."
        )
    name = text if len(text) <= _NAMED else f"{text[:_NAMED]}…"
    return Text(ref, text, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16], name, notes)


def open_typed(ref: InputRef) -> Text:
    """What the reference itself holds."""
    return text_input(ref, ref.path)


def lines_of(path: str | Path) -> list[str]:
    """The lines of a text file that are not empty. Raises ExplorerError."""
    file = Path(path)
    check_file(file, "text")
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ExplorerError(f"“{file.name}” is too large for a text.", "", "Split it.")
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ExplorerError(f"“{file.name}” is no text.", "It is not written in UTF-8.", "Save it as UTF-8.") from None
    except OSError as error:
        raise ExplorerError(f"“{file.name}” cannot be read.", f"{error.strerror}.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def open_line(ref: InputRef) -> Text:
    """A line of a text file; `InputRef.frame` counts those that are not empty."""
    lines = lines_of(ref.path)
    if not lines:
        raise ExplorerError(f"“{Path(ref.path).name}” is empty.", "", "Choose a file with a line of text.")
    line = min(max(ref.frame, 0), len(lines) - 1)
    return text_input(ref, lines[line], (f"line {line + 1} of {len(lines)}",) if len(lines) > 1 else ())
