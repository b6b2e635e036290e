"""The result of a lesson in the panel: what was done and answered, marks, and what can be made of it. Passive."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF, Signal
from PySide6.QtGui import QFont, QPagedPaintDevice, QPageLayout, QPageSize, QPdfWriter, QPixmap, QTextDocument
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.lessons.lesson_text import LessonText
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.nesting import nest

_MARGIN = 18.0  # mm
_LETTERS = 10.0  # points


class ResultView(QWidget):
    """`named` carries the name of the person as it is typed."""

    named = Signal(str)
    saved = Signal()
    printed = Signal()
    handed_in = Signal()
    back = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        scale = theme.current()
        self.text, self.name = LessonText(), QLineEdit()
        self.name.setPlaceholderText(tr("Your name, for the hand-in"))
        self.name.setAccessibleName(tr("Your name"))
        self.save_button, self.print_button = QPushButton(tr("Save as PDF …")), QPushButton(tr("Print …"))
        self.hand_in_button = QPushButton(tr("Hand in …"))
        self.hand_in_button.setToolTip(tr("One file for the teacher: the answers, the times and what was open"))
        self.hand_in_button.setProperty("main", True)
        self.back_button, self.close_button = QPushButton(tr("Back to the lesson")), QPushButton(tr("Close"))
        scroll = QScrollArea()
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, scale.tight, 0)
        inner.addWidget(self.text)
        inner.addStretch(1)
        scroll.setWidget(holder)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setAccessibleName(tr("Result"))
        column = QVBoxLayout(self)
        column.setContentsMargins(scale.space, scale.tight, scale.space, scale.space)
        column.setSpacing(scale.space)
        column.addWidget(Caption(tr("Result")))
        column.addWidget(scroll, 1)
        column.addWidget(self.name)
        for buttons in (
            (self.hand_in_button, self.print_button),  # two in a row: the panel is as wide as its widest page
            (self.save_button,),
            (self.back_button, self.close_button),
        ):
            line = QHBoxLayout()
            for button in buttons:
                line.addWidget(button)
            nest(column, line)
        for signal, button in (
            (self.saved, self.save_button),
            (self.printed, self.print_button),
            (self.handed_in, self.hand_in_button),
            (self.back, self.back_button),
            (self.closed, self.close_button),
        ):
            button.clicked.connect(signal)
        self.name.textEdited.connect(self.named)


def pdf_of(page: str) -> bytes:
    """The page as a PDF of A4."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN),
            QPageLayout.Unit.Millimeter,
        )
    )
    print_on(writer, page)
    return bytes(buffer.data().data())


def print_on(device: QPagedPaintDevice, page: str) -> None:
    """The page in black on white, whatever the theme, in letters of `_LETTERS` points."""
    document, font, inside = QTextDocument(), QFont(), device.pageLayout().paintRectPoints()
    font.setPointSizeF(_LETTERS)  # that of the window is in pixels, which are a tenth as large on paper
    document.setDefaultFont(font)
    document.setDocumentMargin(0)
    document.setDefaultStyleSheet("body { color: black; } td { color: black; }")
    document.setHtml(f"<body style='color: black'>{page}</body>")
    dots = document.documentLayout().paintDevice() or QPixmap(1, 1)  # what a point is laid out by; the rest is scaling
    document.setPageSize(QSizeF(inside.size()) * (dots.logicalDpiX() / 72))
    document.print_(device)
