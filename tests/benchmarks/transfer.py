"""What a probe and a fine-tuning cost: features beside bare forwards, the time until the curve is whole, a frozen part computed once."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODEL, DATA = "demo:shapes-cnn", "demo:materials"
FREEZE = "stage3.0"  # more than half of the network
_RATE, _FIRST_S, _CURVE_S, _AGAIN_S, _CACHED, _P99_MS = 0.85, 0.5, 2.5, 0.5, 2.0, 16.0
_COUNTS = (5, 6, 7, 8, 9, 10, 12)  # pictures a class


def measure(settings: Settings) -> list[Row]:
    with Child("transferring") as child:
        count = child.ask("open", name=MODEL, threads=settings.threads)
        rows = [*_passes(child, settings), *_curves(child, settings), _tuning(child, settings)]
    title = f"{MODEL}, {count} pictures"
    return [Row(f"{title}: {r.what}", r.value, r.unit, r.bar, r.sense, r.detail) for r in rows] + _window(settings)


def _passes(child: Child, settings: Settings) -> list[Row]:
    found = child.ask("passes", turns=settings.pick(9, 2))
    rate = figures.ratios(found["bare"], found["features"])
    spent = f"{figures.milliseconds(found['features'])} over {figures.milliseconds(found['bare'])}; "
    words = "rate with features of all layers / bare forwards"
    return [Row(words, median(rate), "×", _RATE, ">=", spent + figures.spread(rate))]


def _curves(child: Child, settings: Settings) -> list[Row]:
    turns = settings.pick(7, 2)
    child.ask("curve", turns=1, baseline="none")  # torch.optim's first import
    curve = child.ask("curve", turns=turns, baseline="none")
    whole = child.ask("curve", turns=settings.pick(3, 1), baseline="pixels,untrained")
    one, five = (child.ask("again", counts=_COUNTS[:turns], draws=draws) for draws in (1, 5))
    forwards = sum(each["forwards"] for each in (*one, *five))
    return [
        _seconds("first point", curve, _FIRST_S, "first"),
        _seconds("curve whole", curve, _CURVE_S),
        _seconds("with pixels and the untrained twin", whole),
        _seconds(f"another number of pictures, one draw ({forwards} forwards)", one, _AGAIN_S),
        _seconds("another number of pictures, five draws", five),
    ]


def _seconds(what: str, found: Sequence[dict[str, float]], bar: float | None = None, name: str = "whole") -> Row:
    values = [each[name] for each in found]
    return Row(what, median(values), "s", bar, detail=figures.spread(values))


def _tuning(child: Child, settings: Settings) -> Row:
    epochs, tuned = settings.pick(20, 3), {True: [], False: []}  # type: ignore[var-annotated]
    for _ in range(settings.pick(3, 1)):
        for cached, found in tuned.items():
            found.append(child.ask("tune", freeze=FREEZE, epochs=epochs, cached=cached))
    ratio = figures.ratios(tuned[False], tuned[True])
    said = f"{median(tuned[False]):.1f} s over {median(tuned[True]):.1f} s"
    words = f"{epochs} epochs, frozen up to {FREEZE}: the frozen part in every epoch / once"
    return Row(words, median(ratio), "×", _CACHED, ">=", said)


def _window(settings: Settings) -> list[Row]:
    with Child("transfer_window") as child:
        child.ask("open", name=MODEL, threads=settings.threads, data=DATA)
        # features of all pictures are taken in three seconds
        return [
            _late(what, child.ask(what, seconds=seconds)) for what, seconds in (("probing", 1.5), ("training", 15.0))
        ]


def _late(what: str, found: dict[str, Any]) -> Row:
    late = found["late"]
    said = f"max {max(late):.1f} ms; at most {max(found['work']):.1f} ms of its own at a time"
    said += f"; {found['epochs']} epochs meanwhile" if "epochs" in found else ""
    return Row(f"window while {what}, beat late, p99", figures.percentile(late, 99), "ms", _P99_MS, detail=said)
