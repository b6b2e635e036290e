"""What the worker thread owns: open models with their captures, and the methods on them, each made when it is asked for first."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.jobs.job import HeldModels
from explorer.engine.jobs.runner import Job

if TYPE_CHECKING:
    from explorer.engine.attentions import Attentions
    from explorer.engine.model_session import ModelSession
    from explorer.engine.representations.layer_painter import Painter
    from explorer.engine.studies import Studies

# A forward asks for Python after every operation; Python's own 5 ms would let it stand there while the window paints.
_SWITCH_S = 0.0005


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine is imported: devices as (torch name, title), the one in use, threads of a forward."""

    devices: tuple[tuple[str, str], ...]
    device: str
    threads: int
    cores: int


class Worker:
    """`started` and `nbytes` may be read from any thread, the rest is the worker's. Importing this does not import torch."""

    def __init__(self, device: str, threads: int, budget: int) -> None:
        self._wanted = (device or "cpu", threads, budget)
        self.started: ModelSession | None = None

    @property
    def nbytes(self) -> int:
        """Held by captures and recordings."""
        recorded = self._recorded.nbytes if self._recorded is not None else 0
        return self.started.store.nbytes + recorded if self.started is not None else 0

    @property
    def bench(self) -> ModelSession:
        if self.started is None:
            raise ExplorerError(
                tr("The engine could not be started."), tr("Importing torch failed."), tr("Run the command doctor.")
            )
        return self.started

    @cached_property
    def studies(self) -> Studies:
        from explorer.engine.studies import Studies

        return Studies(self.bench)

    @cached_property
    def painter(self) -> Painter:
        from explorer.engine.representations.layer_painter import Painter

        return Painter()

    @property
    def _recorded(self) -> Attentions | None:
        """What attention was recorded, where somebody has asked for it."""
        return vars(self).get("attentions")

    @cached_property
    def attentions(self) -> Attentions:
        from explorer.engine.attentions import Attentions

        return Attentions(self.studies)

    def leave(self, since: float) -> HeldModels:
        """Work that has run since then (time.monotonic) was left behind on another thread: what it holds is not used any more."""
        return self.started.leave(since) if self.started is not None else HeldModels()

    def recover(self) -> None:
        """Memory was short: what can be made again goes."""
        if self._recorded is not None:
            self._recorded.forget()
        if "studies" in vars(self):
            self.studies.forget()
        if self.started is not None:
            self.started.recover()

    def start(self, job: Job) -> Ready:
        """Imports torch and makes the workbench."""
        from explorer.engine.jobs import devices

        devices.keep_freed_memory()
        sys.setswitchinterval(_SWITCH_S)
        job.progress(tr("Loading torch …"))
        collects = gc.isenabled()
        gc.disable()  # of what is imported nothing is garbage; to look for some takes a tenth of the time
        try:
            import torch

            from explorer.engine.model_session import ModelSession
        finally:
            if collects:
                gc.enable()
        # what torch brought stays for good; to go through all of it for garbage stops every thread for some 60 ms
        if not gc.get_freeze_count():
            gc.freeze()
        device, threads, budget = self._wanted
        sensible = 1 <= threads <= 8 * devices.cores()  # a settings file may hold anything
        torch.set_num_threads(threads if sensible else devices.default_threads())
        found = [name for name, _ in devices.devices()]
        self.started = ModelSession(budget if budget > 0 else None, device if device in found else "cpu")
        return self._ready()

    def use(self, device: str, threads: int, budget: int) -> Ready:
        """Another device, number of threads or byte budget."""
        from explorer.engine.capture.cache import default_budget

        self.bench.store.budget = budget or default_budget()
        if self._recorded is not None:
            self._recorded.forget()
        try:
            self.bench.use(device, threads)
        finally:
            self._wanted = (self.bench.device, threads, budget)
        return self._ready()

    def _ready(self) -> Ready:
        import torch

        from explorer.engine.jobs import devices

        return Ready(devices.devices(), self.bench.device, torch.get_num_threads(), devices.cores())
