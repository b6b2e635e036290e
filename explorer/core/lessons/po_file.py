"""The texts of a lesson in gettext's catalogues (`de.po`), by their contexts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.errors import ExplorerError
from explorer.core.message_catalogue import Message, read_messages, written

_CONTEXT = re.compile(r'^msgctxt "(.*)"\s*$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PoEntry:
    """One text. `line`: of its context in the file; `fuzzy`: a tool has guessed it."""

    source: str
    text: str
    line: int = 0
    fuzzy: bool = False


def entries_from(text: str, name: str) -> dict[str, PoEntry]:
    """Entries by context; the head, obsolete ones and those without context are left out. Raises ExplorerError with the line."""
    text = text.removeprefix("\ufeff")
    lines = {match[1]: text.count("\n", 0, match.start()) + 1 for match in _CONTEXT.finditer(text)}
    found: dict[str, PoEntry] = {}
    for message in read_messages(text, name):
        if not message.context:
            continue
        line = lines.get(message.context, 0)
        if message.context in found:
            raise ExplorerError(
                "This translation cannot be read.", f"{name}, line {line}: {message.context!r} stands twice."
            )
        said = message.said[0] if message.said else ""
        found[message.context] = PoEntry(message.text, said, line, message.fuzzy)
    return found


def catalogue_text(texts: Mapping[str, str], language: str, known: Mapping[str, PoEntry] | None = None) -> str:
    """A catalogue of texts by context, with the translations that are known; one of an older source text is marked fuzzy."""
    head = f"Language: {language}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    messages = [Message("", said=[f"{head}Content-Transfer-Encoding: 8bit\n"])]
    for context, text in texts.items():
        entry = (known or {}).get(context, PoEntry(text, ""))
        old = bool(entry.text) and (entry.source != text or entry.fuzzy)
        messages.append(Message(text, said=[entry.text], fuzzy=old, context=context))
    return written(messages)
