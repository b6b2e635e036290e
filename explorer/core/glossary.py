"""The terms of the field with one meaning each, as the window, the command line and the documents use them.

The one source is `resources/glossary.md`: a table of term, meaning, and where in the window and in which commands (`in code`) it is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from explorer.core.errors import ExplorerError
from explorer.core.fuzzy import score
from explorer.core.system.paths import resources
from explorer.core.translation import tr

_SCHEME = "term:"
_ASIDE = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Term:
    """`names`: the first is the term, the others mean the same. `places` of the window where it is met, `commands` that use it."""

    names: tuple[str, ...]
    meaning: str
    places: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.names[0]


def parsed(text: str) -> tuple[Term, ...]:
    """The terms of a Markdown table with three columns. Raises ExplorerError for a row that has not three."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|") or line.startswith(("|---", "| term |")):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 3 or not cells[0]:
            raise ExplorerError(
                tr("The glossary cannot be read."), tr("Line {number} is no row of three columns.", number=number)
            )
        names = tuple(_ASIDE.sub("", name).strip() for name in cells[0].split(","))
        met = [item.strip() for item in cells[2].split(",") if item.strip()]
        commands = tuple(item.strip("`") for item in met if item.startswith("`"))
        places = tuple(item for item in met if not item.startswith("`"))
        found.append(Term(names, cells[1].replace("`", ""), places, commands))
    return tuple(found)


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
    return next((term for term in terms() if wanted in (known.casefold() for known in term.names)), None)


def search(typed: str) -> tuple[Term, ...]:
    """Terms that fit what is typed, the best first; those that only their meaning fits last. All of them for nothing, none where the
    glossary cannot be read."""
    words, known = typed.split(), _known()
    ranked = []
    for at, term in enumerate(known):
        best = max(score(typed, name) for name in term.names)
        inside = all(word.casefold() in term.meaning.casefold() for word in words)
        if best or inside:
            ranked.append((-best, at, term))
    ranked.sort(key=lambda one: one[:2])
    return tuple(term for _, _, term in ranked)


def terms_in(text: str) -> tuple[Term, ...]:
    """The terms that a text uses, in the order in which they stand there; plurals count, a part of a longer term does not. None where the
    glossary cannot be read."""
    every = [(name, term) for term in _known() for name in term.names]
    every.sort(key=lambda one: -len(one[0]))
    taken: list[tuple[int, int, Term]] = []
    for name, term in every:
        for match in re.finditer(rf"\b{re.escape(name)}(s|es)?\b", text, re.IGNORECASE):
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
