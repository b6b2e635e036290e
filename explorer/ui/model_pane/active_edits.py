"""Edits of a model's activations: applied to every picture and live frame that is shown, never mixed with captures without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.errors import Failure
from explorer.core.interventions import Ablation, Edit, EditedFrame, Edits, Frozen, LiveEdits, Thawed, digest_of
from explorer.core.pane_requests import ApplyEdits, Thaw
from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.model_pane.kept import KeptValues
from explorer.ui.state import Store


class Pane(Protocol):
    """What is shown now."""

    @property
    def capture(self) -> Capture | None: ...

    @property
    def tap(self) -> str:
        """The selected layer."""

    @property
    def playing(self) -> bool:
        """Whether the input moves: its frames come with their edits made."""


class Interventions(QObject):
    """The edits are those of the session. `plain` is the last capture without edits, from which every edited one starts; of a
    live input it is that of the frame that is shown.

    `changed`: there are other edits; `asked`: what they do is being computed; `applied` carries the capture under the edits and
    the Ablation; `cleared` the capture without, to be shown again; `shifted` what they do to the classes of a live frame;
    `failed` why the last edit was taken back, or could not be made; `lost` the Failure of values that edits have frozen.
    """

    changed = Signal()
    asked = Signal()
    applied = Signal(object, object)
    cleared = Signal(object)
    shifted = Signal(object)
    failed = Signal(str)
    lost = Signal(object)

    def __init__(
        self, client: JobClient, store: Store, pane: Pane, edit_live: Callable[[LiveEdits], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._store, self._pane, self._edit_live = store, pane, edit_live
        self._task: Task[Ablation] = Task(client, "apply edits", self._take, self._fail)
        self._thaw: Task[Thawed] = Task(client, "thaw", self._take_thawed, self._fail_thawed)
        self.plain: Capture | None = None
        self._followed: Edits = ()
        self._kept: defaultdict[str, KeptValues] = defaultdict(KeptValues)  # by the digest of the model
        self._model = ""

    @property
    def edits(self) -> Edits:
        """The active ones."""
        return self._store.session.edits

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting or self._thaw.waiting

    @property
    def can_undo(self) -> bool:
        return self._store.can_undo("edits")

    def own_actions(self) -> tuple[Action, ...]:
        """The way back of the edits alone."""
        title, about = (
            tr("Undo the last edit of channels"),
            tr("Takes the last edit back; what was changed since stays"),
        )
        why = self._nothing_to_undo
        return (Action("edit.undo_edit", title, self.undo, (), "Edit/Undo", "explore", about, why_not=why),)

    def _nothing_to_undo(self) -> str:
        return "" if self.can_undo else tr("No channel has been edited.")

    # --- what is shown ---

    def opened(self, model: str) -> None:
        """The model with this digest is open; the edits of another one are about other layers, and go with the next step."""
        if model != self._model:
            self._model, self.plain = model, None
            self._thaw.drop()
            self._store.put(edits=())
            self._change()

    def captured(self, capture: Capture, live: bool) -> None:
        """A capture without edits is shown; the edits are made on it too, those of live frames have been already."""
        if capture.edits:
            return
        self.opened(capture.model)
        self.plain = capture
        self._task.drop()
        if not live:
            self.apply()

    def fits(self, capture: Capture) -> bool:
        """Whether a live capture was made under the edits that are active now."""
        return capture.edits == (digest_of(self.edits) if capture.model == self._model else "")

    def framed(self, frame: EditedFrame) -> None:
        """A live frame whose edits fit has been shown, or (`after` None) could not be made."""
        if frame.after is not None:
            self.shifted.emit(frame.shifts)
        elif frame.failure is not None and frame.edits == self.edits and self._pane.playing:
            self._fail(frame.failure)

    # --- edits ---

    def of(self, model: str) -> Edits:
        """The active edits of the model with this digest; () where another one is open."""
        return self.edits if model == self._model else ()

    def frozen(self) -> Frozen:
        """What "freeze" puts, for the active edits and those that a step may bring back."""
        needing = [self.edits, *(step.edits for step in self._store.history.every)]
        held: Frozen = {}
        for model, kept in self._kept.items():
            of_model = kept.of(needing)  # forgets what no step needs
            held = of_model if model == self._model else held
        return held

    def keep(self, tap: str) -> Input | None:
        """Keeps what a layer is on this picture, without edits; the picture, None where it is not there."""
        shown = self._pane.capture  # of what moves: the very frame on the screen
        capture = self.plain if shown is None or shown.edits else shown
        return capture.picture if capture is not None and self._kept[capture.model].keep(capture, tap) else None

    def put(self, edit: Edit) -> None:
        """One more edit, instead of what was done to the same cells before."""
        place = (edit.tap, edit.channels, edit.region)
        self.set_edits((*(e for e in self.edits if (e.tap, e.channels, e.region) != place), edit))

    def remove(self, number: int) -> None:
        """Without the edit at this place."""
        self.set_edits((*self.edits[:number], *self.edits[number + 1 :]))

    def clear(self) -> None:
        """Without any edit."""
        self.set_edits(())

    def set_edits(self, edits: Edits) -> None:
        """These in the place of all others."""
        if edits != self.edits:
            self._store.update(edits=edits)

    def undo(self) -> None:
        """The edits as they were before their last change."""
        self._store.undo("edits")

    def follow(self) -> None:
        """The session may have other edits."""
        if self.edits != self._followed:
            self._change()

    def _change(self) -> None:
        self._followed = self.edits
        self.changed.emit()
        self._edit_live(LiveEdits(self._model, self.edits, self.frozen()))
        if self.edits:
            self.apply()
            return
        self._task.drop()
        self._thaw.drop()
        if self.plain is not None and not self._pane.playing:
            self.cleared.emit(self.plain)

    # --- what they do ---

    def apply(self) -> None:
        """Asks for what the edits do to the picture that is shown, the selected layer among the maps."""
        if self.plain is None or not self.edits or self._pane.playing:
            return
        names = frozenset(
            tap.name
            for tap in self.plain.taps
            if tap.observable and (tap.name in self.plain.values or tap.name == self._pane.tap)
        )
        self.asked.emit()
        if gone := self._gone():
            self._thaw.ask(Thaw(self._model, gone))
        else:
            self._task.ask(ApplyEdits(self.plain, self.plain.number, self.edits, names, self.frozen()))

    def _gone(self) -> Edits:
        """Edits of a session file whose frozen values are to be computed again from their pictures."""
        frozen = self.frozen()
        return tuple(e for e in self.edits if e.source and e.tap not in frozen.get(e.source, {}))

    def _take_thawed(self, thawed: Thawed, _done: bool) -> None:
        self._kept[self._model].take(thawed.frozen)
        if gone := self._gone():  # of pictures in no file
            names = ", ".join(edit.tap for edit in gone)
            self._fail_thawed(
                Failure(
                    tr("The held values of {names} cannot be recomputed.", names=names), "", tr("Repeat the edits.")
                )
            )
        else:
            self.apply()

    def _fail_thawed(self, failure: Failure) -> None:
        gone = self._gone()
        self._store.amend(edits=tuple(edit for edit in self.edits if edit not in gone))
        self.follow()
        self.lost.emit(failure)

    def _take(self, result: Ablation, _done: bool) -> None:
        if self._pane.playing or result.edits != self.edits or self.plain is None:
            return
        dropped = tuple(tap.name for tap in self.plain.taps if tap.observable and tap.name not in result.values)
        edited = replace(
            self.plain,
            values=result.values,
            output=result.output,
            dropped=dropped,
            edits=digest_of(result.edits),
        )
        self.applied.emit(edited, result)

    def _fail(self, failure: Failure) -> None:
        """An edit that cannot be made is taken back; the others stay."""
        if not self._store.undo("edits", forget=True):
            self._store.amend(edits=())
            self.follow()
        self.failed.emit(failure.text)
