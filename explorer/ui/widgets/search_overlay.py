"""What a frame with a search field needs to lie over the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QWidget
from shiboken6 import isValid

TOP = 56  # px above the plate


class SearchOverlay(QObject):
    """Covers the parent of `frame`, keeps what is typed in `field` from the shortcuts of the window, and gives the focus back.

    `place` puts what is in the frame where it belongs; `press` says whether a key that came to the field was about something else.
    `left`: the field has lost the focus, with Qt's reason.
    """

    left = Signal(object)

    def __init__(
        self,
        frame: QFrame,
        field: QLineEdit,
        place: Callable[[], None],
        press: Callable[[QKeyEvent], bool],
    ) -> None:
        super().__init__(frame)
        self._frame, self._field, self._place, self._press = frame, field, place, press
        self._before: QWidget | None = None  # had the focus
        frame.setObjectName("shade")
        field.setObjectName("commands")
        field.installEventFilter(self)
        self._page.installEventFilter(self)
        frame.hide()

    @property
    def _page(self) -> QWidget:
        page = self._frame.parentWidget()
        assert page is not None
        return page

    def lay_out(self) -> None:
        """Over all of the parent."""
        self._frame.setGeometry(self._page.rect())
        self._place()

    def open(self) -> None:
        """Brings it to the front, with the field ready."""
        if self._frame.isHidden():
            self._before = QApplication.focusWidget()
        self.lay_out()
        self._frame.raise_()
        self._frame.show()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self, give_back: bool = True) -> bool:
        """Takes it away; whether it was there. The focus goes back unless it is elsewhere already."""
        before, self._before = self._before, None
        if self._frame.isHidden():
            return False
        self._frame.hide()
        if give_back and before is not None and isValid(before):
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is not self._field:
            if kind == QEvent.Type.Resize and self._frame.isVisible():
                self.lay_out()
        elif kind == QEvent.Type.ShortcutOverride:  # what is typed is no shortcut of the window
            event.accept()
            return True
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(event)
        elif kind == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            self.left.emit(event.reason())
        return super().eventFilter(watched, event)
