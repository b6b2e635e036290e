"""Attention: every head for one token, all blocks at once, what flows through all of them, and how long the tokens are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QPushButton, QSpinBox, QWidget

from explorer.core.attention_queries import BETWEEN, AttentionMode
from explorer.core.translation import tr
from explorer.methods.attention.heads_table import Heads, HeadTable
from explorer.ui import theme
from explorer.ui.attention.words import LINES_TIP, MATRIX_TIP, NORMS_TIP, RELEVANCE_TIP, ROLLOUT_TIP
from explorer.ui.graphics.tile_panels import AttentionHeads, BlocksPanel
from explorer.ui.graphics.token_lines import TokenLines
from explorer.ui.graphics.token_matrix import TokenMatrix
from explorer.ui.widgets import text
from explorer.ui.widgets.chips import Chips
from explorer.ui.widgets.chooser import chooser
from explorer.ui.widgets.frames import Caption, Elided
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.page_frame import column_of, paragraph

TOKEN_MODES = tuple(mode.value for mode in BETWEEN)
MODES = tuple(mode.value for mode in AttentionMode)
_TITLES = (
    (tr("Heads of this block"), tr("Every head of this block, for the selected patch")),
    (tr("Heads of all blocks"), tr("Every head of every block, for the same patch")),
    (tr("Rollout"), ROLLOUT_TIP),
    (tr("Relevance for a class"), RELEVANCE_TIP),
    (tr("Token norms"), NORMS_TIP),
    (tr("Between tokens: lines"), LINES_TIP),
    (tr("Between tokens: matrix"), MATRIX_TIP),
)
_HIGH = 224  # px of the tiles


class AttentionView(QWidget):
    """`front` stands where the large map is on other pages. `mode_changed`: another of MODES; `asked_anew`: another direction;
    `redrawn`: another way of drawing; `run_changed`: another rollout or relevance; `toggled`: run or stop it;
    `head_chosen` carries the number of a head, None for their mean."""

    mode_changed = Signal()
    asked_anew = Signal()
    redrawn = Signal()
    run_changed = Signal()
    toggled = Signal()
    head_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.running = False
        self.chosen = False  # whether somebody has chosen a mode
        self.tiles = AttentionHeads()
        self.tiles.setFixedHeight(_HIGH)
        self.lines, self.matrix = TokenLines(), TokenMatrix()
        self.front: QWidget = QWidget()
        column_of(self.front, self.tiles, self.lines, self.matrix)
        self.modes = chooser(tr("Mode"), tr("Attention view"))
        for at, (title, tip) in enumerate(_TITLES):
            self.modes.addItem(title, MODES[at])
            self.modes.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
        self.message = ""
        self.note, self.kind = paragraph(True), paragraph(True)
        self.headline, self.where = paragraph(), Elided()
        self.where.setObjectName("dim")
        self.whose = chooser(tr("Head"), tr("Whose weights are shown"))
        self.to_matrix = QPushButton(tr("Show the matrix"))
        self.to_matrix.hide()
        self.save = QPushButton(tr("Save as CSV …"))
        self.save.hide()
        self.ablate = QPushButton(tr("Ablate head"))
        self.ablate.setToolTip(tr("Set the values of this head to 0 and see what changes in the prediction"))
        self.ablate.hide()
        self._make_choices()
        self.start_button = QPushButton()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.chips = Chips(tr("Tokens before the grid"))
        self.chips.setToolTip(
            tr("Class token and registers, with the weight on each. Click one to see what it attends to")
        )
        self.numbers = NumbersTable()
        self.table_title, self.table = Caption(tr("Heads, over all queries")), HeadTable()
        self.blocks = BlocksPanel()
        self._lay_out()
        self._connect()
        self._turn()
        self.set_running(None)
        self.say(tr("Nothing is shown yet."))

    def _make_choices(self) -> None:
        self.direction = chooser(
            tr("Direction"), tr("What a token attends to (its row), or who attends to it (its column)")
        )
        self.direction.addItem(tr("attends to"), False)
        self.direction.addItem(tr("attended by"), True)
        self.overlay = chooser(tr("On the picture"), tr("Overlay on the input picture"))
        for title, value in ((tr("weights"), "heat"), (tr("mask"), "mask"), (tr("no overlay"), "")):
            self.overlay.addItem(title, value)
        self.mass = QSpinBox()
        self.mass.setRange(5, 100)
        self.mass.setValue(60)
        self.mass.setSuffix(" %")
        self.mass.setAccessibleName(tr("Mass of the mask"))
        self.mass.setToolTip(
            tr("The mask holds the fewest patches with this fraction of the attention on patches; DINO takes 60 %")
        )
        self.one_scale = QCheckBox(tr("Shared colour scale"))
        self.one_scale.setToolTip(
            tr("All tiles from 0 to the largest weight of all; unchecked: each to its own maximum")
        )
        self.fusion = chooser(tr("Head fusion"), tr("How the heads of a block become one in the rollout"))
        for name in ("mean", "max", "min"):
            self.fusion.addItem(tr("heads: {name}", name=name), name)
        self.start = QSpinBox()
        self.start.setPrefix(tr("from block "))
        self.start.setAccessibleName(tr("First block"))
        self.start.setToolTip(tr("Earlier blocks are skipped"))

    def _lay_out(self) -> None:
        self.ask_row = _line(self.direction, self.overlay)
        self.draw_row = _line(self.one_scale, self.mass)
        self.flow_row = _line(self.fusion, self.start)
        self.run_row = _line(self.start_button, self.progress)
        self.body = QWidget()
        column_of(
            self.body,
            self.where,
            self.headline,
            self.whose,
            self.to_matrix,
            self.ask_row,
            self.draw_row,
            self.flow_row,
            self.run_row,
            self.chips,
            self.blocks,
            self.numbers,
            self.ablate,
            self.save,
            self.note,
            self.table_title,
            self.table,
            self.kind,
        )
        column_of(self, self.modes, self.body)

    def _connect(self) -> None:
        self.modes.currentIndexChanged.connect(self._choose_mode)
        self.to_matrix.clicked.connect(self._open_matrix)
        self.whose.activated.connect(self._choose_head)
        self.direction.activated.connect(self.asked_anew)
        self.overlay.activated.connect(self.redrawn)
        self.mass.valueChanged.connect(self.redrawn)
        self.one_scale.toggled.connect(self.redrawn)
        self.fusion.activated.connect(self.run_changed)
        self.start.valueChanged.connect(self.run_changed)
        self.start_button.clicked.connect(self.toggled)

    # --- what is chosen ---

    @property
    def mode(self) -> str:
        """One of MODES."""
        return MODES[max(self.modes.currentIndex(), 0)]

    def set_mode(self, mode: str) -> None:
        """Opens one of MODES, which stays until another one is opened."""
        self.chosen = True
        self.modes.setCurrentIndex(MODES.index(mode))

    def _turn(self) -> None:
        self.lines.setVisible(self.mode == "lines")
        self.matrix.setVisible(self.mode == "matrix")
        self.tiles.setVisible(self.mode not in TOKEN_MODES)
        self.mode_changed.emit()

    def _choose_mode(self) -> None:
        self.chosen = True
        self._turn()

    def suggest(self, mode: str) -> None:
        """Opens one of MODES where nobody has chosen any."""
        if not self.chosen and mode != self.mode:
            with QSignalBlocker(self.modes):
                self.modes.setCurrentIndex(MODES.index(mode))
            self._turn()

    def _open_matrix(self) -> None:
        self.set_mode("matrix")

    def _choose_head(self) -> None:
        self.head_chosen.emit(self.whose.currentData())

    @property
    def to(self) -> bool:
        """Whether it is asked who looks at the token."""
        return bool(self.direction.currentData())

    @property
    def share(self) -> float:
        """Of the weight that the mask holds."""
        return self.mass.value() / 100

    # --- what is shown ---

    def say(self, message: str) -> None:
        """Words instead of everything, where the tiles would be; "" shows it."""
        self.message = message
        self.body.setVisible(not message)
        self.modes.setVisible(not message)
        if message:
            for panel in (self.tiles, self.lines, self.matrix):
                panel.clear(message)

    def set_where(self, words: str, name: str, kind: str) -> None:
        """Which block is shown, by its name too, and who attends to whom in it."""
        self.where.set_text(words)
        self.where.setToolTip(text.tip(f"{words}\n{name}"))
        self.kind.setText(kind)

    def show_parts(self, *, has_map: bool = True, has_query: bool = True) -> None:
        """The parts that the mode needs; without a map there is nothing to draw on the picture."""
        mode, looks = self.mode, self.mode in ("heads", "blocks")
        between = mode in TOKEN_MODES
        self.whose.setVisible(between)
        self.save.setVisible(between)
        if mode != "lines":
            self.to_matrix.hide()
        self.ask_row.setVisible((has_map or not looks) and not between)
        self.direction.setVisible(looks and has_query)
        self.overlay.setVisible(has_map)
        self.mass.setVisible(has_map and self.overlay.currentData() == "mask")
        self.one_scale.setVisible(looks or mode == "norms")
        self.draw_row.setVisible(self.mass.isVisibleTo(self.draw_row) or self.one_scale.isVisibleTo(self.draw_row))
        self.flow_row.setVisible(mode in ("rollout", "relevance"))
        self.fusion.setVisible(mode == "rollout")
        self.blocks.setVisible(mode == "blocks" or between)
        self.chips.setVisible(bool(self.chips.names) and not between)
        for widget in (self.table_title, self.table):
            widget.setVisible(mode == "heads")

    def set_whose(self, heads: int, head: int | None) -> None:
        """How many heads there are, and which one is shown, None: their mean."""
        if self.whose.count() != heads + 1:
            self.whose.clear()
            self.whose.addItem(tr("mean of {heads} heads", heads=heads) if heads > 1 else tr("its head"), None)
            for number in range(heads):
                self.whose.addItem(tr("head {number}", number=number), number)
        self.whose.setCurrentIndex(0 if head is None else head + 1)

    def set_chips(self, names: Sequence[str], says: Sequence[str], at: int | None) -> None:
        """Tokens before the grid with a number each; `at` is the one that asks."""
        self.chips.set_chips(names, says, at)
        self.chips.setVisible(bool(names))

    def set_numbers(self, rows: Sequence[Row]) -> None:
        self.numbers.set_rows(rows)
        self.numbers.setVisible(bool(rows))

    def set_note(self, words: str) -> None:
        """What went wrong, or what must be known."""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def set_heads(self, columns: Heads, heads: int, waiting: str = "") -> None:
        """The heads of the block and how many there are; () and 0 while they are not known."""
        self.table.set_heads(columns, heads)
        self.table_title.setText(("Heads, over all queries" + waiting).upper())

    def set_running(self, fraction: float | None, again: bool = False) -> None:
        """How far the long work is, None: nothing runs. `again`: it was stopped and may be run."""
        self.running = fraction is not None
        self.start_button.setText(tr("Cancel") if self.running else tr("Run"))
        self.run_row.setVisible(self.running or again)
        self.progress.setVisible(self.running)
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * (fraction or 0)))


def _line(*parts: QWidget) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(theme.current().space)
    for part in parts:
        line.addWidget(part, 1)
    return holder
