"""Small pictures of the classes that are in sight, asked for once each."""

from __future__ import annotations

from explorer.core.data_sets import DataSet, ReadThumbnails, Thumbnails
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.transfer.classes_view import ClassesView

SIDE = 60  # pixels of the longer side: sharp also where a logical pixel is two
_OF_A_CLASS = 100  # pictures of a class whose state is remembered; a class shows fewer


class ClassPictures:
    """Fills the view; what a file has become another picture is asked for again."""

    def __init__(self, client: JobClient, view: ClassesView) -> None:
        self._view = view
        self._task: Task[Thumbnails] = Task(client, "class pictures", self._take, ended=self._ask)
        self._data: DataSet | None = None
        self._seen: tuple[str, ...] = ()  # in sight, without a small picture
        self._asked: dict[str, object] = {}  # the state of each picture that was asked for, by path
        view.thumbnails_wanted.connect(self._want)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting

    def follow(self, data: DataSet | None) -> None:
        """Another data set is shown, or the same after a change."""
        before, self._data = self._data, data
        self._seen = ()
        if data is None or before is None or before.folder != data.folder:
            self._task.drop()
            self._asked = {}

    def close(self) -> None:
        """Asks for nothing more."""
        self._task.close()

    def _want(self, paths: tuple[str, ...]) -> None:
        self._seen = paths
        if not self._task.waiting:
            self._ask()

    def _ask(self) -> None:
        data = self._data
        if data is None:
            return
        states = {p.path: p.identity for each in data.classes for p in each.pictures[:_OF_A_CLASS]}
        other = [path for path, state in self._asked.items() if states.get(path, state) != state]
        paths = tuple(dict.fromkeys((*other, *(path for path in self._seen if path not in self._asked))))
        if paths:
            self._asked |= {path: states.get(path) for path in paths}
            self._task.ask(ReadThumbnails(data.folder, paths, SIDE))

    def _take(self, found: Thumbnails, _done: bool) -> None:
        self._view.set_thumbnails(found.pictures)
