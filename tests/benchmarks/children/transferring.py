"""Features, probes and fine-tuning of the demo model over pictures of the demo world, in a process without a window."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator
from typing import Any

import torch

from explorer.core.data_sets import DataSet
from explorer.core.dataset import Over
from explorer.core.models import ModelSpec
from explorer.core.probe import ProbeParams
from explorer.core.requests import Lane
from explorer.core.system import paths
from explorer.core.transfer import TransferParams, TransferTarget
from explorer.engine.data_sets.named import read_named
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession
from explorer.engine.probe.feature_extraction import BATCH
from explorer.engine.probe.feature_pass import reader_of
from explorer.engine.probe.probe_run import probe_steps
from explorer.engine.transfer.training_run import TrainingRun
from explorer.engine.worker import Worker
from tests.benchmarks.talk import serve

DATA = "demo:materials"


def _job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def _ended(steps: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


class Bench:
    def open(self, name: str, threads: int) -> int:
        """Answers with the number of pictures."""
        torch.set_num_threads(threads)
        self.worker = Worker("cpu", threads, 0)
        self.bench = self.worker.started = ModelSession()
        self.card = self.bench.open(ModelSpec(name), _job()).card
        self.loaded = self.bench.model(self.card.digest)
        self.data: DataSet = _ended(read_named(DATA, "none", "", _job()))
        return len(self.data.pictures)

    def passes(self, turns: int) -> dict[str, list[float]]:
        """Seconds of bare forwards and of forwards with the features of all layers, over the same batches, in turns."""
        pictures = (open_picture(self.data.file(p.path)) for p in self.data.pictures)
        x = torch.cat([to_tensor(picture, self.card.preprocess) for picture in pictures])
        batches = [x[i : i + BATCH] for i in range(0, len(x), BATCH)]
        reader, _ = reader_of(self.loaded.module, "cpu", x[:1])
        found: dict[str, list[float]] = {"bare": [], "features": []}
        for _ in range(turns):
            for name in found:
                begun = time.perf_counter()
                with torch.no_grad():
                    for batch in batches:
                        self.loaded.module(batch) if name == "bare" else reader.rows(batch)
                found[name].append(time.perf_counter() - begun)
        return found

    def curve(self, turns: int, baseline: str) -> list[dict[str, float]]:
        """Seconds until the first point and until all of a curve, with nothing stored."""
        found = []
        for _ in range(turns):
            shutil.rmtree(paths.cache_dir() / "features", ignore_errors=True)
            found.append(self._probe(ProbeParams(Over("folder", DATA), baseline=baseline)))
        return found

    def again(self, counts: list[int], draws: int) -> list[dict[str, float]]:
        """The same with other numbers of pictures a class, features stored."""
        asked = (ProbeParams(Over("folder", DATA), per_class=str(n), draws=draws, baseline="none") for n in counts)
        return [self._probe(params) for params in asked]

    def _probe(self, params: ProbeParams) -> dict[str, float]:
        begun, first = time.perf_counter(), 0.0
        steps = probe_steps(self.worker.studies, self.card.digest, params, _job())
        while True:
            try:
                told = next(steps)
            except StopIteration as end:
                return {"whole": time.perf_counter() - begun, "first": first, "forwards": end.value.forwards}
            if told is not None and told.curve and not first:
                first = time.perf_counter() - begun

    def tune(self, freeze: str, epochs: int, cached: bool) -> float:
        """Seconds of a training with the frozen part computed once, or in every epoch."""
        shutil.rmtree(paths.data_dir() / "training", ignore_errors=True)
        target = TransferTarget(self.card.digest, self.data, TransferParams(freeze=freeze, epochs=epochs))
        run = TrainingRun(self.bench, target, _job(), cached)
        shutil.rmtree(run.folder, ignore_errors=True)
        begun = time.perf_counter()
        _ended(run.steps())
        return time.perf_counter() - begun


if __name__ == "__main__":
    bench = Bench()
    serve({name: getattr(bench, name) for name in ("open", "passes", "curve", "again", "tune")})
