"""What a page shows, how to read it, when it misleads, and where that is from: a card beside the page."""

from __future__ import annotations

import html
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer import catalogue
from explorer.core.glossary import term_link, terms_in
from explorer.core.method import Explanation
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.guide.card import Card, prose

_WIDTH = 400
VALUES = "values"
_VALUES = Explanation(
    tr("The values of the selected channel as a histogram, and the weights of its kernel where the layer has some."),
    tr(
        "Bars at the right are the strongest cells; drag the two lines to set between which values the colours run. Blue weights are "
        "negative."
    ),
    tr(
        "Colours are set for each map by default, so that a weak map can look as bright as a strong one: compare the numbers, or choose "
        "Scale: per layer."
    ),
)


def explanation(name: str) -> tuple[str, Explanation, str]:
    """Title, explanation and source of a page; that of a package may say nothing but what it is about."""
    spec = catalogue.methods.get(name)
    if spec is None:
        return tr("Values"), _VALUES, ""
    told = spec.explained if spec.explained.text else Explanation(f"{spec.about}.")
    return spec.title, told, spec.source


def as_html(told: Explanation, source: str) -> str:
    """The card's text, with links to the terms of the glossary that it uses."""
    parts: Mapping[str, str] = {
        tr("What it shows"): told.shows,
        tr("How to read it"): told.read,
        tr("When it misleads"): told.misleads,
        tr("Source"): f"{source}." if source else "",
    }
    written = {name: html.escape(words) for name, words in parts.items() if words}
    used = terms_in(told.text)
    if used:
        links = (f'<a href="{term_link(term.name)}">{html.escape(term.name)}</a>' for term in used[:8])
        written[tr("Terms")] = " · ".join(links)
    dim = theme.current().dim
    return "".join(
        f'<p style="margin-top:0; margin-bottom:7px"><span style="color:{dim}">{name}</span><br>{words}</p>'
        for name, words in written.items()
    )


class PageHelp(Card):
    """Goes when the focus goes elsewhere, by Escape, and when it is asked for again."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _WIDTH)
        self.body = prose()
        self.body.setTextFormat(Qt.TextFormat.RichText)
        self.column.addWidget(self.body)
        self.body.linkActivated.connect(self.linked)
        self.about = ""
        self._beside: QWidget | None = None
        self._told: tuple[Explanation, str] | None = None
        self.closed.connect(self._back)

    def open(self, name: str, beside: QWidget) -> None:
        """What is told of a page, beside its button; once more: puts it away."""
        if self.isVisible() and self.about == name:
            self._close()
            return
        title, told, source = explanation(name)
        self.about, self._beside, self.moved = name, beside, False
        self.caption.setText(tr("WHAT THIS PAGE SHOWS"))
        self.caption.setAccessibleName(tr("What this page shows"))
        self.title.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(told.text)
        self._told = told, source
        self._write()
        whole = self.parentWidget()
        assert whole is not None
        button = QRect(beside.mapTo(whole, beside.rect().topLeft()), beside.size())
        column = _column_of(beside)
        area = QRect(column.mapTo(whole, column.rect().topLeft()), column.size()) if column is not None else button
        self.stand(QRect(area.left(), button.top(), area.width(), button.height()), (area,))
        self.show()
        self.raise_()
        self.setFocus()

    def _write(self) -> None:
        if self._told is not None:
            self.body.setText(as_html(*self._told))

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name: another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_told"):
            self._write()

    def _back(self) -> None:
        if self._beside is not None and self._beside.isVisible():
            self._beside.setFocus()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        now = QApplication.focusWidget()
        if now is not None and now is not self and not self.isAncestorOf(now):
            self.hide()


def _column_of(widget: QWidget) -> QWidget | None:
    """The panel that a button stands in."""
    at = widget.parentWidget()
    while at is not None and at.objectName() != "panel":
        at = at.parentWidget()
    return at
