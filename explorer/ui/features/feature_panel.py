"""A layer on its picture with what is said and can be chosen of it. Passive: setters in, signals out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QLabel, QToolButton, QWidget

from explorer.core.layer_views import Colouring, Shows
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.features.words import FOREGROUND, FOREGROUND_TIP
from explorer.ui.graphics.cells_on_image import CellsOnImage
from explorer.ui.widgets.choice import choice
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.text import tip

_LINES = 3  # of words beneath a column's picture
# px: from which width they stand beside it, how wide; as wide as there is room
_ROOMY, _BESIDE, _ANY = 400, 150, 16_777_215
_FIRST = tr(
    "Cosine of every location of this picture with the location in column A, instead of with the same location here"
)

_COLOURINGS = (
    (tr("Colours  own"), Colouring.OWN),
    (tr("Colours  as previous layer"), Colouring.LIKE),
    (tr("Colours  pinned here"), Colouring.PINNED),
)


class FeaturesPanel(QWidget):
    """The picture and a line about it; `line` beneath has room for a control."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.places, self.note = CellsOnImage(), QLabel()
        self.note.setObjectName("dim")
        self.note.setWordWrap(True)
        self.body, self.line = QBoxLayout(QBoxLayout.Direction.TopToBottom, self), QHBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.current().space)
        self.line.setSpacing(theme.current().space)
        self.line.addWidget(self.note, 1)
        self.body.addWidget(self.places, 1)
        nest(self.body, self.line)

    def tell(self, words: str) -> None:
        """What is said of the picture."""
        self.note.setText(words)
        self.note.setToolTip(tip(words))

    def wait(self, of: str, tap: str) -> None:
        """A layer is on its way; what is drawn stays, and says whose it is (`of`, "" for nothing)."""
        if self.places.drawn and of:
            self.places.set_stale(
                tr("showing {of}, computing {tap} …", of=of, tap=tap) if of != tap else tr("computing {tap} …", tap=tap)
            )
            self.tell("")
        else:
            self.say(tr("Computing {tap} …", tap=tap))

    def say(self, message: str) -> None:
        """A sentence in the place of the picture."""
        self.places.clear(message)
        self.tell("")


class ExploreFeaturesPanel(FeaturesPanel):
    """`changed` carries a dict of session fields; `pinned` that the colours shown now are to be those of every picture."""

    changed = Signal(object)
    pinned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colouring = choice(
            tr("Colours"),
            tr(
                "Own: PCA of this layer and picture. As previous layer: aligned to the colours shown before (Procrustes), so that "
                "hues stay comparable. Pinned here: this PCA for every other input of the layer"
            ),
            list(_COLOURINGS),
            240,
        )
        self.foreground = QCheckBox(FOREGROUND)
        self.foreground.setToolTip(FOREGROUND_TIP)
        controls = QHBoxLayout()
        controls.setSpacing(theme.current().inset)
        controls.addWidget(self.colouring)
        controls.addWidget(self.foreground)
        controls.addStretch(1)
        self.body.insertLayout(0, controls)
        self.colouring.activated.connect(self._coloured)
        self.foreground.toggled.connect(self._show_foreground)

    def _show_foreground(self, on: bool) -> None:
        self.changed.emit({"foreground": on})

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


class ColumnFeaturesPanel(FeaturesPanel):
    """`to_first` carries whether the place is to be read in the first column. The words stand beside the picture where there
    is room, else beneath it."""

    to_first = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.first = QToolButton()
        self.first.setText(tr("of A"))
        self.first.setCheckable(True)
        self.first.setAccessibleName(tr("Similarity to the location in column A"))
        self.first.hide()
        self.line.addWidget(self.first, 0, Qt.AlignmentFlag.AlignTop)
        self.first.clicked.connect(self.to_first)

    def offer_first(self, wanted: bool, reason: str, on: bool) -> None:
        """Whether the place in the first column can be asked about; `reason` why not."""
        self.first.setVisible(wanted)
        self.first.setEnabled(not reason)
        self.first.setChecked(on and not reason)
        self.first.setToolTip(reason or _FIRST)

    def hasHeightForWidth(self) -> bool:
        return False  # the picture takes the height that there is: a workspace does not scroll for it

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = stand_beside(self.body, self.note, event.size().width())
        self.line.setDirection(QBoxLayout.Direction.TopToBottom if beside else QBoxLayout.Direction.LeftToRight)


def stand_beside(body: QBoxLayout, note: QLabel, width: int, lines: int = _LINES) -> bool:
    """Puts what is said beside the picture where there is room, else beneath it, as high in every column. Whether it is beside."""
    beside = width >= _ROOMY
    body.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
    note.setMaximumWidth(_BESIDE if beside else _ANY)
    note.setMinimumWidth(_BESIDE if beside else 0)
    # all columns' pictures at one height
    high = lines * note.fontMetrics().lineSpacing() + theme.current().tight
    note.setMinimumHeight(0 if beside else high)
    note.setMaximumHeight(_ANY if beside else high)
    return beside
