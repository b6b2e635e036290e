"""From the key to the painted layer where layers are lines: 512 channels of 16,000 steps."""

from __future__ import annotations

from tests.benchmarks import figures
from tests.benchmarks.models import long_lines
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

_BAR_MS = 16.7
_RESTS = {0.03: "held (30 ms between keys)", 0.25: "with a rest of 250 ms after each"}


def measure(settings: Settings) -> list[Row]:
    """Small layers first: what a key costs at the same time on the same machine without long lines."""
    long = f"file:{long_lines.__file__}"
    size = f"{long_lines.CHANNELS} × {long_lines.SAMPLES}"
    small = _of("demo:sounds-wave-cnn", "32 × 2,001 and smaller", settings, None)
    return [*small, *_of(long, size, settings, _BAR_MS)]


def _of(name: str, size: str, settings: Settings, bar: float | None) -> list[Row]:
    rows = []
    with Child("scrub") as child:
        child.ask("open", name=name, threads=settings.threads, trust_code=True, sample="sound-kick")
        child.ask("scrub", pause=0.0)  # warms up
        for pause, said in _RESTS.items():
            found = [child.ask("scrub", pause=pause) for _ in range(settings.pick(5, 1))]
            wall = [1000 * s for each in found for s in each["seconds"]]
            busy = [1000 * s for each in found for s in each["processor"]]
            detail = f"{len(wall)} steps; p50 {figures.percentile(wall, 50):.1f} ms, max {max(wall):.1f} ms"
            own = f"p50 {figures.percentile(busy, 50):.1f} ms"
            forwards = sum(each["forwards"] + each["shown"] for each in found)
            rows += [
                Row(
                    f"{size}, {said}: key to painted layer, p95", figures.percentile(wall, 95), "ms", bar, detail=detail
                ),
                Row(f"{size}, {said}: processor of the UI thread, p95", figures.percentile(busy, 95), "ms", detail=own),
                Row(f"{size}, {said}: forwards run meanwhile", forwards, "forwards", 0),
            ]
    return rows
