"""`python -m tests.benchmarks [NAME …]`: measures, prints a table, writes JSON. `… soak` plays live video for minutes."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import machine, report, soak
from tests.benchmarks.talk import ROOT, ChildError
from tests.benchmarks.values import Measure, Settings

NAMES = (
    *(
        "capture",
        "scrub",
        "typing",
        "linked",
        "heartbeat",
        "live",
        "start",
        "memory",
        "maximise",
        "natural",
        "understand",
        "transfer",
        "examples",
    ),
    "attention",
    "routes",
    "lines",
    "live_sound",
    "long_sound",
)
RESULTS = Path(__file__).resolve().parent / "results"


def _arguments() -> argparse.Namespace:
    from explorer.engine.jobs.devices import default_threads

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="short runs, to try the command; the figures mean little")
    parser.add_argument("--threads", type=int, default=default_threads(), help="of a forward (default: cores - 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="results; other measurements in it stay")
    parser.add_argument(
        "--markdown",
        type=Path,
        nargs="?",
        const=ROOT / "docs" / "measurements.md",
        metavar="PAGE",
        help="write the tables into a page (default docs/measurements.md)",
    )
    args = parser.parse_args()
    unknown = set(args.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no measurement named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return args


def main() -> int:
    """Exit code 0 also when a bar is missed: these are records, not tests; 1 when something could not be measured."""
    if sys.argv[1:2] == ["soak"]:  # not a figure of its own: it lasts as long as one says
        return soak.main(sys.argv[2:])
    args = _arguments()
    settings = Settings(args.threads, args.quick)
    about = machine.describe(args.threads)
    file = args.json or RESULTS / f"{machine.now()[:10]}.json"
    print(f"{about['processor']}, {about['cores']} cores, {args.threads} threads a forward")
    failed = False
    for name in args.names or NAMES:
        try:
            found = _measured(name, settings)
        except (ChildError, OSError, RuntimeError) as error:  # also when the machine has no process or thread left
            failed = True
            sys.stderr.write(f"{name} could not be measured.\n{type(error).__name__}: {error}\n")
            continue
        print(f"\n{name}  ({report.circumstances(found)})\n{report.table(found['rows'])}", flush=True)
        results = report.merge(file, about, name, found)
        if args.markdown:
            report.write_into(args.markdown, report.markdown(results))
    print(f"\nwritten to {file.name}")
    return 1 if failed else 0


def _measured(name: str, settings: Settings) -> dict[str, Any]:
    """The rows of one measurement, and under which circumstances they were taken."""
    measure: Measure = importlib.import_module(f"tests.benchmarks.{name}").measure
    found: dict[str, Any] = {"when": machine.now(), "load": machine.load(), "quick": settings.quick}
    start, others = time.monotonic(), machine.Others()
    rows = measure(settings)
    return found | {"seconds": round(time.monotonic() - start, 1), "others": others.cores(), "rows": rows}


if __name__ == "__main__":
    sys.exit(main())
