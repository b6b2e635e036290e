"""The page Scatter: pictures in the plane of their features, the lasso and what is inside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from PySide6.QtCore import SignalInstance

from explorer.core.arrays import Array
from explorer.core.data_index import IndexFacts, Scatter
from explorer.core.errors import ExplorerError, Failure
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.workspace_figures import scatter_figure
from explorer.core.geometry.polygons import Polygon, inside
from explorer.core.index_requests import FindPlane
from explorer.core.kind_words import counted
from explorer.core.session.dataset_place import DatasetPage
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui.dataset.index_lab import IndexLab
from explorer.ui.dataset.indexed_grid import IndexedGrid
from explorer.ui.jobs.client import Task
from explorer.ui.widgets import text
from explorer.ui.widgets.picture_grid import GridPicture

_LISTED = 5  # classes that are counted by name
_GROWN = 1.1  # times as many pictures as are drawn: while an index grows, its plane is computed anew


class ScatterSurface(Protocol):
    """`ScatterPanel`, or in a test a plain object."""

    tap_chosen: SignalInstance
    chosen: SignalInstance
    opened: SignalInstance
    jumped: SignalInstance
    lassoed: SignalInstance
    wanted: SignalInstance

    def set_taps(self, names: Sequence[str], current: str) -> None: ...
    def show_points(
        self, points: Array, groups: Sequence[int], say: Callable[[int], str], about: str, labels: Sequence[str]
    ) -> None: ...
    def show_chosen(self, place: int) -> None: ...
    def show_lasso(self, polygon: Polygon) -> None: ...
    def show_inside(self, words: str, pictures: Sequence[GridPicture]) -> None: ...
    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None: ...
    def set_note(self, words: str) -> None: ...


class ScatterPresenter:
    """Asks for nothing before its page is in front."""

    def __init__(self, lab: IndexLab, view: ScatterSurface, side: int = 64) -> None:
        self._lab, self._view = lab, view
        self.grid = IndexedGrid(lab, "lasso pictures", side, view.set_thumbnails)
        self.found: Scatter | None = None
        self._labels: tuple[str, ...] = ()  # of what is drawn, in order
        self._groups: Array = np.zeros(0, np.int64)  # the number of each point's class, -1 without
        self._tap = ""  # that was chosen
        # index, tap and number of pictures of what is drawn, or was asked for
        self._drawn: tuple[str, str, int] | None = None
        self._task: Task[Scatter] = Task(lab.host.client, "plane", self._take, self._fail)
        view.tap_chosen.connect(self._choose_tap)
        view.chosen.connect(self._choose)
        view.opened.connect(self.grid.choose)
        view.jumped.connect(self.grid.leap)
        view.lassoed.connect(self._set_lasso)
        view.wanted.connect(self.grid.want)
        lab.index_changed.connect(self.show)
        lab.moved.connect(self._follow)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self.grid.waiting or self._task.waiting

    def finish(self) -> None:
        """Asks for nothing more."""
        self.grid.close()
        self._task.close()

    def _follow(self, old: Session, new: Session) -> None:
        one, other = old.dataset, new.dataset
        if one.page is not other.page:
            self.show()
        try:
            if one.picture != other.picture:
                self._show_chosen()
            if one.lasso != other.lasso:
                self._show_lasso()
        except ExplorerError as error:
            self._view.set_note(str(error))

    def show(self) -> None:
        """The points of the index."""
        if self._lab.place.page is not DatasetPage.SCATTER:
            return
        try:
            reader, facts = self._lab.reader, self._lab.facts
            names = reader.feature_taps if reader is not None else ()
            tap = self._tap if self._tap in names else names[-1] if names else ""
            self._view.set_taps(names, tap)
            if facts is None or not tap or not facts.done:
                self._clear(
                    tr("No index is shown.") if facts is None else "" if facts.done else tr("Nothing is indexed yet.")
                )
            elif not self._is_drawn(facts, tap):
                if self._drawn is None or self._drawn[:2] != (facts.path, tap):
                    self._clear(tr("Computing the plane …"))
                self._drawn = facts.path, tap, facts.done
                self._task.ask(FindPlane(facts.path, tap))
        except ExplorerError as error:
            self._clear(str(error))

    def _is_drawn(self, facts: IndexFacts, tap: str) -> bool:
        """Whether what is drawn, or was asked for, is of as many pictures, or of nearly as many of an index that grows."""
        if self._drawn is None or self._drawn[:2] != (facts.path, tap):
            return False
        many = self._drawn[2]
        return many == facts.done or (facts.waiting > 0 and many <= facts.done < _GROWN * many)

    def _clear(self, note: str) -> None:
        self._task.drop()
        self.found, self._drawn = None, None
        self._draw()
        self._view.set_note(note)

    def _take(self, found: Scatter, done: bool) -> None:
        if done:
            self.found = found
            self._view.set_note("")
            try:
                self._draw()
            except ExplorerError as error:
                self._clear(str(error))

    def _fail(self, failure: Failure) -> None:
        self._clear(failure.text)

    def figure(self) -> FigureDescription | None:
        """The points that are shown; None without any."""
        if self.found is None or self._drawn is None:
            return None
        return scatter_figure(self.found, self._drawn[1], self._lab.facts)

    def _draw(self) -> None:
        found = self.found
        if found is None or not len(found.ids):
            self._view.show_points(np.zeros((0, 2)), (), self._say, "", ())
            self._view.show_inside("", ())
            return
        labels = tuple(sorted({label for label in found.labels if label}))
        numbers = {label: number for number, label in enumerate(labels)}
        groups = [numbers.get(label, -1) for label in found.labels] or [-1] * len(found.ids)
        self._labels, self._groups = labels, np.array(groups)
        one, other = map(text.percent, found.explained)
        facts = self._lab.facts
        noun = facts.settings.noun if facts is not None else "picture"
        about = tr(
            "{inputs} · PC 1 (across) {one}, PC 2 (up) {other} of the variance",
            inputs=counted(noun, len(found.ids)),
            one=one,
            other=other,
        )
        self._view.show_points(found.points, groups, self._say, about, labels)
        self._show_chosen()
        self._show_lasso()

    def _say(self, place: int) -> str:
        """What is read out of a point."""
        found, picture = self.found, None
        with contextlib.suppress(ExplorerError):
            reader = self._lab.reader
            picture = reader.picture(int(found.ids[place])) if reader is not None and found is not None else None
        return "" if picture is None else f"{picture.name}   {picture.label}".rstrip()

    def _show_chosen(self) -> None:
        found = self.found
        if found is None:
            self._view.show_chosen(-1)
            return
        picture, place = self._lab.picture_named(self._lab.place.picture), -1
        if picture is not None:
            at = np.flatnonzero(found.ids == picture.id)
            place = int(at[0]) if len(at) else -1
        self._view.show_chosen(place)

    def _show_lasso(self) -> None:
        found, lasso, reader = self.found, self._lab.place.lasso, self._lab.reader
        self._view.show_lasso(lasso)
        if found is None or reader is None or not lasso:
            self._view.show_inside("", ())
            return
        within = np.flatnonzero(inside(found.points, lasso))
        pictures = self.grid.pages(found.ids[within])
        counts = self._counted(within)
        named = ", ".join(f"“{label}” {count:,}" for label, count in counts[:_LISTED])
        more = tr(" and {count} more classes", count=len(counts) - _LISTED) if len(counts) > _LISTED else ""
        words = tr(
            "{count:,} of {count2:,} inside the lasso{named}",
            count=len(within),
            count2=len(found.ids),
            named=f": {named}{more}" if named else "",
        )
        self._view.show_inside(words, pictures)

    def _counted(self, within: Array) -> list[tuple[str, int]]:
        """(class, how many of the points at these places are of it), the most first, of equal ones the first by name."""
        many = np.bincount(self._groups[within] + 1, minlength=len(self._labels) + 1)[1:]  # -1: without a class
        counts = [(label, int(count)) for label, count in zip(self._labels, many, strict=True) if count]
        return sorted(counts, key=lambda each: -each[1])

    # --- hands ---

    def _choose_tap(self, tap: str) -> None:
        self._tap = tap
        self.show()

    def _choose(self, place: int) -> None:
        reader = self._lab.reader
        if self.found is not None and reader is not None:
            self._lab.move(picture=reader.picture(int(self.found.ids[place])).name)

    def _set_lasso(self, polygon: Polygon) -> None:
        self._lab.move(lasso=tuple(polygon))
