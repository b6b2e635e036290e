"""What no visible widget may do: show a piece of a text, stand out of its parent, lie over its neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QTableView,
    QToolButton,
    QWidget,
)

from explorer.ui.data_index.whole_preview import WholePreview
from explorer.ui.guide.card import Card
from explorer.ui.guide.glossary_view import GlossaryView
from explorer.ui.guide.highlight import Highlight
from explorer.ui.widgets.banner import Banner
from explorer.ui.widgets.command_palette import CommandPalette
from explorer.ui.widgets.drop_note import DropNote
from explorer.ui.widgets.enlarged import Enlarged
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.keysheet import KeySheet

_OVER = (
    Banner,
    Card,
    CommandPalette,
    Enlarged,
    DropNote,
    GlossaryView,
    Highlight,
    KeySheet,
    WholePreview,
)  # lie over the window, and are meant to
_SLACK = 1  # px


def findings(root: QWidget) -> tuple[str, ...]:
    """What is wrong with what is seen of a window, a line each."""
    seen = [child for child in root.findChildren(QWidget) if _is_seen(child)]
    lines = [f"{_name(widget)}: {what}" for widget in seen for what in _of_one(widget)]
    return tuple(dict.fromkeys([*lines, *_overlaps([root, *seen])]))


def _is_seen(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.visibleRegion().isEmpty() and not widget.isWindow()


def _of_one(widget: QWidget) -> Iterator[str]:
    yield from _text(widget)
    yield from _place(widget)
    if isinstance(widget, QTableView):
        yield from _cells(widget)
    if isinstance(widget, QScrollArea) and (beyond := widget.horizontalScrollBar().maximum()) > _SLACK:
        yield f"scrolls sideways by {beyond} px"


# --- texts


def _text(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, Elided):
        if widget.text() != widget.accessibleName() and not widget.toolTip():
            yield "shortened, and nothing tells the whole text"
        if widget.fontMetrics().horizontalAdvance(widget.text()) > widget.width() + _SLACK:
            yield f"{widget.text()[:40]!r} is painted wider than {widget.width()} px"
    elif isinstance(widget, QLabel):
        yield from _label(widget)
    elif isinstance(widget, QComboBox):
        yield from _combo(widget)
    elif isinstance(widget, (QPushButton, QToolButton)):
        yield from _button(widget)


def _label(label: QLabel) -> Iterator[str]:
    words, room = label.text(), label.contentsRect()
    if not words:
        return
    if label.wordWrap():
        need = label.heightForWidth(label.width())
        if need > label.height() + _SLACK:
            yield f"{words[:40]!r} needs {need} px of height and has {label.height()}"
    elif (need := _width(label, words)) > room.width() + _SLACK:
        yield f"{words[:40]!r} needs {need} px and has {room.width()}"


def _width(label: QLabel, words: str) -> int:
    rich = label.textFormat() == Qt.TextFormat.RichText or (
        label.textFormat() == Qt.TextFormat.AutoText and "</" in words
    )
    if not rich:
        return max(label.fontMetrics().horizontalAdvance(line) for line in words.split("\n"))
    document = QTextDocument()
    document.setDefaultFont(label.font())
    document.setDocumentMargin(0)
    document.setHtml(words)
    return round(document.idealWidth())


def _combo(box: QComboBox) -> Iterator[str]:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    room = box.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
    )
    need = box.fontMetrics().horizontalAdvance(box.currentText())
    if need > room.width() + _SLACK:
        yield f"{box.currentText()!r} needs {need} px and has {room.width()}"


def _button(button: QAbstractButton) -> Iterator[str]:
    words = button.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
    need = button.fontMetrics().horizontalAdvance(words)
    if words and need > button.contentsRect().width() - 2:
        yield f"{words!r} needs {need} px and has {button.width()}"


def _cells(table: QTableView) -> Iterator[str]:
    model = table.model()
    header = table.horizontalHeader()
    if header.isVisible():
        yield from (f"header {what}" for what in _header(header))
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            index = model.index(row, column)
            room, words = table.visualRect(index), index.data(Qt.ItemDataRole.DisplayRole)
            if not isinstance(words, str) or not room.intersects(table.viewport().rect()):
                continue
            need = table.sizeHintForIndex(index).width()
            if need > room.width() + _SLACK and not index.data(Qt.ItemDataRole.ToolTipRole):
                yield f"row {row}: {words[:40]!r} needs {need} px and has {room.width()}"


def _header(header: QHeaderView) -> Iterator[str]:
    for section in range(header.count()):
        if header.isSectionHidden(section):
            continue
        words = header.model().headerData(section, Qt.Orientation.Horizontal)
        need, has = header.fontMetrics().horizontalAdvance(str(words or "")), header.sectionSize(section)
        if need > has:
            yield f"{words!r} needs {need} px and has {has}"


# --- places


def _place(widget: QWidget) -> Iterator[str]:
    parent = widget.parentWidget()
    if parent is None or isinstance(widget, _OVER):
        return
    area = parent.parentWidget()
    if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
        scrolls = area.horizontalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if isinstance(area, QScrollArea) and widget.width() > parent.width() + _SLACK and not scrolls:
            yield f"is {widget.width()} px wide in {parent.width()}"
        return
    outside = widget.geometry()
    if not parent.rect().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK).contains(outside):
        yield f"stands out of {_name(parent)}: {_rect(outside)} in {_rect(parent.rect())}"


def _overlaps(parents: list[QWidget]) -> Iterator[str]:
    for parent in parents:
        children = [
            child
            for child in parent.children()
            if isinstance(child, QWidget) and _is_seen(child) and not isinstance(child, _OVER)
        ]
        for one, other in combinations(children, 2):
            both = one.geometry().intersected(other.geometry())
            if both.width() > _SLACK and both.height() > _SLACK:
                yield f"{_name(one)} and {_name(other)} lie over each other: {_rect(both)} in {_name(parent)}"


def _rect(rect: QRect) -> str:
    return f"{rect.width()} × {rect.height()} at {rect.x()}, {rect.y()}"


def _name(widget: QWidget) -> str:
    words = widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {words[:40]!r}" if words else type(widget).__name__
