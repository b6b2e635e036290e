"""Capture of all taps over the bare forward, beside what other tools take for the same.

Two ratios: to the bare forward of the same process and thread, and to that of a process without the allocator setting.
"""

from __future__ import annotations

import random
from statistics import median
from typing import Any

from tests.benchmarks import figures, scenario
from tests.benchmarks.talk import Child
from tests.benchmarks.values import Row, Settings

PICTURES = ("resnet50", "vit_b_16", "mobilenet_v2")
SEQUENCES = (
    "demo:sounds-wave-cnn",
    "demo:sounds-mel-cnn",
    "demo:sentences-transformer",
    "demo:sentences-textcnn",
)
_ROUNDS = {"resnet50": 9, "vit_b_16": 7}
_MANY = 25  # rounds of the light ones
_SAME = ["bare", "no_grad", "explorer", "explorer arrays", "explorer looked at", "explorer hooks", "naive", "captum"]
_SAME += ["extractor"]
_TITLES = {
    "no_grad": "bare under no_grad",
    "explorer": "capture of all taps, input after input",
    "explorer arrays": "capture with input copy and arrays",
    "explorer looked at": "the same, and the arrays of all taps looked at and held",
    "explorer hooks": "capture of all taps by hooks, the first inputs",
    "naive": "a cloning hook on every module",
    "captum": "captum LayerActivation, leaf layers",
    "extractor": "torchvision feature extractor, all nodes (*)",
    "torchlens": "TorchLens trace",
}
_BAR = 1.15
_REPEAT = 3
_REPEAT_LIGHT = 10  # of a model whose forward takes about a millisecond
Times = dict[str, list[float]]


def measure(settings: Settings) -> list[Row]:
    rows = []
    for name in (*PICTURES, *SEQUENCES):
        with Child("forwards", "--tuned") as tuned, Child("forwards", "--tuned") as lens, Child("forwards") as script:
            rows += _model(name, settings, tuned, lens, script)
    return rows


def _model(name: str, settings: Settings, tuned: Child, lens: Child, script: Child) -> list[Row]:
    """TorchLens rewraps torch for its whole process, so it has one to itself."""
    seen = tuned.ask("load", name=name, threads=settings.threads, ways=_SAME)
    seen |= lens.ask("load", name=name, threads=settings.threads, ways=["torchlens"])
    script.ask("load", name=name, threads=settings.threads, ways=["bare", "no_grad"])
    where = dict.fromkeys(_SAME, tuned) | {"torchlens": lens}
    where = {way: child for way, child in where.items() if not isinstance(seen[way], str)}
    repeat = _REPEAT_LIGHT if name in SEQUENCES else _REPEAT
    times = _rounds(where, script, repeat, settings.pick(_ROUNDS.get(name, _MANY), 2))
    return _rows(name, seen, times)


def _rounds(where: dict[str, Child], script: Child, repeat: int, rounds: int) -> Times:
    """Every way once a round, in an order that changes, so that no way always follows the same one."""
    order = random.Random(0)
    times: Times = {way: [] for way in (*where, "script")}
    for _ in range(rounds):
        ways = list(times)
        order.shuffle(ways)
        for way in ways:
            child, name = (script, "bare") if way == "script" else (where[way], way)
            times[way].append(median(child.ask("time", way=name, repeat=1 if way == "torchlens" else repeat)))
    return times


def _rows(name: str, seen: dict[str, Any], times: Times) -> list[Row]:
    title = scenario.said(name)
    rows = [_against_bare(title, way, seen[way], times) for way in _TITLES]
    own = figures.ratios(times["explorer"], times["script"])
    detail = f"the script takes {figures.milliseconds(times['script'])}; {figures.spread(own)}"
    words = f"{title}: {_TITLES['explorer']} / bare in a script of one's own"
    return [*rows, Row(words, median(own), bar=_BAR, detail=detail, raw={"script": times["script"]})]


def _against_bare(title: str, way: str, seen: Any, times: Times) -> Row:
    words = f"{title}: {_TITLES[way]} / bare"
    if isinstance(seen, str):
        return Row(words, None, detail=f"it cannot do this model: {seen}")
    found = figures.ratios(times[way], times["bare"])
    taps = f"{seen} outputs, " if seen else ""
    spent = f"{figures.milliseconds(times[way])} over {figures.milliseconds(times['bare'])}"
    raw = {way: times[way], "bare": times["bare"]}
    bar = _BAR if way == "explorer" else None
    return Row(words, median(found), bar=bar, detail=f"{taps}{spent}; {figures.spread(found)}", raw=raw)
