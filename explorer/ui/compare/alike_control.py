"""The matrix of CKA between the columns: asked for, grown while pictures stream, kept for a pair of models, walked through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from explorer.core import path as paths
from explorer.core.alike import Cka
from explorer.core.compare import Link
from explorer.core.dataset import Over
from explorer.engine import desk as work
from explorer.engine.runner import Event
from explorer.ui.compare import alike_words as words
from explorer.ui.compare import depth, figures_words
from explorer.ui.compare.partner_control import PartnerControl
from explorer.ui.compare.routes import Kept, Matrices, Pair, pair_of, places
from explorer.ui.compare.view import ColumnView
from explorer.ui.understand.place import Wanted

if TYPE_CHECKING:
    from explorer.ui.compare.control import CompareControl


class AlikeControl(QObject):
    """The first column stands downwards, one of the others across. `over` is which pictures are sent through both."""

    def __init__(self, compare: CompareControl) -> None:
        super().__init__(compare)
        self._c = compare
        self.panel = compare.workspace.alike
        self.matrices = Matrices()
        self.over = Over("gallery")
        self.partners = PartnerControl(self, compare)
        self._other = -1  # key of the column across
        self._wanted = Wanted()
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
        return self._wanted.waiting(work.CKA) or self.partners.waiting

    # --- what is shown ---

    @property
    def columns(self) -> tuple[ColumnView, ColumnView] | None:
        """The columns that stand downwards and across; None while there are none."""
        doc, views = self._c.doc, self._c.views
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
        doc, views, card = self._c.doc, self._c.views, self._c.controller.card
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
        if self._wanted.waiting(work.CKA) and sorted(pair) != sorted(self._running):
            self._stop()
        others = [(c.key, words.name_of(self._c.views[c.key])) for c in self._c.doc.columns[1:]]
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
        views = [self._c.views[column.key] for column in self._c.doc.columns]
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
        return paths.marked(places(view, names), view.index(self._c.doc.column(view.key).tap))

    def _tell_current(self) -> None:
        kept, pair, columns = self.kept, self.current, self.columns
        if kept is None or pair is None or columns is None:
            self.panel.show_pair("", "", "")
            return
        taps = [self._c.doc.column(view.key).tap for view in columns]
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
        kept, running = self.kept, self._wanted.waiting(work.CKA)
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
            self.panel.set_status(words.NEEDED if self._c.doc.link is Link.PATH and not running else "")

    # --- walking ---

    def go(self, row: int, column: int) -> None:
        """Both columns to the layers of a cell of the matrix."""
        kept, columns = self.kept, self.columns
        if kept is None or columns is None:
            return
        (one, other), doc = columns, self._c.doc
        there = places(one, kept.cka.rows)[row], places(other, kept.cka.columns)[column]
        self._c.change(depth.jumped(doc, self._c.views, one.key, there[0], other.key, there[1]))
        frozen = [view.letter for view in columns if doc.column(view.key).frozen]
        if frozen:
            self.panel.set_status(f"{' and '.join(frozen)} stays where it is: frozen.")

    def set_other(self, key: int) -> None:
        """Another column across."""
        self._other = key
        self.follow()

    def need(self) -> None:
        """The link goes along the path: without a matrix this says what is missing, and offers to make it."""
        if self.kept is None:
            self._c.workspace.set_alike(True)
            self.follow()
            self._say_state()
            self.panel.start.setFocus()

    # --- asking ---

    def choose(self, over: Over) -> None:
        """Other pictures; what was computed over the ones before stays until it is computed anew."""
        self.over = over
        self.panel.over.set_over(over)
        if not self._wanted.waiting(work.CKA):
            self._say_state()

    def _ask_folder(self) -> None:
        settings = self._c.controller.settings
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
            self._wanted.ask(work.CKA, self._c.controller.desk.cka(one.of, other.of, self.over))
            self.panel.set_running(True)
            self.panel.set_status("Opening the first picture …")

    def _stop(self) -> bool:
        """Whether one ran."""
        stopped = self._wanted.drop(work.CKA)
        if stopped:
            self._c.controller.desk.drop_study(work.CKA)
            self.panel.set_running(False)
        return stopped

    # --- answers ---

    def receive(self, event: Event) -> bool:
        """Whether the event was about a matrix or about channels."""
        if event.key != work.CKA:
            return self.partners.receive(event)
        if not self._wanted.takes(event):
            return True
        if event.progress is not None:
            self.panel.set_running(True, event.progress.fraction or 0.0)
            self.panel.set_status(words.going(event.progress.text, self.kept))
        elif isinstance(event.value, Cka):
            self._take(event.value)
        if not event.partial:
            self.panel.set_running(False)
            self._say_state(event.failure.text if event.failure is not None else "")
        return True

    def _take(self, found: Cka) -> None:
        self.matrices.keep(self._running, found, self._running_over)
        self.columns_changed()
        if found.final and self._c.doc.link is Link.PATH:
            self._c.step(0)
        self.follow()
