"""What a probe and a fine-tuning cost: features beside bare forwards, the time until the curve is whole, a frozen part computed once."""

from __future__ import annotations

from statistics import median

from tests.benchmarks import figures
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODEL = "demo:shapes-cnn"
FREEZE = "stage3.0"  # more than half of the network
_RATE, _FIRST_S, _CURVE_S, _AGAIN_S, _CACHED = 0.85, 0.5, 2.5, 0.5, 2.0


def measure(settings: Settings) -> list[Row]:
    turns = settings.pick(7, 2)
    with Child("transferring") as child:
        count = child.ask("open", name=MODEL, threads=settings.threads)
        passes = child.ask("passes", turns=turns)
        child.ask("curve", turns=1, baseline="none")  # torch.optim's first import
        curve = child.ask("curve", turns=turns, baseline="none")
        whole = child.ask("curve", turns=settings.pick(3, 1), baseline="pixels,untrained")
        again = child.ask("again", turns=turns)
        epochs = settings.pick(20, 3)
        tuned = {str(cached): [] for cached in (True, False)}
        for _ in range(settings.pick(3, 1)):
            for cached in (True, False):
                tuned[str(cached)].append(child.ask("tune", freeze=FREEZE, epochs=epochs, cached=cached))
    rate = figures.ratios(passes["bare"], passes["features"])
    seconds = {name: [each[name] for each in curve] for name in ("whole", "first")}
    ready, cached = [each["whole"] for each in whole], figures.ratios(tuned["False"], tuned["True"])
    others, forwards = [each["whole"] for each in again], sum(each["forwards"] for each in again)
    title = f"{MODEL}, {count} pictures"
    spent = f"{figures.milliseconds(passes['features'])} over {figures.milliseconds(passes['bare'])}; "
    tuning = f"{median(tuned['True']):.1f} s, every epoch {median(tuned['False']):.1f} s"
    return [
        Row(
            f"{title}: rate with features of all layers / bare",
            median(rate),
            "×",
            _RATE,
            ">=",
            spent + figures.spread(rate),
        ),
        Row(f"{title}: first point", median(seconds["first"]), "s", _FIRST_S, detail=figures.spread(seconds["first"])),
        Row(f"{title}: curve whole", median(seconds["whole"]), "s", _CURVE_S, detail=figures.spread(seconds["whole"])),
        Row(f"{title}: with pixels and the untrained twin", median(ready), "s", detail=figures.spread(ready)),
        Row(
            "other draws of all layers",
            median(others),
            "s",
            _AGAIN_S,
            detail=f"{forwards} forwards; {figures.spread(others)}",
        ),
        Row(
            f"fine-tuning {epochs} epochs, frozen up to {FREEZE}: computed in every epoch / once",
            median(cached),
            "×",
            _CACHED,
            ">=",
            tuning,
        ),
    ]
