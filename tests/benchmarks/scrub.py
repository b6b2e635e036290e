"""From the key to the painted layer: how long, and without a single forward."""

from __future__ import annotations

from typing import Any

from tests.benchmarks import figures, scenario
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODELS = ("mobilenet_v2", "resnet50", "vgg16")
_BAR_MS = 16.7
_SHOWN = 4  # slowest layers that are named


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name in MODELS[: settings.pick(3, 1)]:
        with Child("scrub") as child:
            child.ask("open", name=name, threads=settings.threads)
            child.ask("scrub", pause=0.0)  # warms up
            held = [child.ask("scrub", pause=0.0) for _ in range(settings.pick(3, 1))]
            slow = [child.ask("scrub", pause=0.09)]
        rows += _rows(scenario.said(name), held, slow)
    return rows


def _rows(title: str, held: list[dict[str, Any]], slow: list[dict[str, Any]]) -> list[Row]:
    steps = [1000 * s for found in held for s in found["seconds"]]
    layers = [name for found in held for name in found["layers"]]
    worst = sorted(zip(steps, layers, strict=True), reverse=True)
    named = list(dict.fromkeys(layer for _, layer in worst))[:_SHOWN]
    times = {layer: max(s for s, name in worst if name == layer) for layer in named}
    slowest = ", ".join(f"{layer} {ms:.1f}" for layer, ms in times.items())
    calm = [1000 * s for found in slow for s in found["seconds"]]
    forwards = sum(found["forwards"] + found["shown"] for found in [*held, *slow])
    n = f"{len(steps)} steps over {len(steps) // len(held)} layers"
    return [
        Row(
            f"{title}: key to painted layer, p95",
            figures.percentile(steps, 95),
            "ms",
            _BAR_MS,
            detail=n,
            raw={"ms": steps},
        ),
        Row(f"{title}: key to painted layer, p50", figures.percentile(steps, 50), "ms"),
        Row(f"{title}: key to painted layer, max", max(steps), "ms", detail=f"slowest: {slowest}"),
        Row(
            f"{title}: the same with a rest of 90 ms after each, p95",
            figures.percentile(calm, 95),
            "ms",
            _BAR_MS,
            detail=f"max {max(calm):.1f} ms",
        ),
        Row(f"{title}: forwards run meanwhile", forwards, "forwards", 0),
    ]
