"""The terms of the field with one meaning each, as the window, the command line and the documents use them.

The one source is `resources/glossary.md`: a table of term, meaning, and where in the window and in which commands (`in code`) it is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from explorer.core.errors import ExplorerError
from explorer.core.fuzzy import score
from explorer.core.system.paths import resources
from explorer.core.translation import ENGLISH, language, tr

_SCHEME = "term:"
_BETWEEN = re.compile(r",(?![^()]*\))")  # not those in brackets
_ENDINGS = "(s|es)?" if language() == ENGLISH else "(s|es|e|en|n|er|ern)?"
_ASIDE = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Term:
    """`names`: the first is the term, the others mean the same. `places` of the window where it is met, `commands` that use it.
    `keys`: the names in the file, which texts link to; those in another language are in `names`."""

    names: tuple[str, ...]
    meaning: str
    places: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.names[0]


def rows_of(text: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(names, meaning, where it is met) of each row of a Markdown table, as they stand there. Raises ExplorerError for a row
    that has not three columns."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|") or line.startswith(("|---", "| term |")):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 3 or not cells[0]:
            raise ExplorerError(
                tr("The glossary cannot be read."), tr("Line {number} is no row of three columns.", number=number)
            )
        yield cells[0], cells[1], tuple(item.strip() for item in _BETWEEN.split(cells[2]) if item.strip())


def parsed(text: str) -> tuple[Term, ...]:
    """The terms of a Markdown table with three columns, in the language of the texts. Raises ExplorerError for a row that has
    not three."""
    found = []
    for names, meaning, met in rows_of(text):
        commands = tuple(item.strip("`") for item in met if item.startswith("`"))
        places = tuple(tr(item) for item in met if not item.startswith("`"))
        found.append(Term(_names(tr(names)), tr(meaning).replace("`", ""), places, commands, _names(names)))
    return tuple(found)


def _names(cell: str) -> tuple[str, ...]:
    return tuple(_ASIDE.sub("", name).strip() for name in cell.split(","))


@lru_cache(maxsize=1)
def terms() -> tuple[Term, ...]:
    """All of them, by name. Raises ExplorerError where the file is not there."""
    file = resources() / "glossary.md"
    try:
        return parsed(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExplorerError(tr("The glossary cannot be read."), f"{file}: {error.strerror or error}.") from None


def _known() -> tuple[Term, ...]:
    try:
        return terms()
    except ExplorerError:
        return ()


def named(name: str) -> Term | None:
    """The term that is called so, or means the same; None for none."""
    wanted = name.casefold()
    return next((term for term in terms() if wanted in (known.casefold() for known in (*term.keys, *term.names))), None)


def search(typed: str) -> tuple[Term, ...]:
    """Terms that fit what is typed, the best first; those that only their meaning fits last. All of them for nothing, none where the
    glossary cannot be read."""
    words, known = typed.split(), _known()
    ranked = []
    for at, term in enumerate(known):
        best = max(score(typed, name) for name in (*term.names, *term.keys))
        inside = all(word.casefold() in term.meaning.casefold() for word in words)
        if best or inside:
            ranked.append((-best, at, term))
    ranked.sort(key=lambda one: one[:2])
    return tuple(term for _, _, term in ranked)


def terms_in(text: str) -> tuple[Term, ...]:
    """The terms that a text uses, in the order in which they stand there; plurals count, a part of a longer term does not. None where the
    glossary cannot be read."""
    every = [(name, term) for term in _known() for name in dict.fromkeys((*term.names, *term.keys))]
    every.sort(key=lambda one: -len(one[0]))
    taken: list[tuple[int, int, Term]] = []
    for name, term in every:
        for match in re.finditer(rf"\b{re.escape(name)}{_ENDINGS}\b", text, re.IGNORECASE):
            if not any(match.start() < end and start < match.end() for start, end, _ in taken):
                taken.append((match.start(), match.end(), term))
    taken.sort(key=lambda one: one[0])
    return tuple(dict.fromkeys(term for _, _, term in taken))


def term_link(name: str) -> str:
    """The address of a term in a text."""
    return f"{_SCHEME}{quote(name)}"


def linked_term(link: str) -> str:
    """The name that an address leads to; "" where it is none of a term."""
    return unquote(link.removeprefix(_SCHEME)) if link.startswith(_SCHEME) else ""


def names_of(found: Iterable[Term]) -> str:
    """Terms in a row."""
    return ", ".join(term.name for term in found)
