"""Ten minutes of sound opened and scrubbed: what it costs, and whether the byte budget holds."""

from __future__ import annotations

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODEL = "demo:sounds-wave-cnn"
_SECONDS = 600.0
_BUDGET = 32 << 20
_BAR = 1.02


def measure(settings: Settings) -> list[Row]:
    early, late = (20, 120) if not settings.quick else (3, 9)
    with Child("long_sound") as child:
        found = child.ask(
            "scrub", name=MODEL, threads=settings.threads, budget=_BUDGET, seconds=_SECONDS, counts=[early, late]
        )
    first, last = found["course"]
    busy, wall = zip(*found["steps"], strict=True)
    title = f"{_SECONDS / 60:g} min at 16 kHz, {MODEL}"
    return [
        Row(
            f"{title}: opened",
            1000 * found["opened"][1],
            "ms",
            detail=f"{1000 * found['opened'][0]:.0f} ms of processor",
        ),
        Row(f"{title}: a window moved, p95", 1000 * figures.percentile(wall, 95), "ms", detail=f"{len(wall)} windows"),
        Row(f"{title}: processor for a window, all threads, p50", 1000 * figures.percentile(busy, 50), "ms"),
        Row(f"{title}: bytes held after {late} windows / after {early}", last["held"] / first["held"], bar=_BAR),
        Row(
            f"{title}: store / budget", last["store"] / _BUDGET, bar=1.0, detail=f"{last['store'] / 2**20:.1f} MiB held"
        ),
    ]
