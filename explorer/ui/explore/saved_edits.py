"""The edits of a session file, put on its model once that is shown."""

from __future__ import annotations

from explorer.core.activations import Capture
from explorer.core.errors import Failure
from explorer.core.interventions import Frozen, Thawed
from explorer.core.pane_requests import Thaw
from explorer.core.session.session import Session
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.model_pane.active_edits import Interventions
from explorer.ui.notices import Notices
from explorer.ui.state import Store


class SavedEdits:
    """Waits for the first capture of the session's model and input. What edits freeze is computed again from its picture."""

    def __init__(self, client: JobClient, interventions: Interventions, store: Store, notices: Notices) -> None:
        self._interventions, self._store, self._notices = interventions, store, notices
        self._thaw: Task[Thawed] = Task(client, "thaw", self._take, self._fail)
        self._wanted: Session | None = None

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._thaw.waiting

    def expect(self, session: Session) -> None:
        """A session is being opened, or open already; one without edits takes those away that there are."""
        self._thaw.drop()
        self._wanted = session if session.edits else None
        if not session.edits:
            self._interventions.clear()
        elif self._interventions.plain is not None:
            self.captured(self._interventions.plain, False)

    def captured(self, capture: Capture, live: bool) -> None:
        """A capture is shown."""
        wanted, now = self._wanted, self._store.session
        if wanted is None or live or capture.edits or self._store.on_its_way:
            return
        self._wanted = None
        if now.model != wanted.model:
            return  # something else was opened meanwhile
        self._session = wanted
        if any(edit.source for edit in wanted.edits):
            self._thaw.ask(Thaw(capture.model, wanted.edits))
        else:
            self._put({})

    def _take(self, thawed: Thawed, _done: bool) -> None:
        self._put(thawed.frozen)

    def _put(self, frozen: Frozen) -> None:
        self._interventions.restore(self._session.edits, frozen)

    def _fail(self, failure: Failure) -> None:
        self._notices.fail(failure)
