"""Entries of an index as tiles show them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from explorer.core.data_index import ChannelTop, IndexedTap, IndexEntry, IndexFacts
from explorer.core.errors import ExplorerError
from explorer.core.example_pictures import ExampleAsked
from explorer.core.geometry.cells import Cell, title_of
from explorer.core.kind_words import counted
from explorer.core.models import AnyPreprocess
from explorer.core.texts import TextPreprocess, tokenised
from explorer.core.translation import tr
from explorer.ui.widgets import text

_NINE = 9


@dataclass(frozen=True, slots=True)
class ShownExample:
    """`name` is read out, `tip` stands in the tool tip. Of a sentence `words` is all of it and `span` the characters that the cell
    sees, None where it sees all."""

    value: str
    label: str
    cell: str
    name: str
    tip: str
    words: str = ""
    span: tuple[int, int] | None = None


def shown_examples(found: ChannelTop, tap: IndexedTap, pre: AnyPreprocess) -> tuple[ShownExample, ...]:
    """In the order of the list."""
    return tuple(_shown(number, entry, tap, pre) for number, entry in enumerate(found.entries, 1))


def _shown(number: int, entry: IndexEntry, tap: IndexedTap, pre: AnyPreprocess) -> ShownExample:
    picture, value = entry.picture, text.number(entry.value, 4)
    cell = "" if tap.grid == (1, 1) else tr("cell …") if entry.cell is None else title_of(entry.cell)
    where = tr("cell {cell}", cell=cell) if entry.cell is not None and cell else ""
    told = (
        tr("{number}. value {value}", number=number, value=value),
        picture.label,
        where,
        picture.text or picture.name,
    )
    name = ", ".join(part for part in told if part)
    tip = "\n".join((*(part for part in told if part), tr("Click opens it with this cell selected.")))
    span = span_of(picture.text, tap, entry.cell, pre) if picture.text else None
    return ShownExample(value, picture.label, cell, name, tip, picture.text, span)


def span_of(words: str, tap: IndexedTap, cell: Cell | None, pre: AnyPreprocess) -> tuple[int, int] | None:
    """(first, end): the characters of a sentence that a cell sees; None where it sees all of it or none for certain."""
    field = tap.receptive
    if field is None or cell is None or not isinstance(pre, TextPreprocess):
        return None
    box = field.seen(0, max(cell))
    if box is None:
        return None
    try:
        tokens = tokenised(words, pre)
    except ExplorerError:
        return None
    seen = [t for t in tokens[int(max(box.x0, 0.0)) : max(int(box.x1), 0)] if t.end > t.start]
    return (seen[0].start, seen[-1].end) if seen else None


def asked_of(entries: Sequence[IndexEntry], folder: str) -> tuple[ExampleAsked, ...]:
    """What is to be read of the files of some entries."""
    return tuple(
        ExampleAsked(each.picture.ref(folder), each.cell, each.picture.size, each.picture.changed) for each in entries
    )


def without_ties(found: ChannelTop) -> ChannelTop:
    """A list of the best without entries of exactly zero: they are what an activation has clipped, in the order of the folder."""
    if found.order != "top":
        return found
    return replace(found, entries=tuple(entry for entry in found.entries if entry.value))


def list_words(found: ChannelTop, tap: IndexedTap, facts: IndexFacts) -> str:
    """What must be known of a list: ties, how few there are, what is left out."""
    noun, said = facts.settings.noun, []
    many, of_class = counted(noun, found.pictures), ""
    if found.label:
        of_class = tr(" of the class “{label}”", label=found.label)
    if not found.entries and found.maximum == 0:
        said.append(tr("None is above 0, of {many}{of_class}.", many=many, of_class=of_class))
    elif not found.entries:
        said.append(tr("None{of_class} is in this list, of {many}.", of_class=of_class, many=many))
    elif found.reach > 1:
        limit = tap.limit is not None and found.maximum == tap.limit
        of = (
            tr("the limit {maximum}", maximum=text.number(found.maximum))
            if limit
            else tr("the maximum {maximum}", maximum=text.number(found.maximum))
        )
        said.append(
            tr(
                "{reach:,} of {many} reach {of}: among these the order is that of the folder.",
                reach=found.reach,
                many=many,
                of=of,
            )
        )
    else:
        few = (
            tr("Only {count} of {many}{of_class}", count=len(found.entries), many=many, of_class=of_class)
            if len(found.entries) < _NINE
            else tr("Of {many}{of_class}", many=many, of_class=of_class)
        )
        said.append(tr("{few}; maximum {maximum}.", few=few, maximum=text.number(found.maximum)))
    if found.not_finite:
        said.append(tr("{not_finite:,} with NaN or infinity are left out.", not_finite=found.not_finite))
    if facts.waiting:
        said.append(tr("{waiting:,} are still to be indexed.", waiting=facts.waiting))
    return " ".join(said)
