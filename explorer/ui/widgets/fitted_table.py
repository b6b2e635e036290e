"""A ranked table that shows as many of its columns as it has room for; a menu at the end of its header names all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QToolButton, QWidget

from explorer.core.translation import tr
from explorer.ui import text_size
from explorer.ui.widgets.ranked import RankedTable, Row

_MEASURED, _PADDING = 32, 18  # rows whose words say how wide a column is; px beside them
_BUTTON = 24  # px of the menu's button
_NAMES = 0.5  # of the width: the most that the first column takes, whose words are shortened beyond


class FittedTable(RankedTable[Row]):
    """The first column, that of the sorting and what was chosen in the menu come first, then the others in their order. A column
    in which no row says anything is not shown. Nothing is scrolled sideways."""

    def __init__(self, name: str, number: Callable[[Row], int], parent: QWidget | None = None) -> None:
        super().__init__(name, number, parent)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.horizontalHeader()
        # Qt's own way to fit the columns asks for thousands of cells at every answer
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setMinimumSectionSize(_PADDING)
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.customContextMenuRequested.connect(self._open_menu)
        self._wide: list[int] = []  # px that each column asks for; 0: it says nothing
        self._chosen: list[str] = []  # titles of columns that a person has put in, the last one first
        self._left_out: set[str] = set()  # and of those taken away
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.more = QToolButton(self)
        self.more.setObjectName("narrow")
        self.more.setText("⋯")
        self.more.setAccessibleName(tr("Columns"))
        self.more.setToolTip(tr("Columns of the table: those without room are not shown"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self.menu)
        self.more.hide()
        self.ordered.connect(self._lay)

    def fit(self, afresh: bool = True) -> None:
        """To the words of the rows; not `afresh`: columns only grow, so that nothing jumps while rows stream in."""
        before = (
            self._wide if not afresh and len(self._wide) == len(self.rows.columns) else [0] * len(self.rows.columns)
        )
        some = [*self.rows.rows[:: max(len(self.rows.rows) // _MEASURED, 1)], *self.rows.rows[:1]]
        self._wide = [max(old, self._measured(at, some)) for at, old in enumerate(before)]
        self._lay()

    def _measured(self, at: int, some: Sequence[Row]) -> int:
        column, rows = self.rows.columns[at], self.rows.rows
        words = {column.says(row) for row in (rows if column.wordy else some)}
        if rows and not any(words) and not any(column.says(row) for row in rows):
            return 0
        cells, titles = self.fontMetrics(), self.horizontalHeader().fontMetrics()
        title = titles.horizontalAdvance(f"{column.title} ↓")
        return max([title, *map(cells.horizontalAdvance, words)]) + _PADDING

    @property
    def shown(self) -> tuple[str, ...]:
        """Titles of the columns that are seen."""
        return tuple(column.title for at, column in enumerate(self.rows.columns) if not self.isColumnHidden(at))

    def _lay(self) -> None:
        """Which columns are seen, and how wide."""
        if not self._wide or len(self._wide) != len(self.rows.columns):
            return
        room = self.viewport().width()
        wide = list(self._wide)
        if wide[0] > (most := round(_NAMES * room)):
            wide[0] = max(most, _PADDING)
        ranked = [at for at in self._ranked() if wide[at]]
        every = sum(wide[at] for at in ranked) <= room and len(ranked) == sum(map(bool, wide))
        button = 0 if every else text_size.px(_BUTTON)
        room -= button
        shown: set[int] = set()
        for at in ranked:
            if shown and sum(wide[one] for one in shown) + wide[at] > room:
                break
            shown.add(at)
        spare, each = divmod(max(room - sum(wide[at] for at in shown), 0), max(len(shown), 1))[::-1]
        for at in range(len(wide)):
            if self.isColumnHidden(at) == (at in shown):
                self.setColumnHidden(at, at not in shown)
            if at in shown:
                self.setColumnWidth(at, wide[at] + each + (spare if at == min(shown) else 0))
        head = self.horizontalHeader()
        self.more.setVisible(not every)
        self.more.setGeometry(head.geometry().right() + 1 - button, head.y(), button, head.height())

    def _ranked(self) -> list[int]:
        """The columns, those that are to be seen before the others first."""
        titles = [column.title for column in self.rows.columns]
        chosen = [titles.index(title) for title in self._chosen if title in titles]
        order = dict.fromkeys((0, self.rows.sorted_at, *chosen, *range(len(titles))))
        return [at for at in order if at in (0, *chosen) or titles[at] not in self._left_out]

    def _fill_menu(self) -> None:
        self.menu.clear()
        for at, column in enumerate(self.rows.columns):
            if at and self._wide[at : at + 1] != [0]:
                action = self.menu.addAction(column.title)
                action.setToolTip(column.tip)
                action.setCheckable(True)
                action.setChecked(not self.isColumnHidden(at))
                action.triggered.connect(partial(self._toggle, action))

    def _open_menu(self, at: QPoint) -> None:
        self.menu.popup(self.horizontalHeader().mapToGlobal(at))

    def _toggle(self, action: QAction, _checked: bool = True) -> None:
        self.choose_column(action.text(), action.isChecked())

    def choose_column(self, title: str, on: bool) -> None:
        """Puts a column before others, or takes it away."""
        self._chosen = [title] * on + [one for one in self._chosen if one != title]
        self._left_out = self._left_out - {title} if on else self._left_out | {title}
        self._lay()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "more"):
            self.fit()
