"""The actions of the Compare workspace."""

from __future__ import annotations

from functools import partial

from explorer.core.session.comparison import MOST
from explorer.ui.actions import Action
from explorer.ui.compare.control import CompareControl


class CompareActions:
    """Each says why it cannot be done now."""

    def __init__(self, control: CompareControl) -> None:
        self._c = control

    def own_actions(self) -> tuple[Action, ...]:
        """The way back and forward of the columns, and what goes for all of them."""
        here = partial(Action, context="compare")
        back, columns = partial(here, place="Edit/Undo"), partial(here, place="Compare/Columns")
        undo, redo = "Undo the last change of columns", "Redo the last change of columns"
        fold, about = (
            self._c.workspace.fold.toggle,
            "CKA of all layers of two columns, matched channels and measured figures",
        )
        more, room = "Duplicate last column", self._no_room
        return (
            back("compare.undo", undo, self._c.undo, ("Ctrl+Z",), why_not=self._nothing_to_undo),
            back("compare.redo", redo, self._c.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), why_not=self._nothing_undone),
            columns("compare.add", "Add a column", self._c.columns.duplicate_last, about=more, why_not=room),
            columns("compare.matrix", "Show or hide the layer similarity (CKA)", fold, ("M",), about=about),
            *(self._to_column(at) for at in range(MOST)),
            self._beside("left", -1, "Ctrl+Left"),
            self._beside("right", 1, "Ctrl+Right"),
        )

    def _to_column(self, at: int) -> Action:
        letter, go, why = "ABCD"[at], partial(self._c.focus_on, at), partial(self._no_column, at)
        to = partial(Action, place="Compare/Focus", context="compare", family="to column A, B …", why_not=why)
        return to(f"compare.column_{letter}", f"To column {letter}", go, (f"Ctrl+{at + 1}",))

    def _beside(self, side: str, steps: int, key: str) -> Action:
        go, why = partial(self._c.focus_beside, steps), partial(self._no_column, 1)
        to = partial(Action, place="Compare/Focus", context="compare", family="to the column beside it", why_not=why)
        return to(f"compare.{side}", f"To the column on the {side}", go, (key,))

    def _nothing_to_undo(self) -> str:
        return "" if self._c.past.can_back else "No column has been changed."

    def _nothing_undone(self) -> str:
        return "" if self._c.past.can_forward else "No change of columns was undone."

    def _no_column(self, at: int) -> str:
        return "" if at < len(self._c.doc.columns) else "There is no such column."

    def _no_room(self) -> str:
        return "" if 0 < len(self._c.doc.columns) < MOST else f"There can be {MOST} columns."
