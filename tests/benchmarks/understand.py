"""Methods: lateness of the UI thread while they run, the time until one stops, an ablation over the whole forward."""

from __future__ import annotations

from statistics import median

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODELS = ("demo:shapes-cnn", "mobilenet_v2")
_P99_MS, _CANCEL_MS, _RESUME = 20.0, 250.0, 0.5
_AFTER = (0.05, 0.12, 0.3)  # seconds into a method
_LATE = "layer4.1.relu_1"


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name in MODELS[: settings.pick(2, 1)]:
        with Child("understand") as child:
            for method in child.ask("open", name=name, threads=settings.threads):
                rows += _rows(child, name, method, settings)
    with Child("understand") as child:
        found = child.ask("resume", name="resnet50", tap=_LATE, threads=settings.threads, turns=settings.pick(9, 2))
    ratio = figures.ratios(found["ablation"], found["forward"])
    spent = f"{figures.milliseconds(found['ablation'])} over {figures.milliseconds(found['forward'])}; "
    words = f"resnet50, untrained, {_LATE}: ablation from the tap on / full forward"
    return [*rows, Row(words, median(ratio), "×", _RESUME, detail=spent + figures.spread(ratio), raw=found)]


def _rows(child: Child, name: str, method: str, settings: Settings) -> list[Row]:
    child.ask("beat", method=method, seconds=0.5)  # warms up
    late = child.ask("beat", method=method, seconds=float(settings.pick(4, 1)))["late"]
    stops = [child.ask("cancel", method=method, after=after) for after in _AFTER]
    took = [ms for ms in stops if ms is not None]
    rows = [
        Row(f"{name}: {method}, beat late, p99", figures.percentile(late, 99), "ms", _P99_MS, detail=f"n {len(late)}"),
        Row(f"{name}: {method}, beat late, max", max(late), "ms"),
    ]
    if took:  # else it is over before it can be stopped
        bar = _CANCEL_MS if name.startswith("demo:") else None
        rows.append(Row(f"{name}: {method}, until it has stopped, longest of {len(took)}", max(took), "ms", bar))
    return rows
