"""gettext's catalogue of texts (`de.po`): read and written as far as lessons need it, which is contexts and plain texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from explorer.core.errors import ExplorerError

_LINE = re.compile(r'(?:(msgctxt|msgid|msgstr)\s+)?"((?:[^"\\]|\\.)*)"\s*')
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class PoEntry:
    """One text. `fuzzy`: a tool has guessed it."""

    source: str
    text: str
    line: int = 0  # of its msgid
    fuzzy: bool = False


def entries_from(text: str, name: str) -> dict[str, PoEntry]:
    """Entries by context; the head, obsolete ones and those without context are left out. Raises ExplorerError with the line."""
    found: dict[str, PoEntry] = {}
    parts: dict[str, str] = {}
    at, line_of, fuzzy = "", 0, False

    def close() -> None:
        nonlocal parts, at, fuzzy
        if "msgid" in parts and parts.get("msgctxt"):
            if parts["msgctxt"] in found:
                raise _refused(name, line_of, f"{parts['msgctxt']!r} stands twice")
            found[parts["msgctxt"]] = PoEntry(parts["msgid"], parts.get("msgstr", ""), line_of, fuzzy)
        parts, at, fuzzy = {}, "", False

    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip():
            if "msgstr" in parts:
                close()
            continue
        if line.startswith("#"):
            if "msgstr" in parts:
                close()
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        match = _LINE.fullmatch(line)
        if match is None or (match[1] is None and not at):
            raise _refused(name, number, "is no line of a catalogue: msgctxt, msgid or msgstr and a text in quotes")
        if match[1] is not None:
            if match[1] in parts and "msgstr" in parts:
                close()
            at = match[1]
            parts[at] = ""
            line_of = number if at == "msgid" else line_of
        parts[at] += re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), match[2])
        if len(found) > _MOST_ENTRIES:
            raise _refused(name, number, f"there are more than {_MOST_ENTRIES:,} texts")
    close()
    return found


def _refused(name: str, line: int, why: str) -> ExplorerError:
    return ExplorerError("This translation cannot be read.", f"{name}, line {line}: {why}.")


def catalogue_text(texts: Mapping[str, str], language: str, known: Mapping[str, PoEntry] | None = None) -> str:
    """A catalogue of texts by context, with the translations that are known; one of an older source text is marked fuzzy."""
    head = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    )
    return head + "".join(_entry(context, text, (known or {}).get(context)) for context, text in texts.items())


def _entry(context: str, source: str, known: PoEntry | None) -> str:
    old = known is not None and bool(known.text) and (known.source != source or known.fuzzy)
    lines = ["", *(["#, fuzzy"] if old else [])]
    for word, text in (("msgctxt", context), ("msgid", source), ("msgstr", known.text if known is not None else "")):
        lines += _quoted(word, text)
    return "\n".join(lines) + "\n"


def _quoted(word: str, text: str) -> Iterable[str]:
    pieces = text.splitlines(keepends=True)
    if len(pieces) < 2:
        return [f"{word} {_quote(text)}"]
    return [f'{word} ""', *(_quote(piece) for piece in pieces)]


def _quote(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")
    )
    return f'"{escaped}"'
