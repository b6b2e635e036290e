"""measure: a bare forward, a capture of every layer, and the way from a key to the painted layer, in the real window.

Rounds go on alone, or with --turns one for each line on standard input, so that another program can take turns with this one:
while the other computes, this one sleeps.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.translation import tr

if TYPE_CHECKING:
    from torch import Tensor, nn

    from explorer.app import Application
    from explorer.cli.measure_window import Paints
    from explorer.engine.capture.forward import CapturePlan
    from explorer.engine.jobs.runner import Job

T = TypeVar("T")
WAYS = ("forward", "capture", "scrub")
_REPEAT = 3  # forwards and captures a round
_WARM = 10  # a capture is watched once, hooked some times, then recorded
_SIZE = (1400, 900)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--weights", default="", metavar="FILE")
    parser.add_argument("--untrained", action="store_true")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--trust-code", action="store_true")
    parser.add_argument("--input", default="", metavar="INPUT", help=tr("a sample when not given"))
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument(
        "--turns", action="store_true", help=tr("a round for each line on standard input, until it ends")
    )
    parser.add_argument("--json", action="store_true", help=tr("print JSON only: seconds, a line a round"))


def run(args: argparse.Namespace) -> int:
    """A line of JSON a round (with --turns or --json), else a table. Nothing of the person's own settings is touched."""
    with tempfile.TemporaryDirectory(prefix="feature-map-explorer-", ignore_cleanup_errors=True) as home:
        os.environ["FME_HOME"] = home
        _measure(args)
    return 0


def _measure(args: argparse.Namespace) -> None:
    from explorer.api.qt_start import quiet_qt, unseen_without_display
    from explorer.app import Application
    from explorer.cli.screenshot import ask_nobody
    from explorer.engine.inputs import named_input
    from explorer.ui.settings import Settings

    model = ModelSpec(args.model, args.weights, args.untrained, args.seed)
    if args.rounds < 1:
        raise ExplorerError(
            tr("There is nothing to measure."), f"--rounds is {args.rounds}.", tr("Ask for one round or more.")
        )
    given = named_input(args.input) if args.input else InputRef("sample", "cat")
    if not args.trust_code:
        ask_nobody(model)
    unseen_without_display()
    with quiet_qt():
        app = Application("dark", args.trust_code, settings=Settings(lasting=False))
        try:
            bench = Bench(app, model, given)
            found = [_told(bench.round(), args) for _ in _rounds(args)]
        finally:
            app.window.close()
            app.close()
    if not (args.turns or args.json):
        print("\n".join(_table(found)))


def _rounds(args: argparse.Namespace) -> Iterator[int]:
    if not args.turns:
        yield from range(args.rounds)
        return
    print(json.dumps({"ready": True}), flush=True)
    for number, _line in enumerate(sys.stdin):
        yield number


def _told(found: dict[str, list[float]], args: argparse.Namespace) -> dict[str, list[float]]:
    if args.turns or args.json:
        print(json.dumps(found), flush=True)  # at once: somebody waits for it
    return found


def _table(found: list[dict[str, list[float]]]) -> list[str]:
    """Medians in milliseconds, and how many values they are of."""
    whole = {way: [seconds for each in found for seconds in each[way]] for way in WAYS}
    return [f"{way:<8} {1000 * median(times):8.1f} ms  (n {len(times)})" for way, times in whole.items()]


class Bench:
    """A model open on a picture in the window, everything drawn, and its three ways. The last result of each is held."""

    def __init__(self, app: Application, model: ModelSpec, given: InputRef) -> None:
        from explorer.cli.measure_window import Paints
        from explorer.cli.waits import await_capture, await_rest

        self.app = app
        self.kept: dict[str, object] = {}
        app.window.resize(*_SIZE)
        app.window.show()
        app.start(model, given)
        await_capture(app)
        await_rest(app)
        self.ways: dict[str, Callable[[], object]] = on_worker(app, self._prepare)
        maps = app.window.explore.maps
        self.paints: Paints = Paints(maps.mosaic, maps.vector, maps.sequence)

    def round(self) -> dict[str, list[float]]:
        """Seconds of some forwards, of some captures, and of each step through all layers."""
        from explorer.cli.measure_window import scrub

        found = {way: on_worker(self.app, partial(self._timed, way)) for way in self.ways}
        return {**found, "scrub": scrub(self.app, self.paints)}

    def _prepare(self, job: Job) -> dict[str, Callable[[], object]]:
        capture = self.app.controller.view.capture
        if capture is None:
            raise ExplorerError(tr("No capture came."))
        loaded, x, plan = self.app.desk.bench.given(capture.model, capture.picture, job)
        bare, again = bare_forward(loaded.module, x), capture_again(loaded.module, plan)
        for _ in range(_WARM):
            bare()
            again(x)
        return {"forward": bare, "capture": lambda: again(x)}

    def _timed(self, way: str, _job: Job) -> list[float]:
        spent = []
        for _ in range(_REPEAT):
            start = time.perf_counter()
            self.kept[way] = self.ways[way]()
            spent.append(time.perf_counter() - start)
        return spent


def bare_forward(module: nn.Module, x: Tensor) -> Callable[[], object]:
    """The model alone, without gradients."""
    import torch

    def forward() -> object:
        with torch.inference_mode():
            return module(x)

    return forward


def capture_again(module: nn.Module, plan: CapturePlan) -> Callable[[Tensor], object]:
    """Every layer of an input: by hooks at first, then recorded, as the application captures one input after another."""
    from explorer.engine.capture.replay import Replays

    replays, names = Replays(), tuple(tap.name for tap in plan.taps if tap.observable)
    return lambda given: replays.capture(module, given, plan, names).tensors


def on_worker(app: Application, work: Callable[[Job], T]) -> T:
    """What `work` gives on the worker thread; meanwhile the window sleeps. Raises what it raises."""
    from explorer.engine.jobs.runner import Lane

    answers: queue.SimpleQueue[tuple[T] | BaseException] = queue.SimpleQueue()

    def answered(job: Job) -> None:
        try:
            answers.put((work(job),))
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
            answers.put(error)

    app.desk.runner.submit(Lane.LOAD, answered, "measure")
    answer = answers.get()
    if isinstance(answer, BaseException):
        raise answer
    return answer[0]
