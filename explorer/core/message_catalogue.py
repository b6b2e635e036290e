"""Catalogues of translated messages: gettext's .po files, read as they are, so that nothing has to be compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from explorer.core.errors import ExplorerError

_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\"}
_ESCAPED = re.compile(r'\\[nt"\\]')
_PLURAL_RULE = re.compile(r"plural=([^;\n]+)")


@dataclass(slots=True)
class Message:
    """One entry. `more`: the plural of the source, "" for none. `said`: the translations, one for each plural form of the
    language; empty or "" where it is not translated. `where`: the files it is from. `context`: where a text stands that is
    translated in two ways."""

    text: str
    more: str = ""
    said: list[str] = field(default_factory=list)
    where: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fuzzy: bool = False
    context: str = ""
    line: int = field(default=0, compare=False)  # of its msgid, where it was read

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.context, self.text

    @property
    def is_translated(self) -> bool:
        return bool(self.said) and all(self.said) and not self.fuzzy


def read_messages(text: str, name: str = "") -> list[Message]:
    """The entries of a .po file in their order, the header first (its text is ""); obsolete ones (`#~`) are passed over.

    Raises ExplorerError with file and line for what is no entry.
    """
    found: list[Message] = []
    message, part = Message(""), ""
    begun = False

    def put(value: str) -> None:
        if part == "msgid":
            message.text += value
        elif part == "msgid_plural":
            message.more += value
        elif part == "msgctxt":
            message.context += value
        else:
            message.said[-1] += value

    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#~"):
            continue
        if line[0] == '"' and part:
            put(_unquoted(line, name, number))
            continue
        if line[0] == "#" or line.startswith(("msgctxt ", "msgid ")):
            if message.said or (line[0] != "#" and begun and part == "msgid"):
                found.append(message)
                message, part, begun = Message(""), "", False
            if line[0] == "#":
                _comment(message, line)
                continue
        word, _, rest = line.partition(" ")
        if word.startswith("msgstr"):
            message.said.append("")
        elif word not in ("msgid", "msgid_plural", "msgctxt"):
            raise ExplorerError(
                "A catalogue of translations cannot be read.", f"{name} line {number}: {line[:40]!r} is no entry."
            )
        begun, part = True, word
        message.line = number if word == "msgid" else message.line
        put(_unquoted(rest.strip(), name, number))
    if begun:
        found.append(message)
    return found


def _comment(message: Message, line: str) -> None:
    if line.startswith("#:"):
        message.where += tuple(line[2:].split())
    elif line.startswith("#,"):
        message.fuzzy = "fuzzy" in line
    elif line.startswith(("#.", "# ")):
        message.notes += (line[2:].strip(),)


def _unquoted(quoted: str, name: str, number: int) -> str:
    if len(quoted) < 2 or quoted[0] != '"' or quoted[-1] != '"':
        raise ExplorerError(
            "A catalogue of translations cannot be read.", f"{name} line {number}: no text in quotation marks."
        )
    inner = quoted[1:-1]
    return _ESCAPED.sub(lambda match: _ESCAPES[match[0]], inner) if "\\" in inner else inner


def written(messages: Iterable[Message]) -> str:
    """The text of a .po file; reading it gives the same messages."""
    blocks = []
    for message in messages:
        lines = [f"# {note}" for note in message.notes]
        lines += [f"#: {place}" for place in message.where]
        lines += ["#, fuzzy"] if message.fuzzy else []
        lines += _field("msgctxt", message.context) if message.context else []
        lines += _field("msgid", message.text)
        if message.more:
            lines += _field("msgid_plural", message.more)
            for at, said in enumerate(message.said or ["", ""]):
                lines += _field(f"msgstr[{at}]", said)
        else:
            lines += _field("msgstr", message.said[0] if message.said else "")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _field(word: str, text: str) -> list[str]:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    if "\n" not in escaped:
        return [f'{word} "{escaped}"']
    pieces = escaped.split("\n")
    lines = [f'"{piece}\\n"' for piece in pieces[:-1]] + ([f'"{pieces[-1]}"'] if pieces[-1] else [])
    return [f'{word} ""', *lines]


def plural_rule(header: str) -> str:
    """The expression of n in a header's `Plural-Forms`; that of English where there is none."""
    match = _PLURAL_RULE.search(header)
    return match[1].strip() if match else "n != 1"
