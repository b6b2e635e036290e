"""Qt for commands: the one application of the process, and its remarks in the log."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


@contextmanager
def quiet_qt() -> Iterator[None]:
    """Qt's own remarks (an offscreen platform has many) go to the log, not to the terminal."""
    from PySide6.QtCore import qInstallMessageHandler

    log = logging.getLogger("explorer")
    log.addHandler(logging.NullHandler())
    before = qInstallMessageHandler(lambda _kind, _context, text: log.warning("Qt: %s", text))
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def unseen_without_display() -> None:
    """Without a display Qt draws into memory; call it before the application is made."""
    from explorer.app import has_display

    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def qt_application() -> QApplication:
    """The one of this process, made where there is none."""
    from PySide6.QtWidgets import QApplication

    unseen_without_display()
    return cast("QApplication", QApplication.instance() or QApplication(["feature-map-explorer"]))
