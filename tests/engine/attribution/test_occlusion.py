"""Occlusion against captum, and the order in which it streams."""

from __future__ import annotations

import numpy as np
import pytest
from captum.attr import Occlusion
from explained import assert_close, explained, picture, torchvision_net
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import InPlace, seeded

from explorer.core.attribution import AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.attribution_methods import explain
from explorer.engine.attribution.baselines import baseline
from explorer.engine.attribution.occlusion import coarse_to_fine
from explorer.engine.capture.forward import discover


@pytest.mark.parametrize(("window", "stride"), [(3, 2), (4, 4), (5, 3), (12, 1), (1, 1), (7, 5)])
@pytest.mark.parametrize("kind", ["mean", "black"])
def test_as_captum(window: int, stride: int, kind: str) -> None:
    net, x = seeded(InPlace()).eval(), picture()
    choices = AttributionSettings(baseline=kind, black=(-1.0,), window=window, stride=stride)
    expected = Occlusion(net).attribute(
        x, (3, window, window), (3, stride, stride), baseline(x, choices), target=2, perturbations_per_eval=4
    )
    found = explained(
        "occlusion", net, x, Target("", 2), baseline=kind, black=(-1.0,), window=window, stride=stride, batch=5
    )
    assert_close(np.broadcast_to(found.values, (3, 12, 12)), expected[0])


def test_as_captum_on_a_network() -> None:
    # in double precision: differences of nearly equal logits are compared
    net, x = torchvision_net("shufflenet_v2_x0_5").double(), picture(64).double()
    expected = Occlusion(net).attribute(x, (3, 15, 15), (3, 8, 8), target=1)
    found = explained("occlusion", net, x, window=15, stride=8)
    assert_close(found.values, expected[0, :1])


@given(st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_every_position_comes_once_and_coarse_ones_first(rows: int, columns: int) -> None:
    order = list(coarse_to_fine(rows, columns))
    assert sorted((y, x) for y, x, _ in order) == [(y, x) for y in range(rows) for x in range(columns)]
    assert [reach for *_, reach in order] == sorted((reach for *_, reach in order), reverse=True)
    assert order[0][:2] == (0, 0)
    assert order[0][2] >= max(rows, columns)  # the first one stands for all


def test_the_first_picture_is_complete_and_coarse() -> None:
    net, x = seeded(InPlace()).eval(), picture(32)
    plan = discover(net, x.clone()).plan
    steps = explain("occlusion", net, x, Target("", 1), plan, AttributionSettings(window=2, stride=2, batch=4))
    first = next(steps)
    assert np.isfinite(first.values).all()
    assert len(np.unique(first.values)) <= 4
    assert len(np.unique(next(steps).values)) > len(np.unique(first.values))
    steps.close()


def test_a_window_that_does_not_fit() -> None:
    for window, stride in ((13, 1), (3, 4)):
        with pytest.raises(ExplorerError, match="does not fit"):
            explained("occlusion", seeded(InPlace()).eval(), picture(), window=window, stride=stride)
