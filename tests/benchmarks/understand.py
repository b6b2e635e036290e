"""Methods with their pages open: lateness of the UI thread, the time until one stops, an ablation over the whole forward."""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODELS = ("demo:shapes-cnn", "mobilenet_v2")
_P99_MS, _MAX_MS, _CANCEL_MS, _RESUME = 20.0, 60.0, 250.0, 0.5
_AFTER = (0.05, 0.12, 0.3)  # seconds into a method
_LATE = "layer4.1.relu_1"


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name in MODELS[: settings.pick(2, 1)]:
        with Child("understand") as child:
            rows += _model(child, name, settings)
    with Child("understand") as child:
        found = child.ask("resume", name="resnet50", tap=_LATE, threads=settings.threads, turns=settings.pick(9, 2))
    ratio = figures.ratios(found["ablation"], found["forward"])
    spent = f"{figures.milliseconds(found['ablation'])} over {figures.milliseconds(found['forward'])}; "
    words = f"resnet50, untrained, {_LATE}: ablation from the tap on / full forward"
    return [*rows, Row(words, median(ratio), "×", _RESUME, detail=spent + figures.spread(ratio), raw=found)]


def _model(child: Child, name: str, settings: Settings) -> list[Row]:
    """A row for each act, then the worst of all."""
    rows, longest, stops = [], {}, {}
    for act in child.ask("open", name=name, threads=settings.threads):
        child.ask("beat", act=act, seconds=0.5)  # warms up
        found = child.ask("beat", act=act, seconds=float(settings.pick(4, 1)))
        rows.append(_row(f"{name}: {act}", found))
        longest[act] = max(found["late"])
        took = [ms for after in _AFTER if (ms := child.ask("cancel", act=act, after=after)) is not None]
        if took:  # else it is over before it can be stopped
            stops[act] = max(took)
    worst, slowest = max(longest, key=longest.__getitem__), max(stops, key=stops.__getitem__)
    bar = _CANCEL_MS if name.startswith("demo:") else None  # of others the longest layer counts
    return [
        *rows,
        Row(f"{name}: longest wait of all", longest[worst], "ms", _MAX_MS, detail=worst, raw=longest),
        Row(
            f"{name}: until it has stopped, longest of {len(stops)}",
            stops[slowest],
            "ms",
            bar,
            detail=slowest,
            raw=stops,
        ),
    ]


def _row(title: str, found: dict[str, Any]) -> Row:
    late, work = found["late"], found["work"]
    said = f"max {max(late):.1f} ms; {found['painted']} painted; at most {max(work):.1f} ms of its own at a time"
    raw = {"beats": len(late), "worst": sorted(late)[-20:], "work": sorted(work)[-20:]}
    return Row(f"{title}, beat late, p99", figures.percentile(late, 99), "ms", _P99_MS, detail=said, raw=raw)
