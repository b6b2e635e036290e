"""A "?" beside a title. It asks the window, which knows what is to be said; what it stands in knows nothing of that."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QToolButton, QWidget

from explorer.core.translation import tr


class HelpRequest(QEvent):
    """Sent to the window: what is asked about, and beside which button the answer belongs."""

    KIND = QEvent.Type(QEvent.registerEventType())

    def __init__(self, about: str, beside: QWidget) -> None:
        super().__init__(self.KIND)
        self.about, self.beside = about, beside


class HelpButton(QToolButton):
    """`about`: the id of a method, or of what else is explained."""

    def __init__(self, about: str = "", title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("help")
        self.setText("?")
        self.set_about(about, title)
        self.clicked.connect(self.ask)

    def set_about(self, about: str, title: str) -> None:
        """Another subject."""
        self.about = about
        words = (
            tr("What {title} shows, how to read it, when it misleads", title=title)
            if title
            else tr("What this page shows")
        )
        self.setToolTip(words)
        self.setAccessibleName(words)

    def ask(self) -> None:
        """As a click on it."""
        QCoreApplication.sendEvent(self.window(), HelpRequest(self.about, self))
