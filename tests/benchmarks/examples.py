"""From the key to the painted channel with the page Examples open, and to its first crop; without a single forward."""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODEL, TAP, DATA = "demo:shapes-cnn", "stage3.1", "demo:materials"
_BAR_MS, _CROP_MS = 16.7, 100.0
_REPEAT_S = 0.033  # from one repeat of a key to the next


def measure(settings: Settings) -> list[Row]:
    with Child("example_scrub") as child:
        made = child.ask("open", name=MODEL, threads=settings.threads, data=DATA, tap=TAP)
        child.ask("scrub", pause=0.0)  # warms up
        held, plain = list[dict[str, Any]](), list[dict[str, Any]]()
        for _ in range(settings.pick(3, 1)):
            held.append(child.ask("scrub", pause=_REPEAT_S))
            plain.append(child.ask("scrub", pause=_REPEAT_S, page="values"))
        crops = [1000 * s for s in child.ask("crops", count=settings.pick(30, 5))]
    steps = [1000 * s for found in held for s in found["seconds"]]
    computed, beside = ([1000 * s for found in some for s in found["computed"]] for some in (held, plain))
    title = f"{MODEL}, {TAP}, {made['pictures']} pictures, {made['channels']} channels"
    forwards = sum(found["forwards"] for found in held)
    return [
        Row(
            f"{title}: key to painted channel with examples, p95",
            figures.percentile(steps, 95),
            "ms",
            _BAR_MS,
            detail=f"p50 {median(steps):.1f}, max {max(steps):.1f} ms, {len(steps)} steps",
            raw={"ms": steps},
        ),
        Row(
            f"{title}: computed by the UI thread for it, p95",
            figures.percentile(computed, 95),
            "ms",
            _BAR_MS,
            detail=f"p50 {median(computed):.1f} ms; with the page Values p50 {median(beside):.1f}, "
            f"p95 {figures.percentile(beside, 95):.1f} ms",
        ),
        Row(f"{title}: forwards run meanwhile", forwards, "forwards", 0),
        Row(
            f"{title}: key to first crop, median",
            median(crops),
            "ms",
            _CROP_MS,
            detail=f"p95 {figures.percentile(crops, 95):.1f}, max {max(crops):.1f} ms",
        ),
    ]
