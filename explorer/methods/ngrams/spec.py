"""N-grams: the runs of words on which each channel of a layer has its maximum, over the sentences of a file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from explorer.core.activations import Layout
from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.params import integer, text
from explorer.core.selection import Selection
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class NgramParams:
    """Over which sentences."""

    inputs: str = text(
        "",
        tr("Sentences"),
        tr("A text file with a sentence on each line; empty: the open text alone"),
        least=tr("the open text"),
    )
    top: int = integer(10, tr("Listed"), tr("N-grams that are listed of each channel"), low=1, high=1000)


@dataclass(frozen=True, slots=True)
class Ngram:
    """Words with the channel's value on them; in which share of the sentences they are where its maximum lies."""

    words: str
    value: float
    share: float  # 0..1
    position: int  # of the first of its tokens, in the sentence with that value
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Ngrams:
    """Of each channel those with the highest values, the highest first. `width`: tokens of an n-gram."""

    tap: str
    width: int
    channels: tuple[tuple[Ngram, ...], ...]
    sentences: int
    total: int
    final: bool = False


def _unavailable(selection: Selection, _params: NgramParams) -> str:
    tap = selection.tap
    if tap.layout not in (Layout.NCT, Layout.NLC):
        return tr("This layer has no positions in the text: choose one before the words are put together.")
    whole = tap.receptive is None or tap.receptive.whole
    return tr("Every cell of this layer sees the whole text: no words can be named.") if whole else ""


def _needs_picture(params: NgramParams) -> bool:
    return not params.inputs


def _to_json(result: Ngrams) -> dict[str, Any]:
    return {
        "tap": result.tap,
        "width": result.width,
        "sentences": result.sentences,
        "channels": [
            {
                "channel": number,
                "ngrams": [
                    {"words": n.words, "value": n.value, "share": n.share, "position": n.position} for n in found
                ],
            }
            for number, found in enumerate(result.channels)
        ],
    }


def _write(result: Ngrams) -> str:
    lines = [
        tr(
            "n-grams of {width} tokens, {tap}, {sentences:,} sentences",
            width=result.width,
            tap=result.tap,
            sentences=result.sentences,
        )
    ]
    for number, found in enumerate(result.channels):
        lines.append(tr("channel {number}", number=number))
        lines += [f"  {n.value:>10.4g}  {n.share:>6.1%}  {n.words}" for n in found]
    return "\n".join(lines)


def _csv(result: Ngrams) -> bytes:
    """One line an n-gram."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["channel", "words", "value", "share", "position", "sentence"])
    for number, found in enumerate(result.channels):
        writer.writerows([number, n.words, n.value, n.share, n.position, n.sentence] for n in found)
    return made.getvalue().encode()


def _file_name(result: Ngrams) -> str:
    return f"ngrams-{result.tap}-{result.sentences}-sentences"


def _unfinished(result: Ngrams) -> str:
    return (
        ""
        if result.final
        else tr("Stopped after {sentences:,} of {total:,} sentences.", sentences=result.sentences, total=result.total)
    )


SPEC = MethodSpec(
    id="ngrams",
    title=tr("N-grams"),
    about=tr("The words on which each filter has its maximum, over the sentences of a file"),
    package="explorer.methods.ngrams",
    scope=Scope.LAYER,
    params=NgramParams,
    result=Ngrams,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    needs_picture=_needs_picture,
    exports=(Export(tr("Save as CSV …"), ".csv", "CSV", _csv, _file_name, tr("One line an n-gram")),),
    unfinished=_unfinished,
    invitation=tr("Which words each filter waits for: the runs of words on which it has its maximum."),
    run_title=tr("Find"),
    noun=tr("list"),
    unit=tr("sentences"),
    kinds=("text",),
    source="Jacovi, Sar Shalom and Goldberg 2018",
    explained=Explanation(
        shows=tr(
            "The runs of words on which each filter of a text layer has its maximum, over the sentences of a file."
        ),
        read=tr(
            "Read down a filter's list: words that keep coming back are what it waits for; the share says in "
            "how many sentences its maximum lies there."
        ),
        misleads=tr(
            "A filter may wait for several things, of which the commonest fill the list; and the list knows "
            "only words that the sentences hold."
        ),
    ),
)
