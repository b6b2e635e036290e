"""Figures as frames of a film: of every layer of an input, or of one layer while the input moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtGui import QColor, QImage

from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_drawing import INKS
from explorer.core.figure.figure_parts import MM_PER_INCH, FigureDescription, FigureStyle
from explorer.core.figure.layer_figures import layer_figure
from explorer.core.models import ModelCard
from explorer.core.session.display import display
from explorer.core.session.session import Session
from explorer.ui.figures.figure_files import drawn, figure_image

_DPI = 110


def film_style(width_px: int, dark: bool) -> FigureStyle:
    """Of frames: so many pixels wide, without captions, which nobody reads in time."""
    return FigureStyle(width_px / _DPI * MM_PER_INCH, _DPI, 9.0, "dark" if dark else "light", caption=False)


def paper_of(style: FigureStyle) -> tuple[int, int, int]:
    """The colour around smaller frames."""
    colour = QColor(INKS[style.theme].paper)
    return colour.red(), colour.green(), colour.blue()


def frame_of(figure: FigureDescription, style: FigureStyle) -> Array:
    """(H, W, 3) uint8."""
    image = figure_image(drawn(figure, style), style).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def frames_of_layers(
    card: ModelCard, capture: Capture, taps: Sequence[Tap], session: Session, style: FigureStyle
) -> Iterator[Array]:
    """A frame for each layer whose values are there and can be drawn, in order."""
    for tap in taps:
        values = capture.values.get(tap.name)
        if values is None or tap.alias or not tap.observable:
            continue
        try:
            shown = display(tap, values, session, style.theme == "dark")
        except ExplorerError:  # its values do not fit what the tap says of them
            continue
        yield frame_of(layer_figure(shown, card, capture), style)
