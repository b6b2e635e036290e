"""One row of small pictures with the place of the chosen one: "4 of 12"."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListView, QToolButton, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.picture_grid import GridPicture, PictureGrid
from explorer.ui.widgets.text import tip

SIDE = 40  # px of a picture


class PictureStrip(QWidget):
    """`opened` carries the path of a picture that was chosen, `wanted` those that are seen and have no thumbnail yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.where, self.all = Elided(), QToolButton()
        self.back, self.ahead = QToolButton(), QToolButton()
        self.where.setObjectName("dim")
        signs = (
            (self.all, "▦", tr("Choose a picture")),
            (self.back, "‹", tr("Previous in folder")),
            (self.ahead, "›", tr("Next in folder")),
        )
        for button, sign, name in signs:
            button.setText(sign)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self.grid = PictureGrid(tr("Pictures of the folder"), SIDE)
        self.grid.setFlow(QListView.Flow.LeftToRight)
        self.grid.setWrapping(False)
        for policy in (self.grid.setHorizontalScrollBarPolicy, self.grid.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # the wheel, the arrows and the buttons go along it
        self.grid.setFixedHeight(SIDE + 10)
        self.grid.setProperty("row", True)
        self.opened, self.wanted = self.grid.opened, self.grid.wanted
        head, column = QHBoxLayout(), QVBoxLayout(self)
        head.setSpacing(theme.current().tight)
        head.addWidget(self.where, 1)
        head.addWidget(self.all)
        head.addWidget(self.back)
        head.addWidget(self.ahead)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        nest(column, head)
        column.addWidget(self.grid)
        self.hide()

    def set_pictures(self, folder: str, items: Sequence[GridPicture], at: int, small: bool) -> None:
        """Those of a folder by name, and which of them is open (-1: none of them); fewer than two: nothing is shown. `small`:
        without the thumbnails."""
        self.setVisible(len(items) > 1)
        self.grid.setVisible(not small)
        self.grid.set_pictures(items)
        count = tr("{at} of {count:,}", at=at + 1, count=len(items)) if at >= 0 else f"{len(items):,}"
        self.where.set_text(count, at_end=True)
        self.where.setToolTip(tip(tr("{count} in {folder}", count=count, folder=folder)))
        if at >= 0:
            index = self.grid.model().index(at, 0)
            self.grid.setCurrentIndex(index)
            self.grid.scrollTo(index, PictureGrid.ScrollHint.PositionAtCenter)
            self.grid.ask()
