"""The Transfer workspace: four places, always in the same spot. Passive: setters in, signals out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from explorer import catalogue
from explorer.core.session.transfer_place import TransferPage
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.transfer.accuracy_panel import LayerAccuracyPanel, PictureAccuracyPanel
from explorer.ui.transfer.classes_panel import ClassesPanel
from explorer.ui.transfer.freeze_strip import FreezeStrip
from explorer.ui.transfer.mistakes_panel import MistakesPanel
from explorer.ui.transfer.training_panel import TrainingPanel
from explorer.ui.widgets.figure_request import FigureButton
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.front_stack import FrontStack
from explorer.ui.widgets.help_button import HelpButton
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.pages import Pages

_PAGES = (
    (TransferPage.LAYERS, tr("Accuracy by layer"), tr("Which layer tells the classes apart best")),
    (
        TransferPage.PICTURES,
        tr("By number of pictures"),
        tr("How many pictures a class are needed, against training from scratch"),
    ),
    (TransferPage.TRAINING, tr("Fine-tuning"), tr("A copy of the model learns the classes")),
)


class TransferView(QWidget):
    """Classes left, accuracy or training in the middle, mistakes right, the layers at the bottom. `paged` carries a TransferPage."""

    paged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes, self.mistakes, self.strip = ClassesPanel(), MistakesPanel(), FreezeStrip()
        spec = catalogue.methods.get("probe")
        exports = [(export.title, export.about) for export in spec.exports] if spec is not None else []
        self.layers = LayerAccuracyPanel(exports)
        self.pictures, self.training = PictureAccuracyPanel(), TrainingPanel()
        self.tabs, self.stack = Pages(), FrontStack()
        self.tabs.setAccessibleName(tr("Pages of transfer"))
        for at, ((_page, title, tip), panel) in enumerate(
            zip(_PAGES, (self.layers, self.pictures, self.training), strict=True)
        ):
            self.tabs.addTab(title)
            self.tabs.setTabToolTip(at, tip)
            self.stack.addWidget(panel)
        middle = Frame()
        self.help, line = HelpButton("probe", tr("Probe")), QHBoxLayout()
        line.addWidget(self.tabs, 1)
        line.addWidget(FigureButton())
        line.addWidget(self.help)
        nest(middle.body, line)
        middle.add(self.stack, 1)
        columns = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.classes, middle, self.mistakes):
            columns.addWidget(part)
        for at, share in enumerate((1, 4, 2)):  # of what a larger window has more
            columns.setStretchFactor(at, share)
        columns.setChildrenCollapsible(False)
        columns.setHandleWidth(theme.current().space)
        text_size.hold(self.classes, "setMinimumWidth", 230)
        columns.setSizes([248, 676, 324])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().space)
        column.addWidget(columns, 1)
        column.addWidget(self.strip)
        self.tabs.currentChanged.connect(self._turned)
        self.spots: dict[str, QWidget] = {  # what a guide can point at
            "data": self.classes,
            "pages": self.tabs,
            "probe": self.layers.start,
            "probe-pictures": self.pictures.start,
            "plot": self.layers.plot,
            "curve": self.pictures.plot,
            "strip": self.strip,
        }

    def _turned(self, at: int) -> None:
        self.stack.setCurrentIndex(at)
        self.paged.emit(_PAGES[at][0])

    def show_page(self, page: TransferPage) -> None:
        """Brings a page to the front; emits nothing."""
        at = next(at for at, (each, _title, _tip) in enumerate(_PAGES) if each is page)
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(at)
        self.tabs.blockSignals(False)
        self.stack.setCurrentIndex(at)
