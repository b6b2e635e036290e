"""Lateness of a 1 ms timer in the UI thread while forwards run without pause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.benchmarks import figures, scenario
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODELS = ("mobilenet_v2", "resnet50")
_WHILE = {"idle": "nothing runs", "live": "live, unpaced", "pictures": "picture after picture, all taps"}
_P99_MS, _MAX_MS = 20.0, 60.0


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name in MODELS[: settings.pick(2, 1)]:
        with Child("heartbeat") as child:
            interval = child.ask("open", name=name, threads=settings.threads)
            for while_ in _WHILE:
                child.ask("beat", while_=while_, seconds=1.0)  # warms up
                found = child.ask("beat", while_=while_, seconds=float(settings.pick(10, 2)))
                rows += _rows(f"{scenario.said(name)}: {_WHILE[while_]}", found, interval, bar=while_ != "idle")
    return rows


def _rows(title: str, found: dict[str, Any], interval: float, bar: bool) -> list[Row]:
    late = found["late"]
    said = f"{len(late)} beats, {found['captures']} captures shown, Python's switch interval {interval * 1000:g} ms"
    return [
        Row(f"{title}, p99", figures.percentile(late, 99), "ms", _P99_MS if bar else None, detail=said),
        Row(
            f"{title}, p99 at any moment",
            figures.percentile(_everywhere(late), 99),
            "ms",
            detail="a beat that is late by 30 ms counts as 30 beats missed",
        ),
        Row(f"{title}, max", max(late), "ms", _MAX_MS if bar else None, raw={"worst": sorted(late)[-20:]}),
    ]


def _everywhere(late: Sequence[float]) -> list[float]:
    """How long one waits who comes at any millisecond: long gaps weigh as much as they last."""
    return [wait - missed for wait in late for missed in range(int(wait) + 1)]
