"""Folders of data sets that are asked for; what was chosen is remembered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

from explorer.core.translation import tr
from explorer.ui.added_workspaces import WorkspaceHost

# in the settings
_FOLDER, _TESTS, _NEW = "folder/transfer", "folder/transfer test", "folder/transfer new"


def ask_classes(host: WorkspaceHost) -> str:
    """A folder of classes; "" for none."""
    begin = host.settings.text(_FOLDER)
    return _asked(host, _FOLDER, tr("A folder whose folders are the classes"), begin)


def ask_tests(host: WorkspaceHost) -> str:
    """A folder with test pictures; "" for none."""
    begin = host.settings.text(_TESTS) or host.settings.text(_FOLDER)
    return _asked(host, _TESTS, tr("A folder with the test pictures, in folders that are called as the classes"), begin)


def _asked(host: WorkspaceHost, key: str, title: str, begin: str) -> str:
    path = QFileDialog.getExistingDirectory(host.parent_widget, title, begin)
    if path:
        host.settings.put(key, path)
    return path


def ask_new_set(host: WorkspaceHost) -> str:
    """Where the folder of a new data set goes; "" for nowhere."""
    place = Path(host.settings.text(_NEW) or _own_place())
    default, number = place / "My classes", 2
    while default.exists():
        default, number = place / f"My classes {number}", number + 1
    there = place.is_dir()
    try:
        place.mkdir(parents=True, exist_ok=True)  # a dialog begins only where there is something
    except OSError:
        pass
    title, quietly = tr("A folder for the new data set"), QFileDialog.Option.DontConfirmOverwrite
    path, _ = QFileDialog.getSaveFileName(host.parent_widget, title, str(default), "", "", quietly)
    if path:
        host.settings.put(_NEW, str(Path(path).parent))
    elif not there:
        _give_back(place)
    return path


def _own_place() -> str:
    kinds = QStandardPaths.StandardLocation
    folders = (QStandardPaths.writableLocation(kind) for kind in (kinds.PicturesLocation, kinds.DocumentsLocation))
    return str(Path(next((folder for folder in folders if folder), str(Path.home()))) / "Feature Map Explorer")


def _give_back(place: Path) -> None:
    try:
        place.rmdir()  # only where it is empty
    except OSError:
        pass
