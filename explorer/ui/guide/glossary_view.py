"""The glossary over the window: a field that finds terms as one types, and the meaning of the marked one."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.core.glossary import Term, linked_term, term_link, terms_in
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.search_overlay import TOP, SearchOverlay

_WIDTH, _HEIGHT, _LIST = 720, 420, 230  # px
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -12, Qt.Key.Key_PageDown: 12}


class GlossaryView(QFrame):
    """Covers its parent. `searched` carries what is typed, `term_asked` the name of a term whose link was followed."""

    searched = Signal(str)
    term_asked = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Glossary"))
        self.field, self.list, self.meaning = QLineEdit(), QListWidget(), QLabel()
        self.found: tuple[Term, ...] = ()
        self._plate = QFrame(self)
        self._plate.setObjectName("plate")
        self._build()
        self.field.textChanged.connect(self.searched)
        self.list.currentRowChanged.connect(self._show)
        self.meaning.linkActivated.connect(self._follow)
        self._over = SearchOverlay(self, self.field, self._place, self._press)

    def _build(self) -> None:
        self.field.setPlaceholderText(tr("Type a term: feature map, stride, receptive field …"))
        self.field.setAccessibleName(tr("Search the glossary"))
        self.list.setAccessibleName(tr("Terms"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        text_size.hold(self.list, "setFixedWidth", _LIST)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.meaning.setWordWrap(True)
        self.meaning.setTextFormat(Qt.TextFormat.RichText)
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.meaning.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.meaning.setAccessibleName(tr("Meaning"))
        column, line = QVBoxLayout(self._plate), QHBoxLayout()
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(theme.current().space)
        line.setSpacing(theme.current().group)
        line.addWidget(self.list)
        line.addWidget(self.meaning, 1)
        column.addWidget(Caption(tr("Glossary")))
        column.addWidget(self.field)
        nest(column, line, 1)

    def set_terms(self, found: Sequence[Term]) -> None:
        """Other terms; the first is marked."""
        self.found = tuple(found)
        self.list.clear()
        self.list.addItems([", ".join(term.names) for term in found])
        self.list.setCurrentRow(0 if found else -1)
        if not found:
            self.meaning.setText(tr("No term is called like that."))

    @property
    def marked(self) -> Term | None:
        """The term whose meaning is shown."""
        row = self.list.currentRow()
        return self.found[row] if 0 <= row < len(self.found) else None

    def open(self, typed: str = "") -> None:
        """Lays it over its parent, with something typed already."""
        self.field.setText(typed)
        self.searched.emit(typed)
        self._over.open()
        self.field.selectAll()

    def dismiss(self) -> None:
        """Takes it away and gives the focus back."""
        if self._over.dismiss():
            self.closed.emit()

    def _show(self, row: int) -> None:
        if not 0 <= row < len(self.found):
            return
        term = self.found[row]
        look = theme.current()
        parts = [f'<p style="font-size:{text_size.px(17)}px; font-weight:600">{html.escape(term.name)}</p>']
        if len(term.names) > 1:
            parts.append(
                tr('<p style="color:{dim}">also: {list}</p>', dim=look.dim, list=html.escape(", ".join(term.names[1:])))
            )
        parts.append(f"<p>{html.escape(term.meaning).replace('*', '')}</p>")
        met = (tr("In the window"), term.places), (tr("On the command line"), term.commands)
        parts += [
            f'<p style="color:{look.dim}">{title}: {html.escape(", ".join(names))}</p>' for title, names in met if names
        ]
        others = [other for other in terms_in(term.meaning) if other is not term]
        if others:
            links = (f'<a href="{term_link(other.name)}">{html.escape(other.name)}</a>' for other in others)
            parts.append(tr("<p>See also: {list}</p>", list=" · ".join(links)))
        self.meaning.setText("".join(parts))
        self.meaning.setAccessibleDescription(f"{term.name}: {term.meaning}")

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name: another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "found"):
            self._show(self.list.currentRow())

    def _follow(self, link: str) -> None:
        self.term_asked.emit(linked_term(link))

    def _place(self) -> None:
        wide, high = min(_WIDTH, self.width() - 32), min(_HEIGHT, self.height() - TOP - 16)
        self._plate.setGeometry((self.width() - wide) // 2, TOP, wide, high)

    def _press(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _STEPS:
            last = len(self.found) - 1
            self.list.setCurrentRow(min(max(self.list.currentRow() + _STEPS[key], 0), last))
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
            self.dismiss()
        elif key not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        return True

    def focusNextPrevChild(self, _next: bool) -> bool:
        return True  # Tab stays in the field

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dismiss()
        event.accept()
