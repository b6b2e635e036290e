"""Steps of activation maximisation: the application's, and those of a loop that does nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.maximisation import MaximiseSettings, Objective
from explorer.engine.maximisation.canvas import Canvas
from explorer.engine.maximisation.optimise import Run
from explorer.engine.maximisation.prepare import Normaliser, plan_for, sides
from explorer.engine.models.base import LoadedModel
from tests.benchmarks import scenario
from tests.benchmarks.talk import serve

_CHANNEL = 3
_WARM = 20  # steps before the first that counts: those in which ReLUs are redirected are over then
_ENDLESS = 1 << 20
_STILL = {"jitter": False, "scale": False, "rotate": False}


class _Stop(BaseException):
    pass


class _Bare:
    """The shortest way to the same gradient, with nothing that stops, streams, or leaves the model as it was."""

    def __init__(self, loaded: LoadedModel, tap: str, stop: bool) -> None:
        settings, pre = MaximiseSettings(), loaded.card.preprocess
        self.module, self.layer, self.stop = loaded.module, loaded.module.get_submodule(tap), stop
        self.canvas = Canvas((1, pre.channels, *sides(pre, 0)), settings, torch.device("cpu"))
        self.canvas.from_noise(0)
        self.normalise = Normaliser(loaded)
        self.adam = torch.optim.Adam([self.canvas.parameters], lr=settings.rate)
        self.seen: Tensor

    def hook(self, _module: nn.Module, _args: Any, output: Tensor) -> None:
        self.seen = output.clone() if not self.stop else output
        if self.stop:
            raise _Stop

    def run(self, steps: int) -> int:
        handle = self.layer.register_forward_hook(self.hook)
        for p in self.module.parameters():
            p.requires_grad = False
        for _ in range(steps):
            self.adam.zero_grad()
            if self.stop:
                self.to_the_tap()
                (-self.seen[:, _CHANNEL].mean()).backward()
            else:  # the gradient of the output flows through every layer; that of the tap is added
                output = self.module(self.normalise(self.canvas.picture()))
                (-self.seen[:, _CHANNEL].mean() - 0 * output.mean()).backward()
            self.adam.step()
        handle.remove()
        return steps

    def to_the_tap(self) -> None:
        try:
            self.module(self.normalise(self.canvas.picture()))
        except _Stop:
            pass


class Bench:
    def __init__(self) -> None:
        self.ways: dict[str, Callable[[int], int]] = {}

    def load(self, name: str, tap: str, threads: int) -> bool:
        from explorer.engine.models import open_model

        torch.set_num_threads(threads)
        loaded = open_model(scenario.spec(name))
        plan = plan_for(loaded, MaximiseSettings())
        for way, change in (("explorer", {}), ("still", _STILL)):
            settings = replace(MaximiseSettings(steps=_ENDLESS), **change)
            self.ways[way] = _climb(Run(loaded, Objective(tap, (_CHANNEL,)), settings, plan=plan))
        self.ways["bare"] = _Bare(loaded, tap, stop=True).run
        self.ways["whole"] = _Bare(loaded, tap, stop=False).run
        for way in self.ways.values():
            way(_WARM)
        return True

    def time(self, way: str, steps: int) -> float:
        """Seconds a step."""
        start = time.perf_counter()
        made = self.ways[way](steps)
        return (time.perf_counter() - start) / made


def _climb(run: Run) -> Callable[[int], int]:
    """As the worker steps it: about ten pictures a second are made on the way."""

    def climb(steps: int) -> int:
        before = run.step
        while run.step - before < steps:
            run.advance()
            run.result()
        return run.step - before

    return climb


if __name__ == "__main__":
    bench = Bench()
    serve({"load": bench.load, "time": bench.time})
