"""What is taken for what: the matrix of a probe or a training, the pictures of a cell, and from there their maps in Explore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from PySide6.QtCore import SignalInstance

from explorer.core.arrays import Array
from explorer.core.data_sets import ReadThumbnails, Thumbnails
from explorer.core.geometry.cells import Cell
from explorer.core.inputs import InputRef
from explorer.core.probe import Confusion, Point, Probe
from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPage
from explorer.core.translation import tr
from explorer.ui.jobs.client import Task
from explorer.ui.transfer.lab import Lab
from explorer.ui.widgets.picture_grid import GridPicture


class MistakesView(Protocol):
    """`MistakesPanel`, or in a test a plain object."""

    chosen: SignalInstance
    drawn: SignalInstance
    opened: SignalInstance
    wanted: SignalInstance

    def show_confusion(self, found: Confusion | None, about: str, number: int, draws: int) -> None: ...
    def show_cell(self, cell: Cell | None) -> None: ...
    def show_pictures(self, words: str, pictures: Sequence[GridPicture]) -> None: ...
    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None: ...


class MistakesPresenter:
    """On the pages of the probe its matrix at the selected layer, on that of the training the one of its result."""

    def __init__(self, lab: Lab, view: MistakesView) -> None:
        self._lab, self._view = lab, view
        self._probe: tuple[Probe, Point] | None = None
        self._trained: Confusion | None = None
        self._draw = 0
        self.shown: Confusion | None = None
        self._task: Task[Thumbnails] = Task(lab.host.client, "transfer mistakes", self._take)
        view.chosen.connect(self._choose)
        view.drawn.connect(self._set_draw)
        view.opened.connect(self._open)
        view.wanted.connect(self._ask)
        lab.moved.connect(self._moved)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting

    def close(self) -> None:
        """Asks for nothing more."""
        self._task.close()

    # --- what is shown ---

    def show_probe(self, result: Probe | None, point: Point | None) -> None:
        """The point of a probe; None: there is none."""
        whole = result is not None and point is not None and len(point.predicted)
        self._probe = (result, point) if whole and result is not None and point is not None else None
        self._show()

    def show_training(self, found: Confusion | None) -> None:
        """The matrix of a training that is done; None: there is none."""
        self._trained = found
        self._show()

    def _moved(self, old: Session, new: Session) -> None:
        if (old.transfer.page, old.transfer.confused) != (new.transfer.page, new.transfer.confused):
            self._show()

    def _show(self) -> None:
        if self._lab.place.page is TransferPage.TRAINING:
            about = tr("fine-tuned model, test pictures") if self._trained is not None else ""
            self.shown = self._trained
            self._view.show_confusion(self._trained, about, 0, 0)
        elif self._probe is not None:
            result, point = self._probe
            draws = len(point.predicted)
            self._draw = min(self._draw, draws - 1)
            self.shown = result.confusion(point, self._draw)
            count = tr("{per_class} a class", per_class=point.per_class) if point.per_class else tr("all pictures")
            self._view.show_confusion(self.shown, f"{point.tap}, {count}", self._draw, draws)
        else:
            self.shown = None
            self._view.show_confusion(None, "", 0, 0)
        self._show_cell()

    def _show_cell(self) -> None:
        found, pair = self.shown, self._lab.place.confused
        if found is None or pair is None or any(name not in found.labels for name in pair):
            self._view.show_cell(None)
            self._view.show_pictures("", ())
            return
        row, column = (found.labels.index(name) for name in pair)
        paths = found.pictures(row, column)
        self._view.show_cell((row, column))
        what = tr("recognised") if row == column else tr("taken for {pair}", pair=pair[1])
        words = (
            tr("{pair} {what}: {count}. A click shows a picture's maps.", pair=pair[0], what=what, count=len(paths))
            if paths
            else tr("{pair} {what}: none.", pair=pair[0], what=what)
        )
        named = tr("{pair}, taken for {pair2}", pair=pair[0], pair2=pair[1])
        self._view.show_pictures(words, [GridPicture(path, named, f"{path}\n{named}") for path in paths])

    # --- hands ---

    def _choose(self, label: str, taken: str) -> None:
        self._lab.move(confused=(label, taken))

    def _set_draw(self, number: int) -> None:
        self._draw = number
        self._show()

    def _open(self, path: str) -> None:
        """A picture in Explore, at the selected layer."""
        data = self._lab.data
        if data is not None:
            self._lab.host.open_input(InputRef("picture", str(data.file(path))))
            self._lab.host.show_workspace("explore")

    def _ask(self, paths: tuple[str, ...]) -> None:
        data = self._lab.data
        if data is not None:
            self._task.ask(ReadThumbnails(data.folder, paths))

    def _take(self, found: Thumbnails, _done: bool) -> None:
        self._view.set_thumbnails(found.pictures)
