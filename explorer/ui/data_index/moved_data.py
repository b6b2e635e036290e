"""Asks where the data set of an index lies now."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.core.data_index import IndexFacts
from explorer.core.translation import tr
from explorer.ui.data_index.index_shelf import IndexShelf


def ask_moved(parent: QWidget, shelf: IndexShelf, facts: IndexFacts) -> bool:
    """Whether a folder was chosen; the shelf remembers it."""
    text = facts.settings.kind == "text"
    title = tr("The folder that the text file lies in now") if text else tr("Where the data set lies now")
    path = QFileDialog.getExistingDirectory(parent, title, shelf.folder(facts))
    if path:
        shelf.move(facts, path)
    return bool(path)
