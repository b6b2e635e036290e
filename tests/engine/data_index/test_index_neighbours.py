"""The nearest of an index: against a plain loop in whole sums, with ties, duplicates, zeros, NaN and numbers that overflow."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.core.arrays import Array
from explorer.engine.data_index import index_neighbours
from explorer.engine.data_index.index_neighbours import nearest, nearest_cells


def with_lengths(vectors: Array) -> Array:
    """(…, n) -> (…, n + 1) float32, as the files of an index are."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=-1, keepdims=True).astype(np.float32)
    return np.concatenate([vectors, lengths], -1).astype(np.float32)


def cosine(one: Array, other: Array) -> float:
    """In sums that are rounded once; NaN where one has no direction."""
    x, v = [float(n) for n in one], [float(n) for n in other]
    if not all(map(math.isfinite, x)):
        return math.nan
    length = math.sqrt(math.fsum(n * n for n in x)) * math.sqrt(math.fsum(n * n for n in v))
    return math.fsum(a * b for a, b in zip(x, v, strict=True)) / length if length else math.nan


def looped(vectors: Array, ids: Array, vector: Array) -> dict[int, float]:
    """Of each picture with a direction its nearest cell's cosine."""
    found = {}
    for number in ids.tolist():
        each = [c for c in (cosine(cell, vector) for cell in vectors[number]) if not math.isnan(c)]
        if each:
            found[number] = max(each)
    return found


numbers = st.sampled_from([0.0, 1.0, 1.0, 1.0000001, 0.5, -2.0, 3.0, 1e30, 3e38, 1e-30, 1e-44, math.nan, math.inf])


@settings(max_examples=150, deadline=None)
@given(
    vectors=arrays(np.float32, st.tuples(st.integers(1, 24), st.integers(1, 3), st.just(3)), elements=numbers),
    vector=arrays(np.float32, 3, elements=st.sampled_from([0.0, 1.0, 1.0000001, -2.0, 3.0, 1e30, 1e-44])),
    count=st.integers(1, 8),
    seed=st.integers(0, 99),
)
def test_what_is_found_is_what_a_loop_finds(vectors: Array, vector: Array, count: int, seed: int) -> None:
    ids = np.flatnonzero(np.random.default_rng(seed).random(len(vectors)) < 0.8)
    found = nearest_cells(with_lengths(vectors), ids, vector, count)
    loop = looped(vectors, ids, vector)
    assert len(found) == min(count, len(loop))
    values = [value for _, _, value in found]
    assert values == pytest.approx(sorted(loop.values(), reverse=True)[:count], abs=1e-12)
    for number, cell, value in found:
        assert value == pytest.approx(loop[number], abs=1e-12)
        assert cosine(vectors[number, cell], vector) == pytest.approx(value, abs=1e-12)
    assert found == sorted(found, key=lambda each: (-each[2], each[0]))


@pytest.mark.parametrize("cells", [1, 5])
def test_pictures_nearer_to_each_other_than_float32_can_tell(cells: int) -> None:
    chance = np.random.default_rng(0)
    vector = chance.random(64, np.float32)
    vectors = np.repeat(vector[None, None], 400, 0).repeat(cells, 1)
    vectors[:, :, :8] += chance.normal(0, 2e-5, (400, cells, 8)).astype(np.float32)
    assert all((1 - cosine(vectors[n, 0], vector)) < 6e-8 for n in range(400))
    found = nearest_cells(with_lengths(vectors), np.arange(400), vector, 12)
    loop = looped(vectors, np.arange(400), vector)
    best = sorted(loop, key=lambda n: -loop[n])[:12]
    assert {n for n, _, _ in found} == set(best)


def test_equal_pictures_come_by_their_number() -> None:
    chance = np.random.default_rng(1)
    vectors = chance.random((700, 37), np.float32)
    vectors[chance.permutation(700)[:300]] = chance.random(37, np.float32)
    same = _most(vectors)
    twins = np.flatnonzero((vectors == same).all(1))
    assert len(twins) == 300
    found = nearest(with_lengths(vectors), np.arange(700), same, 301)
    assert [number for number, _ in found[:300]] == twins.tolist()
    assert len({value for _, value in found[:300]}) == 1 != found[300][1]


def _most(vectors: Array) -> Array:
    rows, counts = np.unique(vectors, axis=0, return_counts=True)
    return rows[counts.argmax()]


def test_a_vector_too_long_for_a_product_in_float32_is_among_the_nearest() -> None:
    vectors = np.array([[1e20, 1e20], [1.0, 0.0], [1e-30, 1e-30], [3e38, 3e38], [0.0, 0.0]], np.float32)
    found = nearest(with_lengths(vectors), np.arange(5), np.array([1e25, 1e25], np.float32), 5)
    assert [number for number, _ in found] == [0, 2, 3, 1]
    assert [value for _, value in found] == pytest.approx([1, 1, 1, 0.5**0.5], abs=1e-12)


def test_any_number_of_ties_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_neighbours, "_AT_ONCE", 1 << 18)
    rows = with_lengths(np.ones((6000, 4, 32), np.float32))
    tracemalloc.start()
    try:
        found = nearest_cells(rows, np.arange(6000), np.ones(32), 5)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [(number, cell) for number, cell, _ in found] == [(n, 0) for n in range(5)]
    assert most < 2 << 20  # all of them in float64 would be 6 MiB
