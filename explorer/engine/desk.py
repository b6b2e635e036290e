"""What the user interface asks of the engine: every call queues work for the worker thread and returns at once.

Importing this module does not import torch; the worker does once it is asked for something, after the window is on the screen:
while torch's libraries are loaded no other thread runs, and a window that is being made would wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.inputs import InputRef
from explorer.core.interventions import LiveEdits
from explorer.core.layer_view_spec import LayerViewSpec
from explorer.core.layer_views import BasisOrigin, Painted, Palette, Sheet
from explorer.core.live_frames import LiveWatch
from explorer.core.models import ModelCard
from explorer.core.requests import Request
from explorer.engine.executor import answered
from explorer.engine.jobs.runner import Event, Job, Lane, Runner
from explorer.engine.worker import Worker

if TYPE_CHECKING:
    from explorer.engine.model_session import FrameSource, ModelSession

MODEL, INPUT, SHOW, LIVE, SAVE, DEVICE = "model", "input", "show", "live", "save", "device"
COMPARE = "compare"  # how the keys of the columns of Compare begin
FEATURES = "features"  # and those of all channels in one picture


class Desk:
    """`sink` receives events on the worker thread. `device` '' is the CPU, `threads` 0 and `budget` 0 the defaults."""

    def __init__(self, sink: Callable[[Event], None], device: str = "", threads: int = 0, budget: int = 0) -> None:
        self.worker = Worker(device, threads, budget)
        self._sources: list[FrameSource] = []
        self.runner = Runner(
            sink, first=(self.worker.start, DEVICE), recover=self.worker.recover, leave=self.worker.leave
        )

    def submit(self, request: Request[Any], key: str) -> int:
        """Queues a request under the key of whoever asks; returns its ticket."""
        displaces = request.displaces(key)
        return self.runner.submit(request.lane, lambda job: answered(self.worker, request, job), key, displaces)

    def cancel(self, lane: Lane, key: str) -> None:
        """What was asked under a key is not wanted any more."""
        self.runner.cancel(lane, key)

    # --- asked by the user interface ---

    def recover(self) -> None:
        """Memory was short outside the worker: what it can make again goes."""
        self.runner.submit(Lane.LOAD, lambda _job: self.worker.recover(), "memory")

    def hold(self, cards: Collection[ModelCard]) -> None:
        """Models that stay open however many others are opened."""
        if self.worker.started is not None:
            self.worker.started.held = frozenset(card.digest for card in cards)

    def prefetch(self, card: ModelCard, ref: InputRef) -> int:
        """Captures the next picture of a folder ahead, when nothing else is to be done."""
        from explorer.engine.inputs import open_input

        return self.runner.submit(
            Lane.PREFETCH, lambda job: self.worker.bench.capture(card.digest, open_input(ref), job), "ahead"
        )

    def read_names(self) -> int:
        """Reads the names of all models that can be opened ahead of somebody who searches them; answers with nothing."""
        from explorer.engine.models.model_menu import read_ahead

        return self.runner.submit(Lane.PREFETCH, lambda _job: read_ahead(), "names")

    def watch(self, tap: str) -> None:
        """The tap on the screen: what a live capture must hold, what a byte budget keeps first."""
        if self.worker.started is not None:
            self.worker.started.watched = tap

    def edit_live(self, edits: LiveEdits) -> None:
        """What is done to every live frame from now on; without edits in it, nothing."""
        if self.worker.started is not None:
            self.worker.started.edits = edits

    def go_live(self, card: ModelCard, source: FrameSource) -> int:
        """Captures frame after frame until the source ends or `stop_live`; answers with partial Captures, or
        EditedFrames while there are edits."""
        self.stop_live()
        self._sources.append(source)
        return self.runner.submit(Lane.LIVE, lambda job: self.worker.bench.live(card.digest, source, job), LIVE)

    def watch_together(self, wanted: tuple[LiveWatch, ...]) -> None:
        """What the columns of Compare show of every live frame from now on."""
        if self.worker.started is not None:
            self.worker.started.together = wanted

    def go_live_together(self, source: FrameSource) -> int:
        """As `go_live`, for what the columns watch; answers with partial Togethers."""

        def work(job: Job) -> Any:
            from explorer.engine.live.shared_frames import live_together

            return live_together(self.worker.bench, source, job)

        self.stop_live()
        self._sources.append(source)
        return self.runner.submit(Lane.LIVE, work, LIVE)

    def stop_live(self) -> None:
        """Ends the live input; its thread has ended when this returns."""
        self.runner.cancel(Lane.LIVE)
        for source in self._sources:
            source.close()
        self._sources.clear()

    # --- all channels of a layer in one picture; the newest of a key wins ---

    def paint(
        self,
        sheet: Sheet,
        key: str,
        foreground: bool = False,
        pinned: Palette | None = None,
        like: Painted | None = None,
    ) -> int:
        """Answers with a Painted."""
        return self.runner.submit(
            Lane.FORWARD, lambda _job: self.worker.painter.paint(sheet, foreground, pinned, like), f"{FEATURES} {key}"
        )

    def paint_view(self, spec: LayerViewSpec, sheet: Sheet, key: str) -> int:
        """Answers with the CellPicture of a view that a package brings."""
        return self.runner.submit(Lane.FORWARD, lambda _job: self.worker.painter.view(spec, sheet), f"{FEATURES} {key}")

    def paint_columns(self, sheets: Sequence[Sheet], key: str, foreground: bool = False) -> int:
        """Answers with a Painted for each, in colours that can be compared where that is possible."""
        return self.runner.submit(
            Lane.FORWARD, lambda _job: self.worker.painter.columns(sheets, foreground), f"{FEATURES} {key}"
        )

    def palette(self, origin: BasisOrigin, key: str) -> int:
        """Answers with the Palette that was made of this once."""

        def work(job: Job) -> Any:
            from explorer.engine.restore import palette_again

            return self.worker.studies.guarded(
                lambda: palette_again(self.worker.bench, self.worker.painter, origin, job)
            )

        return self.runner.submit(Lane.FORWARD, work, f"{FEATURES} {key}")

    def directions(self, sheet: Sheet, key: str) -> int:
        """Answers with the Directions of a layer's cells."""
        return self.runner.submit(Lane.FORWARD, lambda _job: self.worker.painter.directions(sheet), f"{FEATURES} {key}")

    def use(self, device: str, threads: int, budget: int) -> int:
        """Another device, number of threads or byte budget; answers with Ready."""
        self.runner.cancel(Lane.METHOD)  # half of a study on one device cannot go on on another
        return self.runner.submit(Lane.LOAD, lambda _job: self.worker.use(device, threads, budget), DEVICE)

    @property
    def cached_bytes(self) -> int:
        return self.worker.nbytes

    def known(self, card: ModelCard, picture: Input) -> Capture | None:
        """A capture that needs no forward."""
        return self.worker.started.store.get((card.digest, picture.digest)) if self.worker.started is not None else None

    def close(self) -> bool:
        """Stops everything but the saving of files; False when the worker did not end in time."""
        self.stop_live()
        return self.runner.close(keep=SAVE)

    @property
    def bench(self) -> ModelSession:
        """Only for the worker thread."""
        return self.worker.bench
