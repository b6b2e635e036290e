"""Captures under edits against plain torch; the store, the model and the captures without edits are left as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from studied import PRE, job, made
from torch import Tensor
from torch.nn import functional

from explorer.core.activations import Capture
from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit, digest_of
from explorer.engine.edited_captures import edited_capture
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.studies import Studies

ZERO = (Edit("relu", (2, 5)),)


@pytest.fixture
def given() -> tuple[Studies, Capture, InPlace]:
    return made(seeded(InPlace()))


def by_hand(net: InPlace, x: Tensor) -> dict[str, Tensor]:
    """The taps of InPlace with two channels of its first ReLU at zero."""
    with torch.no_grad():
        conv1 = net.conv1(x)
        bn1 = net.bn1(conv1)
        a = functional.relu(bn1)
        a[:, [2, 5]] = 0
        conv2 = net.conv2(a)
        bn2 = net.bn2(conv2)
        last = functional.relu(bn2 + a)
        pool = net.pool(last)
        return {
            "conv1": conv1,
            "bn1": bn1,
            "relu": a,
            "conv2": conv2,
            "bn2": bn2,
            "relu_1": last,
            "pool": pool,
            "fc": net.fc(pool.flatten(1)),
        }


def test_every_tap_is_what_plain_torch_gives_with_the_channels_at_zero(given: tuple[Studies, Capture, InPlace]) -> None:
    studies, plain, net = given
    before = {name: values.copy() for name, values in plain.values.items()}
    found = edited_capture(studies.bench, plain.model, plain.picture, ZERO, {}, job())
    expected = by_hand(net, to_tensor(plain.picture, PRE))
    assert expected.keys() <= found.values.keys()
    for name, tensor in expected.items():
        np.testing.assert_allclose(found.values[name], tensor[0].numpy(), rtol=1e-4, atol=1e-6)
    for name in ("conv1", "bn1"):
        np.testing.assert_array_equal(found.values[name], before[name])
    assert not np.array_equal(found.values["fc"], before["fc"])
    scores = expected["fc"][0].softmax(0)
    assert found.prediction[0].index == int(scores.argmax())
    assert found.prediction[0].probability == pytest.approx(float(scores.max()), rel=1e-5)
    assert found.edits == digest_of(ZERO)
    assert {tap.name for tap in found.taps if tap.observable} == {*found.values, *found.dropped}
    known = studies.bench.store.get((plain.model, plain.picture.digest))
    assert known is not None
    assert known.edits == ""
    assert len(studies.bench.store._captures) == 1
    for name, values in before.items():
        np.testing.assert_array_equal(known.values[name], values)


def test_a_tap_that_was_left_out_comes_when_it_is_named(given: tuple[Studies, Capture, InPlace]) -> None:
    studies, plain, _ = given
    found = edited_capture(studies.bench, plain.model, plain.picture, ZERO, {}, job())
    assert found.dropped
    for name in found.dropped:
        again = edited_capture(studies.bench, plain.model, plain.picture, ZERO, {}, job(), (name,))
        assert name in again.values
        assert again.edits == found.edits


def test_it_says_what_does_not_fit_and_ends_when_cancelled(given: tuple[Studies, Capture, InPlace]) -> None:
    studies, plain, net = given
    with pytest.raises(ExplorerError, match="77"):
        edited_capture(studies.bench, plain.model, plain.picture, (Edit("relu", (77,)),), {}, job())
    stopped = job()
    stopped.cancel()
    with pytest.raises(CancelledError):
        edited_capture(studies.bench, plain.model, plain.picture, ZERO, {}, stopped)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())


def test_a_model_without_classes_predicts_nothing_under_edits_either(given: tuple[Studies, Capture, InPlace]) -> None:
    studies, plain, _ = given
    bench = studies.bench
    assert edited_capture(bench, plain.model, plain.picture, ZERO, {}, job()).prediction
    loaded = bench.model(plain.model)
    bench.adopt(replace(loaded, card=replace(loaded.card, classifies=False)))
    bench.store.clear()
    assert not bench.capture(plain.model, plain.picture, job()).prediction
    assert not edited_capture(bench, plain.model, plain.picture, ZERO, {}, job()).prediction
