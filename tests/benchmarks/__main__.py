"""`python -m tests.benchmarks [NAME …]`: measures, prints a table, writes JSON."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from tests.benchmarks import machine, report
from tests.benchmarks.talk import ROOT, ChildError
from tests.benchmarks.values import Measure, Settings

NAMES = ("capture", "scrub", "heartbeat", "live", "start", "memory")
RESULTS = Path(__file__).resolve().parent / "results"


def _arguments() -> argparse.Namespace:
    from explorer.engine.devices import default_threads

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="short runs, to try the command; the figures mean little")
    parser.add_argument("--threads", type=int, default=default_threads(), help="of a forward (default: cores - 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="results; other measurements in it stay")
    parser.add_argument("--markdown", type=Path, nargs="?", const=ROOT / "docs" / "measurements.md", metavar="PAGE", help="write the tables into a page (default docs/measurements.md)")
    args = parser.parse_args()
    unknown = set(args.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no measurement named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return args


def main() -> int:
    """Exit code 0 also when a bar is missed: these are records, not tests; 1 when something could not be measured."""
    args = _arguments()
    settings = Settings(args.threads, args.quick)
    about = machine.describe(args.threads)
    file = args.json or RESULTS / f"{machine.now()[:10]}.json"
    print(f"{about['processor']}, {about['cores']} cores, {args.threads} threads a forward; load {machine.load()}")
    failed = False
    for name in args.names or NAMES:
        measure: Measure = importlib.import_module(f"tests.benchmarks.{name}").measure
        found = {"when": machine.now(), "load": machine.load(), "quick": args.quick}
        start = time.monotonic()
        try:
            rows = measure(settings)
        except ChildError as error:
            failed = True
            sys.stderr.write(f"{name} could not be measured.\n{error}\n")
            continue
        found |= {"seconds": round(time.monotonic() - start, 1), "rows": rows}
        print(f"\n{name}  ({found['seconds']:.0f} s, load {found['load']})\n{report.table(rows)}", flush=True)
        results = report.merge(file, about, name, found)
        if args.markdown:
            report.write_into(args.markdown, report.markdown(results))
    print(f"\nwritten to {file}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
