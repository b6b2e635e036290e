"""Every layer of the demo models on the materials of their world: the figures on their cards, with scikit-learn as the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.core.models import ModelSpec
from explorer.core.probe import ProbeParams, wilson
from explorer.engine.data_sets import demo_sets
from explorer.engine.data_sets.world.sample import held_out
from explorer.engine.models import open_model
from explorer.engine.probe.classifiers import learn, standard_of
from explorer.engine.probe.feature_pass import PictureReader, reader_of
from explorer.engine.probe.feature_store import PooledStore
from explorer.engine.probe.learner import Learner, LearningTask

TESTED, ON_THE_CARDS = 300, 2000


@dataclass(frozen=True)
class Features:
    reader: PictureReader
    learnt: Tensor  # (160, width)
    tested: Tensor  # (tested, width)
    labels: Tensor
    truth: Tensor

    def of(self, name: str) -> tuple[Tensor, Tensor]:
        columns = next(c for c in self.reader.columns if name in (c.name, *c.same_as))
        return self.learnt[:, columns.start : columns.end], self.tested[:, columns.start : columns.end]

    def percent(self, name: str) -> float:
        rows, asked = self.of(name)
        (fitted,) = learn("logreg", rows[None], self.labels[None], 8)
        return 100 * float((fitted.predict(asked) == self.truth).float().mean())


Drawn = tuple[Tensor, Tensor, Tensor, Tensor]  # what is learnt from and its classes, what is tested and its classes


def drawn(tested: int) -> Drawn:
    wanted = demo_sets.named("materials")
    images, labels = wanted.make(wanted.seed, len(wanted.labels) * wanted.each * 3)
    rows = torch.cat([(labels == label).nonzero()[: wanted.each, 0] for label in range(len(wanted.labels))])
    tests = held_out(tested)
    return images[rows], labels[rows], tests.images, tests.material


def features(name: str, pictures: Drawn) -> Features:
    loaded = open_model(ModelSpec(name))
    pre = loaded.card.preprocess
    mean, std = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (pre.mean, pre.std))
    learnt, tested = ((images - mean) / std for images in (pictures[0], pictures[2]))
    reader, _ = reader_of(loaded.module, "cpu", learnt[:1])
    rows = [torch.from_numpy(np.concatenate([reader.rows(p) for p in x.split(16)])) for x in (learnt, tested)]
    return Features(reader, rows[0], rows[1], pictures[1], pictures[3])


@pytest.fixture(scope="module")
def trained() -> Features:
    return features("demo:shapes-cnn", drawn(TESTED))


@pytest.mark.large
def test_the_figures_on_the_card() -> None:
    pictures = drawn(ON_THE_CARDS)
    trained = features("demo:shapes-cnn", pictures)
    assert trained.percent("flatten") == pytest.approx(40.45, abs=0.3)
    assert trained.percent("head") == pytest.approx(17.2, abs=0.3)
    assert trained.percent("stage3.1") == pytest.approx(39.05, abs=0.3)
    assert features("demo:shapes-cnn-untrained", pictures).percent("flatten") == pytest.approx(16.5, abs=0.3)


def learner(trained: Features, labels: Tensor, truth: Tensor, params: ProbeParams, folder: Any) -> Learner:
    store = PooledStore("trained", 16, folder=folder)
    store.begin(trained.reader.columns, ())
    learnt, tested = (tuple(f"{what}{n}" for n in range(count)) for what, count in (("a", 160), ("b", TESTED)))
    store.add([*learnt, *tested], torch.cat([trained.learnt, trained.tested]).numpy())
    draws = {}
    for size in params.sizes[::-1]:
        rows = [n for n in range(160) if not size or n % 20 < size]
        draws[size, 0] = tuple(learnt[n] for n in rows), labels[rows]
    task = LearningTask(8, draws, tested, tested, {}, truth.numpy().astype(np.int16))
    return Learner(task, store, store.columns[:-1], params, together=True)


def test_every_layer_as_scikit_learn_says_and_the_curve_falls_at_the_head(trained: Features, tmp_path: Any) -> None:
    from sklearn.linear_model import LogisticRegression

    made = learner(trained, trained.labels, trained.truth, ProbeParams(), tmp_path)
    for _ in made.rest():
        pass
    points = {point.tap: point for point in made.points()}
    assert all(point.converged for point in points.values())
    for columns in made.layers[::3]:
        rows, asked = trained.of(columns.name)
        standard = standard_of(rows)
        oracle = LogisticRegression(C=1 / (0.04 * 160), max_iter=2000, tol=1e-7)
        taken = oracle.fit(standard.of(rows).numpy(), trained.labels).predict(standard.of(asked).numpy())
        assert (taken != points[columns.name].predicted[0]).sum() <= 2, columns.name
    best = max((p for p in points.values() if p.tap != "all layers"), key=lambda p: p.accuracy)
    assert best.tap.startswith("stage3") or best.tap in ("pool", "flatten")
    assert points["head"].accuracy < best.accuracy - 0.15


@pytest.mark.parametrize("method", ["logreg", "knn"])
def test_shuffled_labels_are_chance_for_every_layer(method: str, trained: Features, tmp_path: Any) -> None:
    """Whatever leaks of the labels would be seen."""
    chance = torch.Generator().manual_seed(1)
    labels = trained.labels[torch.randperm(160, generator=chance)]
    truth = trained.truth[torch.randperm(TESTED, generator=chance)]
    made = learner(trained, labels, truth, ProbeParams(method=method, per_class="5,20"), tmp_path)
    for _ in made.rest():
        pass
    low, high = wilson(TESTED // 8, TESTED)
    points = made.points()
    assert len(points) == 2 * (len(made.layers) + 1)
    assert low <= np.mean([point.accuracy for point in points]) <= high
    assert np.mean([low <= point.accuracy <= high for point in points]) >= 0.8  # of 95 %; layers are much alike
