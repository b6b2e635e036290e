"""The catalogue of a lesson's texts in another language: its messages by their context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.errors import ExplorerError
from explorer.core.message_catalogue import Message, read_messages, written
from explorer.core.translation import tr

_MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class PoEntry:
    """One text. `fuzzy`: a tool has guessed it."""

    source: str
    text: str
    line: int = 0  # of its msgid
    fuzzy: bool = False


def entries_from(text: str, name: str) -> dict[str, PoEntry]:
    """Entries by context; the head and what has no context are left out. Raises ExplorerError with the line."""
    found: dict[str, PoEntry] = {}
    for message in read_messages(text, name):
        if not message.context:
            continue
        if message.context in found:
            raise _refused(name, message.line, tr("{context!r} stands twice", context=message.context))
        said = message.said[0] if message.said else ""
        found[message.context] = PoEntry(message.text, said, message.line, message.fuzzy)
        if len(found) > _MOST_ENTRIES:
            raise _refused(name, message.line, tr("there are more than {most:,} texts", most=_MOST_ENTRIES))
    return found


def _refused(name: str, line: int, why: str) -> ExplorerError:
    return ExplorerError(
        tr("This translation cannot be read."), tr("{name}, line {line}: {why}.", name=name, line=line, why=why)
    )


def catalogue_text(texts: Mapping[str, str], language: str, known: Mapping[str, PoEntry] | None = None) -> str:
    """A catalogue of texts by context, with the translations that are known; one of an older source text is marked fuzzy."""
    head = (
        f"Language: {language}\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
    )
    of = (known or {}).get
    return written(
        [Message("", said=[head]), *(_message(context, text, of(context)) for context, text in texts.items())]
    )


def _message(context: str, source: str, known: PoEntry | None) -> Message:
    old = known is not None and bool(known.text) and (known.source != source or known.fuzzy)
    return Message(source, said=[known.text] if known is not None else [], fuzzy=old, context=context)
