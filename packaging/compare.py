"""The packaged program beside the same version from source, in turns: `python3 packaging/compare.py [--program PROGRAM]`.

Both run the application's own command `measure` with the packages of build/venv. A round of one follows a round of the other, in
an order that changes, and the ratio is taken round by round, so that what else the machine does meets both. Both are started
anew several times, since where memory lies makes one process faster than another of the same program. What is above its bar says
MISSED; the exit code is 0, for this is a record and not a test.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from installers import environment, smoke
from installers.facts import DIST, NAME, ROOT

BAR = 1.05
MODELS = ("demo:shapes-cnn", "demo:shapes-vit", "torchvision:mobilenet_v2", "torchvision:resnet50")
_LEAST = 4  # rounds; quartiles need two


class Measured:
    """One of the two programs, open on a model, asleep until it is asked for a round."""

    def __init__(self, command, model):
        self._home = tempfile.TemporaryDirectory(prefix="compare-", ignore_cleanup_errors=True)
        surroundings = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "HOME": self._home.name,
            "PYTHONWARNINGS": "ignore",
        }
        untrained = ["--untrained"] if model.startswith("torchvision:") else []
        self._process = subprocess.Popen(
            [*command, "measure", model, *untrained, "--turns"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=surroundings,
        )
        self._answer()

    def round(self):
        """Seconds: {"forward": [...], "capture": [...], "scrub": [...]}."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"The command measure ended with {self._process.wait()}; what it said is above.")
        return json.loads(line)

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._home.cleanup()


def figures(found):
    """The figures of one round, in seconds."""
    steps = sorted(found["scrub"])
    return {
        "forward": median(found["forward"]),
        "capture": median(found["capture"]),
        "scrub": median(steps),
        "scrub, p95": steps[-(-len(steps) * 95 // 100) - 1],
    }


def rounds(packaged, source, number):
    """Pairs of figures, after one round of each that counts for nothing."""
    both = [packaged, source]
    for program in both:
        program.round()
    pairs = []
    for at in range(number):
        order = both[:: 1 if at % 2 else -1]
        taken = {id(program): figures(program.round()) for program in order}
        pairs.append((taken[id(packaged)], taken[id(source)]))
    return pairs


def rows(model, pairs):
    """What is printed and kept of a model: the ratio of each figure, packaged over source."""
    found = []
    for what in pairs[0][0]:
        ratios = [ours[what] / theirs[what] for ours, theirs in pairs]
        low, _, high = quantiles(ratios, n=4, method="inclusive")
        spent = [1000 * median(pair[side][what] for pair in pairs) for side in (0, 1)]
        named = ("packaged ms", "source ms")
        row = {"model": model, "what": what, "ratio": median(ratios), "quartiles": (low, high), "n": len(ratios)}
        found.append(row | dict(zip(named, spent, strict=True)))
    return found


def said(row):
    """A row as a line."""
    verdict = "reached" if row["ratio"] <= BAR else "MISSED"
    spent = f"{row['packaged ms']:.1f} ms over {row['source ms']:.1f} ms"
    spread = "quartiles {:.2f}–{:.2f}".format(*row["quartiles"])
    return f"{row['model']:<26} {row['what']:<11} {row['ratio']:6.3f} ×  {verdict}  ({spent}; {spread}, n {row['n']})"


def compare(program, python, model, starts, number):
    """Rows of one model."""
    pairs = []
    for _ in range(starts):
        packaged, source = Measured([str(program)], model), Measured([str(python), "-m", "explorer"], model)
        try:
            pairs += rounds(packaged, source, number)
        finally:
            packaged.close()
            source.close()
    return rows(model, pairs)


def main(arguments):
    parser = argparse.ArgumentParser(prog="packaging/compare.py", description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, default=smoke.program(DIST / NAME), help="default: the frozen folder's")
    parser.add_argument(
        "--python", type=Path, default=environment.python(), help="for the source; default: build/venv's"
    )
    parser.add_argument("--model", action="append", metavar="MODEL", help=f"default: {', '.join(MODELS)}")
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="how often both are started (default 5)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of each start (default 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file too")
    args = parser.parse_args(arguments)
    if args.rounds * args.starts < _LEAST:
        parser.error(f"{args.starts} starts with {args.rounds} rounds are too few: take {_LEAST} or more rounds in all")
    print(f"packaged over source, bar {BAR}; load before {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    found = []
    for model in args.model or MODELS:
        here = compare(args.program, args.python, model, args.starts, args.rounds)
        print("\n".join(said(row) for row in here), flush=True)
        found += here
    if args.json:
        args.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
