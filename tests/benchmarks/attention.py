"""Attention under the pointer: from the move to the painted row of every head, and what a recording takes."""

from __future__ import annotations

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

_BLOCK = 6
_BAR_MS, _BAR_MB = 16.7, 60.0


def measure(settings: Settings) -> list[Row]:
    with Child("attention") as child:
        opened = child.ask("open", threads=settings.threads, block=_BLOCK)
        child.ask("hover", count=20, mode="heads", to=False)  # warms up
        rows = child.ask("hover", count=settings.pick(400, 40), mode="heads", to=False)["seconds"]
        columns = child.ask("hover", count=settings.pick(60, 10), mode="heads", to=True)["seconds"]
        blocks = child.ask("hover", count=settings.pick(200, 20), mode="blocks", to=False)["seconds"]
    title = f"ViT-S/14 with registers at 518 px, {opened['tokens']:,} tokens"
    heads = f"{opened['heads']} heads"
    return [
        _row(f"{title}: pointer to painted row, {heads}, p95", rows, _BAR_MS),
        Row(f"{title}: pointer to painted row, {heads}, p50", figures.percentile(_ms(rows), 50), "ms"),
        _row(f"{title}: pointer to painted column, {heads}, p95", columns),
        _row(f"{title}: pointer to all {opened['blocks']} blocks painted, p95", blocks),
        Row(f"{title}: q and k of all {opened['blocks']} blocks", opened["bytes"] / 1e6, "MB", _BAR_MB),
    ]


def _row(what: str, seconds: list[float], bar: float | None = None) -> Row:
    found = _ms(seconds)
    detail = f"{len(found)} moves, p50 {figures.percentile(found, 50):.1f}, max {max(found):.1f} ms"
    return Row(what, figures.percentile(found, 95), "ms", bar, detail=detail, raw={"ms": found})


def _ms(seconds: list[float]) -> list[float]:
    return [1000 * each for each in seconds]
