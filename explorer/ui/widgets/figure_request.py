"""Asks the window for the figure of what stands somewhere; what stands there knows nothing of figures."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QToolButton, QWidget

from explorer.core.figure.figure_parts import FigurePart
from explorer.core.translation import tr


class FigureRequest(QEvent):
    """Sent to the window: of which widget the figure is wanted, to be copied or to be exported; of it alone where it has a part."""

    KIND = QEvent.Type(QEvent.registerEventType())

    def __init__(self, of: QWidget, copied: bool, alone: FigurePart | None = None) -> None:
        super().__init__(self.KIND)
        self.of, self.copied, self.alone = of, copied, alone


def ask_figure(of: QWidget, copied: bool = False, alone: FigurePart | None = None) -> None:
    """The figure of a widget, or of what it stands in: in the dialog, or on the clipboard; `alone`: of this part of it."""
    QCoreApplication.sendEvent(of.window(), FigureRequest(of, copied, alone))


class FigureButton(QToolButton):
    """Beside a title: exports the figure of what it stands in."""

    def __init__(self, small: bool = False, parent: QWidget | None = None) -> None:
        """`small`: a sign in the place of words."""
        super().__init__(parent)
        self.setText("⇩" if small else tr("Figure …"))
        self.setToolTip(tr("Export what this page shows as a figure: PDF, SVG or PNG, in millimetres"))
        self.setAccessibleName(tr("Export figure"))
        self.clicked.connect(self._ask)

    def _ask(self) -> None:
        ask_figure(self)
