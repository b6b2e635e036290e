"""Lists of choices that may be narrower than their entries, and some entries of which cannot be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QSizePolicy

from explorer.ui.widgets.choice import ElidedComboBox


def chooser(name: str, tip: str) -> QComboBox:
    """A list that may be narrower than its entries."""
    box = ElidedComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box


def set_titles(box: QComboBox, titles: Sequence[tuple[str, str]], kind: str) -> None:
    """Fills a list of targets with (kind, title); a kind without a title cannot be chosen."""
    box.clear()
    for at, (name, title) in enumerate(titles):
        box.addItem(title or f"no {name}", name)
        _item(box, at).setEnabled(bool(title))
    box.setCurrentIndex(max(box.findData(kind), 0))


def _item(box: QComboBox, at: int) -> QStandardItem:
    """An entry of a list, which can be disabled."""
    return cast("QStandardItemModel", box.model()).item(at)
