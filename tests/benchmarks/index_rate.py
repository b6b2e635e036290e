"""How quick an index is made, beside the bare forward: `python -m tests.benchmarks.index_rate --data FOLDER [--model ID] [--taps …]`.

Each batch of the index is followed by a bare forward of a batch of the same size in the same process, so that other work on the machine
meets both. CPU seconds of the thread that runs the network; decoding has a thread of its own and is given beside it. With --plain
another process does the same forwards as a plain script would (freed memory is handed back).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
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
        seen, whole = -32, time.process_time()
        while seen < args.most:
            begun = time.thread_time()
            try:
                next(steps)
            except StopIteration:
                break
            spent = time.thread_time() - begun
            seen += 16
            once = bare(loaded.module, x)
            if seen in (1008, 2000, 5008, 10000):
                resident[seen] = resident_bytes()
            if seen > args.start:
                index, alone, counted = index + spent, alone + once, counted + 16
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
        "process_cpu_ms_with_decoding_and_bare": 1000 * whole / max(seen, 1),
        "resident_mb": {str(n): round((b or 0) / 1e6) for n, b in resident.items()},
    }


if __name__ == "__main__":
    main()
