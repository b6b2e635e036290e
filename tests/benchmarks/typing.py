"""From a key in a sentence until everything that follows from the new text has been painted."""

from __future__ import annotations

from statistics import median

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODELS = (("demo:sentences-textcnn", "filters.width3.1", 16.7), ("demo:sentences-transformer", "blocks.0", None))
_WORDS = 60


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name, tap, bar in MODELS:
        with Child("typing") as child:
            child.ask("open", name=name, tap=tap, threads=settings.threads)
            child.ask("type", words=8)  # warms up; from here on the forward is replayed
            found = child.ask("type", words=settings.pick(_WORDS, 8))
        spent = [1000 * s for s in found["seconds"]]
        own = [1000 * s for s in found["computed"]]
        detail = f"median {median(spent):.1f} ms, n {len(spent)}"
        title = f"{name}, {tap}: key in the sentence to painted maps"
        rows.append(Row(f"{title}, p95", figures.percentile(spent, 95), "ms", bar, detail=detail, raw={"ms": spent}))
        rows.append(Row(f"{title}, computed by the window's thread, p95", figures.percentile(own, 95), "ms"))
    return rows
