"""The Compare workspace: what links the columns above, the columns beneath. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.core.layer_views import Shows, view_named
from explorer.core.session.comparison import MOST, Comparison, Link, SharedScale
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.compare.column import ColumnPanel
from explorer.ui.compare.pair_panel import PairPanel
from explorer.ui.features.words import FOREGROUND, FOREGROUND_TIP, offered, view_tip
from explorer.ui.widgets.choice import choice, on_choice
from explorer.ui.widgets.figure_request import FigureButton
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.scrolling import Adapting
from explorer.ui.widgets.wrapping import WrapLayout

_PAIRS, _SHARE = (258, 380), 0.19  # px of the panel between the columns, least and most; of the whole width
_LOW = 600  # px of height up to which it does not say where the pointer is
_WIDE = 340  # px of a column beside it; where there are fewer it is folded away


_MASS = tr(
    "The selected channel of each column as normalised mass: |value| divided by the sum of all |values|, in % per cell.\n"
    "One colour is the same mass per area in every column, so that fine and coarse maps of any networks can be compared"
)
_FRAMES = tr("Frames that all columns have shown in the last two seconds, without frozen columns")
_SCALE = tr(
    "Colour range of the columns. z-score: standard deviations σ from the mean of the layer, so that\n"
    "layers with values of different magnitude can be compared"
)


class CompareWorkspace(Adapting):
    """`linked` carries a Link, `scaled` a Shared, `viewed` a Shows for all columns; `added` asks for one more column;
    `unfolded` whether the panel between them is seen, `shared` whether the large maps are to show shares of their whole, `fore` whether
    only the foreground of components is to have colours. `came`: it is in front."""

    linked = Signal(object)
    scaled = Signal(object)
    viewed = Signal(object)
    added = Signal()
    unfolded = Signal(bool)
    shared = Signal(bool)
    fore = Signal(bool)
    came = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        links = [(tr("Link  {link}", link=tr(link.value)), link) for link in Link]
        self.link = choice(
            tr("Link"), tr("How layers of the columns are synchronised. Choosing one resets the offsets"), list(links)
        )
        scales = [(tr("Scale  {scale}", scale=tr(scale.value)), scale) for scale in SharedScale]
        self.scale = choice(tr("Scale"), _SCALE, list(scales))
        self.view = choice(tr("View"), view_tip("compare"), offered("compare"))
        self.foreground = QCheckBox(FOREGROUND)
        self.foreground.setToolTip(FOREGROUND_TIP)
        self.add = QPushButton(tr("+ Column"))
        self.add.setToolTip(tr("Duplicate last column"))
        self.figure = FigureButton()
        self.figure.setToolTip(tr("Export the columns side by side as a figure: PDF, SVG or PNG, in millimetres"))
        self.share = QPushButton(tr("Normalised mass"))
        self.share.setCheckable(True)
        self.share.setToolTip(_MASS)
        self.fold = QPushButton("CKA")
        self.fold.setCheckable(True)
        self.fold.setToolTip(
            tr("Layer similarity (CKA) of two columns, matched channels, and measured figures of the models")
        )
        self.fold.setAccessibleName(tr("Layer similarity (CKA)"))
        self.pairs = PairPanel()
        self.where, self.live = QLabel(), Elided(natural=True)
        for label in (self.where, self.live):
            label.setObjectName("dim")
        self.where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._count = 0  # columns
        self._high = 0  # px there are for all of this; 0: not known
        self._folded = False  # whether it was folded for want of room
        self._asked = False  # whether a person unfolded it all the same
        self.columns = QHBoxLayout()
        self.columns.setSpacing(theme.current().space)
        self._build()
        self.spots: dict[str, QWidget] = {"add": self.add, "shows": self.view}  # what a guide can point at
        on_choice(self.link, self.linked.emit, Link)
        on_choice(self.scale, self.scaled.emit, SharedScale)
        on_choice(self.view, self.viewed.emit, view_named)
        self.add.clicked.connect(self.added)
        self.share.clicked.connect(self.shared)
        self.foreground.clicked.connect(self.fore)
        self.fold.toggled.connect(self._unfold)
        self.fold.clicked.connect(self._ask)
        self.fold.setChecked(True)

    def _build(self) -> None:
        bar = WrapLayout(theme.current().space, last_right=True)
        for widget in (
            self.link,
            self.view,
            self.foreground,
            self.scale,
            self.share,
            self.add,
            self.fold,
            self.figure,
            self.live,
            self.where,
        ):
            bar.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().space)
        nest(column, bar)
        nest(column, self.columns, 1)
        self.columns.addWidget(self.pairs)
        text_size.hold(self.link, "setMaximumWidth", 220)
        text_size.hold(self.scale, "setMaximumWidth", 220)

    def place(self, panels: Sequence[ColumnPanel]) -> None:
        """These columns in this order, all as wide."""
        for panel in (*panels, self.pairs):
            self.columns.removeWidget(panel)
        for panel in panels:
            self.columns.addWidget(panel, 1)
            panel.show()
            if self._high:
                panel.set_room(self._high)
        self.columns.insertWidget(1, self.pairs)  # beside the first column, whose layers stand downwards in it
        if len(panels) != self._count:
            self._count, self._asked = len(panels), False
            self._make_room()

    def adapt(self, room: QSize) -> None:
        """Low columns in a low window, and no line for where the pointer is alone."""
        if room.height() == self._high:
            return
        self._high = room.height()
        self.where.setVisible(self._high >= text_size.px(_LOW))
        for panel in self.findChildren(ColumnPanel):
            panel.set_room(self._high)

    def set_pairs(self, on: bool) -> None:
        """Whether what is computed of two columns is seen, also where there is little room."""
        self._ask(on)
        self.fold.setChecked(on)

    def _ask(self, on: bool) -> None:
        """A person wants it, or does not."""
        self._asked, self._folded = on, False

    def _make_room(self) -> None:
        """Folds it away where columns would be too narrow beside it, and brings it back where they are not."""
        beside = self.width() - self._pairs_width - self.columns.spacing() * self._count
        narrow = self._count > 0 and beside < text_size.px(_WIDE) * self._count
        if narrow and self.fold.isChecked() and not self._asked:
            self._folded = True
            self.fold.setChecked(False)
        elif not narrow and self._folded:
            self._folded = False
            self.fold.setChecked(True)

    @property
    def _pairs_width(self) -> int:
        low, high = map(text_size.px, _PAIRS)
        return min(max(round(_SHARE * self.width()), low), high)

    def _unfold(self, on: bool) -> None:
        self.pairs.setVisible(on)
        self.unfolded.emit(on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.pairs.setFixedWidth(self._pairs_width)
        self._make_room()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.came.emit()

    def say_live(self, words: str) -> None:
        """How fast a live input goes; "" where none does."""
        self.live.set_text(words)
        self.live.setToolTip(f"{words}\n{_FRAMES}")

    def show_comparison(self, comparison: Comparison) -> None:
        """The controls as the document says; emits nothing."""
        self.link.setCurrentIndex(self.link.findData(comparison.link))
        self.scale.setCurrentIndex(self.scale.findData(comparison.scale))
        self.share.setChecked(comparison.share)
        self.foreground.setChecked(comparison.foreground)
        self.foreground.setVisible(any(column.shows is Shows.COMPONENTS for column in comparison.columns))
        self.view.setCurrentIndex(self.view.findData(comparison.columns[0].shows) if comparison.columns else 0)
        maps = any(column.shows is Shows.MAPS for column in comparison.columns)
        self.scale.setEnabled(maps)
        self.scale.setToolTip(
            _SCALE if maps else tr("No column shows maps: PCA colours, similarity and attention have their own scales")
        )
        self.add.setVisible(len(comparison.columns) < MOST)
