"""Forwards of one model: bare, captured, and with other people's tools.

`--tuned`: with the application's allocator setting and on a thread beside the main one, as in the application.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.talk import serve

TUNED = "--tuned" in sys.argv
if TUNED:  # before torch makes its first large block
    from explorer.engine.jobs.devices import keep_freed_memory

    keep_freed_memory()

import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from explorer.cli.measure import bare_forward, capture_again  # noqa: E402
from tests.benchmarks import scenario  # noqa: E402

Way = Callable[[], Any]


class Bench:
    """One model, the ways to run it, and the last result of each way: the application too shows one while it makes the next."""

    def __init__(self) -> None:
        self.module: nn.Module
        self.x: Tensor
        self.ways: dict[str, Way] = {}
        self.kept: dict[str, Any] = {}

    def load(self, name: str, threads: int, ways: list[str]) -> dict[str, Any]:
        """Builds the model and warms each way up; answers with how much each way saw, or why it cannot run."""
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.ways, self.kept = {}, {}
        self.module = scenario.module(name)
        self.x = scenario.made_input(name)
        seen: dict[str, Any] = {}
        for way in ways:
            try:
                self.ways[way] = _MAKERS[way](self)
                for _ in range(2):
                    result = self.ways[way]()
                seen[way] = _count(result)
            except Exception as error:  # noqa: BLE001 - a tool that cannot do this model is part of the answer
                self.ways.pop(way, None)
                seen[way] = f"{type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''}"
        return seen

    def time(self, way: str, repeat: int) -> list[float]:
        """Seconds of each of some runs in a row."""
        gc.collect()
        spent = []
        for _ in range(repeat):
            start = time.perf_counter()
            self.kept[way] = self.ways[way]()
            spent.append(time.perf_counter() - start)
        return spent

    def rate(self, seconds: float) -> float:
        """Bare forwards a second."""
        run, count, start = self.ways["bare"], 0, time.perf_counter()
        while (now := time.perf_counter()) - start < seconds:
            run()
            count += 1
        return count / (now - start)


def _count(result: Any) -> int | None:
    if isinstance(result, Tensor) or result is None:
        return None
    return len(result)


def _bare(bench: Bench) -> Way:
    return bare_forward(bench.module, bench.x)


def _no_grad(bench: Bench) -> Way:
    def run() -> Any:
        with torch.no_grad():
            return bench.module(bench.x)

    return run


def _explorer(bench: Bench) -> Way:
    """Every module call, as the application captures input after input: watched once, hooked some times, then recorded."""
    from explorer.engine.capture.forward import discover

    run = capture_again(bench.module, discover(bench.module, bench.x).plan)
    for _ in range(10):
        run(bench.x)
    return lambda: run(bench.x)


def _explorer_arrays(bench: Bench) -> Way:
    """The same, with the copy of the input before and the read-only arrays for the window after."""
    from explorer.engine.capture.forward import discover
    from explorer.engine.capture.values import to_arrays

    plan = discover(bench.module, bench.x).plan
    run = capture_again(bench.module, plan)
    for _ in range(10):
        run(bench.x)
    return lambda: to_arrays(plan.taps, run(bench.x.clone()))


def _explorer_looked_at(bench: Bench) -> Way:
    """The same, and every array asked for once and held: what follows from others is made."""
    arrays = _explorer_arrays(bench)
    return lambda: dict(arrays())


def _explorer_hooks(bench: Bench) -> Way:
    """The same values by hooks, as of the first inputs and of models that cannot be recorded."""
    from explorer.engine.capture.forward import capture, discover

    plan = discover(bench.module, bench.x).plan
    return lambda: capture(bench.module, bench.x, plan).tensors


def _naive(bench: Bench) -> Way:
    """A hook on every module that copies what comes out; true values too, but no plan."""

    def run() -> Any:
        found: dict[str, Any] = {}
        handles = []
        for name, m in bench.module.named_modules():

            def hook(_m: nn.Module, _a: Any, out: Any, name: str = name) -> None:
                found[name] = [t.clone() for t in (out if isinstance(out, tuple) else (out,)) if isinstance(t, Tensor)]

            handles.append(m.register_forward_hook(hook))
        try:
            with torch.inference_mode():
                bench.module(bench.x)
        finally:
            for handle in handles:
                handle.remove()
        return found

    return run


def _leaves(module: nn.Module) -> list[nn.Module]:
    return [m for m in module.modules() if not list(m.children())]


def _captum(bench: Bench) -> Way:
    from captum.attr import LayerActivation

    layers = _leaves(bench.module)
    fired: set[int] = set()
    handles = [m.register_forward_hook(lambda m, _a, _o: fired.add(id(m))) for m in layers]
    with torch.no_grad():
        bench.module(bench.x)
    for handle in handles:
        handle.remove()
    # captum stops at a layer that is never called, so it is asked for the others only
    method = LayerActivation(bench.module, [m for m in layers if id(m) in fired])

    def run() -> Any:
        with torch.no_grad():
            return method.attribute(bench.x)

    return run


def _extractor(bench: Bench) -> Way:
    from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

    names = get_graph_node_names(bench.module)[1]
    extractor = create_feature_extractor(bench.module, {name: name for name in names[1:]}).eval()

    def run() -> Any:
        with torch.inference_mode():
            return extractor(bench.x)

    return run


def _torchlens(bench: Bench) -> Way:
    import torchlens

    def run() -> Any:
        with torch.no_grad():
            return torchlens.trace(bench.module, bench.x)

    return run


_MAKERS: dict[str, Callable[[Bench], Way]] = {
    "bare": _bare,
    "no_grad": _no_grad,
    "explorer": _explorer,
    "explorer arrays": _explorer_arrays,
    "explorer looked at": _explorer_looked_at,
    "explorer hooks": _explorer_hooks,
    "naive": _naive,
    "captum": _captum,
    "extractor": _extractor,
    "torchlens": _torchlens,
}


def main() -> None:
    bench = Bench()
    serve({"load": bench.load, "time": bench.time, "rate": bench.rate})


if __name__ == "__main__":
    if TUNED:
        # the application's forwards run beside the window's thread, where the C library allocates in another way
        worker = threading.Thread(target=main)
        worker.start()
        worker.join()
    else:
        main()
