"""Activation maximisation beside a bare loop: forward to the tap, backward, Adam on the same parameters."""

from __future__ import annotations

import random
from statistics import median
from typing import Any

from tests.benchmarks import figures, scenario
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

# (model, tap, steps of one turn, turns); taps before a ReLU, for a silent channel takes a slower way until it is woken
CASES = (
    ("mobilenet_v2", "features.8.conv.0.1", 8, 15),
    ("resnet50", "layer2.3.bn3", 2, 9),
)
_BAR = 0.85
_WHOLE_BAR = 1.5  # of resnet50: over the same loop through the whole network
_WAYS = ("explorer", "still", "bare", "whole")


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name, tap, steps, turns in CASES:
        with Child("maximise") as child:
            child.ask("load", name=name, tap=tap, threads=settings.threads)
            rows += _rows(name, tap, _turns(child, settings.pick(steps, 1), settings.pick(turns, 2)))
    return rows


def _turns(child: Child, steps: int, turns: int) -> dict[str, list[float]]:
    """Seconds a step of every way, once a turn in an order that changes."""
    order = random.Random(0)
    times: dict[str, list[float]] = {way: [] for way in _WAYS}
    for _ in range(turns):
        for way in order.sample(_WAYS, len(_WAYS)):
            times[way].append(child.ask("time", way=way, steps=steps))
    return times


def _rows(name: str, tap: str, times: dict[str, list[float]]) -> list[Row]:
    title = f"{scenario.said(name)}, {tap}"
    own = figures.ratios(times["bare"], times["explorer"])
    still = figures.ratios(times["bare"], times["still"])
    whole = figures.ratios(times["whole"], times["explorer"])
    bar = _WHOLE_BAR if name == "resnet50" else None
    spent = f"{figures.milliseconds(times['explorer'])} over {figures.milliseconds(times['bare'])} a step; "
    raw: dict[str, Any] = dict(times)
    return [
        Row(f"{title}: steps a second / bare loop", median(own), "×", _BAR, ">=", spent + figures.spread(own), raw),
        Row(f"{title}: the same without jitter, scale and rotation", median(still), detail=figures.spread(still)),
        Row(
            f"{title}: steps a second / bare loop through the whole network",
            median(whole),
            "×",
            bar,
            ">=",
            figures.spread(whole),
        ),
    ]
