"""One layer in several columns has one colour map: its sign is decided for all, with a tolerance about zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.arrays import Array
from explorer.core.render import ScaleMode, colorize
from explorer.core.session.difference import one_sign
from explorer.core.session.display import Display, display, rescaled
from explorer.core.session.session import Session


def shown(maps: Array, mode: ScaleMode) -> Display:
    """As a column shows a layer."""
    tap = Tap(
        "up.0", "up.0", 0, "ReLU", Kind.ACTIVATION, shape=(1, *maps.shape), layout=Layout.NCHW, grid=maps.shape[1:]
    )
    return display(tap, maps, Session(scale=mode), dark=True)


@pytest.fixture
def maps() -> Array:
    """Values from 0 to about 0.8."""
    return np.random.default_rng(0).random((3, 4, 5)).astype(np.float32) * 0.8


@pytest.mark.parametrize("mode", [ScaleMode.PER_MAP, ScaleMode.PER_LAYER])
def test_a_minimum_of_rounding_size_leaves_both_in_one_sequential_map(maps: Array, mode: ScaleMode) -> None:
    """Two U-Nets of rank correlation 1.000, the second with a minimum of -5e-5."""
    other = maps.copy()
    other[1, 2, 3] = -5e-5
    a, b = shown(maps, mode), shown(other, mode)
    assert (a.colormap, b.colormap) == ("magma", "blue-black-amber")  # each for itself
    first, second = one_sign([a, b], mode)
    assert first is a.limits
    assert second is not None
    assert not second.signed
    drawn = rescaled(b, second, Session(), dark=True)
    assert drawn.colormap == a.colormap
    assert first is not None
    same = colorize(other, second, "magma") == colorize(maps, first, "magma")
    assert same[0].all()
    assert same[2].all()
    assert colorize(other, second, "magma")[1, 2, 3] == colorize(np.zeros_like(maps), first, "magma")[1, 2, 3]


def test_true_negative_values_make_both_diverging(maps: Array) -> None:
    a, b = shown(maps, ScaleMode.PER_MAP), shown(maps - 0.4, ScaleMode.PER_MAP)
    first, second = one_sign([a, b], ScaleMode.PER_MAP)
    assert first is not None
    assert second is b.limits
    assert first.signed
    assert (first.lo == -first.hi).all()
    assert np.allclose(first.hi, maps.max(axis=(1, 2)))
    assert rescaled(a, first, Session(), dark=True).colormap == b.colormap


@pytest.mark.parametrize(("below", "signed"), [(0.9, False), (1.1, True)])
def test_the_tolerance_is_half_a_step_of_the_colours(below: float, signed: bool) -> None:
    values = np.full((1, 2, 2), 1.0, np.float32)
    other = values.copy()
    other[0, 0, 0] = -below * 0.5 / 255
    found = one_sign([shown(values, ScaleMode.PER_MAP), shown(other, ScaleMode.PER_MAP)], ScaleMode.PER_MAP)
    assert [limits is not None and limits.signed for limits in found] == [signed, signed]


def test_values_that_are_not_finite_stay_counted(maps: Array) -> None:
    other = maps.copy()
    other[0, 0, 0], other[1, 1, 1] = np.nan, -1e-5
    found: Any = one_sign([shown(maps, ScaleMode.PER_LAYER), shown(other, ScaleMode.PER_LAYER)], ScaleMode.PER_LAYER)
    assert found[1].bad_total == 1
    assert not found[1].signed


def test_columns_of_one_sign_keep_what_they_have(maps: Array) -> None:
    every = [shown(maps, ScaleMode.PER_MAP), shown(maps * 2, ScaleMode.PER_MAP)]
    assert [a is b.limits for a, b in zip(one_sign(every, ScaleMode.PER_MAP), every, strict=True)] == [True, True]
