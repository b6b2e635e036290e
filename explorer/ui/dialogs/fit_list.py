"""The architectures that a dropped file of weights fits: the best first, with why; any of them can be chosen. Passive."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.core.weight_matches import ArchitectureFit, WeightMatch
from explorer.ui import theme
from explorer.ui.dialogs.parts import Note
from explorer.ui.widgets.text import tip
from explorer.ui.widgets.text_window import TextWindow

_ID = Qt.ItemDataRole.UserRole
_ROWS = 6


class FitList(QWidget):
    """Hidden until there is something to say. `chosen` carries the id of a model."""

    chosen = Signal(str)
    extract = Signal()  # the weights of a model that was saved as a whole

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.match: WeightMatch | None = None
        self.said = Note()
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Architectures that this file fits"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.differences = QPushButton(tr("All differences …"))
        self.differences.setAutoDefault(False)
        self.differences.setToolTip(tr("The names of all tensors that are missing, left over, or of another shape"))
        self.take = QPushButton(tr("Read the &weights from it …"))
        self.take.setAutoDefault(False)
        self.take.setToolTip(
            tr("Writes its tensors to a plain file; none of its classes is made, nothing of it is run")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        for widget in (self.said, self.take, self.list, self.differences):
            column.addWidget(widget)
        self._shown: ArchitectureFit | None = None
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.differences.clicked.connect(self._show_differences)
        self.take.clicked.connect(self.extract)
        self.clear()

    def clear(self) -> None:
        """Nothing is known of the file."""
        self.match = None
        self.hide()

    def say(self, words: str, extractable: bool = False) -> None:
        """What is being done, or why nothing could be. `extractable`: it is a whole model, whose weights can be read."""
        self.take.setVisible(extractable)
        self.match = None
        self.said.setText(words)
        self.list.hide()
        self.differences.hide()
        self.setVisible(bool(words))

    def show_match(self, match: WeightMatch) -> None:
        """The architectures, those that open first."""
        self.match = match
        self.take.hide()
        self.said.setText(match.text)
        self.list.clear()
        for fit in match.fits:
            item = QListWidgetItem(f"{fit.id}   {fit.fits} / {fit.expected}")
            item.setData(_ID, fit.id)
            item.setToolTip(
                tip("\n".join((f"{fit.id}: {fit.text}", fit.problem or tr("Opens with this file"), *fit.notes)))
            )
            if not fit.opens:
                item.setForeground(QColor(theme.current().off))
            self.list.addItem(item)
        self.list.setFixedHeight((self.list.sizeHintForRow(0) if match.fits else 0) * min(len(match.fits), _ROWS) + 8)
        self.list.setVisible(bool(match.fits))
        self.show()
        self.show_model("")

    def show_model(self, model_id: str) -> None:
        """The architecture that is chosen in the list of models."""
        fits = self.match.fits if self.match is not None else ()
        at = next((at for at, fit in enumerate(fits) if fit.id == model_id), -1)
        self._shown = fits[at] if at >= 0 else None
        self.list.setCurrentRow(at)
        self.differences.setVisible(self._shown is not None and bool(self._shown.differences))

    def problem(self, model_id: str) -> str:
        """Why the file does not open as this model, "" where it does or where that is not known."""
        fits = self.match.fits if self.match is not None else ()
        return next((fit.problem for fit in fits if fit.id == model_id), "")

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(str(item.data(_ID)))

    def _show_differences(self) -> None:
        if self._shown is not None:
            TextWindow(tr("{id} and the file", id=self._shown.id), self._shown.differences, self).exec()
