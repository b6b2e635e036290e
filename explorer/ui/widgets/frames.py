"""The frames that everything stands in."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QStyleOption, QVBoxLayout, QWidget

from explorer.ui import text_size, theme
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.text import tip


class Caption(QLabel):
    """A heading in small capitals."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text.upper(), parent)
        self.setObjectName("dim")
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        text_size.hold(self, "set_height", 11)

    def set_height(self, pixels: int) -> None:
        """Of the letters."""
        font = QFont(self.font())
        font.setPixelSize(pixels)
        font.setBold(True)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
        self.setFont(font)


class Frame(QFrame):
    """A rounded frame with room inside and, if it has a title, a caption on top."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        scale = theme.current()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(scale.inset, scale.inset - 2, scale.inset, scale.inset)
        self.body.setSpacing(scale.space)
        self._caption: Caption | None = None
        if title:
            self._caption = self.section(title)

    def set_title(self, title: str) -> None:
        """Another title, for a panel that was made with one."""
        if self._caption is not None:
            self._caption.setText(title.upper())
            self._caption.setAccessibleName(title)

    def section(self, title: str, *extra: QWidget) -> Caption:
        """A caption for what is added next, with small widgets at its right end."""
        caption = Caption(title)
        line = QHBoxLayout()
        line.setSpacing(theme.current().tight)
        line.addWidget(caption)
        line.addStretch(1)
        for widget in extra:
            line.addWidget(widget)
        if self.body.count():
            self.body.addSpacing(theme.current().tight)
        nest(self.body, line)
        return caption

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        self.body.addWidget(widget, stretch)


class Elided(QLabel):
    """A label that shortens its text in the middle instead of widening the window; the whole text is its tool tip.

    It paints the text itself: after any change of a QLabel's own text all layouts around it ask all that stands in them for its
    size, up to the window. `natural`: asks for the room that the whole text needs, where others take what is left."""

    def __init__(self, text: str = "", parent: QWidget | None = None, natural: bool = False) -> None:
        super().__init__(parent)
        self._whole, self._short, self._natural, self._mode = "", "", natural, Qt.TextElideMode.ElideMiddle
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Maximum if natural else policy.Ignored, policy.Fixed)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.set_text(text)

    def set_text(self, text: str, at_end: bool = False) -> None:
        """`at_end`: what does not fit is left out there."""
        mode = Qt.TextElideMode.ElideRight if at_end else Qt.TextElideMode.ElideMiddle
        if (text, mode) == (self._whole, self._mode):
            return
        self._whole, self._mode = text, mode
        self.setToolTip(tip(text))
        self.setAccessibleName(text)
        self._shorten()
        if self._natural:
            self.updateGeometry()

    def text(self) -> str:
        """What is seen of it."""
        return self._short

    @property
    def _selectable(self) -> bool:
        """Whether its text can be taken with the mouse, which needs Qt's own."""
        return self.textInteractionFlags() != Qt.TextInteractionFlag.NoTextInteraction

    def _shorten(self) -> None:
        room = max(self.width() - 2, 0)
        short = self._fitting(room)
        if self._selectable:
            self.setText(short)
        elif short != self._short:
            self.update()
        self._short = short

    def _fitting(self, room: int) -> str:
        """As much of the text as so many pixels hold."""
        return self.fontMetrics().elidedText(self._whole, self._mode, room)

    # --- Qt's names

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self._whole) + 4 if self._natural else 0
        return QSize(wide, ceil(QFontMetricsF(self.font()).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._shorten()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_whole"):
            self._shorten()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._selectable:
            super().paintEvent(event)
            return
        painter, option = QPainter(self), QStyleOption()
        option.initFrom(self)
        flags, role = int(self.alignment()), self.foregroundRole()
        self.style().drawItemText(
            painter, self.contentsRect(), flags, option.palette, self.isEnabled(), self._short, role
        )


class Parts(Elided):
    """Words of decreasing importance, as many as there is room for. All are in its tool tip."""

    def __init__(self, between: str = "   ", parent: QWidget | None = None, whole: bool = False) -> None:
        """`between`: what stands between the words; `whole`: rather nothing than a piece of the first of them."""
        self._between, self._only_whole = between, whole
        super().__init__(parent=parent)

    def set_parts(self, parts: Sequence[str]) -> None:
        """Shows other words."""
        self.set_text(self._between.join(parts), at_end=True)
        self.setToolTip(tip("\n".join(parts)))

    def _fitting(self, room: int) -> str:
        parts = self._whole.split(self._between)
        wider = (self._between.join(parts[:count]) for count in range(len(parts), 0, -1))
        fits = (words for words in wider if self.fontMetrics().horizontalAdvance(words) <= room)
        return next(fits, "" if self._only_whole else super()._fitting(room))


class Steady(QWidget):
    """A label in a place that does not change with its text, so that no layout asks for its size again (see Elided)."""

    def __init__(self, label: QLabel, width: int = 0) -> None:
        """`width`: logical pixels across, 0: what is left."""
        super().__init__()
        self._label, self._width = label, width
        label.setParent(self)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Fixed if width else policy.Ignored, policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(text_size.px(self._width), self._label.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._label.setGeometry(self.rect())


class HeadLine(QWidget):
    """A title and, behind it, what is said of it: shortened where there is no room, and never asking a layout for more."""

    def __init__(self, space: int) -> None:
        """`space`: logical pixels between the two."""
        super().__init__()
        self._space = space
        self.title, self.subtitle = Elided(natural=True, parent=self), Elided(parent=self)
        self.title.setObjectName("title")
        self.subtitle.setObjectName("dim")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_texts(self, title: str, subtitle: str) -> None:
        """Shows other texts."""
        self.title.set_text(title)
        self.subtitle.set_text(subtitle)
        self._place()

    def _place(self) -> None:
        wide = min(self.title.sizeHint().width(), self.width())
        self.title.setGeometry(0, 0, wide, self.height())
        self.subtitle.setGeometry(wide + self._space, 0, max(self.width() - wide - self._space, 0), self.height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(0, self.title.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
