"""The Compare workspace: its document <-> its columns. What goes for one column never disturbs what Explore asks for.

In parts, each adding to the one before: `showing.py`, `given.py` (models, inputs, captures), `live.py`, `layers.py`,
`columns.py`, and here how a comparison begins, comes back from a file, and the way back and forward.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from explorer.core.compare import MOST, Column, Comparison
from explorer.core.types import ModelSpec
from explorer.ui.actions import Action
from explorer.ui.compare.alike_control import AlikeControl
from explorer.ui.compare.columns import Columns
from explorer.ui.compare.workspace import CompareWorkspace

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_LASTING = ("picture", "video", "scene", "sample")  # kinds of inputs that can be opened again


class CompareControl(Columns):
    """Makes the columns when the workspace is opened first. Going back and forward is about them alone, and happens while the
    workspace is in front (`core.compare.Past` says why)."""

    def __init__(self, controller: Controller, workspace: CompareWorkspace) -> None:
        super().__init__(controller, workspace)
        self.alike = AlikeControl(self)
        self._waiting = Comparison()  # of a session file, until the workspace is opened
        workspace.linked.connect(self.link)
        workspace.scaled.connect(self.scale)
        workspace.viewed.connect(self.view_all)
        workspace.shared.connect(lambda on: self.change(replace(self.doc, share=on)))
        workspace.fore.connect(lambda on: self.change(replace(self.doc, foreground=on)))
        workspace.unfolded.connect(lambda _on: self.alike.follow())
        controller.captured.connect(self._first_capture)
        workspace.added.connect(self._add)

    def start(self, specs: tuple[ModelSpec, ...] = ()) -> None:
        """The first time: what a session file says, else what is open in Explore, and beside it its untrained twin or itself;
        or the models named."""
        if self.doc.columns:
            return
        if self._waiting.columns:
            doc, self._waiting = self._waiting, Comparison()
            self._adopt(doc)
        elif self.controller.card is not None:
            self._begin(specs, self.controller.card.spec)

    def _begin(self, specs: tuple[ModelSpec, ...], first: ModelSpec) -> None:
        session = self.controller.session
        specs = specs or (first, twin_of(first))
        self._adopt(
            Comparison(tuple(Column(key, spec, None, session.tap, session.channel) for key, spec in enumerate(specs))),
            settled=False,
        )

    def _first_capture(self) -> None:
        """The workspace was opened before there was a model."""
        if not self.doc.columns and self.workspace.isVisible():
            self.start()

    # --- what can be asked for ---

    def own_actions(self) -> tuple[Action, ...]:
        """The way back and forward of the columns, and what goes for all of them."""
        here = partial(Action, context="compare")
        back, columns = partial(here, place="Edit/Undo"), partial(here, place="Compare/Columns")
        undo, redo = "Undo the last change of columns", "Redo the last change of columns"
        fold, about = self.workspace.fold.toggle, "How alike the layers of two columns are"
        more, room = "The last column once more", self._no_room
        return (
            back("compare.undo", undo, self.undo, ("Ctrl+Z",), why_not=self._nothing_to_undo),
            back("compare.redo", redo, self.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), why_not=self._nothing_undone),
            columns("compare.add", "Add a column", self._add, about=more, why_not=room),
            columns("compare.matrix", "Show or hide the matrix of CKA", fold, ("M",), about=about),
            *(self._to_column(at) for at in range(MOST)),
            self._beside("left", -1, "Ctrl+Left"),
            self._beside("right", 1, "Ctrl+Right"),
        )

    def _to_column(self, at: int) -> Action:
        letter, go, why = "ABCD"[at], partial(self.focus_on, at), partial(self._no_column, at)
        to = partial(Action, place="Compare/Focus", context="compare", family="to column A, B …", why_not=why)
        return to(f"compare.column_{letter}", f"To column {letter}", go, (f"Ctrl+{at + 1}",))

    def _beside(self, side: str, steps: int, key: str) -> Action:
        go, why = partial(self.focus_beside, steps), partial(self._no_column, 1)
        to = partial(Action, place="Compare/Focus", context="compare", family="to the column beside it", why_not=why)
        return to(f"compare.{side}", f"To the column on the {side}", go, (key,))

    def _add(self) -> None:
        self.duplicate(self.doc.columns[-1].key)

    def _nothing_to_undo(self) -> str:
        return "" if self.past.can_back else "No column has been changed."

    def _nothing_undone(self) -> str:
        return "" if self.past.can_forward else "No change of columns was undone."

    def _no_column(self, at: int) -> str:
        return "" if at < len(self.doc.columns) else "There is no such column."

    def _no_room(self) -> str:
        return "" if 0 < len(self.doc.columns) < MOST else f"There can be {MOST} columns."

    # --- the document as a whole ---

    def _adopt(self, doc: Comparison, settled: bool = True) -> None:
        """Makes the columns what a document says; what is there already stays. `settled`: also the layers are as it says, not
        as the link would have them."""
        first, self.doc = not self.views, doc
        for key in self.views.keys() - {column.key for column in doc.columns}:
            self._drop(key)
        for column in doc.columns:
            if column.key not in self.views:
                self._make(column.key, None)
        self._settled = {column.key for column in doc.columns if settled}
        self._arrange()
        for column in doc.columns:
            self._bring(column)
        if first:
            self.views[doc.columns[0].key].panel.mosaic.setFocus()  # arrows and letters work from the first moment

    def _bring(self, column: Column) -> None:
        """Model, edits and input of a column as the document says; what was asked for it before is not wanted any more."""
        view = self.views[column.key]
        self.sources.drop(column.key)
        if column.input is None and (not column.frozen or view.picture is None):
            view.picture = self.controller.picture
        if column.input is not None and (view.picture is None or view.picture.ref != column.input):
            self.sources.input(column.key, column.input)
        if column.model is not None and (view.card is None or view.card.spec != column.model):
            self._open(column.key, column.model)
        else:
            view.edits = column.edits
            self._ask_capture(column.key)
            self.show()

    def undo(self) -> None:
        """What stood in the columns before the last change."""
        self._go(self.past.back(self.doc))

    def redo(self) -> None:
        """What the last step back has taken away."""
        self._go(self.past.forward(self.doc))

    def _go(self, doc: Comparison) -> None:
        if doc is not self.doc:
            self.controller.asked_anew()
            self._adopt(doc)
            self.controller.show_history()

    def saved(self) -> Comparison:
        """The document for a session file; a frozen column keeps its picture there too, where it can be opened again."""
        doc = self.doc if self.doc.columns else self._waiting
        return replace(doc, columns=tuple(self._as_file(column) for column in doc.columns), cursor=None)

    def _as_file(self, column: Column) -> Column:
        picture = self.views[column.key].picture if column.key in self.views else None
        if not column.frozen or column.input is not None or picture is None or picture is self.controller.picture:
            return column
        return replace(column, input=picture.ref) if picture.ref.kind in _LASTING else column

    def restore(self, doc: Comparison) -> None:
        """A document from a session file: shown when the workspace is opened. A file without columns changes nothing."""
        if doc.columns and self.doc.columns:
            self.step_made()
            self._adopt(doc)
        elif doc.columns:
            self._waiting = doc


def twin_of(spec: ModelSpec) -> ModelSpec:
    """A demo model's untrained twin where there is one, else the same model."""
    from explorer.engine.models import catalogue

    name = f"{spec.id}-untrained"
    return ModelSpec(name) if any(entry.id == name and entry.ready for entry in catalogue()) else spec
