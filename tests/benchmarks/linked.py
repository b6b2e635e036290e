"""Two models side by side: from the key to the painted columns, and without a single forward."""

from __future__ import annotations

from tests.benchmarks import figures, scenario
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

PAIRS = (("mobilenet_v2", "resnet18"), ("mobilenet_v2", "vit_b_16"))
_BAR_MS = 20.0


def measure(settings: Settings) -> list[Row]:
    rows = []
    for pair in PAIRS[: settings.pick(2, 1)]:
        with Child("linked") as child:
            child.ask("open", names=list(pair), threads=settings.threads)
            child.ask("scrub")  # warms up
            found = [child.ask("scrub") for _ in range(settings.pick(3, 1))]
        steps = [1000 * seconds for each in found for seconds in each["seconds"]]
        title = " beside ".join(scenario.said(name) for name in pair)
        detail = f"{len(steps)} steps, max {max(steps):.1f} ms"
        rows += [
            Row(f"{title}: key to painted columns, p95", figures.percentile(steps, 95), "ms", _BAR_MS, detail=detail),
            Row(f"{title}: forwards run meanwhile", sum(each["forwards"] for each in found), "forwards", 0),
        ]
    return rows
