"""A layer on its picture with what is said and can be chosen of it. Passive: setters in, signals out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.core.features import Colouring, Shows
from explorer.core.session import Session
from explorer.ui import theme
from explorer.ui.widgets.choice import choice
from explorer.ui.widgets.places import PlacesView

_COLOURINGS = (
    ("Colours  own", Colouring.OWN),
    ("Colours  like the layer before", Colouring.LIKE),
    ("Colours  pinned here", Colouring.PINNED),
)


class FeaturesPanel(QWidget):
    """`changed` carries a dict of session fields; `pinned` that the colours shown now are to be those of every picture."""

    changed = Signal(object)
    pinned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.places, self.note = PlacesView(), QLabel()
        self.note.setObjectName("dim")
        self.note.setWordWrap(True)
        self.colouring = choice(
            "Colours",
            "Own: a basis of this layer and picture. Like the layer before: turned onto the colours shown before, so that "
            "hues go on. Pinned here: this basis for every other input of the layer",
            list(_COLOURINGS),
            240,
        )
        self.foreground = QCheckBox("Foreground")
        self.foreground.setToolTip(
            "Only the places where the first component is positive, with a basis fitted on them alone"
        )
        self._build()
        self.colouring.activated.connect(self._coloured)
        self.foreground.toggled.connect(lambda on: self.changed.emit({"foreground": on}))

    def _build(self) -> None:
        controls, column = QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().space)
        controls.setSpacing(theme.current().inset)
        controls.addWidget(self.colouring)
        controls.addWidget(self.foreground)
        controls.addStretch(1)
        column.addLayout(controls)
        column.addWidget(self.places, 1)
        column.addWidget(self.note)

    def _coloured(self) -> None:
        chosen = Colouring(self.colouring.currentData())  # Qt keeps the text of an enumeration
        if chosen is Colouring.PINNED:
            self.pinned.emit()
        self.changed.emit({"colouring": chosen})

    def show_session(self, session: Session) -> None:
        """The controls as the session says; emits nothing."""
        self.colouring.setCurrentIndex(self.colouring.findData(session.colouring))
        self.foreground.blockSignals(True)
        self.foreground.setChecked(session.foreground)
        self.foreground.blockSignals(False)
        for control in (self.colouring, self.foreground):
            control.setVisible(session.shows is Shows.COMPONENTS)

    def say(self, message: str) -> None:
        """A sentence in the place of the picture."""
        self.places.clear(message)
        self.note.setText("")
