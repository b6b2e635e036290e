"""The actions of the Compare workspace."""

from __future__ import annotations

from functools import partial

from explorer.core.session.comparison import MOST
from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.compare.control import CompareControl


class CompareActions:
    """Each says why it cannot be done now."""

    def __init__(self, control: CompareControl) -> None:
        self._c = control

    def own_actions(self) -> tuple[Action, ...]:
        """What goes for all columns, and the ways between them."""
        here = partial(Action, context="compare")
        columns = partial(here, place="Compare/Columns")
        fold, about = (
            self._c.workspace.fold.toggle,
            tr("CKA of all layers of two columns, matched channels and measured figures"),
        )
        more, room = tr("Duplicate last column"), self._no_room
        return (
            columns("compare.add", tr("Add a column"), self._c.columns.duplicate_last, about=more, why_not=room),
            columns("compare.matrix", tr("Show or hide the layer similarity (CKA)"), fold, ("M",), about=about),
            *(self._to_column(at) for at in range(MOST)),
            self._beside("left", -1, "Ctrl+Left"),
            self._beside("right", 1, "Ctrl+Right"),
        )

    def _to_column(self, at: int) -> Action:
        letter, go, why = "ABCD"[at], partial(self._c.focus_on, at), partial(self._no_column, at)
        to = partial(Action, place="Compare/Focus", context="compare", family=tr("to column A, B …"), why_not=why)
        return to(f"compare.column_{letter}", tr("To column {letter}", letter=letter), go, (f"Ctrl+{at + 1}",))

    def _beside(self, side: str, steps: int, key: str) -> Action:
        go, why = partial(self._c.focus_beside, steps), partial(self._no_column, 1)
        to = partial(
            Action, place="Compare/Focus", context="compare", family=tr("to the column beside it"), why_not=why
        )
        return to(f"compare.{side}", tr("To the column on the {side}", side=side), go, (key,))

    def _no_column(self, at: int) -> str:
        return "" if at < len(self._c.doc.columns) else tr("There is no such column.")

    def _no_room(self) -> str:
        return "" if 0 < len(self._c.doc.columns) < MOST else tr("There can be {most} columns.", most=MOST)
