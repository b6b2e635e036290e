"""A figure as PNG, SVG and PDF bytes, of exactly the width that was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from math import ceil
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRect, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_drawing import Drawing
from explorer.core.figure.figure_layout import lay_out
from explorer.core.figure.figure_parts import MM_PER_INCH, SUFFIXES, FigureDescription, FigureStyle
from explorer.core.translation import tr
from explorer.ui.figures.figure_painter import UNITS, QtRuler, paint

_POINTS = 72 / MM_PER_INCH  # a millimetre
_DPI = round(UNITS * MM_PER_INCH)  # of the painter's units
_MOST_PIXELS = 300_000_000  # of a PNG


def drawn(figure: FigureDescription, style: FigureStyle) -> Drawing:
    """Laid out with the fonts of this computer."""
    return lay_out(figure, style, QtRuler())


def figure_bytes(figure: FigureDescription, style: FigureStyle, suffix: str, about: str = "") -> bytes:
    """The file's content. As `figure_encoder`."""
    return figure_encoder(figure, style, suffix, about)()


def figure_encoder(figure: FigureDescription, style: FigureStyle, suffix: str, about: str = "") -> Callable[[], bytes]:
    """Lays a figure out; what is returned makes the file's content by its suffix, in any thread. `about` goes into a PNG's
    description. Raises ExplorerError for another suffix, and where a PNG would have too many pixels."""
    drawing = drawn(figure, style)
    if suffix == ".svg":
        return partial(_svg, drawing)
    if suffix == ".pdf":
        return partial(_pdf, drawing)
    if suffix == ".png":
        _pixels_of(drawing, style)
        return partial(_png, drawing, style, about or figure.caption)
    raise ExplorerError(
        tr("A figure is not written as {suffix}.", suffix=suffix or tr("a file without a suffix")),
        "",
        tr("Use .png, .svg or .pdf."),
    )


def suffix_of_figure(path: str) -> str:
    """.png, .svg or .pdf. Raises ExplorerError for another."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ExplorerError(
            tr("{name} is no figure.", name=Path(path).name[-60:]), "", tr("Its name must end in .png, .svg or .pdf.")
        )
    return suffix


def _pixels_of(drawing: Drawing, style: FigureStyle) -> tuple[int, int]:
    """(wide, high). Raises ExplorerError for too many."""
    wide = style.width_px
    high = max(ceil(drawing.height * wide / drawing.width - 1e-6), 1)
    if wide * high > _MOST_PIXELS:
        raise ExplorerError(
            tr("The picture would be too large."),
            tr("It would have {wide} × {high} pixels.", wide=wide, high=high),
            tr("Choose a smaller width or dpi."),
        )
    return wide, high


def figure_image(drawing: Drawing, style: FigureStyle) -> QImage:
    """As pixels, `style.width_px` wide, with its dpi."""
    wide, high = _pixels_of(drawing, style)
    scale = wide / drawing.width
    image = QImage(QSize(wide, high), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    image.setDotsPerMeterX(round(style.dpi / MM_PER_INCH * 1000))
    image.setDotsPerMeterY(round(style.dpi / MM_PER_INCH * 1000))
    painter = QPainter(image)
    try:
        painter.fillRect(image.rect(), drawing.paper)
        painter.scale(scale / UNITS, scale / UNITS)
        paint(painter, drawing)
    finally:
        painter.end()
    return image


def _png(drawing: Drawing, style: FigureStyle, about: str) -> bytes:
    image = figure_image(drawing, style)
    image.setText(tr("Title"), drawing.title)
    image.setText(tr("Description"), about)
    buffer = _buffer()
    image.convertToFormat(QImage.Format.Format_RGB888).save(buffer, "PNG")  # type: ignore[call-overload]
    return _content(buffer)


def _svg(drawing: Drawing) -> bytes:
    """Text stays text, frames stay lines, pictures are embedded."""
    buffer = _buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(_DPI)
    size = QSize(round(drawing.width * UNITS), round(drawing.height * UNITS))
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(drawing.title)
    generator.setDescription("Feature Map Explorer")
    painter = QPainter(generator)
    try:
        paint(painter, drawing)
    finally:
        painter.end()
    # optimizeSpeed is what Qt says for nearest neighbour; browsers know it as pixelated
    return _content(buffer).replace(
        b'image-rendering="optimizeSpeed"', b'image-rendering="optimizeSpeed" style="image-rendering:pixelated"'
    )


def _pdf(drawing: Drawing) -> bytes:
    """Qt makes pages of whole points: the page is made larger, and its box then says exactly what is seen of it."""
    wide, high = drawing.width * _POINTS, drawing.height * _POINTS
    page = ceil(wide - 1e-9), ceil(high - 1e-9)
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    writer.setTitle(drawing.title)
    writer.setCreator("Feature Map Explorer")
    writer.setResolution(_DPI)
    size = QPageSize(QSizeF(*page), QPageSize.Unit.Point, "figure", QPageSize.SizeMatchPolicy.ExactMatch)
    layout = QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
    writer.setPageLayout(layout)
    painter = QPainter(writer)
    try:
        paint(painter, drawing)
    finally:
        painter.end()
    return _cropped(_content(buffer), wide, page[1] - high, page[1])


def _cropped(content: bytes, wide: float, low: float, top: int) -> bytes:
    """The boxes of the page replaced by exact ones of the same number of bytes, so that the table of places stays right."""

    def exact(found: re.Match[bytes]) -> bytes:
        room = len(found.group(2))
        for digits in range(6, -1, -1):
            words = f"0 {low:.{digits}f} {wide:.{digits}f} {top}".encode()
            if len(words) <= room:
                return found.group(1) + words.ljust(room) + b"]"
        return found.group(0)

    return re.sub(rb"(/(?:MediaBox|TrimBox) \[)(0 0 [\d.]+ [\d.]+)\]", exact, content)


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _content(buffer: QBuffer) -> bytes:
    return bytes(buffer.data().data())
