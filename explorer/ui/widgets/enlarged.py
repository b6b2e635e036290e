"""A panel over the whole window: the same values, in the very panels, so that they are read, zoomed and followed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLayout, QScrollArea, QSplitter, QStackedWidget, QWidget
from shiboken6 import delete, isValid

from explorer.core.translation import tr

_TITLE, _GAP = 26, 14  # px
_LARGEST = 16_777_215  # Qt's QWIDGETSIZE_MAX


class EnlargeRequest(QEvent):
    """Sent to the window: which panel is to be seen large."""

    KIND = QEvent.Type(QEvent.registerEventType())

    def __init__(self, part: QWidget) -> None:
        super().__init__(self.KIND)
        self.part = part


class _Holder(QWidget):
    """Keeps the place of a panel that is elsewhere."""

    def __init__(self, part: QWidget, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._size = part.size()
        self.setSizePolicy(part.sizePolicy())
        self.setMinimumSize(part.minimumSize())
        self.setMaximumSize(part.maximumSize())
        self.setGeometry(part.geometry())

    def sizeHint(self) -> QSize:
        return self._size


@dataclass(frozen=True, slots=True, eq=False)
class _Lent:
    """A panel, who holds its place, and the sizes that it may have there."""

    part: QWidget
    holder: _Holder
    least: QSize
    most: QSize
    title: QLabel


class Enlarged(QFrame):
    """Covers its parent with panels side by side. Esc, a click beside them, or what they came from being hidden sends them back."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shade")
        self.setAccessibleName(tr("Enlarged picture"))
        self._lent: list[_Lent] = []
        self._before: QWidget | None = None  # had the focus
        self._going = False
        self._plate = QFrame(self)
        self._plate.setObjectName("panel")
        parent.installEventFilter(self)
        self.hide()

    def show_parts(self, parts: Sequence[QWidget]) -> None:
        """Brings panels to the front; those that are there go back first."""
        self.dismiss()
        every = list(dict.fromkeys(whole_of(part) for part in parts))
        self._before = QApplication.focusWidget()
        for part in every:
            self._lent.append(self._borrow(part))
        self._lay_out()
        self.raise_()
        self.show()
        for lent in self._lent:
            lent.part.installEventFilter(self)
        self._lent[0].part.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def parts(self) -> tuple[QWidget, ...]:
        """Those that are seen large."""
        return tuple(lent.part for lent in self._lent)

    def dismiss(self) -> None:
        """Everything goes back to where it was."""
        if self.isHidden() or self._going:
            return
        self._going = True
        lent, self._lent = self._lent, []
        for each in lent:
            each.part.removeEventFilter(self)
            self._give_back(each)
        self.hide()
        self._going = False
        before, self._before = self._before, None
        if before is not None and isValid(before):
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def _borrow(self, part: QWidget) -> _Lent:
        home = part.parentWidget()
        assert home is not None  # a panel stands in the window
        # a splitter takes only strangers
        holder = _Holder(part, None if isinstance(home, QSplitter) else home)
        layout, title = home.layout(), QLabel(self._plate)
        title.setObjectName("title")
        if isinstance(home, QSplitter):
            home.replaceWidget(home.indexOf(part), holder)
        elif layout is not None:
            _replace(layout, part, holder)
        lent = _Lent(part, holder, part.minimumSize(), part.maximumSize(), title)
        part.setParent(self._plate)
        part.setMinimumSize(0, 0)
        part.setMaximumSize(_LARGEST, _LARGEST)
        holder.show()
        part.show()
        return lent

    def _give_back(self, lent: _Lent) -> None:
        part, holder = lent.part, lent.holder
        lent.title.deleteLater()
        if isValid(part) and isValid(holder) and part.parentWidget() is self._plate:
            home, hidden = holder.parentWidget(), part.isHidden()
            assert home is not None
            layout = home.layout()
            part.setMinimumSize(lent.least)
            part.setMaximumSize(lent.most)
            if isinstance(home, QSplitter):
                home.replaceWidget(home.indexOf(holder), part)
            else:
                part.setParent(home)
                if layout is not None:
                    _replace(layout, holder, part)
                else:
                    part.setGeometry(holder.geometry())
                    QApplication.postEvent(home, QEvent(QEvent.Type.LayoutRequest))
            part.setVisible(not hidden)
        if isValid(holder):
            holder.hide()
            holder.deleteLater()

    def _lay_out(self) -> None:
        below = self.parentWidget()
        assert below is not None
        self.setGeometry(below.rect())
        self._plate.setGeometry(self.rect().adjusted(_GAP, _GAP, -_GAP, -_GAP))
        room = self._plate.rect().adjusted(_GAP, _GAP, -_GAP, -_GAP)
        wide = (room.width() - _GAP * (len(self._lent) - 1)) // max(len(self._lent), 1)
        high = self._high(wide, room.height() - _TITLE)
        for at, lent in enumerate(self._lent):
            left = room.left() + at * (wide + _GAP)
            hint = "" if at else tr("     Esc: back")
            lent.title.setText(f"{lent.part.accessibleName()}{hint}")
            lent.title.adjustSize()
            lent.title.move(QPoint(left, room.top()))
            lent.title.show()
            lent.part.setGeometry(QRect(left, room.top() + _TITLE, wide, high))

    def _high(self, wide: int, most: int) -> int:
        """Of the panels: beside each other no higher than their pictures, so that these are level wherever a panel puts its own."""
        wanted = [lent.part.heightForWidth(wide) for lent in self._lent if lent.part.hasHeightForWidth()]
        return min(max(wanted), most) if len(self._lent) > 1 and wanted else most

    # --- Qt's names

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_back(event):
            event.accept()  # before any shortcut of the window: this is what lies on top
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What a panel itself does with the key (clear what is pinned) comes first."""
        if _is_back(event):
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dismiss()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self.parentWidget():
            if kind == QEvent.Type.Resize and self.isVisible():
                self._lay_out()
        elif kind in (QEvent.Type.HideToParent, QEvent.Type.ParentChange) and not self._going:
            QTimer.singleShot(0, self, self.dismiss)  # not in the middle of what its owner does
        return super().eventFilter(watched, event)


def _replace(layout: QLayout, old: QWidget, new: QWidget) -> None:
    """The item that stood for `old` is the caller's, and PySide keeps its wrapper as long as the layout."""
    item = layout.replaceWidget(old, new)
    if item is not None:
        delete(item)


def _is_back(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape


def whole_of(part: QWidget) -> QWidget:
    """What a panel is enlarged with: its colour bar, the stack or the area that it scrolls in."""
    while True:
        home = part.parentWidget()
        around = home.parentWidget() if home is not None else None
        if isinstance(around, QScrollArea) and around.widget() is part:
            part = around
        elif home is not None and (isinstance(home, QStackedWidget) or home.property("enlarges") is True):
            part = home
        else:
            return part
