"""The figure of Compare as a whole: columns side by side with their names, on the scale that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from explorer.core.activations import Capture
from explorer.core.figure.figure_parts import FigureDescription, FigurePart, NotePart
from explorer.core.figure.figure_subject import (
    input_part,
    input_words,
    model_words,
    prediction_part,
    program,
    sentences,
    tap_words,
)
from explorer.core.figure.layer_figures import channel_part, file_name, layer_part
from explorer.core.models import ModelCard
from explorer.core.session.display import Display
from explorer.core.translation import tr, uncapitalised


@dataclass(frozen=True, slots=True, eq=False)
class ComparedColumn:
    """What a column shows. `part`: what stands in the place of its maps (components, similarity, attention); `note`: how it was
    changed: edits, a difference to the first."""

    letter: str
    card: ModelCard
    capture: Capture
    shown: Display
    channel: int = 0
    part: FigurePart | None = None
    note: str = ""


def compare_figure(columns: Sequence[ComparedColumn], scale: str, more: Sequence[FigurePart] = ()) -> FigureDescription:
    """`scale` says which values the colours run between; `more` stands beneath, such as a matrix between the columns."""
    if not columns:
        return FigureDescription(tr("Compare"), ((NotePart(tr("Nothing is shown yet.")),),))
    same = len({column.capture.picture.digest for column in columns}) == 1
    rows: list[tuple[FigurePart, ...]] = []
    if same:
        rows.append((replace(input_part(columns[0].capture), weight=0.6), *_predictions(columns)))
    else:
        rows.append(
            tuple(input_part(column.capture, tr("{letter}: input", letter=column.letter)) for column in columns)
        )
        rows.append(_predictions(columns))
    rows.append(tuple(_titled(column) for column in columns))
    large = tuple(_large(column) for column in columns if column.part is None and column.shown.maps is not None)
    rows += [large] if len(large) == len(columns) else []
    rows += [(part,) for part in more]
    caption = sentences(
        *(
            f"{c.letter}: {model_words(c.card)}, {uncapitalised(tap_words(c.shown.tap))}"
            + ("" if same else f", {uncapitalised(input_words(c.capture.picture))}")
            + (f", {c.note}" if c.note else "")
            for c in columns
        ),
        input_words(columns[0].capture.picture) if same else "",
        tr("Colours: {scale}", scale=scale) if scale else "",
        program(),
    )
    names = [column.card.name for column in columns]
    return FigureDescription(
        " · ".join(f"{column.letter} {column.card.name}" for column in columns),
        tuple(row for row in rows if row),
        caption,
        file_name("compare", *names),
    )


def _predictions(columns: Sequence[ComparedColumn]) -> tuple[FigurePart, ...]:
    found = ((column.letter, prediction_part(column.capture, 3)) for column in columns)
    return tuple(
        replace(part, title=tr("{letter}: prediction", letter=letter), weight=0.5)
        for letter, part in found
        if part is not None
    )


def _titled(column: ComparedColumn) -> FigurePart:
    title = f"{column.letter}: {column.shown.tap.name}"
    part = column.part if column.part is not None else layer_part(column.shown, column.capture, column.channel)
    note = ". ".join(each for each in (part.note, column.note) if each)
    return replace(part, title=title, note=note)


def _large(column: ComparedColumn) -> FigurePart:
    assert column.shown.maps is not None
    channel = min(column.channel, len(column.shown.maps) - 1)
    return channel_part(
        column.shown, channel, None, tr("{letter}: channel {channel}", letter=column.letter, channel=channel)
    )
