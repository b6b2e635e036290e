"""The same network from its initial weights, trained on few pictures: what a probe is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from explorer.core.activations import Capture
from explorer.core.data_sets import DataSet
from explorer.core.errors import Failure
from explorer.core.models import ModelCard
from explorer.core.pane_requests import Opened, OpenModel
from explorer.core.transfer import Train, Training, TransferParams, TransferResult, TransferTarget
from explorer.core.translation import tr
from explorer.ui.jobs.client import JobClient, Task


class ScratchTraining:
    """One training for each number of pictures a class, the fewest first. `changed` is called whenever there is more to show."""

    def __init__(self, client: JobClient, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._open: Task[Opened | Capture] = Task(client, "transfer twin", self._opened, self._fail)
        self._train: Task[Training] = Task(client, "transfer scratch", self._take, self._fail)
        self._left: list[int] = []
        self._asked: tuple[str, DataSet, int, int] | None = None  # model, data set, epochs, seed
        self._twin = ""
        self.results: dict[tuple[str, DataSet, int, int], dict[int, TransferResult]] = {}
        self.words = ""

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._open.waiting or self._train.waiting

    def known(self, model: str, data: DataSet | None, epochs: int, seed: int) -> Sequence[tuple[int, TransferResult]]:
        """What was trained, by number of pictures a class."""
        return sorted(self.results.get((model, data, epochs, seed), {}).items()) if data is not None else ()

    def run(self, card: ModelCard, data: DataSet, counts: Sequence[int], epochs: int, seed: int) -> None:
        """Trains what is not known yet."""
        self._asked = card.digest, data, epochs, seed
        done = self.results.setdefault(self._asked, {})
        self._left = [count for count in counts if count not in done]
        self.words = tr("The untrained network is being opened")
        spec = replace(card.spec, untrained=True, weights="", preprocess=card.preprocess)
        self._open.ask(OpenModel(spec))
        self._changed()

    def stop(self) -> bool:
        """Cancels; whether something ran. A training that was begun goes on from there the next time."""
        ran = [task.drop() for task in (self._open, self._train)]
        self._left, self.words = [], ""
        if any(ran):
            self._changed()
        return any(ran)

    def close(self) -> None:
        """Asks for nothing more."""
        self._open.close()
        self._train.close()

    def _opened(self, opened: Opened | Capture, done: bool) -> None:
        if done and isinstance(opened, Opened):
            self._twin = opened.card.digest
            self._next()

    def _next(self) -> None:
        self.words = ""
        if self._left and self._asked is not None:
            _model, data, epochs, seed = self._asked
            params = TransferParams(head="random", epochs=epochs, per_class=self._left[0], seed=seed)
            self._train.ask(Train(TransferTarget(self._twin, data, params)))
        self._changed()

    def _take(self, training: Training, done: bool) -> None:
        if self._asked is None or not self._left:
            return
        if training.result is None:
            epoch = training.epochs[-1].epoch if training.epochs else 0
            self.words = tr(
                "From scratch with {left} a class: {phase}, epoch {epoch}",
                left=self._left[0],
                phase=tr(training.phase.value),
                epoch=epoch,
            )
        elif done:
            self.results[self._asked][self._left.pop(0)] = training.result
            self._next()
            return
        self._changed()

    def _fail(self, failure: Failure) -> None:
        self._left, self.words = [], failure.text
        self._changed()
