"""`python -m tests.benchmarks soak`: live video in the real window, minute by minute: does memory or do threads grow?"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from explorer.engine.jobs.devices import default_threads
from tests.benchmarks.talk import Child

BAR = 1.05  # resident memory at the end over that after the first minutes
_FIRST = 5  # minutes after which everything has been made once
_COLUMNS = ("minute", "resident", "most", "PSS", "held", "free", "store", "threads", "frames", "scrubs", "growing")


def main(words: list[str]) -> int:
    """Exit code 1 when memory at the end is over the bar, threads have grown, or something failed; 0 also when it was too short to tell."""
    args = _arguments(words)
    print("  ".join(_COLUMNS), "  (MiB; median and most of the minute)", flush=True)
    found: list[dict[str, Any]] = []
    with Child("soak") as process:
        said = process.ask(
            "open",
            name=args.model,
            other=args.other,
            workspace=args.workspace,
            threads=args.threads,
            budget=args.budget * 2**20,
            scrub=args.scrub,
        )
        start = time.monotonic()
        for _ in range(args.minutes):
            found.append({**process.ask("minute", seconds=60.0), "minute": (time.monotonic() - start) / 60})
            print(_line(found[-1]), flush=True)
    if args.json:
        args.json.write_text(json.dumps({"workspace": args.workspace, "input": said, "minutes": found}, indent=1))
    return _verdict(found)


def _verdict(found: list[dict[str, Any]]) -> int:
    failed = sum(len(minute["failures"]) for minute in found)
    if len(found) <= _FIRST:
        print(f"too short to compare with minute {_FIRST}; {failed} failures")
        return int(failed > 0)
    first, last = found[_FIRST - 1], found[-1]
    ratio, more = last["resident"] / first["resident"], last["threads"] - first["threads"]
    print(
        f"resident after {len(found)} minutes / after {_FIRST}: {ratio:.3f} (bar {BAR}); threads {more:+d}; {failed} failures"
    )
    return int(ratio > BAR or more > 0 or failed > 0)


def _line(minute: dict[str, Any]) -> str:
    sizes = (
        "-" if minute[key] is None else f"{minute[key] / 2**20:.0f}"
        for key in ("resident", "most", "pss", "held", "free", "store")
    )
    growing = ", ".join(f"{kind} +{more}" for kind, more in minute["growing"])
    line = (
        f"{minute['minute']:.1f}",
        *sizes,
        str(minute["threads"]),
        str(minute["frames"]),
        str(minute["scrubs"]),
        growing,
    )
    return "  ".join((*line, *(f"FAILED: {said}" for said in minute["failures"])))


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--workspace", choices=("explore", "compare"), default="explore")
    parser.add_argument(
        "--scrub", type=float, default=7.0, metavar="SECONDS", help="between two scrubs; 0: none (default: 7)"
    )
    parser.add_argument("--model", default="demo:shapes-cnn")
    parser.add_argument("--other", default="demo:shapes-vit", help="the model of the second column")
    parser.add_argument("--threads", type=int, default=default_threads(), help="of a forward (default: cores - 1)")
    parser.add_argument(
        "--budget", type=int, default=0, metavar="MIB", help="for captures (default: the application's)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="every minute")
    return parser.parse_args(words)
