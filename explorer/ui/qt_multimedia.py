"""Qt Multimedia, an extra that is imported only when it is asked for; and permissions that the person gives."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCameraPermission,
    QCoreApplication,
    QLoggingCategory,
    QMicrophonePermission,
    QObject,
    Qt,
    qInstallMessageHandler,
)

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

EXTRA = 'pip install "feature-map-explorer[camera]"'  # the way to have it

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QCameraDevice


def load(not_installed: Callable[[], ExplorerError], not_loadable: Callable[[str], ExplorerError]) -> ModuleType:
    """The module PySide6.QtMultimedia. Raises the error for a missing package, or for one that the system cannot load."""
    try:
        with no_messages():
            return importlib.import_module("PySide6.QtMultimedia")
    except ModuleNotFoundError:
        raise not_installed() from None
    except ImportError as error:
        raise not_loadable(str(error)) from None


@contextmanager
def no_messages() -> Iterator[None]:
    """Within, messages of Qt come to no handler written in Python. The plugin says something while the system loads it, and from
    threads of its own: the handler waits for Python then, and another thread that has Python and waits for the loader, or for
    that thread, waits for this one."""
    QLoggingCategory.setFilterRules("qt.multimedia.*=false\ndefault=false")  # else they go to the terminal
    handler = qInstallMessageHandler(None)
    try:
        yield
    finally:
        qInstallMessageHandler(handler)
        QLoggingCategory.setFilterRules("")


def id_of(device: QAudioDevice | QCameraDevice) -> str:
    """The name by which the system knows a device."""
    return bytes(device.id().data()).decode("utf-8", "backslashreplace")


def ask_permission(
    permission: QCameraPermission | QMicrophonePermission, owner: QObject, answered: Callable[[bool], None]
) -> None:
    """Calls `answered` with the person's yes or no; at once where the system asks nobody (Linux) or has asked before."""
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError(tr("there is no application"))
    status = app.checkPermission(permission)
    if status == Qt.PermissionStatus.Undetermined:
        app.requestPermission(permission, owner, lambda asked: answered(asked.status() == Qt.PermissionStatus.Granted))
    else:
        answered(status == Qt.PermissionStatus.Granted)
