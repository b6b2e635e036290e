"""The most similar channel of another column: asked for, kept for a pair of layers, gone to, and the maps ordered by it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject

from explorer.core.channel_matching import Partner, assigned_to, best_of, orders, turned
from explorer.core.dataset import Over
from explorer.core.errors import Failure
from explorer.core.pairs import MatchChannels
from explorer.core.progress import Progress
from explorer.core.render import best_columns
from explorer.core.representations import Matches
from explorer.core.session.session import Order
from explorer.ui.compare.alike_words import doubtful, named, without_edits
from explorer.ui.compare.board import Board
from explorer.ui.compare.compare_host import CompareHost
from explorer.ui.compare.links import LayerLinks
from explorer.ui.compare.view import ColumnView
from explorer.ui.jobs.client import Task
from explorer.ui.widgets import text


class Alike(Protocol):
    """The two columns that the matrix is about, and which pictures are sent through both."""

    over: Over

    @property
    def columns(self) -> tuple[ColumnView, ColumnView] | None: ...

    def follow(self) -> None: ...


Layer = tuple[str, str]  # digest of the model, tap
Key = tuple[Layer, Layer]
_KEPT = 16  # pairs of layers, the newest
_BY = "partners"
_NO_LAYER = "Both columns must show a layer."


class PartnerControl(QObject):
    """About the selected channel of the column that was chosen in last, of the two that the matrix is about."""

    def __init__(self, alike: Alike, board: Board, links: LayerLinks, host: CompareHost) -> None:
        super().__init__(board)
        self._alike, self._board, self._links = alike, board, links
        self.section = board.workspace.alike.partners
        self.ordered = False
        self._match: Task[Matches] = Task(host.client, "match", self._take, self._fail, self._progress, self._end)
        self._failure = ""
        self._running: Key | None = None
        self._found: dict[Key, tuple[Matches, Over]] = {}
        self._over = Over("gallery")  # of what runs
        self.section.started.connect(self.toggle)
        self.section.gone.connect(self.go)
        self.section.ordered.connect(self.set_ordered)

    @property
    def waiting(self) -> bool:
        return self._match.waiting

    # --- what is shown ---

    def follow(self, one: ColumnView, other: ColumnView, failure: str = "") -> None:
        """The selected channel, its layer or the other one may be another; one of the columns is the focused one."""
        source, target = (other, one) if self._board.focus == other.key else (one, other)
        key = self._key(source, target)
        if self.waiting and key not in (self._running, self._running and self._running[::-1]):
            self._stop()
        if key is None:
            self.section.set_startable(_NO_LAYER, "")
            self.section.set_found(("", ""), "", "", failure or _NO_LAYER)
            return
        channel = self._channel(source)
        of = f"to channel {channel} of {source.letter}", f"in {target.letter}  {key[1][1]}"
        self.section.set_startable("", f"{source.letter} {key[0][1]} with {target.letter} {key[1][1]}")
        found, over = self._of(key)
        if found is None:
            self.section.set_found(of, "", "", failure)
            return
        best, assigned = best_of(found, channel), assigned_to(found, channel)
        where = f"over {found.count:,} pictures of {named(over)}, {found.points:,} locations."
        status = failure or where + without_edits((one, other)) + doubtful((one, other))
        self.section.set_found(of, _said(best, "constant"), _said(assigned, _none(found, channel)), status)

    def _channel(self, view: ColumnView) -> int:
        count = len(view.shown.plain) if view.shown is not None else 1
        return min(self._board.doc.column(view.key).channel, max(count - 1, 0))

    def _key(self, source: ColumnView, target: ColumnView) -> Key | None:
        layers = [(view.of.digest, view.shown.tap.name) for view in (source, target) if view.of and view.shown]
        return (layers[0], layers[1]) if len(layers) == 2 else None

    def _of(self, key: Key) -> tuple[Matches | None, Over]:
        """What is known of two layers, and over which pictures."""
        back = self._found.get(key[::-1])
        if key not in self._found and back is not None:
            self._keep(key, turned(back[0]), back[1])
        return self._found.get(key, (None, self._over))

    def _keep(self, key: Key, found: Matches, over: Over) -> None:
        self._found.pop(key, None)
        self._found[key] = found, over
        for old in list(self._found)[:-_KEPT]:
            del self._found[old]

    # --- what is done with it ---

    def _ends(self) -> tuple[ColumnView, ColumnView] | None:
        """The column that is asked about, and the one it is looked for in."""
        if self._alike.columns is None:
            return None
        one, other = self._alike.columns
        return (other, one) if self._board.focus == other.key else (one, other)

    def go(self, assigned: bool) -> None:
        """Selects the channel that was found, in its column alone."""
        ends = self._ends()
        key = self._key(*ends) if ends is not None else None
        found = self._of(key)[0] if key is not None else None
        if ends is None or found is None:
            return
        partner = (assigned_to if assigned else best_of)(found, self._channel(ends[0]))
        if partner is not None:
            self._links.select_alone(ends[1].key, partner.channel)

    def set_ordered(self, on: bool) -> None:
        """The maps of both columns so that partners stand at the same place, or by number."""
        self.ordered = on
        self._board.show()

    def arrange(self) -> None:
        """Puts the orders into the columns, before they are drawn."""
        for view in self._board.views.values():
            view.order, view.across = None, 0
        columns = self._alike.columns
        if not self.ordered or columns is None:
            return
        taps = [
            view.film[view.layers.index(self._board.doc.column(view.key).tap)].name if view.film else ""
            for view in columns
        ]
        layers = [(view.of.digest if view.of else "", tap) for view, tap in zip(columns, taps, strict=True)]
        found, _ = self._of((layers[0], layers[1]))
        if found is None:
            return
        across = _across(columns, max(found.correlation.shape))
        for view, tap, order in zip(columns, taps, orders(found), strict=True):
            view.order, view.across = Order(tap, _BY, order), across

    # --- asking ---

    def toggle(self) -> None:
        """Starts the search, or stops the one that runs."""
        ends = self._ends()
        if self._stop() or ends is None:
            self._alike.follow()
            return
        source, target = ends
        self._running = self._key(source, target)
        if self._running is None or source.of is None or target.of is None:
            return
        self._over = self._alike.over
        (_, tap), (_, other) = self._running
        self._match.ask(MatchChannels((source.of.digest, tap), (target.of.digest, other), self._over))
        self.section.set_running(True)

    def _stop(self) -> bool:
        """Whether one ran."""
        stopped = self._match.drop()
        if stopped:
            self.section.set_running(False)
        return stopped

    def _progress(self, progress: Progress) -> None:
        self.section.set_running(True, progress.fraction or 0.0)

    def _take(self, matches: Matches, _done: bool) -> None:
        if self._running is not None:
            self._found.pop(self._running[::-1], None)
            self._keep(self._running, matches, self._over)

    def _fail(self, failure: Failure) -> None:
        self._failure = failure.text

    def _end(self) -> None:
        failure, self._failure = self._failure, ""
        self.section.set_running(False)
        self._tell(failure)

    def _tell(self, failure: str) -> None:
        if self.ordered and not failure:
            self._board.show()
        if self._alike.columns is not None:
            self.follow(*self._alike.columns, failure)


def _said(partner: Partner | None, none: str) -> str:
    return none if partner is None else f"{partner.channel}   r {text.number(partner.correlation, 2)}"


def _none(found: Matches, channel: int) -> str:
    return "constant" if found.best[channel] < 0 else "no match left"


def _across(columns: tuple[ColumnView, ColumnView], count: int) -> int:
    """How many maps stand in a row of either column, so that the same place means the same."""
    mosaics = [view.panel.mosaic for view in columns]
    height, width = (min(getattr(m, side)() for m in mosaics) for side in ("height", "width"))
    return best_columns(count, 1, 1, height, width)
