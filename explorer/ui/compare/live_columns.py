"""A live input in the columns of Compare: every column that follows the shared input shows the same frame at any moment."""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtCore import QElapsedTimer

from explorer.core.interventions import digest_of
from explorer.core.live_frames import LiveFrame, LiveWatch
from explorer.core.session.comparison import Column
from explorer.core.translation import tr
from explorer.ui.compare.board import Board
from explorer.ui.compare.compare_host import CompareHost
from explorer.ui.compare.contents import Contents
from explorer.ui.compare.view import ColumnView
from explorer.ui.live import SLOW

_COUNTED = 2.0  # seconds over which frames are counted


class LiveColumns:
    """Says what each column wants of a frame, and draws a frame in all of them or in none."""

    def __init__(self, board: Board, contents: Contents, host: CompareHost) -> None:
        self._board, self._contents, self._host = board, contents, host
        self._slow = QElapsedTimer()
        self._times: deque[float] = deque()
        board.drawn.connect(self.watch)

    @property
    def playing(self) -> bool:
        """Whether a live input runs through the columns."""
        return self._host.live.playing and self._host.live.together

    def changed(self, on: bool) -> None:
        """It has begun, or stands still: then all layers of its last frame are wanted."""
        self._times.clear()
        self._board.workspace.say_live("")
        self.watch()
        if not on:
            self.picture_changed()

    def picture_changed(self) -> None:
        """The input that the columns share is another one; while frames come the next one brings it."""
        if not self.playing:
            self._contents.picture_changed()

    def watch(self) -> None:
        """Tells the engine what the columns want of every frame."""
        self._host.desk.watch_together(self.watching())

    def watching(self) -> tuple[LiveWatch, ...]:
        """What the columns that follow a live input have on the screen; a model that is still to come is not waited for."""
        frozen = self._contents.frozen_of
        return tuple(
            LiveWatch(column.key, view.of.digest, self._taps(column, view), view.of_edits, frozen(view.of))
            for column in self._board.doc.columns
            if (view := self._board.views.get(column.key)) is not None
            and view.takes_frames(column)
            and view.of is not None
        )

    def _taps(self, column: Column, view: ColumnView) -> frozenset[str]:
        """Its own layer; of the first column also those that are taken away from others."""
        names = {view.film[view.layers.index(column.tap)].name}
        if column is self._board.doc.columns[0]:
            for other in self._board.doc.columns[1:]:
                beside = self._board.views[other.key]
                film = beside.film
                name = film[beside.layers.index(other.tap)].name if other.minus and film else ""
                names |= {name} & {tap.name for tap in view.film}
        return frozenset(names)

    def show_frame(self, frame: LiveFrame) -> None:
        """A frame in all columns; one that misses what has been chosen since is passed over, the next one has it."""
        wanted = self.watching()
        if not wanted or not all(_has(frame, each) for each in wanted):
            return
        everything = frame.whole or not self._slow.isValid() or self._slow.elapsed() >= SLOW
        for each in wanted:
            self._board.views[each.column].set_frame(frame.captures[each.column], frame.whole, everything)
        self._times.append(time.monotonic())
        if everything:
            self._slow.start()
            self._say_rate(frame.seconds)
            self._board.show()
        else:
            self._board.show_frame({each.column for each in wanted})

    def _say_rate(self, seconds: float) -> None:
        while self._times[-1] - self._times[0] > _COUNTED:
            self._times.popleft()
        spent = self._times[-1] - self._times[0]
        rate = tr("{count:.1f} frames/s  ·  ", count=(len(self._times) - 1) / spent) if spent > 0 else ""
        self._board.workspace.say_live(
            tr("{rate}forwards per frame {seconds:.0f} ms", rate=rate, seconds=seconds * 1000)
        )


def _has(frame: LiveFrame, wanted: LiveWatch) -> bool:
    capture = frame.captures.get(wanted.column)
    return (
        capture is not None
        and capture.model == wanted.model
        and capture.edits == digest_of(wanted.edits)
        and wanted.taps <= capture.values.keys()
    )
