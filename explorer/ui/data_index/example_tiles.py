"""Nine examples of a channel: crops with value, class and cell, or sentences with their n-gram marked. Passive: setters in,
signals out. Their places do not change while pictures come."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextLayout,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolButton, QToolTip, QWidget

from explorer.core.example_pictures import ExamplePicture, FileState
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.data_index.shown_examples import ShownExample
from explorer.ui.graphics.picture_item import to_image
from explorer.ui.widgets import text
from explorer.ui.widgets.page_frame import paragraph

MOST, _ACROSS = 9, 3
_LINES = 3  # beneath a crop: value, class, cell
_SAYS = {
    FileState.GONE: tr("file is gone"),
    FileState.CHANGED: tr("file changed"),
    FileState.UNREADABLE: tr("cannot be read"),
}
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class ExampleTile(QAbstractButton):
    """One example. `pointed` says that the pointer or the keyboard has come to it or has gone, `played` asks for its sound."""

    pointed = Signal(bool)
    played = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.shown: ShownExample | None = None
        self.picture: ExamplePicture | None = None
        self._image: QImage | None = None
        self._label: tuple[str, int, int] = "", 0, 0
        self._shortened = ""
        self.play = QToolButton(self)
        self.play.setText("▶")
        self.play.setToolTip(tr("Play what the cell hears"))
        self.play.setAccessibleName(tr("Play what the cell hears"))
        self.play.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Space plays
        self.play.clicked.connect(self.played)
        self.play.hide()

    # --- setters ---

    def set_example(self, shown: ShownExample | None) -> None:
        """Another one, None: none; its picture is still to come."""
        self.setVisible(shown is not None)
        if shown != self.shown:
            self.shown = shown
            self.setAccessibleName(shown.name if shown is not None else "")
            self.update()

    def set_picture(self, picture: ExamplePicture | None) -> None:
        """What was read of it; None: it is still to come."""
        if picture is self.picture:
            return
        self.picture = picture
        self._image = to_image(picture.crop) if picture is not None and picture.crop is not None else None
        self.play.setVisible(picture is not None and picture.samples is not None)
        self.update()

    # --- Qt's names ---

    def toolTip(self) -> str:
        """Made when it is asked for, not with every channel that is scrubbed past."""
        shown, picture = self.shown, self.picture
        if shown is None or picture is None or picture.state is FileState.SAME:
            return text.tip(shown.tip) if shown is not None else ""
        return text.tip(f"{shown.tip}\n{_SAYS[picture.state]}. {picture.why}".strip())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.toolTip(), self)
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Space and self.play.isVisible():
            self.played.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the tiles move it
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: Any) -> None:
        super().enterEvent(event)
        self.pointed.emit(True)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(False)
        self.update()

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.pointed.emit(event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.OtherFocusReason))

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.pointed.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.play.move(self.width() - self.play.sizeHint().width(), self.width() + 2)  # beside the value

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.shown is None:
            return
        painter, look = QPainter(self), theme.current()
        if self.shown.words:
            self._paint_sentence(painter, look, self.shown)
        else:
            self._paint_crop(painter, look, self.shown)
        frame = look.accent if self.hasFocus() else look.warm if self.underMouse() else ""
        if frame:
            painter.setPen(QPen(QColor(frame), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _paint_crop(self, painter: QPainter, look: theme.Theme, shown: ShownExample) -> None:
        square = QRect(0, 0, self.width(), self.width())
        painter.fillRect(square, QColor(look.control))
        if self._image is not None:
            self._paint_image(painter, square, self._image)
        state = self.picture.state if self.picture is not None else FileState.SAME
        if state is not FileState.SAME:
            self._say(painter, square, _SAYS[state], look)
        metrics, high = self.fontMetrics(), self.fontMetrics().height()
        label = self._short(metrics, shown.label)
        lines = ((shown.value, look.text), (label, look.dim), (shown.cell, look.dim))
        for row, (words, colour) in enumerate(each for each in lines if each[0]):
            painter.setPen(QColor(colour))
            painter.drawText(
                QRect(2, square.bottom() + 3 + row * high, self.width() - 4, high), Qt.AlignmentFlag.AlignLeft, words
            )

    def _short(self, metrics: QFontMetrics, label: str) -> str:
        """A class as wide as the tile; the last answer is kept, as classes come again and again."""
        room = self.width() - 4 - (self.play.sizeHint().width() if self.play.isVisible() else 0)
        asked = label, room, metrics.height()
        if asked != self._label:
            self._label = asked
            self._shortened = metrics.elidedText(label, Qt.TextElideMode.ElideRight, room)
        return self._shortened

    def _paint_image(self, painter: QPainter, square: QRect, image: QImage) -> None:
        sound = self.picture is not None and self.picture.samples is not None
        room = QSize(square.width(), square.height() * 2 // 3) if sound else square.size()
        keep = Qt.AspectRatioMode.IgnoreAspectRatio if sound else Qt.AspectRatioMode.KeepAspectRatio
        size = image.size().scaled(room, keep)  # a sound has no shape of its own
        at = QRect(square.center().x() - size.width() // 2, square.center().y() - size.height() // 2, 0, 0)
        at.setSize(size)
        large = max(image.width(), image.height()) > square.width() * self.devicePixelRatioF()
        # few pixels are shown as they are; what was made for this place is not scaled at all
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, large)
        painter.drawImage(at, image)

    def _say(self, painter: QPainter, square: QRect, words: str, look: theme.Theme) -> None:
        band = QRect(square.left(), square.bottom() - self.fontMetrics().height() - 3, square.width(), 0)
        band.setBottom(square.bottom())
        painter.fillRect(band, QColor(look.panel))
        painter.setPen(QColor(look.error))
        short = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, square.width() - 4)
        painter.drawText(band.adjusted(2, 0, -2, 0), Qt.AlignmentFlag.AlignCenter, short)

    def _paint_sentence(self, painter: QPainter, look: theme.Theme, shown: ShownExample) -> None:
        """Two lines around the n-gram, which is marked; value and class at the right."""
        painter.fillRect(self.rect(), QColor(look.control))
        beside = "  ".join(part for part in (shown.value, shown.label) if part)
        wide = min(self.fontMetrics().horizontalAdvance(beside) + 4, self.width() // 2)
        painter.setPen(QColor(look.dim))
        short = self.fontMetrics().elidedText(beside, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(
            QRect(self.width() - wide - 4, 2, wide, self.height()),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
            short,
        )
        words, span = _window(shown, self.fontMetrics(), (2 * self.width() - wide) * 4 // 5)
        layout = QTextLayout(words, self.font())
        marked = QTextLayout.FormatRange()
        marked.start, marked.length = (span[0], span[1] - span[0]) if span is not None else (0, 0)
        marked.format.setForeground(QColor(look.on_accent))
        marked.format.setBackground(QColor(look.accent))
        plain = QTextLayout.FormatRange()
        plain.start, plain.length = 0, len(words)
        plain.format.setForeground(QColor(look.text))
        layout.setFormats([plain, marked] if span is not None else [plain])
        layout.beginLayout()
        for row, room in enumerate((self.width() - wide - 16, self.width() - 8)):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(room)
            line.setPosition(QPointF(4, 2 + row * self.fontMetrics().height()))
        layout.endLayout()
        layout.draw(painter, QPointF(0, 0))


def _window(shown: ShownExample, metrics: QFontMetrics, room: int) -> tuple[str, tuple[int, int] | None]:
    """As much of a sentence around its n-gram as so many pixels hold, and where the n-gram is in that."""
    words, span = shown.words, shown.span
    if metrics.horizontalAdvance(words) <= room:
        return words, span
    if span is None:
        return metrics.elidedText(words, Qt.TextElideMode.ElideRight, room), None
    first, end = span
    low, high = first, end
    while metrics.horizontalAdvance(words[low:high]) < room - 24 and (low > 0 or high < len(words)):
        low, high = max(low - 2, 0), min(high + 2, len(words))
    before, after = "…" if low else "", "…" if high < len(words) else ""
    return f"{before}{words[low:high]}{after}", (first - low + len(before), end - low + len(before))


class ExampleTiles(QWidget):
    """`opened` carries the place of an example that was clicked or chosen with Return, `pointed` the place under the pointer or
    with the focus (-1: none), `played` the place of a sound that is to be heard."""

    opened = Signal(int)
    pointed = Signal(int)
    played = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None, count: int = MOST) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._sentences = False
        self._rows = -(-count // _ACROSS)
        self.tiles = [ExampleTile(self) for _ in range(count)]
        for at, tile in enumerate(self.tiles):
            tile.clicked.connect(partial(self._open, at))
            tile.pointed.connect(partial(self._point, at))
            tile.played.connect(partial(self.played.emit, at))
        self.empty = paragraph(True)
        self.empty.setParent(self)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.set_examples(())

    def _open(self, at: int, _checked: bool = False) -> None:
        self.opened.emit(at)

    def _point(self, at: int, on: bool) -> None:
        self.pointed.emit(at if on else -1)

    def set_examples(self, shown: Sequence[ShownExample], empty: str = "") -> None:
        """Other ones; their pictures follow. The room for all of them stays; `empty` stands in it where there are none."""
        if not shown:
            self.empty.setText(empty)
        self.empty.setVisible(not shown and bool(empty))
        sentences = bool(shown) and bool(shown[0].words)
        if sentences != self._sentences:
            self._sentences = sentences
            self._place()
            self.updateGeometry()
        for at, tile in enumerate(self.tiles):
            tile.set_example(shown[at] if at < len(shown) else None)

    def set_picture(self, at: int, picture: ExamplePicture | None) -> None:
        """What was read of one of them."""
        self.tiles[at].set_picture(picture)

    @property
    def pixels(self) -> int:
        """Of the screen that a crop has across."""
        return round(self._side(self.width()) * self.devicePixelRatioF())

    # --- Qt's names ---

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = next((at for at, tile in enumerate(self.tiles) if tile.hasFocus()), -1)
        across = 1 if self._sentences else _ACROSS
        steps = {**_STEPS, Qt.Key.Key_Up: -across, Qt.Key.Key_Down: across}
        there = here + steps.get(Qt.Key(event.key()), 0)
        if here >= 0 and there != here and 0 <= there < len(self.tiles) and not self.tiles[there].isHidden():
            self.tiles[there].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        space = theme.current().tight
        if self._sentences:
            return len(self.tiles) * (self._line + space)
        return self._rows * (self._side(width) + self._beneath + space)

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        self.empty.setGeometry(self.rect())
        super().resizeEvent(event)

    @property
    def _line(self) -> int:
        return 2 * self.fontMetrics().height() + 6

    @property
    def _beneath(self) -> int:
        return _LINES * self.fontMetrics().height() + 4

    def _side(self, width: int) -> int:
        return min((width + theme.current().tight) // _ACROSS - theme.current().tight, 160)

    def _place(self) -> None:
        space, side = theme.current().tight, self._side(self.width())
        for at, tile in enumerate(self.tiles):
            if self._sentences:
                tile.setGeometry(0, at * (self._line + space), self.width(), self._line)
            else:
                row, column = divmod(at, _ACROSS)
                high = side + self._beneath
                tile.setGeometry(column * (side + space), row * (high + space), side, high)
