"""Attention in a column: every head as a tile, what is said of them. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.core.attention_queries import AttentionMode
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.attention.words import LINES_TIP, MATRIX_TIP, NORMS_TIP, RELEVANCE_TIP, ROLLOUT_TIP
from explorer.ui.compare.attention_between_panel import BetweenPanel
from explorer.ui.features.feature_panel import stand_beside
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.tile_panels import AttentionHeads, BlocksPanel
from explorer.ui.widgets.choice import choice
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.text import tip

_LINE, _ROW = "\n", "  ·  "
_TIPS = {
    AttentionMode.HEADS: tr(
        "What one location attends to in every head, each scaled from 0 to its own maximum\n"
        "Click to pin the location and overlay the head on the picture; Shift + arrows move it"
    ),
    AttentionMode.BLOCKS: tr("What one location attends to in every head of every block"),
    AttentionMode.ROLLOUT: tr(
        "What reaches the pinned location, else the class token, scaled from 0 to its maximum\n"
        "Click to pin a location; Shift + arrows move it"
    ),
    AttentionMode.RELEVANCE: tr("What raises the top class of this model, from 0 to the largest relevance"),
    AttentionMode.LINES: tr("What every token attends to in one block"),
    AttentionMode.MATRIX: tr("What every token attends to in one block"),
    AttentionMode.NORMS: tr(
        "Norm of the token at every location after each block, each block from 0 to its maximum\n"
        "Framed: outliers. Click to go to the block"
    ),
}
_MODES = (
    (tr("heads"), AttentionMode.HEADS, tr("Every head of the block nearest to the layer, for one location")),
    (tr("all blocks"), AttentionMode.BLOCKS, tr("Every head of every block, for the same location")),
    (tr("rollout"), AttentionMode.ROLLOUT, ROLLOUT_TIP),
    (tr("relevance"), AttentionMode.RELEVANCE, RELEVANCE_TIP),
    (tr("norms"), AttentionMode.NORMS, tr("Token norms. {norms_tip}", norms_tip=NORMS_TIP)),
    (tr("lines"), AttentionMode.LINES, tr("Between all tokens of the block. {lines_tip}", lines_tip=LINES_TIP)),
    (tr("matrix"), AttentionMode.MATRIX, tr("Between all tokens of the block. {matrix_tip}", matrix_tip=MATRIX_TIP)),
)
_LINES = 4  # of words beneath the tiles


def mode_choice() -> QComboBox:
    """Attention view, in all columns that show attention."""
    box = choice(tr("Attention"), tr("Attention view, in all columns that show attention"), [m[:2] for m in _MODES])
    for at, (_, _, told) in enumerate(_MODES):
        box.setItemData(at, tip(told), Qt.ItemDataRole.ToolTipRole)
    return box


class ColumnAttentionPanel(QWidget):
    """`maps` asks for the layer's maps instead."""

    maps = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles, self.note, self.numbers = AttentionHeads(), QLabel(), NumbersTable()
        self.numbers.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.numbers.hide()
        self.tiles.setMinimumSize(120, 90)
        self.tiles.walks = True
        self.explain(AttentionMode.HEADS)
        self.note.setObjectName("dim")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.blocks, self._scroll = BlocksPanel(), QScrollArea()
        self._scroll.setWidget(self.blocks)
        self._scroll.setWidgetResizable(True)
        self._scroll.viewport().setAutoFillBackground(False)
        self.blocks.setAutoFillBackground(False)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setMinimumSize(self.tiles.minimumSize())
        self.button = QPushButton(tr("Show feature maps"))
        self.button.setToolTip(tr("Show the feature maps of this layer, in this column only"))
        self.button.hide()
        self.body, side = QBoxLayout(QBoxLayout.Direction.TopToBottom, self), QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.current().space)
        side.addWidget(self.note)
        side.addWidget(self.numbers)
        side.addStretch(1)
        side.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.body.addWidget(self.tiles, 1)
        self.body.addWidget(self._scroll, 1)
        self.between = BetweenPanel()
        self.body.addWidget(self.between, 1)
        self._scroll.hide()
        self.between.hide()
        nest(self.body, side)
        self._facts: tuple[str | Row, ...] = ()
        self._more: tuple[str | Row, ...] = ()
        self._beside = False
        self.button.clicked.connect(self.maps)

    def explain(self, mode: AttentionMode) -> None:
        """What the tiles are."""
        self.tiles.setToolTip(tip(_TIPS[mode]))

    def tell(self, *facts: str | Row, more: Sequence[str | Row] = ()) -> None:
        """What is said of the tiles: beside them sentences over a table of numbers, beneath them one after the other; `more` in
        the tool tip alone."""
        self._facts, self._more = facts, tuple(more)
        rows = [fact for fact in facts if isinstance(fact, Row)] if self._beside else []
        lines = [_said(fact) for fact in facts if fact not in rows]
        self.note.setText((_LINE if self._beside else _ROW).join(lines))
        self.note.setToolTip(tip(_LINE.join(_said(fact) for fact in (*facts, *more))))
        self.numbers.set_rows(rows)
        self.numbers.setVisible(bool(rows) and not self.note.isHidden())

    def say(self, message: str, lasting: bool = True) -> None:
        """A sentence in the place of the tiles; where it is a `lasting` one, with a way to the maps."""
        self.tiles.clear(message)
        self._turn(self.tiles)
        self.tell()
        self.button.setVisible(lasting)
        self._arrange(message=lasting)

    def show_tiles(self) -> None:
        """Tiles are there."""
        self._turn(self.tiles)
        self.button.hide()
        self._arrange()

    def show_blocks(self) -> None:
        """All blocks and heads are there."""
        self._turn(self._scroll)
        self.button.hide()
        self._arrange()
        self.blocks.fit(self._room)

    def show_between(self, matrix: bool) -> None:
        """The attention between all tokens is there, as lines or as a matrix."""
        self.between.show_matrix(matrix)
        self._turn(self.between)
        self.button.hide()
        self._arrange()

    @property
    def _room(self) -> int:
        """px of height for all blocks."""
        beneath = 0 if self._beside else self.note.minimumHeight() + self.body.spacing()
        return max(self.height() - beneath, self._scroll.minimumHeight())

    @property
    def front(self) -> Panel:
        """What the keys go to."""
        if not self.between.isHidden():
            return self.between.front
        return self.tiles if self._scroll.isHidden() else self.blocks

    def _turn(self, shown: QWidget) -> None:
        """Tiles, all blocks, or what is between tokens; the keys stay here."""
        held = self.front.hasFocus()
        for each in (self.tiles, self._scroll, self.between):
            each.setVisible(each is shown)
        if held:
            self.front.setFocus()

    def hasHeightForWidth(self) -> bool:
        return False  # what it says, and the button, would move the rows of this column off those beside it

    def sizeHint(self) -> QSize:
        least: QSize = self.tiles.minimumSize()
        return least

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.blocks.fit(self._room)
        self._arrange(self.note.isHidden())
        self.tell(*self._facts, more=self._more)

    def _arrange(self, message: bool = False) -> None:
        """The words beside the tiles or beneath them; with the button there are none."""
        self.note.setVisible(not message)
        self._beside = stand_beside(self.body, self.note, 0 if message else self.width(), _LINES)


def _said(fact: str | Row) -> str:
    return fact if isinstance(fact, str) else f"{fact.label} {fact.value}"
