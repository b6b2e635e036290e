"""The figures of Compare: all columns side by side, and the methods over two models between them."""

from __future__ import annotations

from dataclasses import replace

from explorer.core.figure.compare_figure import ComparedColumn, compare_figure
from explorer.core.figure.figure_parts import FigureDescription, FigurePart, NotePart, PicturePart, TablePart, TilesPart
from explorer.core.figure.figure_subject import model_words, program, sentences
from explorer.core.layer_views import Shows
from explorer.core.translation import tr
from explorer.ui.compare.control import CompareControl
from explorer.ui.compare.view import ColumnView


class CompareFigures:
    """What the columns show now."""

    def __init__(self, control: CompareControl) -> None:
        self._control = control

    def whole(self) -> FigureDescription | None:
        """Columns with their names, on their common scale; None while nothing is shown."""
        doc = self._control.doc
        found = []
        for column in doc.columns:
            view = self._control.views[column.key]
            if view.shown is None or view.capture is None or view.of is None:
                continue
            note = tr("values under edits") if view.of_edits else tr("difference to A") if column.minus else ""
            part = None if column.shows == Shows.MAPS else _picture_of(view, column.shows == Shows.ATTENTION)
            channel = min(column.channel, max(len(view.shown.plain) - 1, 0))
            found.append(ComparedColumn(view.letter, view.of, view.capture, view.shown, channel, part, note))
        return compare_figure(found, str(doc.scale)) if found else None

    def measured(self) -> FigureDescription | None:
        """What the cards of the models say was measured of them; None where there is nothing."""
        letters, rows = self._control.pairs.panel.figures.table.shown
        if not rows:
            return None
        views = self._control.views.values()
        models = [f"{view.letter}: {model_words(view.of)}" for view in views if view.of is not None]
        part = TablePart("", ("", *letters), tuple((row.label, *row.values) for row in rows))
        return FigureDescription(tr("Measured figures"), ((part,),), sentences(*models, program()), "measured-figures")

    def pair(self, name: str) -> FigureDescription | None:
        """The result of a method between the columns; None while there is none."""
        return self._control.pairs.parts[name].figure()


def _picture_of(view: ColumnView, attention: bool) -> FigurePart:
    """What stands in the place of a column's maps: heads of an attention, or one picture of the layer."""
    if attention:
        panel = view.panel.attention
        part, said = panel.front.figure_part, panel.note.text()
        if part is None:
            return NotePart(said or tr("Nothing is shown yet."))
        noted = replace(part, note="; ".join(words for words in (part.note, said) if words))
        return replace(noted, numbers=False) if isinstance(noted, TilesPart) else noted
    places = view.panel.features.places
    if places.rgb is not None and not places.stale:
        return PicturePart("", places.rgb, note=view.panel.features.note.text())
    return NotePart(places.stale or tr("Nothing is shown yet."))
