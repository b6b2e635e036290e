"""Bytes after 200 different inputs over bytes after 20, with a byte budget that is full long before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.benchmarks import scenario
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODEL = "mobilenet_v2"
_BUDGET = 200 * 2**20
_BAR = 1.02
_PLACES = {"bench_memory": "engine alone", "window_memory": "real window"}


def measure(settings: Settings) -> list[Row]:
    early, late = (20, 200) if not settings.quick else (5, 15)
    between = [early + (late - early) * i // 4 for i in range(1, 4)]
    rows = []
    for child, words in _PLACES.items():
        with Child(child) as process:
            found = process.ask(
                "soak", name=MODEL, threads=settings.threads, budget=_BUDGET, counts=[early, *between, late]
            )
        rows += _rows(f"{scenario.said(MODEL)}, {words}: after {late} inputs / after {early}", found)
    return rows


def _rows(title: str, found: list[dict[str, Any]]) -> list[Row]:
    first, last = found[0], found[-1]
    budget = f"budget {_BUDGET / 2**20:.0f} MiB, held {last['store'] / 2**20:.0f} MiB"
    rows = [
        Row(f"{title}, {words}", last[key] / first[key], bar=bar, detail=f"MiB after inputs {_course(found, key)}")
        for key, words, bar in (
            ("held", "bytes held", _BAR),
            ("resident", "bytes in memory with freed pages, the most of 16 inputs", None),
        )
        if first[key] is not None
    ]
    rows.append(Row(f"{title}, bytes of the store", last["store"] / first["store"], bar=_BAR, detail=budget))
    return [replace(rows[0], raw={"course": found}), *rows[1:]]


def _course(found: list[dict[str, Any]], key: str) -> str:
    return ", ".join(f"{f['inputs']}: {f[key] / 2**20:,.1f}" for f in found)
