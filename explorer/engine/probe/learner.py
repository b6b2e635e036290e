"""Learns layer by layer from features as they come, and tells how often it is right on those that are there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.data_sets import DataSet, Split, draw
from explorer.core.probe import ALL_LAYERS, Point, ProbeParams, t_interval, wilson
from explorer.engine.jobs.cancel import Cancelled, never
from explorer.engine.probe.classifiers import FittedProbe, learn, learn_together
from explorer.engine.probe.feature_store import PooledStore, picture_key
from explorer.engine.probe.pooling import PooledColumns

_AT_ONCE = 1 << 22  # numbers that are learnt from in one step: about a tenth of a second
_ROWS_TOGETHER = 4000  # pictures that all layers can be learnt from together


@dataclass(frozen=True, slots=True, eq=False)
class LearningTask:
    """What is learnt and tested, by picture keys: the pictures of each draw of each size, and the test pictures in their order."""

    classes: int
    draws: dict[tuple[int, int], tuple[tuple[str, ...], Tensor]]  # (size, number) -> (keys, labels)
    tested: tuple[str, ...]  # keys
    paths: tuple[str, ...]  # of the test pictures
    keys: dict[str, str]  # of all pictures, by path
    truth: Array  # (tests,) int16

    @property
    def first(self) -> tuple[int, int]:
        """The draw that is learnt first: that of the most pictures."""
        return next(iter(self.draws))


def task_of(data: DataSet, divided: Split, params: ProbeParams) -> LearningTask:
    """Sizes with the most pictures first. Where a draw takes all pictures there is only one."""
    keys = {picture.path: picture_key(data, picture) for picture in data.pictures}
    sizes = sorted(params.sizes, key=lambda size: size or math.inf, reverse=True)
    most = max(map(len, divided.pool), default=0)
    draws = {}
    for size in sizes:
        for number in range(1 if size == 0 or size >= most else params.draws):
            chosen = draw(divided, size, number)
            labels = [label for label, paths in enumerate(chosen) for _ in paths]
            draws[size, number] = tuple(keys[path] for paths in chosen for path in paths), torch.tensor(labels)
    tests = [(path, label) for label, paths in enumerate(divided.test) for path in paths]
    order = np.random.default_rng([divided.seed, 0, 1]).permutation(
        len(tests)
    )  # so that the first ones are of all classes
    tests = [tests[i] for i in order]
    truth = np.array([label for _, label in tests], np.int16)
    return LearningTask(
        len(data.labels), draws, tuple(keys[path] for path, _ in tests), tuple(p for p, _ in tests), keys, truth
    )


@dataclass(slots=True, eq=False)
class _Answer:
    """What one layer says after one draw. `fitted` goes when all test pictures were asked about."""

    fitted: FittedProbe | None
    converged: bool
    taken: Array  # (asked,) int16


class Learner:
    """`baseline` is said on its points; `together`: whether all layers are also learnt as one."""

    def __init__(
        self,
        task: LearningTask,
        store: PooledStore,
        layers: Sequence[PooledColumns],
        params: ProbeParams,
        baseline: str = "",
        together: bool = False,
        cancelled: Cancelled = never,
    ) -> None:
        self.task, self.store, self.layers, self.params = task, store, tuple(layers), params
        self.baseline, self.cancelled = baseline, cancelled
        self.not_finite: set[str] = set()  # layers with features that are no numbers
        self.known = 0  # test pictures whose features are there, counted from the first
        self._answers: dict[tuple[str, int, int], _Answer] = {}
        self._points: dict[
            tuple[str, int], tuple[tuple[int, int], Point]
        ] = {}  # beside (draws, asked) that they are of
        self._together = together and len(self.layers) > 1
        self._features = sum(len(columns.chosen(params.pool)) for columns in self.layers)
        self._jobs = list(self._all_jobs())

    def _all_jobs(self) -> Iterator[tuple[tuple[PooledColumns, ...], tuple[tuple[int, int], ...]]]:
        """(layers with as many features, draws of one size) that are learnt in one step."""
        by_width: dict[int, list[PooledColumns]] = {}
        for columns in self.layers:
            by_width.setdefault(len(columns.chosen(self.params.pool)), []).append(columns)
        first = self.task.first
        sizes = dict.fromkeys(size for size, _ in self.task.draws)
        for size in sizes:
            numbers = [key for key in self.task.draws if key[0] == size]
            for keys in ([first], numbers[1:]) if size == first[0] else (numbers,):
                for width, layers in by_width.items():
                    cost = max(1, len(keys)) * width * len(self.task.draws[numbers[0]][0])
                    step = max(1, _AT_ONCE // max(cost, 1))
                    for i in range(0, len(layers), step) if keys else ():
                        yield tuple(layers[i : i + step]), tuple(keys)

    @property
    def previews(self) -> bool:
        """Whether the next step learns from the first draw alone, whose features come first."""
        return bool(self._jobs) and self._jobs[0][1] == (self.task.first,)

    def step(self) -> None:
        """Learns some layers."""
        layers, keys = self._jobs.pop(0)
        method = self.params.method
        rows = [self._rows(self.task.draws[k][0], each) for each in layers for k in keys]
        labels = torch.stack([self.task.draws[k][1] for _ in layers for k in keys])
        fitted = iter(learn(method, torch.stack(rows), labels, self.task.classes, self.cancelled))
        for each in layers:
            for key in keys:
                made = next(fitted)
                self._answers[each.name, *key] = _Answer(made, made.converged, np.zeros(0, np.int16))
        self.ask()

    def ask(self) -> None:
        """Asks what was learnt about the test pictures that have come since."""
        tested = self.task.tested
        while self.known < len(tested) and self.store.has(tested[self.known]):
            self.known += 1
        for columns in self.layers:
            waiting = [a for key, a in self._answers.items() if key[0] == columns.name and a.fitted is not None]
            for begun in {len(answer.taken) for answer in waiting}:
                if begun == self.known:
                    continue
                asked = self._rows(tested[begun : self.known], columns)
                for answer in (a for a in waiting if len(a.taken) == begun and a.fitted is not None):
                    more = answer.fitted.predict(asked).numpy().astype(np.int16)  # type: ignore[union-attr]
                    answer.taken = np.concatenate([answer.taken, more])
            for answer in waiting:
                if len(answer.taken) == len(tested):
                    answer.fitted = None

    def rest(self) -> Iterator[None]:
        """All steps, when all features are there."""
        while self._jobs:
            self.step()
            yield
        for size, number in self.task.draws if self._together else ():
            keys, labels = self.task.draws[size, number]
            if len(keys) > _ROWS_TOGETHER:
                continue
            pairs = (self._pair(keys, columns) for columns in self.layers)
            taken, converged = learn_together(self.params.method, pairs, labels, self.task.classes, self.cancelled)
            self._answers[ALL_LAYERS, size, number] = _Answer(None, converged, taken.numpy().astype(np.int16))
            yield

    def _pair(self, keys: Sequence[str], columns: PooledColumns) -> tuple[Tensor, Tensor]:
        return self._rows(keys, columns), self._rows(self.task.tested, columns)

    def _rows(self, keys: Sequence[str], columns: PooledColumns) -> Tensor:
        """(pictures, features); numbers that are not finite are 0, and the layer is remembered."""
        rows = torch.from_numpy(self.store.rows(keys, columns, self.params.pool))
        if not bool(rows.isfinite().all()):
            self.not_finite.add(columns.name)
            rows = rows.nan_to_num(0.0, 0.0, 0.0)
        return rows

    def points(self) -> tuple[Point, ...]:
        """Of what is known: sizes ascending, layers in execution order, all layers together at the end."""
        sizes = list(dict.fromkeys(size for size, _ in self.task.draws))[::-1]
        found = []
        for size in sizes:
            for columns in self.layers:
                found.append(self._point(columns.name, size, columns.same_as, len(columns.chosen(self.params.pool))))
            found.append(self._point(ALL_LAYERS, size, (), self._features))
        return tuple(point for point in found if point is not None)

    def _point(self, name: str, size: int, same_as: tuple[str, ...], features: int) -> Point | None:
        answers = [
            self._answers[name, *key] for key in self.task.draws if key[0] == size and (name, *key) in self._answers
        ]
        asked = min((len(answer.taken) for answer in answers), default=0)
        if not asked:
            return None
        made = self._points.get((name, size))
        if made is None or made[0] != (len(answers), asked):
            point = self._counted(answers, asked, Point(name, size, self.params.method, 0.0, 0.0, 1.0, len(answers)))
            made = (len(answers), asked), replace(point, baseline=self.baseline, same_as=same_as, features=features)
            self._points[name, size] = made
        return made[1]

    def _counted(self, answers: Sequence[_Answer], asked: int, point: Point) -> Point:
        """The point with how often the answers are right for the first so many test pictures."""
        taken, truth = np.stack([answer.taken[:asked] for answer in answers]), self.task.truth[:asked]
        right = taken == truth
        shares = [float(share) for share in right.mean(1)]
        recalls = [right[:, truth == label].mean() for label in np.unique(truth)]
        test = wilson(round(float(right.mean()) * asked), asked)
        band = t_interval(shares) if len(shares) > 1 else test
        return replace(
            point,
            accuracy=float(np.mean(shares)),
            low=band[0],
            high=band[1],
            balanced=float(np.mean(recalls)),
            test_low=test[0],
            test_high=test[1],
            tested=asked,
            converged=all(answer.converged for answer in answers),
            predicted=taken,
        )
