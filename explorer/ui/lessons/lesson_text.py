"""Markdown of a lesson, as high as what it says, with the pictures of the lesson's own folder and nothing from anywhere else."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QResizeEvent, QTextCursor, QTextDocument, QTextListFormat
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from explorer.core.lessons.lesson_pictures import fault_of_links, pictures_in
from explorer.ui import text_size

_GAP = 7  # px between paragraphs
_STYLE = QTextListFormat.Style
_MOST_PX = 4096  # a side of a picture


class LessonText(QTextBrowser):
    """`anchorClicked` carries links to the glossary; nothing is opened by itself."""

    def __init__(self, object_name: str = "") -> None:
        super().__init__()
        self._folder = Path()
        self._shown, self._markdown = "", False
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName(object_name or "lesson")
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def set_folder(self, folder: Path) -> None:
        """Where the pictures of the lesson lie."""
        self._folder = folder
        self._shown = ""

    def show_markdown(self, text: str) -> None:
        """Other words; the same ones leave what is selected as it is. Hidden while there are none."""
        self.setVisible(bool(text))
        if text != self._shown:
            self._shown, self._markdown = text, True
            self.document().setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownNoHTML)
            self._space()
            self._fit()

    def _space(self) -> None:
        """Room between paragraphs, which Markdown of Qt leaves out."""
        block = self.document().firstBlock()
        while block.isValid():
            shape = block.blockFormat()
            shape.setBottomMargin(text_size.px(_GAP) if block.next().isValid() else 0)
            cursor = QTextCursor(block)
            cursor.setBlockFormat(shape)
            self._mark(cursor)
            block = block.next()

    def _mark(self, cursor: QTextCursor) -> None:
        """One mark for lists of one level, whichever of the signs of Markdown they were written with."""
        marked = cursor.currentList()
        if marked is not None and marked.format().style() in (_STYLE.ListCircle, _STYLE.ListSquare):
            shape = marked.format()
            shape.setStyle(_STYLE.ListDisc)
            marked.setFormat(shape)

    def show_html(self, text: str) -> None:
        """A page that the program has written."""
        self.setVisible(bool(text))
        if text != self._shown:
            self._shown, self._markdown = text, False
            self.document().setHtml(text)
            self._fit()

    @property
    def words(self) -> str:
        """As they are read."""
        return self.toPlainText()

    def loadResource(self, _kind: int, name: QUrl | str) -> object:
        text = name.toString() if isinstance(name, QUrl) else name
        if pictures_in(f"![]({text})") and not fault_of_links(f"![]({text})"):
            image = QImage(str(self._folder / text))
            if not image.isNull() and max(image.width(), image.height()) <= _MOST_PX:
                wide = max(self.viewport().width() - 2, 40)
                return (
                    image
                    if image.width() <= wide
                    else image.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)
                )
        return QImage()

    def sizeHint(self) -> QSize:
        return QSize(260, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if (
            event.type() == QEvent.Type.PaletteChange and self._markdown
        ):  # links keep the colour that they were read with
            shown, self._shown = self._shown, ""
            self.show_markdown(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def _fit(self, *_: object) -> None:
        around = self.contentsMargins()
        high = int(self.document().size().height() + 0.999) + around.top() + around.bottom()
        if high != self.height() or high != self.minimumHeight():
            self.setFixedHeight(high)
