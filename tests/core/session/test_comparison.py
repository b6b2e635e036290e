"""Columns beside one another: what links them, one point in every picture, common limits, differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.boxes import Box, ReceptiveField
from explorer.core.geometry import affine
from explorer.core.geometry.affine import Affine
from explorer.core.geometry.picture_points import beneath, middle_of, point_at
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import Preprocess
from explorer.core.render import ScaleMode, limits
from explorer.core.render.correlation import rank_correlation
from explorer.core.session.comparison import Column, Comparison, Link, duplicated, swapped, without
from explorer.core.session.difference import difference, likeness, mass, same_build, standardised, together
from explorer.core.session.display import Display
from explorer.core.session.layer_links import at_depth, by_depth, linked, offset_to, strides

PLAIN = Affine(1.0, 1.0, 0.0, 0.0)


def tap(name: str = "conv", grid: tuple[int, int] | None = (8, 8), jump: float = 2.0, channels: int = 3) -> Tap:
    shape = (1, channels, *grid) if grid else (1, channels)
    layout = Layout.NCHW if grid else Layout.NC
    field = ReceptiveField(jump, jump, -1.0, -1.0, jump + 2, jump + 2) if grid else None
    return Tap(name, name, 0, "Conv2d", Kind.CONV, shape=shape, layout=layout, grid=grid, receptive=field)


# --- the document


def test_columns_are_duplicated_swapped_and_taken_away_within_two_and_four() -> None:
    doc = Comparison((Column(0, tap="a"), Column(1, tap="b", minus=True, frozen=True)))
    assert without(doc, 0) is doc
    more = duplicated(doc, 1)
    assert [c.key for c in more.columns] == [0, 1, 2]
    assert more.columns[2] == replace(doc.columns[1], key=2, minus=False, frozen=False)
    full = duplicated(more, 0)
    assert [c.tap for c in full.columns] == ["a", "a", "b", "b"]
    assert duplicated(full, 0) is full
    assert [c.key for c in swapped(more, 0).columns] == [1, 0, 2]
    assert [c.key for c in swapped(more, 2).columns] == [0, 2, 1]
    assert not swapped(more, 0).columns[0].minus  # nothing is left to take from it
    assert not without(more, 0).columns[0].minus


def test_a_frozen_or_unlocked_column_does_not_follow() -> None:
    assert Column(0).follows
    assert not Column(0, frozen=True).follows
    assert not Column(0, locked=False).follows


# --- links


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_relative_depth_keeps_both_ends_and_the_order(length: int, other: int, data: st.DataObject) -> None:
    places = [at_depth(i, length, other) for i in range(length)]
    assert places == sorted(places)
    assert places[0] == 0
    assert length == 1 or places[-1] == other - 1
    at = data.draw(st.integers(0, length - 1))
    if length > 1 and other > 1:  # no other place is nearer in share of the whole
        assert abs(places[at] / (other - 1) - at / (length - 1)) <= 0.5 / (other - 1) + 1e-12


def test_one_rule_of_depth_for_the_window_and_the_command() -> None:
    for length in range(1, 60):
        for other in range(1, 60):
            places = [linked(Link.DEPTH, (None,) * length, at, (None,) * other) for at in range(length)]
            assert tuple(places) == by_depth(length, other)
    assert by_depth(5, 3) == (0, 1, 1, 2, 2)  # half a place is up, not to the even one
    assert by_depth(3, 0) == ()


def test_strides_are_told_in_pixels_of_the_original_picture() -> None:
    film = [tap(jump=2.0), tap(grid=None)]
    assert strides(film, Affine(0.5, 0.5, 0, 0)) == (4.0, None)
    assert strides(film, Affine(0.5, 2.0, 0, 0)) == pytest.approx((2.0, None))


def test_equal_stride_walks_through_the_layers_of_that_stride() -> None:
    lead = (1.0, 1.0, 2.0, 2.0, 2.0, 4.0, None)
    other = (1.0, 2.0, 2.0, 3.9, 3.9)
    assert [linked(Link.STRIDE, lead, at, other) for at in range(6)] == [0, 0, 1, 2, 2, 3]
    assert linked(Link.STRIDE, lead, 6, other) == 4  # a vector has no stride: as deep
    assert [linked(Link.STRIDE, other, at, lead) for at in range(5)] == [0, 2, 4, 5, 5]


@given(st.lists(st.one_of(st.none(), st.floats(0.5, 64)), min_size=1), st.data())
def test_equal_stride_finds_no_layer_that_another_would_beat(lead: list[float | None], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.floats(0.5, 64), min_size=1))
    at = data.draw(st.integers(0, len(lead) - 1))
    found, here = linked(Link.STRIDE, lead, at, other), lead[at]
    assert found is not None
    if here is not None:
        apart = [max(s / here, here / s) for s in other]
        assert apart[found] <= min(apart) * (1 + 1e-5)


def test_without_a_link_or_a_film_nothing_follows() -> None:
    assert linked(Link.NONE, (1.0,), 0, (1.0,)) is None
    assert linked(Link.DEPTH, (), 0, (1.0,)) is None
    assert linked(Link.DEPTH, (1.0,), 0, ()) is None
    assert [offset_to(3, by, 5) for by in (-9, -1, 1, 9)] == [0, 2, 4, 4]


# --- the cursor

FITS = st.sampled_from(["crop", "letterbox", "stretch"])
CELLS = st.integers(0, 7)


@given(FITS, CELLS, CELLS, st.floats(-4, 4), st.integers(40, 200), st.integers(40, 200))
def test_a_cell_and_the_middle_of_it_lead_to_one_another(
    fit: str, y: int, x: int, start: float, h: int, w: int
) -> None:
    pre = Preprocess(32, 32, fit, 32)  # type: ignore[arg-type]
    one = replace(tap(jump=4.0), receptive=ReceptiveField(4, 4, start, start, 7, 7))
    at = middle_of(one, (h, w), pre, (y, x))
    assert at is not None
    found = point_at(one, (h, w), pre, at)
    crop = affine.crop_box((h, w), pre)
    assert found.seen == (crop.y0 <= at[0] < crop.y1 and crop.x0 <= at[1] < crop.x1)
    if found.seen:
        assert found.cell == (y, x)


@given(st.floats(0, 99.9), st.floats(0, 149.9))
def test_the_cell_of_a_point_is_the_nearest_of_all(y: float, x: float) -> None:
    size, pre, one = (100, 150), Preprocess(64, 64, "stretch", 64), tap(jump=8.0)
    found = point_at(one, size, pre, (y, x)).cell
    assert found is not None

    def apart(cell: tuple[int, int]) -> float:
        middle = middle_of(one, size, pre, cell)
        assert middle is not None
        return float(((middle[0] - y) / 100) ** 2 + ((middle[1] - x) / 150) ** 2)

    assert apart(found) <= min(apart((i, j)) for i in range(8) for j in range(8)) + 1e-12


def test_past_the_crop_a_model_sees_nothing() -> None:
    pre = Preprocess(32, 32, "crop", 32)
    assert not point_at(tap(), (100, 300), pre, (50, 20)).seen
    assert point_at(tap(), (100, 300), pre, (50, 150)).seen
    assert point_at(tap(), (100, 300), replace(pre, fit="letterbox"), (50, 20)).seen


def test_the_field_of_a_cell_is_told_in_the_original_picture() -> None:
    found = point_at(tap(jump=2.0), (32, 32), Preprocess(16, 16, "stretch", 16), (1, 1))
    assert (found.cell, found.field, found.exact) == ((0, 0), Box(-2, -2, 6, 6), True)


def test_a_layer_without_cells_is_seen_but_has_none() -> None:
    found = point_at(tap(grid=None), (32, 32), Preprocess(32, 32, "crop", 32), (5, 5))
    assert found.seen
    assert found.cell is None


def test_cells_beneath_those_of_another_model() -> None:
    fine, coarse = tap(grid=(8, 8), jump=4.0), tap(grid=(4, 4), jump=8.0)
    whole = Preprocess(32, 32, "stretch", 32)
    rows, columns = beneath(fine, whole, coarse, whole, (32, 32))
    assert rows.tolist() == columns.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    middle = Preprocess(32, 32, "crop", 64)  # the middle half of the picture
    rows, _ = beneath(fine, whole, coarse, middle, (32, 32))
    assert rows.tolist() == [-1, -1, 0, 1, 2, 3, -1, -1]
    with pytest.raises(ValueError, match="over the input"):
        beneath(tap(grid=None), whole, coarse, whole, (32, 32))


# --- colours and differences


def test_shared_limits_hold_every_value() -> None:
    a, b = np.array([[[0.0, 2.0]]]), np.array([[[-5.0, 1.0]]])
    both = together([limits(a, ScaleMode.PER_LAYER), limits(b, ScaleMode.PER_LAYER)])
    assert [(x.of(0), x.signed, x.covers) for x in both] == [((-5.0, 5.0), True, True)] * 2
    assert [x.of(0) for x in together([limits(a, ScaleMode.PER_LAYER)])] == [(0.0, 2.0)]
    assert together([]) == []


def test_what_is_the_same_everywhere_has_no_z_scores() -> None:
    shown = Display(tap(), maps=np.full((2, 3, 3), 5.0), limits=limits(np.full((2, 3, 3), 5.0), ScaleMode.PER_LAYER))
    assert standardised(shown, "x") is shown
    maps = np.array([[[0.0, np.nan], [2.0, 4.0]]])
    known = limits(maps, ScaleMode.PER_LAYER)
    found = standardised(replace(shown, maps=maps, limits=known, prefix=np.array([[2.0]])), "x")
    np.testing.assert_allclose(found.maps, (maps - 2) / np.std([0, 2, 4]))
    assert found.prefix.tolist() == [[0.0]]


def test_a_difference_is_symmetric_about_zero_and_knows_its_size(rng: np.random.Generator) -> None:
    a, b = rng.random((3, 4, 5)).astype(np.float32) + 2, rng.random((3, 4, 5)).astype(np.float32)
    found = difference(a, b, ScaleMode.PER_LAYER)
    np.testing.assert_array_equal(found.maps, a - b)
    lo, hi = found.limits.of(0)
    assert found.limits.signed
    assert -lo == hi == pytest.approx(float((a - b).max()))
    assert found.rms == pytest.approx(float(np.linalg.norm((a - b).ravel()) / np.sqrt(60)), rel=1e-5)
    assert found.share == pytest.approx(float(np.linalg.norm(a - b) / np.linalg.norm(b)), rel=1e-5)
    nothing = difference(a, a, ScaleMode.PER_MAP)
    assert nothing.rms == 0
    with pytest.raises(ValueError, match="no difference"):
        difference(a, b[:2], ScaleMode.PER_MAP)


def test_half_precision_is_subtracted_in_float32() -> None:
    a, b = np.full((1, 1, 1), 60000, np.float16), np.full((1, 1, 1), -60000, np.float16)
    assert difference(a, b, ScaleMode.PER_MAP).maps[0, 0, 0] == 120_000 - 2 * (60000 - float(np.float16(60000)))


def test_mass_adds_up_to_one_and_ignores_what_is_no_number(rng: np.random.Generator) -> None:
    maps = rng.normal(size=(4, 3, 3))
    np.testing.assert_allclose(mass(maps), np.abs(maps).mean(0) / np.abs(maps).mean(0).sum())
    maps[0, 0, 0] = np.nan
    assert mass(maps).sum() == pytest.approx(1)
    assert not mass(np.zeros((2, 3, 3))).any()


def test_likeness_compares_the_cells_that_meet(rng: np.random.Generator) -> None:
    fine, coarse = rng.normal(size=(2, 4, 4)), rng.normal(size=(5, 2, 2))
    at = np.array([0, 0, 1, 1])
    wide = np.kron(mass(coarse), np.ones((2, 2)))
    assert likeness(fine, coarse, at, at) == pytest.approx(rank_correlation(mass(fine), wide))
    assert likeness(fine, 3 * fine, np.arange(4), np.arange(4)) == pytest.approx(1)
    half = np.array([-1, 0, 1, -1])
    assert likeness(fine, coarse, half, half) == pytest.approx(rank_correlation(mass(fine)[1:3, 1:3], mass(coarse)))
    assert np.isnan(likeness(fine, coarse, np.full(4, -1), at))


def test_the_same_build_has_the_same_taps_of_the_same_shapes() -> None:
    picture = Picture(InputRef("sample"), np.zeros((4, 4, 3), np.uint8), "")
    one = Capture("a", picture, (tap("x"), tap("y")), {})
    assert same_build(one, replace(one, model="b", taps=(replace(tap("x"), then="ReLU"), tap("y"))))
    assert not same_build(one, replace(one, taps=(tap("x", channels=4), tap("y"))))
    assert not same_build(one, replace(one, taps=(tap("x"),)))


def test_a_copy_that_has_learnt_other_classes_is_of_the_same_build() -> None:
    picture = Picture(InputRef("sample"), np.zeros((4, 4, 3), np.uint8), "")
    one = Capture("a", picture, (tap("x"), tap("pool", None, channels=6), tap("head", None, channels=10)), {})
    learnt = replace(one, taps=(*one.taps[:2], tap("head", None, channels=3)))
    assert same_build(one, learnt)
    assert not same_build(one, replace(learnt, taps=(tap("x"), tap("pool", None, channels=5), learnt.taps[2])))
    assert not same_build(one, replace(learnt, taps=(tap("x", channels=4), *learnt.taps[1:])))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)
