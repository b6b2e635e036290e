"""Which models can learn, and up to which layers they can be frozen: asked once for each."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.core.errors import Failure
from explorer.core.inputs import Picture
from explorer.core.transfer import AskTrainable, Trainable
from explorer.ui.jobs.client import JobClient, Task


class TrainableModels(QObject):
    """`told`: an answer has come."""

    told = Signal()

    def __init__(self, client: JobClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: Task[Trainable] = Task(client, "trainable", self._take, self._fail)
        self._known: dict[str, Trainable] = {}  # by the digest of the model

    @property
    def waiting(self) -> bool:
        """Whether the answer is still to come."""
        return self._task.waiting

    def known(self, digest: str) -> Trainable | None:
        """What is known of a model; asks nothing."""
        return self._known.get(digest)

    def of(self, digest: str, picture: Picture) -> Trainable | None:
        """What is known of a model; None: it is asked for now."""
        request = AskTrainable(digest, picture)
        if digest not in self._known and not (self._task.waiting and self._task.request == request):
            self._task.ask(request)
        return self._known.get(digest)

    def forget_refusals(self) -> None:
        """What could not learn is asked for again: memory may be free now."""
        self._known = {digest: each for digest, each in self._known.items() if not each.reason}

    def finish(self) -> None:
        """Asks for nothing more."""
        self._task.close()

    def _take(self, found: Trainable, _done: bool) -> None:
        self._known[found.model] = found
        self.told.emit()

    def _fail(self, failure: Failure) -> None:
        request = self._task.request
        if isinstance(request, AskTrainable):
            self._take(Trainable(request.model, failure.text), True)
