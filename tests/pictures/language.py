"""What is seen of a window in the pseudo-language and has not gone through `tr`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QAbstractButton, QComboBox, QGroupBox, QLabel, QTableView, QTabWidget, QWidget

from explorer.core import translation

# Names of layers, files, classes and units, and what stands in a language of its own: no words of ours.
_NAMES = re.compile(
    r"[\w.\-]*[._:/\\\d=][\w.\-:/\\=×]*|[A-Z][a-z]*[A-Z]\w*|[A-Z]{2,}|&\w+;|Ctrl|Alt|Shift|Esc|Space|Return|Tab|"
    r"float|softmax|sigmoid|torch|torchvision|timm|transformers|pillow|demo|[Mm]agma|[Vv]iridis|[Ii]nferno|[Cc]ividis|Grey|Blue-white-red|Blue-black-amber|English|Deutsch|GiB|MiB|KiB|kHz|Hz|px|ms|std|pp"
)
_WORD = re.compile(r"[^\W\d_]{3,}")


def untranslated(root: QWidget, names: frozenset[str]) -> tuple[str, ...]:
    """A line for each text that holds a word outside of the brackets of the pseudo-language; `names`: of classes, models and inputs."""
    found = [
        f"{type(widget).__name__}: {words[:60]!r} is not translated"
        for widget in (root, *root.findChildren(QWidget))
        if widget.isVisible()
        for words in _texts(widget)
        if _has_words(words, names)
    ]
    return tuple(dict.fromkeys(found))


def is_pseudo() -> bool:
    return translation.language() in (translation.PSEUDO, translation.PSEUDO_RTL)


def _texts(widget: QWidget) -> Iterator[str]:
    yield widget.toolTip()
    yield widget.accessibleName()
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(at) for at in range(widget.count()))
    elif isinstance(widget, QGroupBox):
        yield widget.title()
    elif isinstance(widget, QTabWidget):
        yield from (widget.tabText(at) for at in range(widget.count()))
    elif isinstance(widget, QTableView):
        model = widget.model()
        across = range(model.columnCount() if model is not None else 0)
        yield from (str(model.headerData(at, Qt.Orientation.Horizontal) or "") for at in across)


def _has_words(words: str, names: frozenset[str]) -> bool:
    if "</" in words or "<qt>" in words:
        document = QTextDocument()
        document.setHtml(words)
        words = document.toPlainText()
    left = outside(words)
    for name in sorted(names, key=len, reverse=True):
        left = left.replace(name, " ")
    return bool(_WORD.search(_NAMES.sub(" ", left)))


def outside(words: str) -> str:
    """What stands in no bracket."""
    depth, kept = 0, []
    for letter in words:
        depth += letter == "["
        if not depth:
            kept.append(letter)
        depth -= letter == "]" and depth > 0
    return "".join(kept)
