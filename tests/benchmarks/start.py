"""From the process to the window and to the first maps, beside a bare script that runs the same forward."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from statistics import median

from tests.benchmarks import figures, scenario
from tests.benchmarks.talk import ROOT, ChildError, environment
from tests.benchmarks.values import Row, Settings

MODEL = "mobilenet_v2"
_WINDOW_S, _MAPS = 1.0, 1.3
Times = dict[str, float]


def measure(settings: Settings) -> list[Row]:
    hows = _hows()
    ways = {how: [] for how in ("window", *hows)}  # type: dict[str, list[Times]]
    with tempfile.TemporaryDirectory(prefix="fme-benchmark-") as home:
        for number in range(settings.pick(6, 2)):
            for way, found in ways.items():
                times = _window(settings, home) if way == "window" else _bare(settings, home, way)
                if number:  # the first fills the disk cache
                    found.append(times)
    return _rows(ways, hows)


def _hows() -> list[str]:
    """How a script can import torchvision here: plainly, or with the operators declared that do not fit; and as the application does."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import torchvision"], capture_output=True, cwd=ROOT, check=False
    )
    return ["plain" if done.returncode == 0 else "declared", "quick"]


def _rows(ways: dict[str, list[Times]], hows: list[str]) -> list[Row]:
    window, plain, quick = ways["window"], ways[hows[0]], ways[hows[1]]
    title = scenario.said(MODEL)
    maps = [t["maps"] for t in window]
    over = {how: figures.ratios(maps, [t["forward"] for t in ways[how]]) for how in hows}
    declared = " (its operators do not fit torch here and are declared by hand)" if hows[0] == "declared" else ""
    return [
        Row(
            "process start to window painted",
            median(t["shown"] for t in window),
            "s",
            _WINDOW_S,
            detail=f"{figures.spread([t['shown'] for t in window])}; {_course(window)}",
        ),
        Row(
            f"{title}: process start to first maps painted / bare script",
            median(over[hows[0]]),
            bar=_MAPS,
            detail=f"{median(maps):.2f} s over {median(t['forward'] for t in plain):.2f} s{declared}; bare: {_course(plain)}",
        ),
        Row(
            f"{title}: the same, the script importing torchvision as the application does",
            median(over["quick"]),
            detail=f"over {median(t['forward'] for t in quick):.2f} s; bare: {_course(quick)}",
        ),
    ]


def _course(found: list[Times]) -> str:
    return ", ".join(f"{name} {median(t[name] for t in found):.2f}" for name in found[0])


def _window(settings: Settings, home: str) -> Times:
    spec = scenario.spec(MODEL)
    given = ["--model", spec.id, *(["--weights", spec.weights] if spec.weights else ["--untrained"])]
    return _timed("start_window", settings, home, [*given, "--input", f"sample:{scenario.SAMPLE}"])


def _bare(settings: Settings, home: str, how: str) -> Times:
    weights = scenario.weights(MODEL)
    given = [MODEL, str(weights or ""), str(scenario.sample_file()), str(settings.threads), how]
    return _timed("start_bare", settings, home, given)


def _timed(child: str, settings: Settings, home: str, given: list[str]) -> Times:
    """Runs a process to its end; it says when it reached what, in seconds from here."""
    command = [sys.executable, "-m", f"tests.benchmarks.children.{child}", str(time.monotonic()), *given]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment(home), timeout=300, check=False
    )
    if done.returncode != 0:
        raise ChildError(f"{child}: {done.stderr[-2000:]}")
    return {name: float(seconds) for name, _, seconds in (part.partition("=") for part in done.stdout.split())}
