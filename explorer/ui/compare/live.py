"""A live input in the columns of Compare: every column that follows the shared input shows the same frame at any moment."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer

from explorer.core.compare import Column
from explorer.core.edits import digest_of
from explorer.core.together import Together, Watched
from explorer.ui.compare import drawing
from explorer.ui.compare.given import Given
from explorer.ui.compare.view import ColumnView
from explorer.ui.compare.workspace import CompareWorkspace
from explorer.ui.live import SLOW

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_COUNTED = 2.0  # seconds over which frames are counted


class Live(Given):
    """Says what each column wants of a frame, and draws a frame in all of them or in none."""

    def __init__(self, controller: Controller, workspace: CompareWorkspace) -> None:
        super().__init__(controller, workspace)
        self._slow = QElapsedTimer()
        self._times: deque[float] = deque()

    def live_changed(self, on: bool) -> None:
        """It has begun, or stands still: then all layers of its last frame are wanted."""
        self._times.clear()
        self.workspace.say_live("")
        self.controller.desk.watch_together(self.watching())
        if not on:
            self.picture_changed()

    def picture_changed(self) -> None:
        """The input that the columns share is another one; what is frozen keeps its own."""
        if not self.playing:  # the next frame brings it
            super().picture_changed()

    def show(self) -> None:
        super().show()
        self.controller.desk.watch_together(self.watching())

    def watching(self) -> tuple[Watched, ...]:
        """What the columns that follow a live input have on the screen; a model that is still to come is not waited for."""
        return tuple(
            Watched(column.key, view.of.digest, self._taps(column, view), view.of_edits, self.frozen_of(view.of))
            for column in self.doc.columns
            if (view := self.views.get(column.key)) is not None and view.takes_frames(column) and view.of is not None
        )

    def _taps(self, column: Column, view: ColumnView) -> frozenset[str]:
        """Its own layer; of the first column also those that are taken away from others."""
        names = {view.film[view.index(column.tap)].name}
        if column is self.doc.columns[0]:
            for other in self.doc.columns[1:]:
                film = self.views[other.key].film
                name = film[self.views[other.key].index(other.tap)].name if other.minus and film else ""
                names |= {name} & {tap.name for tap in view.film}
        return frozenset(names)

    def show_frame(self, frame: Together) -> None:
        """A frame in all columns; one that misses what has been chosen since is passed over, the next one has it."""
        wanted = self.watching()
        if not wanted or not all(_has(frame, each) for each in wanted):
            return
        everything = frame.whole or not self._slow.isValid() or self._slow.elapsed() >= SLOW
        for each in wanted:
            self.views[each.column].set_frame(frame.captures[each.column], frame.whole, everything)
        self._times.append(time.monotonic())
        if everything:
            self._slow.start()
            self._say_rate(frame.seconds)
            self.show()
        else:
            self._draw_frame({each.column for each in wanted})

    def _draw_frame(self, moving: set[int]) -> None:
        """Only what moves: pictures, maps, the selected map."""
        shown = drawing.resolved(self.doc, self.views)
        for column in self.doc.columns:
            if column.key in moving:
                self.views[column.key].show_frame(column, *shown[column.key])
        self.features.follow()
        self.show_shares()

    def _say_rate(self, seconds: float) -> None:
        while self._times[-1] - self._times[0] > _COUNTED:
            self._times.popleft()
        spent = self._times[-1] - self._times[0]
        rate = f"{(len(self._times) - 1) / spent:.1f} frames/s  ·  " if spent > 0 else ""
        self.workspace.say_live(f"{rate}forwards per frame {seconds * 1000:.0f} ms")


def _has(frame: Together, wanted: Watched) -> bool:
    capture = frame.captures.get(wanted.column)
    return (
        capture is not None
        and capture.model == wanted.model
        and capture.edits == digest_of(wanted.edits)
        and wanted.taps <= capture.values.keys()
    )
