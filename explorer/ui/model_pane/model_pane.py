"""One model on one input: what there is of it, and what is drawn. Explore has one, Compare one a column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from explorer.core import render
from explorer.core.activations import Capture, Tap
from explorer.core.any_input import Input, as_picture
from explorer.core.arrays import Array
from explorer.core.geometry import affine, picture_points
from explorer.core.geometry.cells import Cell
from explorer.core.geometry.picture_points import Pointed
from explorer.core.inputs import Text
from explorer.core.layer_views import Sheet
from explorer.core.model_output import UNREAD, OtherOutput
from explorer.core.models import ModelCard
from explorer.core.render.waveform import waveform
from explorer.core.session.display import Display, display
from explorer.core.session.session import Session
from explorer.core.sounds import Sound
from explorer.core.texts import TextPreprocess, Token, tokenised
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.graphics.feature_map_panel import FeatureMapPanel
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.graphics.layer_stack import LayerStack
from explorer.ui.graphics.layer_strip import LayerStrip
from explorer.ui.model_pane.line_reader import LineReader
from explorer.ui.model_pane.output_overlay import OutputOverlay
from explorer.ui.model_pane.pane_layers import PaneLayers
from explorer.ui.model_pane.present import prediction_notes
from explorer.ui.model_pane.step_meanings import steps_of
from explorer.ui.widgets.prediction import PredictionBars
from explorer.ui.widgets.text_input import TextInput


@dataclass(frozen=True, slots=True, eq=False)
class PaneWidgets:
    """What a pane draws in, wherever its workspace has put it. `head` shows a title and a subtitle."""

    picture: ImagePanel
    prediction: PredictionBars
    head: Callable[[str, str], None]
    stack: LayerStack
    map: FeatureMapPanel
    strip: LayerStrip
    text: TextInput | None = None  # None: a text is shown in the place of the picture
    overlay: OutputOverlay | None = None  # None: of the output only classes are shown


class ModelPane(QObject):
    """Holds a capture with its model and draws a layer of it. It asks for nothing; what to draw, its workspace says."""

    def __init__(self, widgets: PaneWidgets, reading: bool = False) -> None:
        """`reading`: the prediction says how it was read, where that is not seen beside it."""
        super().__init__(widgets.stack)
        self._widgets, self._reading = widgets, reading
        self.layers = PaneLayers(widgets.strip)
        self.card: ModelCard | None = None  # the model of the capture, while another one may be on its way
        self.capture: Capture | None = None
        self.given: Input | None = None  # the input that is shown: its capture may be on its way, or have failed
        self.shown: Display | None = None  # what is drawn of the layer; None where nothing is
        self.lines: LineReader | None = None  # what makes long lines ready for drawing
        self._labels: tuple[str, ...] = ()
        self._across = 0

    @property
    def plain(self) -> Display | None:
        """The layer's own values, also where z-scores or a difference are drawn."""
        return self.shown.of if self.shown is not None and self.shown.of is not None else self.shown

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self.card.labels if self.card is not None else ()

    def class_of(self, entry: int) -> str:
        """The class that an entry of the vector that is shown is about; "" where it is about none."""
        vector = self.shown.vector if self.shown is not None else None
        return self.labels[entry] if vector is not None and len(self.labels) == len(vector) else ""

    @property
    def left_over(self) -> str:
        """The name of the input that is captured where another one is shown; "" where they are the same."""
        given, capture = self.given, self.capture
        if given is None or capture is None or given.digest == capture.picture.digest:
            return ""
        return capture.picture.name or tr("the input before")

    # --- what there is ---

    def set_capture(self, card: ModelCard, capture: Capture, session: Session, whole: bool = True) -> bool:
        """A capture of a model, with the values of all layers (`whole`) or of those on the screen. Returns whether the layers are
        others than before."""
        self.card, self.capture = card, capture
        self.show_picture(capture.picture)
        overlay = self._widgets.overlay
        if overlay is None or not overlay.show(capture.output, card.by_chance):
            notes = prediction_notes(capture, self._reading)
            other = capture.output.text if isinstance(capture.output, OtherOutput) else ""
            self._widgets.prediction.set_guesses(capture.prediction, card.by_chance, bool(card.labels), notes, other)
        return self.layers.set_capture(capture, session, whole)

    def forget(self) -> None:
        """The capture is not what is wanted: nothing of it is shown any more."""
        self.card = self.capture = self.shown = None
        self.layers.forget()
        if self._widgets.overlay is not None:
            self._widgets.overlay.show(UNREAD)
        self._widgets.prediction.set_guesses(())
        self._widgets.map.clear("")

    def set_frame(self, capture: Capture) -> None:
        """A live frame in between: of what is said about it only the picture follows."""
        self.capture = capture
        self.given = given = capture.picture
        if isinstance(given, Sound):
            self._show_sound(given)
        else:
            picture = as_picture(given)  # nothing else moves
            self._widgets.picture.set_picture(picture.shown, picture.name, picture.size)
            if self._widgets.overlay is not None and self.card is not None:
                self._widgets.overlay.show(capture.output, self.card.by_chance)

    def show_picture(self, picture: Input) -> None:
        """The input, and the part of it that the model sees."""
        self.given = picture
        if self.left_over and self._widgets.overlay is not None:
            self._widgets.overlay.hide()
        panel, text = self._widgets.picture, self._widgets.text
        if text is not None:
            text.setVisible(isinstance(picture, Text))
            panel.setVisible(not isinstance(picture, Text))
        if isinstance(picture, Text):
            self._show_text(picture)
            return
        if isinstance(picture, Sound):
            self._show_sound(picture)
        else:
            panel.set_picture(picture.shown, picture.name, picture.size)
        if self.card is not None:
            self._widgets.picture.set_crop(affine.crop_box(picture.size, self.card.preprocess))

    def _show_sound(self, given: Sound) -> None:
        pixels = waveform(given) if given.seen is None else given.seen
        self._widgets.picture.set_picture(pixels, given.name, given.size, True, "milliseconds")

    def _show_text(self, given: Text) -> None:
        if self._widgets.text is None:
            self._widgets.picture.clear(given.text)
        else:
            self._widgets.text.set_text(given.text, self._tokens(given))

    def _tokens(self, given: Text) -> tuple[Token, ...] | None:
        """None: the capture will bring them, for tokenizers that may take long run on the worker alone."""
        card, capture = self.card, self.capture
        pre = card.preprocess if card is not None else None
        if card is None or not isinstance(pre, TextPreprocess):
            return ()
        if capture is not None and capture.model == card.digest and capture.picture.digest == given.digest:
            return capture.text.tokens if capture.text is not None else ()
        return tokenised(given.text, pre) if pre.tokenizer is None else None

    def forget_tokens(self) -> None:
        """The forward of a text has failed: there are none."""
        if self._widgets.text is not None:
            self._widgets.text.set_tokens(())

    def values(self, tap: Tap | None) -> Array | None:
        """The values of a layer; None where there are none."""
        found = self.capture.values.get(tap.name) if self.capture is not None and tap is not None else None
        return found if found is not None and found.size else None

    def display(self, tap: Tap | None, session: Session) -> Display | None:
        """A layer with its limits, its order and its colours; None where there are no values."""
        values = self.values(tap)
        if tap is None or values is None:
            return None
        reduced = None
        if self.lines is not None:
            reduced = self.lines.reduced(tap, values, self._widgets.stack.line_columns)
        return display(tap, values, session, theme.current().dark, reduced)

    def sheet(self, tap: Tap | None) -> Sheet | None:
        """What a layer is painted from on the picture; None where there are no values."""
        if tap is None or self.capture is None or self.card is None or self.values(tap) is None:
            return None
        return Sheet(self.capture, tap.name, self.card.preprocess)

    # --- showing ---

    def show(self, shown: Display, title: str, subtitle: str, labels: tuple[str, ...], across: int = 0) -> None:
        """Draws a layer; maps stand `across` in a row, 0: as many as fit best."""
        self._widgets.head(title, subtitle)
        self._labels, self._across = labels, across
        self._draw(shown)

    def _draw(self, shown: Display) -> None:
        self.shown = shown
        self._widgets.stack.show_display(shown, self._labels, self._across, steps_of(self.card, self.capture, shown))

    def show_message(self, title: str, subtitle: str, message: str, beside: str | None = None) -> None:
        """A sentence in the place of the layer, and of the large map, where `beside` is given."""
        self.shown = None
        self._widgets.head(title, subtitle)
        self._widgets.stack.clear(message)
        if beside is not None:
            self._widgets.map.clear(beside)

    def mark(self, channel: int, cell: Cell | None = None) -> None:
        """Frames the selected channel and cell in the layer."""
        self._widgets.stack.set_selected(channel, cell)

    def show_map(self, channel: int, cell: Cell | None = None) -> bool:
        """Draws the selected channel large. Returns whether it is a map."""
        shown = self.shown
        if shown is None or shown.maps is None or shown.limits is None:
            return False
        channel = min(channel, len(shown.maps) - 1)
        inside = cell is not None and 0 <= cell[0] < shown.maps.shape[1] and cell[1] < shown.maps.shape[2]
        one, limits = shown.maps[channel], render.pick(shown.limits, channel)
        self._widgets.map.set_map(one, limits, shown.colormap, cell if inside else None, unit_of(shown))
        return True

    def show_frame(self, shown: Display, channel: int, cell: Cell | None = None) -> None:
        """Of a live frame in between the same layer and channel."""
        self._draw(shown)
        self.show_map(channel, cell)

    # --- pointing ---

    def at_cell(self, cell: Cell) -> Pointed | None:
        """A cell of the layer with its receptive field; None while nothing is drawn."""
        if self.shown is None or self.card is None or self.capture is None:
            return None
        return picture_points.of_cell(self.shown.tap, self.capture.picture.size, self.card.preprocess, cell)

    def at_pixel(self, y: float, x: float) -> Pointed | None:
        """What stands at a pixel of the original picture; None while there is none."""
        if self.card is None or self.capture is None:
            return None
        tap = self.shown.tap if self.shown is not None else None
        return picture_points.point_at(tap, self.capture.picture.size, self.card.preprocess, (y, x))

    def point(self, found: Pointed | None) -> None:
        """Frames a cell in the large map, and its receptive field on the picture; None: nothing is pointed at."""
        self._widgets.map.set_hover(found.cell if found is not None else None)
        box = found.field if found is not None else None
        self._widgets.picture.set_field(box, found is not None and found.exact)
        if self._widgets.text is not None:
            self._widgets.text.set_field(*((box.x0, box.x1) if box is not None else (0.0, 0.0)))


def unit_of(shown: Display) -> str:
    """What stands behind the numbers of what is shown."""
    return f" {shown.unit}" if shown.unit else ""
