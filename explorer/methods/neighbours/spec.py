"""Embedding neighbours: the words whose rows in the table of an embedding point in the most similar direction."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.params import integer, text
from explorer.core.selection import Selection
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class NeighbourParams:
    """Of which word, and how many."""

    token: str = text(
        "",
        tr("Word"),
        tr("A word of the vocabulary, or the number of a row; empty: the tokens of the open text"),
        least=tr("tokens of the text"),
    )
    top: int = integer(10, tr("Listed"), tr("Neighbours that are listed of each word"), low=1, high=1000)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row of the table with its word, and the cosine of the angle between it and the row that is asked about (-1..1)."""

    id: int
    word: str
    cosine: float


@dataclass(frozen=True, slots=True)
class RowNeighbours:
    """A row of the table and those most similar to it, the most similar first; () for a row of zeros, which has no direction."""

    id: int
    word: str
    norm: float
    unknown: (
        bool  # whether the word that was asked for is not in the vocabulary, so that this is the row of unknown words
    )
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """`rows`: one a different token, by their first places. `places[i]` is the row (an index of `rows`) of token i of the text,
    () where a word was asked for."""

    tap: str
    rows: tuple[RowNeighbours, ...]
    places: tuple[int, ...]
    vocabulary: int  # rows of the table
    width: int


def _unavailable(selection: Selection, _params: NeighbourParams) -> str:
    if "Embedding" not in selection.tap.type:
        return tr("Only an embedding has a row for each word: choose the layer that looks the tokens up.")
    return ""


def _needs_picture(params: NeighbourParams) -> bool:
    return not params.token


def _to_json(result: Neighbours) -> dict[str, Any]:
    return {
        "tap": result.tap,
        "vocabulary": result.vocabulary,
        "width": result.width,
        "places": list(result.places),
        "tokens": [
            {
                "id": row.id,
                "word": row.word,
                "unknown": row.unknown,
                "norm": row.norm,
                "neighbours": [{"id": n.id, "word": n.word, "cosine": n.cosine} for n in row.neighbours],
            }
            for row in result.rows
        ],
    }


def _write(result: Neighbours) -> str:
    lines = [
        tr(
            "{tap}: {vocabulary:,} rows of {width} numbers",
            tap=result.tap,
            vocabulary=result.vocabulary,
            width=result.width,
        )
    ]
    for row in result.rows:
        lines.append(
            tr(
                "{word}  (id {id}, norm {norm:.4g}){unknown}",
                word=row.word,
                id=row.id,
                norm=row.norm,
                unknown=tr(", unknown") if row.unknown else "",
            )
        )
        lines += [f"  {n.cosine:>8.4f}  {n.word}" for n in row.neighbours]
        if not row.neighbours:
            lines.append(tr("  a row of zeros: it has no direction"))
    return "\n".join(lines)


def _csv(result: Neighbours) -> bytes:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["id", "word", "neighbour_id", "neighbour", "cosine"])
    for row in result.rows:
        writer.writerows([row.id, row.word, n.id, n.word, n.cosine] for n in row.neighbours)
    return made.getvalue().encode()


def _file_name(result: Neighbours) -> str:
    return f"neighbours-{result.tap}"


SPEC = MethodSpec(
    id="neighbours",
    title=tr("Neighbours"),
    about=tr("The words whose rows in an embedding are most similar, by cosine"),
    package="explorer.methods.neighbours",
    scope=Scope.LAYER,
    params=NeighbourParams,
    result=Neighbours,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    needs_picture=_needs_picture,
    exports=(Export(tr("Save as CSV …"), ".csv", "CSV", _csv, _file_name, tr("One line a neighbour")),),
    invitation=tr("The words whose rows in the table are most similar to those of the text, by cosine."),
    run_title=tr("Find"),
    noun=tr("list"),
    kinds=("text",),
    explained=Explanation(
        shows=tr("The words whose rows in an embedding point most nearly in the direction of a word of this text."),
        read=tr(
            "The cosine is 1 for the same direction and near 0 for unrelated rows; a click on a token chooses the word."
        ),
        misleads=tr(
            "Neighbours tell how the table was trained: words that stand in the same places are near, also when "
            "they mean the opposite, and what later layers make of them is not seen here."
        ),
    ),
    source="Mikolov et al. 2013",
)
