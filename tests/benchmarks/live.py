"""Frames of live video shown a second, over the forwards a second of a bare script with the same model and threads."""

from __future__ import annotations

from statistics import median

from tests.benchmarks import figures, scenario
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODELS = ("mobilenet_v2", "resnet50")
_PLACES = (0.0, 0.4)  # of the layer on the screen: the first, with the largest maps, and one inside
_BAR = 0.9


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name in MODELS[: settings.pick(2, 1)]:
        with Child("live") as live, Child("forwards") as script, Child("forwards", "--tuned") as tuned:
            live.ask("open", name=name, threads=settings.threads)
            for bare in (script, tuned):
                bare.ask("load", name=name, threads=settings.threads, ways=["bare"])
            for place in _PLACES:
                rows += _rows(name, place, settings, live, script, tuned)
    return rows


def _rows(name: str, place: float, settings: Settings, live: Child, script: Child, tuned: Child) -> list[Row]:
    """Each runs while the others wait."""
    tap = live.ask("choose", place=place)
    seconds = float(settings.pick(5, 2))
    live.ask("rate", seconds=1.0)  # warms up
    shown, scripts, tuneds, what = [], [], [], ""
    for _ in range(settings.pick(5, 1)):
        scripts.append(script.ask("rate", seconds=seconds / 2))
        found = live.ask("rate", seconds=seconds)
        shown.append(found["rate"])
        what = found["input"]
        tuneds.append(tuned.ask("rate", seconds=seconds / 2))
    title = f"{scenario.said(name)}, {tap} shown"
    plain, strict = figures.ratios(shown, scripts), figures.ratios(shown, tuneds)
    detail = f"{what}: {median(shown):.1f} frames a second"
    return [
        Row(
            f"{title}: frames / bare forwards, the person's own script",
            median(plain),
            bar=_BAR,
            sense=">=",
            detail=f"{detail} over {median(scripts):.1f}; {figures.spread(plain)}",
        ),
        Row(
            f"{title}: frames / bare forwards with the application's allocator",
            median(strict),
            sense=">=",
            detail=f"{detail} over {median(tuneds):.1f}; {figures.spread(strict)}",
        ),
    ]
