"""The matrix of CKA between the columns: asked for, grown while pictures stream, kept for a pair of models, walked through."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from explorer.core.dataset import Over
from explorer.core.errors import Failure
from explorer.core.pairs import CompareModels
from explorer.core.progress import Progress
from explorer.core.representations import Cka
from explorer.core.session import cka_path as paths
from explorer.core.session.comparison import Link
from explorer.ui.compare import alike_words as words
from explorer.ui.compare import depth, figures_words
from explorer.ui.compare.board import Board
from explorer.ui.compare.compare_host import CompareHost
from explorer.ui.compare.links import LayerLinks
from explorer.ui.compare.partner_control import PartnerControl
from explorer.ui.compare.routes import Kept, Matrices, Pair, pair_of, places
from explorer.ui.compare.view import ColumnView
from explorer.ui.jobs.client import Task


class AlikeControl(QObject):
    """The first column stands downwards, one of the others across. `over` is which pictures are sent through both."""

    def __init__(self, board: Board, links: LayerLinks, host: CompareHost) -> None:
        super().__init__(board)
        self._board, self._links, self._host = board, links, host
        self.panel = board.workspace.alike
        self.matrices = Matrices()
        self.over = Over("gallery")
        self.partners = PartnerControl(self, board, links, host)
        self._other = -1  # key of the column across
        self._cka: Task[Cka] = Task(host.client, "cka", self._take, self._fail, self._progress, self._end)
        self._failure = ""
        self._running: Pair = ("", "")
        self._running_over = self.over
        self._shown: tuple[object, ...] = ()
        self._measured: tuple[object, ...] = ()  # what the figures beneath are about
        self._hovered = False
        self.panel.started.connect(self.toggle)
        self.panel.over.over_changed.connect(self.choose)
        self.panel.over.folder_asked.connect(self._ask_folder)
        self.panel.against.connect(self.set_other)
        self.panel.matrix.hovered.connect(self._hover)
        self.panel.matrix.left.connect(self._leave)
        self.panel.matrix.chosen.connect(self.go)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._cka.waiting or self.partners.waiting

    # --- what is shown ---

    @property
    def columns(self) -> tuple[ColumnView, ColumnView] | None:
        """The columns that stand downwards and across; None while there are none."""
        doc, views = self._board.doc, self._board.views
        if not doc.columns:
            return None
        keys = [column.key for column in doc.columns[1:]]
        key = self._other if self._other in keys else keys[0]
        return views[doc.columns[0].key], views[key]

    @property
    def kept(self) -> Kept | None:
        """The matrix of the columns shown."""
        return self.matrices.of(pair_of(*self.columns)) if self.columns is not None else None

    def columns_changed(self) -> None:
        """Columns, their models or their films are others: the ways between them are laid anew."""
        doc, views, card = self._board.doc, self._board.views, self._host.card
        every = [views[column.key] for column in doc.columns]
        cards = [card, *(view.of for view in every), *(view.card for view in every)]
        self.matrices.forget({card.digest for card in cards if card is not None})
        self.matrices.lay(every)

    def follow(self) -> None:
        """The layers or channels of the columns may be others."""
        columns = self.columns
        if columns is None or not self.panel.isVisible():
            return
        one, other = columns
        pair, kept = pair_of(one, other), self.kept
        if self._cka.waiting and sorted(pair) != sorted(self._running):
            self._stop()
        others = [(c.key, words.name_of(self._board.views[c.key])) for c in self._board.doc.columns[1:]]
        self.panel.set_others(others, other.key)
        shown = pair, kept, one.of_edits, other.of_edits
        if self._shown != shown:
            self._shown, self._hovered = shown, False
            self.panel.matrix.set_matrix(kept.cka if kept else None, kept.path if kept else ())
            self._say_state()
        self.panel.set_startable("" if all(pair) else words.NO_MODEL)
        self.panel.matrix.set_empty(words.empty(one, other))
        self.panel.matrix.set_current(self.current)
        if not self._hovered:
            self._tell_current()
        self.partners.follow(one, other)
        self._follow_figures()

    def _follow_figures(self) -> None:
        """The figures of all columns, not only of the two that the matrix is about."""
        views = [self._board.views[column.key] for column in self._board.doc.columns]
        about = tuple((view.letter, view.of, view.of_edits) for view in views)
        if about != self._measured:
            self._measured = about
            self.panel.figures.set_figures([view.letter for view in views], *figures_words.rows_of(views))

    @property
    def current(self) -> tuple[int, int] | None:
        """Row and column of the matrix that speak for the layers of both columns."""
        kept = self.kept
        if kept is None or self.columns is None:
            return None
        one, other = self.columns
        return self._marked(one, kept.cka.rows), self._marked(other, kept.cka.columns)

    def _marked(self, view: ColumnView, names: tuple[str, ...]) -> int:
        return paths.marked(places(view, names), view.layers.index(self._board.doc.column(view.key).tap))

    def _tell_current(self) -> None:
        kept, pair, columns = self.kept, self.current, self.columns
        if kept is None or pair is None or columns is None:
            self.panel.show_pair("", "", "")
            return
        taps = [self._board.doc.column(view.key).tap for view in columns]
        self.panel.show_pair(*words.pair(kept.cka, pair, columns, taps))

    def _hover(self, row: int, column: int) -> None:
        kept, columns = self.kept, self.columns
        if kept is not None and columns is not None:
            self._hovered = True
            self.panel.show_pair(*words.pair(kept.cka, (row, column), columns))

    def _leave(self) -> None:
        self._hovered = False
        self._tell_current()

    def _say_state(self, failure: str = "") -> None:
        kept, running = self.kept, self._cka.waiting
        if failure:
            self.panel.set_status(failure)
        elif kept is not None:
            other = "" if running or kept.over == self.over else words.made_over(kept.over)
            said = (
                words.worth(kept.cka, running)
                + other
                + words.without_edits(self.columns or ())
                + words.doubtful(self.columns or ())
            )
            self.panel.set_status(said.strip(), words.left_out(kept.cka.skipped))
        else:
            self.panel.set_status(words.NEEDED if self._board.doc.link is Link.PATH and not running else "")

    # --- walking ---

    def go(self, row: int, column: int) -> None:
        """Both columns to the layers of a cell of the matrix."""
        kept, columns = self.kept, self.columns
        if kept is None or columns is None:
            return
        (one, other), doc = columns, self._board.doc
        there = places(one, kept.cka.rows)[row], places(other, kept.cka.columns)[column]
        self._board.change(depth.jumped(doc, self._board.views, one.key, there[0], other.key, there[1]))
        frozen = [view.letter for view in columns if doc.column(view.key).frozen]
        if frozen:
            self.panel.set_status(f"{' and '.join(frozen)} is frozen and keeps its layer.")

    def set_other(self, key: int) -> None:
        """Another column across."""
        self._other = key
        self.follow()

    def need(self) -> None:
        """The link goes along the path: without a matrix this says what is missing, and offers to make it."""
        if self.kept is None:
            self._board.workspace.set_alike(True)
            self.follow()
            self._say_state()
            self.panel.start.setFocus()

    # --- asking ---

    def choose(self, over: Over) -> None:
        """Other pictures; what was computed over the ones before stays until it is computed anew."""
        self.over = over
        self.panel.over.set_over(over)
        if not self._cka.waiting:
            self._say_state()

    def _ask_folder(self) -> None:
        settings = self._host.settings
        title = "A folder of pictures, 32 or more"
        path = QFileDialog.getExistingDirectory(self.panel.window(), title, settings.text("compare_folder"))
        if path:
            settings.put("compare_folder", path)
        self.choose(Over("folder", path) if path else self.over)

    def toggle(self) -> None:
        """Starts the comparison, or stops the one that runs."""
        columns = self.columns
        if self._stop() or columns is None:
            self._say_state()
            return
        one, other = columns
        if one.of is not None and other.of is not None:
            self._running, self._running_over = pair_of(one, other), self.over
            self._cka.ask(CompareModels(one.of.digest, other.of.digest, self.over))
            self.panel.set_running(True)
            self.panel.set_status("Opening the first picture …")

    def _stop(self) -> bool:
        """Whether one ran."""
        stopped = self._cka.drop()
        if stopped:
            self.panel.set_running(False)
        return stopped

    # --- answers ---

    def _progress(self, progress: Progress) -> None:
        self.panel.set_running(True, progress.fraction or 0.0)
        self.panel.set_status(words.going(progress.text, self.kept))

    def _fail(self, failure: Failure) -> None:
        self._failure = failure.text

    def _end(self) -> None:
        failure, self._failure = self._failure, ""
        self.panel.set_running(False)
        self._say_state(failure)

    def _take(self, found: Cka, _done: bool) -> None:
        self.matrices.keep(self._running, found, self._running_over)
        self.columns_changed()
        if found.final and self._board.doc.link is Link.PATH:
            self._links.step(0)
        self.follow()
