"""How what a model finds is drawn over the picture: how strong a class map is, from which score on boxes are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from explorer.core.translation import tr
from explorer.ui import theme

OPACITY, SCORE = 0.6, 0.5


class OutputControls(QWidget):
    """One slider, for the opacity of a class map or for the least score of boxes; hidden for other outputs. `changed`: it was moved."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.opacity, self.score = OPACITY, SCORE
        self._boxes = False
        self.title, self.slider, self.number = QLabel(), QSlider(Qt.Orientation.Horizontal), QLabel()
        self.title.setObjectName("dim")
        self.number.setObjectName("dim")
        self.slider.setRange(0, 100)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.current().space)
        for widget, stretch in ((self.title, 0), (self.slider, 1), (self.number, 0)):
            line.addWidget(widget, stretch)
        self.slider.valueChanged.connect(self._moved)
        self.hide()

    def show_for(self, boxes: bool | None) -> None:
        """For boxes, for a class map (False), for neither (None)."""
        self.setVisible(boxes is not None)
        if boxes is None:
            return
        self._boxes = boxes
        title = tr("Score at least") if boxes else tr("Opacity")
        tip = (
            tr("Boxes with a lower score are hidden") if boxes else tr("How strongly the class map covers the picture")
        )
        self.title.setText(title)
        self.slider.setAccessibleName(title)
        self.slider.setToolTip(tip)
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * (self.score if boxes else self.opacity)))
        self.slider.blockSignals(False)
        self._say()

    def _moved(self, value: int) -> None:
        if self._boxes:
            self.score = value / 100
        else:
            self.opacity = value / 100
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        self.number.setText(f"{self.score:.2f}" if self._boxes else f"{self.opacity:.0%}")
