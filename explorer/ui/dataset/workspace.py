"""The Dataset workspace with everything behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.workspace_figures import grid_figure
from explorer.core.session.dataset_place import DatasetPage
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui.added_workspaces import WorkspaceHost, WorkspaceView
from explorer.ui.dataset.channels_presenter import ChannelsPresenter
from explorer.ui.dataset.chosen_presenter import ChosenPresenter
from explorer.ui.dataset.index_lab import IndexLab
from explorer.ui.dataset.making_presenter import MakingPresenter
from explorer.ui.dataset.pictures_panel import SIDE
from explorer.ui.dataset.pictures_presenter import PicturesPresenter
from explorer.ui.dataset.scatter_presenter import ScatterPresenter
from explorer.ui.dataset.view import DatasetView


class DatasetWorkspace(WorkspaceView):
    """Reads nothing before it comes to the front for the first time."""

    def __init__(self, host: WorkspaceHost, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self.lab, self.view = IndexLab(host, self), DatasetView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        view, lab = self.view, self.lab
        self.making = MakingPresenter(lab, view.making, view.indexes)
        self.pictures = PicturesPresenter(lab, view.pictures, SIDE)
        self.channels = ChannelsPresenter(lab, view.channels)
        self.scatter = ScatterPresenter(lab, view.scatter)
        self.chosen = ChosenPresenter(lab, view.chosen)
        self._parts = (self.making, self.pictures, self.channels, self.scatter, self.chosen)
        view.paged.connect(self._turn)
        lab.moved.connect(self._follow)

    def _turn(self, page: DatasetPage) -> None:
        self.lab.move(page=page)

    def _follow(self, old: Session, new: Session) -> None:
        if old.dataset.page is not new.dataset.page:
            self.view.show_page(new.dataset.page)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return any(part.waiting for part in self._parts)

    def start(self) -> None:
        self.view.show_page(self.lab.place.page)
        self.lab.tell()

    def take_paths(self, paths: Sequence[str]) -> bool:
        return self.making.take_paths(paths)

    def figures(self) -> tuple[tuple[QWidget, Callable[[], FigureDescription | None]], ...]:
        view = self.view
        return (
            (view, self._page_figure),
            (view.pictures, self._pictures_figure),
            (view.channels, self.channels.figure),
            (view.scatter, self.scatter.figure),
            (view.chosen, self._chosen_figure),
        )

    def _page_figure(self) -> FigureDescription | None:
        makes = {DatasetPage.CHANNELS: self.channels.figure, DatasetPage.SCATTER: self.scatter.figure}
        return makes.get(self.lab.place.page, self._pictures_figure)()

    def _pictures_figure(self) -> FigureDescription | None:
        return grid_figure(tr("Indexed pictures"), self.view.pictures.grid.named_pictures, self.lab.facts)

    def _chosen_figure(self) -> FigureDescription | None:
        chosen = self.view.chosen
        title = (
            tr("Nearest to {picture}", picture=self.chosen.picture.name)
            if self.chosen.picture is not None
            else tr("Nearest pictures")
        )
        return grid_figure(title, chosen.grid.named_pictures, self.lab.facts, chosen.near_note.text())

    def finish(self) -> None:
        for part in self._parts:
            part.finish()
