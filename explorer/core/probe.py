"""A probe: how well a new task can be read off each layer of a network that is not changed.

The features of a layer are pooled values of a picture; a classifier learns from a few pictures of each class and is tested on
others. `Probe` is the answer: one point for each layer and number of pictures a class, and the same of baselines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.data_sets import GROUPS, DataSet, Split
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.method import Measured
from explorer.core.params import choice, dataset, integer, real, text
from explorer.core.translation import msgid, tr

METHODS = ("logreg", "knn")
POOLS = ("mean,max", "mean", "max")
NEIGHBOURS, TEMPERATURE, PENALTY = 20, 0.07, 0.02
ALL_LAYERS = msgid("all layers")  # the name of the point of all layers together
PIXELS, UNTRAINED = msgid("pixels"), msgid("untrained")  # baselines
PIXELS_SIDE = 16


@dataclass(frozen=True, slots=True)
class ProbeParams:
    """What is probed and how. Changing anything but `data`, `taps` and `test` runs no forward."""

    data: Over = dataset(
        tr("Data set"), tr("A folder whose folders are classes, or demo:NAME"), kinds=("folder",), path="demo:materials"
    )
    taps: str = text("", tr("Layers"), tr("Names or patterns of layers, separated by commas; all when not given"))
    method: str = choice(
        "logreg",
        METHODS,
        tr("Classifier"),
        tr("Logistic regression, or k nearest neighbours"),
        titles=(tr("Logistic regression"), "k-NN"),
    )
    pool: str = choice(
        "mean,max",
        POOLS,
        tr("Pooling"),
        tr("Which numbers of a feature map are features"),
        titles=(tr("Mean and maximum"), tr("Mean"), tr("Maximum")),
    )
    per_class: str = text("", tr("Pictures a class"), tr("How many are learnt from: 20, or 1,5,20; all when not given"))
    draws: int = integer(5, tr("Draws"), tr("How often the pictures to learn from are drawn"), low=1, high=100)
    seed: int = integer(0, tr("Seed"), tr("Of the test pictures and of the draws"), low=0)
    test: str = text(
        "", tr("Test folder"), tr("A folder of test pictures with the same classes"), least=tr("a share of them")
    )
    hold_out: float = real(
        0.25, tr("Test share"), tr("Share of the groups of each class that is tested"), low=0.01, high=0.9
    )
    groups: str = choice("none", GROUPS, tr("Groups"), tr("Pictures that are never split between train and test"))
    baseline: str = text(
        f"{PIXELS},{UNTRAINED}", tr("Baselines"), tr("Beside the layers: pixels, untrained, or both; none for neither")
    )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers of pictures a class, ascending; 0: all. Raises ExplorerError for what is no such number."""
        words = [word.strip() for word in self.per_class.split(",") if word.strip()]
        try:
            found = sorted({0 if word == "all" else int(word) for word in words})
        except ValueError:
            found = [-1]
        if any(number < 0 for number in found) or (0 in found and "all" not in words):
            raise ExplorerError(
                tr("{per_class!r} is no number of pictures a class.", per_class=self.per_class[:40]),
                "",
                tr("Write 20, 1,5,20 or all."),
            )
        return (*(n for n in found if n), *((0,) if 0 in found else ())) or (0,)

    @property
    def baselines(self) -> tuple[str, ...]:
        """Those that are asked for. Raises ExplorerError for one that there is not."""
        words = tuple(word.strip() for word in self.baseline.split(",") if word.strip() not in ("", "none"))
        unknown = [word for word in words if word not in (PIXELS, UNTRAINED)]
        if unknown:
            raise ExplorerError(
                tr("There is no baseline {unknown!r}.", unknown=unknown[0][:40]),
                "",
                tr("There are: {pixels}, {untrained}.", pixels=PIXELS, untrained=UNTRAINED),
            )
        return words


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """How often the classifier on one layer is right.

    With several draws `accuracy` is their mean and `low` to `high` its 95 % t-interval; with one it is the Wilson interval of
    the test pictures, which `test_low` to `test_high` always is. They are different things: the band says how much the choice
    of the pictures matters, the bar how well so few test pictures can tell.
    """

    tap: str  # name of the layer, ALL_LAYERS, or PIXELS
    per_class: int  # 0: all
    method: str
    accuracy: float  # 0..1
    low: float
    high: float
    draws: int
    balanced: float = math.nan  # mean of the classes' recalls
    test_low: float = 0.0
    test_high: float = 1.0
    tested: int = 0  # test pictures
    converged: bool = True
    baseline: str = ""  # PIXELS or UNTRAINED; "" for the network itself
    same_as: tuple[str, ...] = ()  # other layers with the same values
    features: int = 0  # numbers a picture
    # (draws, tested) int16: the class that each test picture is taken for, in the order of `Probe.tested`
    predicted: Array = field(default_factory=lambda: np.zeros((0, 0), np.int16), repr=False)

    @property
    def title(self) -> str:
        """What it is of, for people."""
        return tr(self.tap) if self.tap in (ALL_LAYERS, PIXELS) else self.tap

    def to_json(self) -> dict[str, Any]:
        plain = {
            name: getattr(self, name) for name in ("tap", "per_class", "method", "accuracy", "low", "high", "draws")
        }
        more = {name: getattr(self, name) for name in ("balanced", "test_low", "test_high", "tested", "converged")}
        found = plain | more | {"same_as": list(self.same_as), "features": self.features}
        return found | ({"baseline": self.baseline} if self.baseline else {})


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Test pictures by class (rows) and by what they are taken for (columns)."""

    labels: tuple[str, ...]
    counts: Array  # (classes, classes) int64
    cells: Mapping[tuple[int, int], tuple[str, ...]]  # paths of the pictures of each cell that has any

    def pictures(self, row: int, column: int) -> tuple[str, ...]:
        """Paths of the pictures of a cell."""
        return self.cells.get((row, column), ())

    @property
    def recalls(self) -> tuple[tuple[float, float, float], ...]:
        """(recall, low, high) of each class; NaN, 0 and 1 where no picture of it was tested."""
        found = []
        for row, counts in enumerate(self.counts):
            total = int(counts.sum())
            share = float(counts[row]) / total if total else math.nan
            found.append((share, *wilson(int(counts[row]), total)))
        return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """The curve over the layers as far as it is known. Points come in execution order; ALL_LAYERS is the last one."""

    model: str  # ModelCard.digest
    params: ProbeParams
    data: DataSet  # without the pictures that could not be read
    split: Split
    taps: tuple[str, ...] = ()  # the layers that will have a point, in execution order
    curve: tuple[Point, ...] = ()
    baselines: tuple[Point, ...] = ()
    tested: tuple[str, ...] = ()  # paths of the test pictures that the points were tested on
    truth: Array = field(default_factory=lambda: np.zeros(0, np.int16), repr=False)  # class of each of `tested`
    done: int = 0  # pictures whose features are known
    total: int = 0
    forwards: int = 0  # pictures that went through the network for this answer; 0: all came from the store
    batch: int = 0
    warnings: tuple[str, ...] = ()  # near-duplicates on both sides of the split, ...
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()  # (layer, why) of layers without features
    final: bool = False  # False: more will come, and the points so far may be of fewer test pictures

    def point(self, tap: str, per_class: int | None = None, baseline: str = "") -> Point | None:
        """The point of a layer, with the most pictures a class unless a number is given; None while it is not known."""
        found = [p for p in (self.baselines if baseline else self.curve) if p.tap == tap and p.baseline == baseline]
        found = [p for p in found if per_class is None or p.per_class == per_class]
        return found[-1] if found else None

    @property
    def best(self) -> Point | None:
        """The highest point of a layer with the most pictures a class: marked, not reported, for it is chosen by its own test."""
        layers = [point for point in self.curve if point.tap != ALL_LAYERS]
        most = layers[-1].per_class if layers else 0
        return max((p for p in layers if p.per_class == most), key=lambda p: p.accuracy, default=None)

    def confusion(self, point: Point, number: int = 0) -> Confusion:
        """The confusion matrix of a point in one of its draws."""
        taken = point.predicted[number]
        return confusion(self.data.labels, self.tested[: len(taken)], self.truth[: len(taken)], taken)

    @property
    def neighbours(self) -> int:
        """k of the nearest neighbours with all pictures."""
        return min(NEIGHBOURS, self.split.smallest)


def confusion(labels: tuple[str, ...], paths: Iterable[str], truth: Iterable[int], taken: Iterable[int]) -> Confusion:
    """The confusion matrix of pictures: the class that each is of, and the one that it is taken for."""
    counts = np.zeros((len(labels), len(labels)), np.int64)
    cells: dict[tuple[int, int], list[str]] = {}  # of a thousand classes nearly all are empty
    for path, true, found in zip(paths, truth, taken, strict=True):
        counts[true, found] += 1
        cells.setdefault((int(true), int(found)), []).append(path)
    return Confusion(labels, counts, {cell: tuple(held) for cell, held in cells.items()})


def wilson(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); (0, 1) of nothing."""
    if total <= 0:
        return 0.0, 1.0
    z, share = 1.959964, right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


# 97.5 % of Student's t by degrees of freedom, from 1 on
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131),
    *(2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045),
)


def t_interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the mean of two or more values, within 0 and 1."""
    mean, freedom = float(np.mean(values)), len(values) - 1
    t = _T[freedom - 1] if freedom <= len(_T) else 1.959964 + 2.4 / freedom
    half = t * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return max(0.0, mean - half), min(1.0, mean + half)


def measured_probe(result: Probe, count: int) -> Measured:
    """What guides may ask of a curve over the layers with `count` pictures a class (0: all), accuracies from 0 to 1: `accuracy.LAYER`,
    `untrained.LAYER`, `pixels`, `chance`; `best`, a layer, and
    `best_accuracy`; `class_count`, `tested`."""
    found: dict[str, tuple[int | float | str, ...]] = {
        "class_count": (len(result.data.labels),),
        "tested": (len(result.tested),),
        "chance": (1 / len(result.data.labels),),
    }
    for point in (*result.curve, *result.baselines):
        if point.per_class == count:
            kind = "untrained" if point.baseline == UNTRAINED else "accuracy"
            names = (PIXELS,) if point.baseline == PIXELS else (f"{kind}.{tap}" for tap in (point.tap, *point.same_as))
            found |= dict.fromkeys(names, (point.accuracy,))
    best = result.best
    return found | ({"best": (best.tap,), "best_accuracy": (best.accuracy,)} if best is not None else {})


def measured_counts(result: Probe) -> Measured:
    """Of a curve over numbers of pictures a class for one layer: `accuracy.5`, … `accuracy.all`, `untrained.5`, `pixels.5`."""
    kinds = {"": "accuracy", UNTRAINED: "untrained", PIXELS: "pixels"}
    points = (point for point in (*result.curve, *result.baselines) if point.tap != ALL_LAYERS)
    return {f"{kinds[point.baseline]}.{point.per_class or 'all'}": (point.accuracy,) for point in points}
