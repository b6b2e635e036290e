"""What the columns ask of the engine: models, inputs, captures. Every column has tasks of its own, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edits, Frozen, Thawed
from explorer.core.models import AnyPreprocess, ModelCard, ModelSpec
from explorer.core.pane_requests import CapturePicture, Opened, OpenInput, OpenModel, Recompute, Reopen, Thaw
from explorer.core.progress import Progress
from explorer.engine import desk as work
from explorer.engine.desk import Desk
from explorer.ui.jobs.client import JobClient, Task

MODEL, INPUT, SHOW = "model", "input", "show"

Came = Callable[[int, "ModelCard | Input | Capture | Thawed"], None]


class Sources:
    """Asks for a column by its number, and says what has come: `came` takes (column, value), `said` progress, `failed` which of
    the three it was about and the Failure."""

    def __init__(
        self,
        desk: Desk,
        client: JobClient,
        came: Came,
        said: Callable[[int, str], None],
        failed: Callable[[int, str, Failure], None],
    ) -> None:
        self._desk, self._client = desk, client
        self._came, self._said, self._failed = came, said, failed
        self._tasks: dict[tuple[int, str], Task[Any]] = {}

    def _task(self, column: int, kind: str) -> Task[Any]:
        if (column, kind) not in self._tasks:
            self._tasks[column, kind] = Task(
                self._client,
                kind,
                partial(self._take, column),
                partial(self._failed, column, kind),
                partial(self._tell, column),
                key=f"{work.COMPARE} {kind} {column}",
            )
        return self._tasks[column, kind]

    def model(
        self, column: int, spec: ModelSpec, trust_code: bool, allow_download: bool, open_too: Iterable[ModelCard]
    ) -> None:
        """Brings a ModelCard; the models in `open_too` stay open."""
        self.drop(column, MODEL, SHOW)
        self._desk.hold(tuple(open_too))
        self._task(column, MODEL).ask(OpenModel(spec, trust_code, allow_download))

    def preprocess(self, column: int, card: ModelCard, preprocess: AnyPreprocess) -> None:
        """Brings the ModelCard of the same model under another preprocessing."""
        self.drop(column, MODEL, SHOW)
        self._task(column, MODEL).ask(Reopen(card.digest, preprocess))

    def input(self, column: int, ref: InputRef) -> None:
        """Brings a Picture."""
        self._task(column, INPUT).ask(OpenInput(ref))

    def edited(
        self, column: int, card: ModelCard, picture: Input, edits: Edits, frozen: Frozen, names: Iterable[str] = ()
    ) -> None:
        """Brings a Capture under edits, the taps `names` in it."""
        request = CapturePicture(card.digest, picture, picture.digest, edits, tuple(names), frozen, card.name)
        self._task(column, SHOW).ask(request)

    def thawed(self, column: int, card: ModelCard, edits: Edits) -> None:
        """Brings Thawed: what these edits freeze, before a capture under them can be asked for."""
        self._task(column, SHOW).ask(Thaw(card.digest, edits))

    def capturing(self, column: int) -> bool:
        """Whether a capture is on its way for the column."""
        return self._task(column, SHOW).waiting

    def capture(self, column: int, card: ModelCard, picture: Input) -> None:
        """Brings a Capture, at once where it is there already."""
        known = self._desk.known(card, picture)
        if known is not None:
            self._task(column, SHOW).drop()
            self._came(column, known)
        else:
            request = CapturePicture(card.digest, picture, picture.digest, model_name=card.name)
            self._task(column, SHOW).ask(request)

    def recompute(self, column: int, capture: Capture, names: Iterable[str]) -> None:
        """Brings the Capture and these taps."""
        self._task(column, SHOW).ask(Recompute(capture, capture.number, tuple(names)))

    def opening(self, column: int) -> bool:
        """Whether a model is on its way for the column."""
        return self._task(column, MODEL).waiting

    def waits_for_input(self, column: int) -> bool:
        """Whether an input is on its way for the column."""
        return self._task(column, INPUT).waiting

    def drop(self, column: int, *kinds: str) -> None:
        """What was asked for the column is not wanted any more: all of it, or what is of these kinds."""
        for kind in kinds or (MODEL, INPUT, SHOW):
            self._task(column, kind).drop()

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return any(task.waiting for task in self._tasks.values())

    def _take(self, column: int, value: Opened | Input | Capture | Thawed, _done: bool) -> None:
        self._came(column, value.card if isinstance(value, Opened) else value)

    def _tell(self, column: int, progress: Progress) -> None:
        self._said(column, progress.text)
