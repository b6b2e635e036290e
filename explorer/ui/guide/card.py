"""A card over the window, beside what it is about: it can be moved, closed, and reached by keyboard. Passive."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.guide.placing import place
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.nesting import nest

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_EDGE = 14  # px inside the card


def prose() -> QLabel:
    """A label for Markdown with links that are followed by hand or key."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.MarkdownText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
    return label


class Card(QFrame):
    """`closed`: by its button or Escape; `linked` carries the address of a link that was followed."""

    closed = Signal()
    linked = Signal(str)

    def __init__(self, parent: QWidget, width: int) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        text_size.hold(self, "setFixedWidth", width)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.caption, self.title = Caption(""), QLabel()
        self.title.setObjectName("title")
        self.title.setWordWrap(True)
        self.close_button = QToolButton()
        self.close_button.setText("×")
        self.close_button.setToolTip(tr("Close  ( Esc )"))
        self.close_button.setAccessibleName(tr("Close"))
        self.moved = False  # by hand
        self._held: QPoint | None = None
        head = QHBoxLayout()
        head.addWidget(self.caption, 1)
        head.addWidget(self.close_button)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(_EDGE, _EDGE - 6, _EDGE - 4, _EDGE)
        self.column.setSpacing(theme.current().space)
        nest(self.column, head)
        self.column.addWidget(self.title)
        self.close_button.clicked.connect(self._close)
        self.hold_keys(self.close_button)
        self.hide()

    def hold_keys(self, *buttons: QAbstractButton) -> None:
        """Space and Enter press these, though Space is a command of the window."""
        for button in buttons:
            button.installEventFilter(self)

    def stand(self, target: QRect | None, keep_free: tuple[QRect, ...] = ()) -> None:
        """Beside a part of the window, unless a hand has put the card elsewhere."""
        parent = self.parentWidget()
        assert parent is not None
        wanted = self.wanted
        if self.size() != wanted:
            self.resize(wanted)
        if self.moved:
            self.move(self._kept_in(self.pos()))
            return
        corner = place(parent.rect(), wanted, target, keep_free)
        if corner != self.pos():
            self.move(corner)

    @property
    def wanted(self) -> QSize:
        """As high as what it says."""
        high = self.column.totalHeightForWidth(self.width()) if self.column.hasHeightForWidth() else -1
        return QSize(self.width(), high if high > 0 else self.sizeHint().height())

    def _kept_in(self, corner: QPoint) -> QPoint:
        parent = self.parentWidget()
        assert parent is not None
        right, bottom = parent.width() - self.width(), parent.height() - self.height()
        return QPoint(max(min(corner.x(), right), 0), max(min(corner.y(), bottom), 0))

    def _close(self) -> None:
        self.hide()
        self.closed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position().toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self.moved = True
            self.move(self._kept_in(self.mapToParent(event.position().toPoint() - self._held)))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.unsetCursor()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and isinstance(watched, QAbstractButton):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() in (Qt.Key.Key_Space, *_ENTER):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() in _ENTER:
                watched.click()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)
