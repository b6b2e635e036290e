"""Capture of all taps over the bare forward, beside what other tools take for the same."""

from __future__ import annotations

import random
from statistics import median
from typing import Any

from tests.benchmarks import figures, scenario
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

MODELS = ("resnet50", "vit_b_16", "mobilenet_v2")
_ROUNDS = {"resnet50": 9, "vit_b_16": 7, "mobilenet_v2": 25}
_SAME = ["bare", "no_grad", "explorer", "explorer arrays", "naive", "captum", "extractor"]
_TITLES = {
    "no_grad": "bare under no_grad",
    "explorer": "capture of all taps",
    "explorer arrays": "capture with input copy and arrays",
    "naive": "a cloning hook on every module",
    "captum": "captum LayerActivation, leaf layers",
    "extractor": "torchvision feature extractor, all nodes (overwritten values not excluded)",
    "torchlens": "TorchLens trace",
}
_BAR = 1.15
_REPEAT = 3
Times = dict[str, list[float]]


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name in MODELS:
        with Child("forwards", "--tuned") as tuned, Child("forwards", "--tuned") as lens, Child("forwards") as script:
            rows += _model(name, settings, tuned, lens, script)
    return rows


def _model(name: str, settings: Settings, tuned: Child, lens: Child, script: Child) -> list[Row]:
    """TorchLens rewraps torch for its whole process, so it has one to itself."""
    seen = tuned.ask("load", name=name, threads=settings.threads, ways=_SAME)
    seen |= lens.ask("load", name=name, threads=settings.threads, ways=["torchlens"])
    script.ask("load", name=name, threads=settings.threads, ways=["bare", "no_grad"])
    where = {way: tuned for way in _SAME} | {"torchlens": lens}
    where = {way: child for way, child in where.items() if not isinstance(seen[way], str)}
    times = _rounds(where, script, settings.pick(_ROUNDS[name], 2))
    return _rows(name, seen, times)


def _rounds(where: dict[str, Child], script: Child, rounds: int) -> Times:
    """Every way once a round, in an order that changes, so that no way always follows the same one."""
    order = random.Random(0)
    times: Times = {way: [] for way in (*where, "script")}
    for number in range(rounds):
        ways = [way for way in (*where, "script") if way != "torchlens" or number % 3 == 0]
        order.shuffle(ways)
        for way in ways:
            if way == "script":
                spent = script.ask("time", way="bare", repeat=_REPEAT)
            else:
                spent = where[way].ask("time", way=way, repeat=1 if way == "torchlens" else _REPEAT)
            times[way].append(median(spent))
        if "torchlens" not in ways and "torchlens" in times:
            times["torchlens"].append(times["torchlens"][-1] if times["torchlens"] else float("nan"))
    return times


def _rows(name: str, seen: dict[str, Any], times: Times) -> list[Row]:
    title = scenario.said(name)
    bare = figures.milliseconds(times["bare"])
    rows = []
    for way, words in _TITLES.items():
        if isinstance(seen[way], str):
            rows.append(Row(f"{title}: {words}", None, detail=f"it cannot do this model: {seen[way]}"))
            continue
        found = figures.ratios(times[way], times["bare"])
        taps = f"{seen[way]} outputs, " if seen[way] else ""
        detail = f"{taps}{figures.milliseconds(times[way])} over {bare} bare; {figures.spread(found)}"
        bar = _BAR if way == "explorer" else None
        rows.append(Row(f"{title}: {words} / bare, same process", median(found), bar=bar, detail=detail, raw={way: times[way], "bare": times["bare"]}))
    own = figures.ratios(times["explorer"], times["script"])
    detail = f"a person's own script takes {figures.milliseconds(times['script'])}; {figures.spread(own)}"
    rows.append(Row(f"{title}: capture of all taps / bare, the person's own script", median(own), bar=_BAR, detail=detail, raw={"script": times["script"]}))
    return rows
