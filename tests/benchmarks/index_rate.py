"""How quick an index is made, beside the bare forward: `python -m tests.benchmarks.index_rate --data FOLDER [--model ID] [--taps …]`.

Each batch of the index is followed by a bare forward of a batch of the same size in the same process, so that other work on the machine
meets both. CPU seconds of the thread that runs the network; decoding has a thread of its own and is given beside it. With --plain
another process does the same forwards as a plain script would (freed memory is handed back).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from explorer.core.index_requests import MakeIndex
from explorer.core.models import ModelSpec
from explorer.core.requests import Lane
from explorer.engine.data_index.index_run import make_steps
from explorer.engine.jobs import devices
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.memory import resident_bytes
from explorer.engine.models import open_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="")
    parser.add_argument("--model", default="torchvision:mobilenet_v2")
    parser.add_argument("--taps", default="blocks")
    parser.add_argument("--from", dest="start", type=int, default=1000, help="pictures before which nothing is counted")
    parser.add_argument("--most", type=int, default=2000)
    parser.add_argument("--plain", action="store_true", help="bare forwards of a plain script alone")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.plain:
        print(json.dumps({"ms": plain(args.model)}))
        return
    print(json.dumps(measured(args), indent=1))


def opened(model: str) -> torch.nn.Module:
    return open_model(ModelSpec(model, untrained=not model.startswith("demo:")))


def bare(module: torch.nn.Module, x: torch.Tensor) -> float:
    begun = time.thread_time()
    with torch.no_grad():
        module(x)
    return time.thread_time() - begun


def plain(model: str) -> float:
    """CPU milliseconds a picture of the process."""
    loaded = opened(model)
    pre = loaded.card.preprocess
    x = torch.randn(16, 3, pre.height, pre.width)
    for _ in range(3):
        bare(loaded.module, x)
    begun = time.process_time()
    for _ in range(20):
        bare(loaded.module, x)
    return 1000 * (time.process_time() - begun) / 320


class _Own:
    """Inputs that a network was given by the index."""

    def __init__(self, module: torch.nn.Module) -> None:
        self.seen = self._told = 0
        self._still = False
        module.register_forward_pre_hook(self._count)

    def _count(self, _module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        self.seen += 0 if self._still else len(given[0])

    def new(self) -> int:
        """Since it was asked last."""
        found, self._told = self.seen - self._told, self.seen
        return found

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        self._still = True
        try:
            yield
        finally:
            self._still = False


def measured(args: argparse.Namespace) -> dict[str, object]:
    devices.keep_freed_memory()
    loaded = opened(args.model)
    pre = loaded.card.preprocess
    x = torch.randn(16, 3, pre.height, pre.width)
    index, alone, counted, resident = 0.0, 0.0, 0, {}
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "rate.fmindex")
        request = MakeIndex(loaded.card.digest, args.data, args.taps, store=store)
        steps = make_steps(loaded, "cpu", request, Job(0, Lane.METHOD, "", lambda _event: None))
        whole = time.process_time()
        own = _Own(loaded.module)
        while own.seen < args.most:
            begun = time.thread_time()
            try:
                next(steps)
            except StopIteration:
                break
            spent, new = time.thread_time() - begun, own.new()
            if not new:  # a data set that is listed
                continue
            with own.paused():
                once = bare(loaded.module, x)
            for stage in (1000, 2000, 5000, 10_000):
                if own.seen >= stage:
                    resident.setdefault(stage, resident_bytes())
            if own.seen > args.start:
                index, alone, counted = index + spent, alone + once, counted + new
        whole = time.process_time() - whole
        steps.close()
    command = [sys.executable, "-m", "tests.benchmarks.index_rate", "--plain", "--model", args.model]
    script = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["ms"]
    return {
        "model": args.model,
        "taps": args.taps,
        "pictures": counted,
        "index_ms": 1000 * index / counted,
        "bare_ms": 1000 * alone / counted,
        "of_own_bare": alone / index,
        "plain_script_ms": script,
        "of_plain_script": script / (1000 * index / counted),
        "process_cpu_ms_with_decoding_and_bare": 1000 * whole / max(own.seen, 1),
        "resident_mb": {str(n): round((b or 0) / 1e6) for n, b in resident.items()},
    }


if __name__ == "__main__":
    main()
