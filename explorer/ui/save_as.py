"""Where a file is to be written: asked with the folder of the last time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.ui.settings import Settings


def ask_path(window: QWidget, settings: Settings, title: str, default: str, kinds: str) -> str:
    """The chosen path, "" when none was chosen."""
    folder = settings.text("save_folder")
    path, _ = QFileDialog.getSaveFileName(window, title, str(Path(folder) / default), kinds)
    if path:
        settings.put("save_folder", str(Path(path).parent))
    return path


def plain_name(name: str) -> str:
    """A layer's name or a title as part of a file name."""
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in name)
