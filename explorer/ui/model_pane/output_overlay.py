"""What a model finds in a picture: over the picture, and as lines of the prediction."""

from __future__ import annotations

from PySide6.QtCore import QObject

from explorer.core.model_output import Boxes, ClassArea, ClassMap, ModelOutput
from explorer.core.render.class_colours import class_colour, is_background, painted_classes
from explorer.core.translation import ntr, tr
from explorer.ui.graphics.image_panel import ImagePanel, rect_of
from explorer.ui.graphics.output_items import DrawnBox
from explorer.ui.widgets import text
from explorer.ui.widgets.output_controls import OPACITY, SCORE, OutputControls
from explorer.ui.widgets.prediction import ClassRow, PredictionBars

_NAMED = 20  # boxes with names: more of them hide the picture


class OutputOverlay(QObject):
    """Draws class maps and boxes. `controls`: where a person sets how; None: as usual."""

    def __init__(self, picture: ImagePanel, lines: PredictionBars, controls: OutputControls | None = None) -> None:
        super().__init__(lines)
        self._picture, self._lines, self._controls = picture, lines, controls
        self._output: ModelOutput | None = None
        self._untrained = ""
        self._picked: int | None = None
        lines.picked.connect(self._pick)
        if controls is not None:
            controls.changed.connect(self._changed)

    def show(self, output: ModelOutput, untrained: str = "") -> bool:
        """A new output; whether it is one that is drawn here. `untrained`: why it means nothing, "" where it does."""
        drawn = isinstance(output, ClassMap | Boxes)
        if type(output) is not type(self._output):
            self._picked = None
        elif (
            isinstance(output, Boxes) and output != self._output
        ):  # a class keeps its number in another picture, a box does not
            self._picked = None
            self._lines.set_chosen(None)
        self._output, self._untrained = output, untrained
        if self._controls is not None:
            self._controls.show_for(isinstance(output, Boxes) if drawn else None)
        self.draw()
        if drawn:
            self._list()
        return drawn

    def hide(self) -> None:
        """What is shown is no longer of the picture."""
        self._picture.set_classes(None)
        self._picture.set_boxes(None)

    def draw(self) -> None:
        """Over the picture, once more."""
        output = self._output
        self.hide()
        if isinstance(output, ClassMap):
            opacity = self._controls.opacity if self._controls is not None else OPACITY
            self._picture.set_classes(painted_classes(output, self._picked), output.box, opacity)
        elif isinstance(output, Boxes):
            shown = self._shown(output)
            only = [number for number in shown if self._picked in (None, number)]
            self._picture.set_boxes([self._box(at, number, output) for at, number in enumerate(only)])

    def _box(self, at: int, number: int, output: Boxes) -> DrawnBox:
        found = output.found[number]
        words = f"{found.label} {found.score:.2f}" if at < _NAMED else ""
        return DrawnBox(rect_of(found.box), words, _hex(found.index), number == self._picked)

    def _shown(self, output: Boxes) -> list[int]:
        least = self._controls.score if self._controls is not None else SCORE
        return [number for number, found in enumerate(output.found) if found.score >= least]

    def _list(self) -> None:
        output = self._output
        if isinstance(output, ClassMap):
            rows = [
                ClassRow(area.index, area.label, area.share, None, text.percent(area.share), colour=_of_area(area))
                for area in output.areas
            ]
            empty = tr("No cell has a class: the values are not finite.")
            self._lines.set_found(rows, tr("share of the picture"), empty, self._untrained)
        elif isinstance(output, Boxes):
            shown = self._shown(output)
            rows = [
                ClassRow(n, f.label, f.score, None, text.number(f.score), colour=_hex(f.index))
                for n, f in ((number, output.found[number]) for number in shown)
            ]
            count = len(output.found)
            note = ntr(
                "{shown} of {count} box, by score",
                "{shown} of {count} boxes, by score",
                count,
                shown=len(rows),
                count=count,
            )
            empty = (
                ntr(
                    "{count} box, not shown.",
                    "{count} boxes, none shown.",
                    count,
                    count=count,
                )
                if count
                else tr("No objects found.")
            )
            self._lines.set_found(rows, note, empty, self._untrained)

    def _pick(self, index: int) -> None:
        self._picked = None if index < 0 else index
        self.draw()

    def _changed(self) -> None:
        if isinstance(self._output, Boxes):
            self._list()
        self.draw()


def _of_area(area: ClassArea) -> str:
    """The background is not drawn."""
    return "" if is_background(area) else _hex(area.index)


def _hex(index: int) -> str:
    return "#{:02x}{:02x}{:02x}".format(*class_colour(index))
