"""Logistic regression and k nearest neighbours against scikit-learn, on its digits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.core.probe import wilson
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.probe.classifiers import learn, learn_together, standard_of

CLASSES = 10


@pytest.fixture(scope="module")
def digits() -> tuple[Tensor, Tensor]:
    from sklearn.datasets import load_digits

    values, labels = load_digits(return_X_y=True)
    return torch.tensor(values / 16, dtype=torch.float32), torch.tensor(labels)


def right(method: str, rows: Tensor, labels: Tensor, asked: Tensor, truth: Tensor) -> float:
    (fitted,) = learn(method, rows[None], labels[None], CLASSES)
    assert fitted.converged
    return 100 * float((fitted.predict(asked) == truth).float().mean())


def oracle(rows: Tensor, labels: Tensor, **more: object) -> object:
    """scikit-learn's, on standardised rows, with the same penalty."""
    from sklearn.linear_model import LogisticRegression

    scaled = standard_of(rows).of(rows).double().numpy()
    return LogisticRegression(C=1 / (0.04 * len(rows)), max_iter=2000, tol=1e-9, **more).fit(scaled, labels.numpy())


@pytest.mark.parametrize(("method", "expected"), [("logreg", 92.5), ("knn", 95.6)])
def test_digits_from_the_first_thousand(method: str, expected: float, digits: tuple[Tensor, Tensor]) -> None:
    values, labels = digits
    assert right(method, values[:1000], labels[:1000], values[1000:], labels[1000:]) == pytest.approx(expected, abs=0.3)


@pytest.mark.parametrize("count", [30, 200, 1000])
def test_the_same_weights_as_scikit_learn(count: int, digits: tuple[Tensor, Tensor]) -> None:
    """With fewer rows than features and with more."""
    values, labels = digits
    model = oracle(values[:count], labels[:count], class_weight="balanced")
    (fitted,) = learn("logreg", values[None, :count], labels[None, :count], CLASSES)
    scaled = standard_of(values[:count]).of(values[1000:]).double().numpy()
    assert (fitted.predict(values[1000:]).numpy() != model.predict(scaled)).sum() <= 1  # type: ignore[attr-defined]


def test_weights_are_for_features_as_they_are(digits: tuple[Tensor, Tensor]) -> None:
    """What a head takes over from a probe."""
    values, labels = digits
    (fitted,) = learn("logreg", values[None, :300], labels[None, :300], CLASSES)
    model = oracle(values[:300], labels[:300], class_weight="balanced")
    expected = model.decision_function(standard_of(values[:300]).of(values[1000:]).double().numpy())  # type: ignore[attr-defined]
    scores = (values[1000:] @ fitted.weight + fitted.bias).numpy()  # type: ignore[attr-defined]
    scores, expected = (s - s.mean(1, keepdims=True) for s in (scores, expected))  # a constant says nothing
    assert np.abs(scores - expected).max() < 0.01


def test_a_rare_class_counts_as_much(digits: tuple[Tensor, Tensor]) -> None:
    values, labels = digits
    chosen = torch.cat([torch.nonzero(labels[:1000] == c)[: 5 if c == 8 else 50, 0] for c in range(CLASSES)])
    (fitted,) = learn("logreg", values[None, chosen], labels[None, chosen], CLASSES)
    plain = oracle(values[chosen], labels[chosen])
    rare = labels[1000:] == 8
    scaled = standard_of(values[chosen]).of(values[1000:][rare]).double().numpy()
    recall = float((fitted.predict(values[1000:][rare]) == 8).float().mean())
    assert recall >= (plain.predict(scaled) == 8).mean()  # type: ignore[attr-defined]


def test_problems_of_a_batch_do_not_touch_each_other(digits: tuple[Tensor, Tensor]) -> None:
    values, labels = digits
    parts = [slice(0, 200), slice(200, 400), slice(400, 600)]
    together = learn(
        "logreg", torch.stack([values[p] for p in parts]), torch.stack([labels[p] for p in parts]), CLASSES
    )
    for fitted, part in zip(together, parts, strict=True):
        (alone,) = learn("logreg", values[None, part], labels[None, part], CLASSES)
        assert (fitted.predict(values[1000:]) != alone.predict(values[1000:])).sum() <= 1


def test_the_order_of_rows_and_what_is_asked_change_nothing(digits: tuple[Tensor, Tensor]) -> None:
    values, labels = digits
    order = torch.randperm(300, generator=torch.Generator().manual_seed(0))
    (one,) = learn("logreg", values[None, :300], labels[None, :300], CLASSES)
    (two,) = learn("logreg", values[:300][order][None], labels[:300][order][None], CLASSES)
    assert (one.predict(values[1000:]) != two.predict(values[1000:])).sum() <= 1
    first = one.predict(values[1000:1100])
    assert torch.equal(first, one.predict(values[1000:])[:100])


def test_several_layers_as_one_are_their_features_side_by_side(digits: tuple[Tensor, Tensor]) -> None:
    values, labels = digits
    halves = [values[:, :32], values[:, 32:]]
    taken, converged = learn_together("logreg", ((h[:300], h[1000:]) for h in halves), labels[:300], CLASSES)
    (whole,) = learn("logreg", values[None, :300], labels[None, :300], CLASSES)
    assert converged
    assert (taken != whole.predict(values[1000:])).sum() <= 2
    near, _ = learn_together("knn", [(values[:300], values[1000:])] * 2, labels[:300], CLASSES)
    (alone,) = learn("knn", values[None, :300], labels[None, :300], CLASSES)
    assert torch.equal(near, alone.predict(values[1000:]))


@pytest.mark.parametrize("method", ["logreg", "knn"])
@pytest.mark.parametrize("count", [50, 200])
def test_shuffled_labels_are_chance(method: str, count: int, digits: tuple[Tensor, Tensor]) -> None:
    values, labels = digits
    shuffled = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(count))]
    share = right(method, values[:count], shuffled[:count], values[1000:], shuffled[1000:])
    low, high = wilson(round(797 / CLASSES), 797)
    assert 100 * low - 1 <= share <= 100 * high + 1


def test_a_feature_that_never_changes_and_a_single_row_do_no_harm() -> None:
    rows = torch.tensor([[1.0, 7.0], [2.0, 7.0], [5.0, 7.0], [6.0, 7.0]])
    (fitted,) = learn("logreg", rows[None], torch.tensor([[0, 0, 1, 1]]), 2)
    assert fitted.predict(torch.tensor([[1.0, 9.0], [6.0, -9.0]])).tolist() == [0, 1]
    for method in ("logreg", "knn"):
        (fitted,) = learn(method, rows[None, [0, 3]], torch.tensor([[0, 1]]), 2)
        assert fitted.predict(rows).shape == (4,)


def test_learning_can_be_cancelled(digits: tuple[Tensor, Tensor]) -> None:
    values, labels = digits
    with pytest.raises(CancelledError):
        learn("logreg", values[None, :100], labels[None, :100], CLASSES, cancelled=lambda: True)
