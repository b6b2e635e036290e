"""The card of a guide: which step, what to do, what is missing, and the buttons. Passive."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from explorer.core.translation import tr
from explorer.ui.guide.card import Card, prose
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph

_WIDTH = 300  # px: that of the right column at the usual size


class GuideCard(Card):
    """`back`, `next` and `show_me` are its buttons."""

    back = Signal()
    next = Signal()
    show_me = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _WIDTH)
        self.body, self.then, self.hint = prose(), prose(), paragraph(True)
        self.back_button, self.show_button = QPushButton(tr("Back")), QPushButton(tr("Show me"))
        self.next_button = QPushButton(tr("Skip"))
        self.show_button.setToolTip(tr("Does this step for you, in the window"))
        self.then.setObjectName("done")
        for button in (self.back_button, self.show_button, self.next_button):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAutoDefault(False)
        self.hold_keys(self.back_button, self.show_button, self.next_button)
        line = QHBoxLayout()
        line.addWidget(self.back_button)
        line.addStretch(1)
        line.addWidget(self.show_button)
        line.addWidget(self.next_button)
        for part in (self.body, self.then, self.hint):
            self.column.addWidget(part)
            part.hide()
        nest(self.column, line)
        for label in (self.body, self.then):
            label.linkActivated.connect(self.linked)
        self.back_button.clicked.connect(self.back)
        self.next_button.clicked.connect(self.next)
        self.show_button.clicked.connect(self.show_me)

    def set_step(self, guide: str, at: int, count: int, title: str) -> None:
        """Another step, counted from 0."""
        name = tr("Step {at} of {count}", at=at + 1, count=count)
        self.caption.setText(name.upper())
        self.caption.setAccessibleName(name)
        self.caption.setToolTip(guide)
        self.title.setText(title)
        self.setAccessibleName(f"{guide}, {name.lower()}: {title}")
        self.back_button.setEnabled(at > 0)
        self._last = at == count - 1

    def set_words(self, text: str, then: str, hint: str) -> None:
        """What to do, what has come of it, and what is missing; "" for what is not said."""
        for label, words in ((self.body, text), (self.then, then), (self.hint, hint)):
            if label.text() != words:
                label.setText(words)
            label.setVisible(bool(words))
        self.setAccessibleDescription(" ".join(part for part in (then or text, hint) if part))

    def set_done(self, done: bool, showing: bool) -> None:
        """Whether the step is done, and whether it is being shown."""
        self.next_button.setText(tr("Finish") if done and self._last else tr("Next") if done else tr("Skip"))
        self.next_button.setProperty("main", done)
        self.next_button.style().unpolish(self.next_button)
        self.next_button.style().polish(self.next_button)
        self.show_button.setText(tr("Showing …") if showing else tr("Show me"))
        self.show_button.setEnabled(not showing and not done)
