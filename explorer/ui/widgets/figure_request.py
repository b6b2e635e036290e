"""Asks the window for the figure of what stands somewhere; what stands there knows nothing of figures."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QToolButton, QWidget


class FigureRequest(QEvent):
    """Sent to the window: of which widget the figure is wanted, to be copied or to be exported."""

    KIND = QEvent.Type(QEvent.registerEventType())

    def __init__(self, of: QWidget, copied: bool) -> None:
        super().__init__(self.KIND)
        self.of, self.copied = of, copied


def ask_figure(of: QWidget, copied: bool = False) -> None:
    """The figure of a widget, or of what it stands in: in the dialog, or on the clipboard."""
    QCoreApplication.sendEvent(of.window(), FigureRequest(of, copied))


class FigureButton(QToolButton):
    """Beside a title: exports the figure of what it stands in."""

    def __init__(self, small: bool = False, parent: QWidget | None = None) -> None:
        """`small`: a sign in the place of words."""
        super().__init__(parent)
        self.setText("⇩" if small else "Figure …")
        self.setToolTip("Export what this page shows as a figure: PDF, SVG or PNG, in millimetres")
        self.setAccessibleName("Export figure")
        self.clicked.connect(self._ask)

    def _ask(self) -> None:
        ask_figure(self)
