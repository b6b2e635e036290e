"""What Ray adds and costs: `python -m tests.benchmarks.index_ray [--model ID] [--count 1024] [--rounds 3]`.

The command `index` over drawn pictures: one process, Ray with one worker, Ray with two, one after the other in each round. Each is run
over COUNT pictures and over three times as many, and the rate is that of the difference: starting Ray and opening the model are left
out, and given apart. On the clock, as several processes are compared: it means something on two free cores only, so the load of the
machine before each round is given beside it. Every index of a size must have the same digest.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.machine import load

_WAYS: dict[str, tuple[str, ...]] = {
    "one process": (),
    "ray, 1 worker": ("--ray", "local", "--workers", "1"),
    "ray, 2 workers": ("--ray", "local", "--workers", "2"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="torchvision:mobilenet_v2")
    parser.add_argument("--taps", default="blocks")
    parser.add_argument("--count", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    print(json.dumps(measured(args), indent=1))


def measured(args: argparse.Namespace) -> dict[str, Any]:
    rates: dict[str, list[float]] = {way: [] for way in _WAYS}
    starts: dict[str, list[float]] = {way: [] for way in _WAYS}
    loads: list[list[float]] = []
    digests: dict[int, set[str]] = {args.count: set(), 3 * args.count: set()}
    for _ in range(args.rounds):
        loads.append(load()[:1])
        for way, more in _WAYS.items():
            took = {}
            for count, seen in digests.items():
                took[count], digest = _indexed(args, count, more)
                seen.add(digest)
            each = (took[3 * args.count] - took[args.count]) / (2 * args.count)
            rates[way].append(1 / each)
            starts[way].append(took[args.count] - args.count * each)
    assert all(len(seen) == 1 for seen in digests.values()), digests
    alone = rates["one process"]
    return {
        "model": args.model,
        "pictures": [args.count, 3 * args.count],
        "cores": os.cpu_count(),
        "load_before": loads,
        "a_second": {way: [round(rate, 1) for rate in found] for way, found in rates.items()},
        "of_one_process": {
            way: round(median(a / b for a, b in zip(found, alone, strict=True)), 3) for way, found in rates.items()
        },
        "start_s": {way: round(median(found), 1) for way, found in starts.items()},
        "digests": {str(count): next(iter(seen)) for count, seen in digests.items()},
    }


def _indexed(args: argparse.Namespace, count: int, more: tuple[str, ...]) -> tuple[float, str]:
    """Seconds of the whole command, and the digest."""
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "ray.fmindex")
        bare = [] if args.model.startswith("demo:") else ["--untrained"]
        command = [sys.executable, "-m", "explorer", "index", args.model, *bare, "--data", f"demo:world:{count}"]
        begun = time.perf_counter()
        done = subprocess.run(
            [*command, "--taps", args.taps, "--store", store, "--json", *more],
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(done.stderr)
    return took, str(json.loads(done.stdout.splitlines()[-1])["digest"])


if __name__ == "__main__":
    main()
