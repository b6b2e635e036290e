"""The matrix, with a cross on the layers that both columns show; a click on a cell leads both there."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.pairs import ShownPair
from explorer.core.representations import Cka
from explorer.core.session.cka_path import by_path, marked
from explorer.methods.cka import words
from explorer.ui import theme
from explorer.ui.graphics.matrix_panel import MatrixPanel
from explorer.ui.method_page.pair_page import PairPage
from explorer.ui.widgets.frames import Elided


class ResultPage(PairPage[Cka]):
    """The first model runs down, the other across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Cka | None = None
        self._pair: ShownPair | None = None
        self._hovered = False
        self.matrix = MatrixPanel()
        self.value, self.row, self.column = QLabel(), Elided(), Elided()
        for label in (self.row, self.column):
            label.setObjectName("dim")
        bold = QFont(self.value.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.value.setFont(bold)
        self.value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(theme.current().tight // 2)
        stack.addWidget(self.matrix, 1)
        for part in (self.value, self.row, self.column):
            stack.addWidget(part)
        self.matrix.hovered.connect(self._hover)
        self.matrix.left.connect(self._leave)
        self.matrix.chosen.connect(self._choose)

    @property
    def current(self) -> tuple[int, int] | None:
        """Row and column that speak for the layers of both columns."""
        if self._result is None or self._pair is None:
            return None
        names = self._result.rows, self._result.columns
        row, column = (
            marked([side.place(name) for name in some], side.at)
            for side, some in zip(self._pair.sides, names, strict=True)
        )
        return row, column

    def show_pair(self, pair: ShownPair, result: Cka | None) -> None:
        self._pair = pair
        self.matrix.set_empty(words.empty(pair))
        if result is not self._result:
            self._result, self._hovered = result, False
            self.matrix.set_matrix(result, by_path(result.values) if result is not None else ())
        self._mark()

    def _mark(self) -> None:
        self.matrix.set_current(self.current)
        if not self._hovered:
            self._tell(self.current, current=True)

    def _tell(self, at: tuple[int, int] | None, current: bool = False) -> None:
        said = ("", "", "")
        if at is not None and self._result is not None and self._pair is not None:
            said = words.cell(self._result, at, self._pair, current)
        value, row, column = said
        self.value.setText(value)
        self.matrix.setAccessibleDescription(f"{value}  {row}  {column}".strip())
        self.row.set_text(row)
        self.column.set_text(column)

    def _hover(self, row: int, column: int) -> None:
        self._hovered = self._result is not None
        self._tell((row, column))

    def _leave(self) -> None:
        self._hovered = False
        self._tell(self.current, current=True)

    def _choose(self, row: int, column: int) -> None:
        if self._result is not None:
            self.layers_chosen.emit(self._result.rows[row], self._result.columns[column])
