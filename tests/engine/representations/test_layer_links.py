"""Links against every path there is."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded

from explorer.core.geometry.affine import Affine
from explorer.core.representations import Strides
from explorer.core.session.cka_path import by_path
from explorer.core.session.comparison import Link
from explorer.core.session.layer_links import by_depth, by_stride, linked, strides
from explorer.engine.capture.forward import discover


def test_relative_depth() -> None:
    assert by_depth(5, 5) == (0, 1, 2, 3, 4)
    assert by_depth(3, 9) == (0, 4, 8)
    assert by_depth(5, 3) == (0, 1, 1, 2, 2)
    assert by_depth(1, 4) == (0,)
    assert by_depth(3, 1) == (0, 0, 0)
    assert by_depth(3, 0) == ()


@pytest.mark.parametrize("shape", [(1, 1), (4, 3), (3, 5), (5, 5), (6, 2)])
def test_no_path_that_never_goes_back_has_a_larger_sum(shape: tuple[int, int]) -> None:
    for seed in range(5):
        values = np.random.default_rng(seed).uniform(-0.2, 1, size=shape)
        path = by_path(values)
        every = combinations_with_replacement(range(shape[1]), shape[0])
        best = max(every, key=lambda p: values[np.arange(shape[0]), p].sum())
        assert path == best


def test_a_model_goes_with_itself_and_with_itself_doubled() -> None:
    depth = np.arange(6)
    assert by_path(-np.abs(depth[:, None] - depth)) == (0, 1, 2, 3, 4, 5)
    assert by_path(-np.abs(depth[:, None] - np.repeat(depth, 2))) == (0, 2, 4, 6, 8, 10)
    assert by_path(np.zeros((3, 4))) == (0, 0, 0)


def test_one_rule_of_stride_for_the_window_and_the_command() -> None:
    lead, other = (1.0, 1.0, 2.0, 2.0, 2.0, 4.0, None), (1.0, 2.0, 2.0, 3.9, 3.9)
    for first, second in ((lead, other), (other, lead)):
        places = [linked(Link.STRIDE, first, at, second) for at in range(len(first))]
        assert tuple(places) == by_stride(first, second)
    assert by_stride(lead, ()) == ()


def test_layers_of_equal_stride_go_together_else_those_of_the_nearest() -> None:
    def told(net: torch.nn.Module, names: tuple[str, ...]) -> Strides:
        found = {t.name: t for t in discover(seeded(net), torch.randn(1, 3, 16, 16)).plan.taps}
        return strides([found[name] for name in names], Affine(1.0, 1.0, 0.0, 0.0))

    vit = told(TinyViT(), ("embed", "norm"))
    cnn = told(InPlace(), ("conv1", "relu", "conv2", "fc"))
    assert by_stride(cnn, cnn) == (0, 1, 2, 3)
    assert by_stride(vit, [*cnn, *vit]) == (4, 5)
    assert by_stride(cnn, vit)[2] == 1  # none is equal: the nearest, as far through
