"""Texts: what was typed, and lines of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.input_files import check_file
from explorer.core.inputs import InputRef, Text
from explorer.core.texts import MOST_CHARACTERS
from explorer.core.translation import tr

_MOST_BYTES = 50_000_000
_NAMED = 40  # characters of a text that stand for it


def text_input(ref: InputRef, text: str, notes: tuple[str, ...] = ()) -> Text:
    """Raises ExplorerError for a text that is empty or too long."""
    if not text.strip():
        raise ExplorerError(tr("The text is empty."), "", tr("Write a word."))
    if len(text) > MOST_CHARACTERS:
        raise ExplorerError(
            tr("The text is too long."),
            tr(
                "It has {count:,} characters, {most_characters:,} at most.",
                count=len(text),
                most_characters=MOST_CHARACTERS,
            ),
            tr("Shorten it."),
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
            raise ExplorerError(tr("“{file}” is too large for a text.", file=file.name), "", tr("Split it."))
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ExplorerError(
            tr("“{file}” is no text.", file=file.name), tr("It is not written in UTF-8."), tr("Save it as UTF-8.")
        ) from None
    except OSError as error:
        raise ExplorerError(tr("“{file}” cannot be read.", file=file.name), f"{error.strerror}.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def open_line(ref: InputRef) -> Text:
    """A line of a text file; `InputRef.frame` counts those that are not empty."""
    lines = lines_of(ref.path)
    if not lines:
        raise ExplorerError(
            tr("“{name}” is empty.", name=Path(ref.path).name), "", tr("Choose a file with a line of text.")
        )
    line = min(max(ref.frame, 0), len(lines) - 1)
    return text_input(
        ref, lines[line], (tr("line {line} of {count}", line=line + 1, count=len(lines)),) if len(lines) > 1 else ()
    )
