"""One byte a component: bounds against cosines in whole sums, and the nearest found by them against a product of all."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.core.arrays import Array
from explorer.engine.data_index import index_neighbours, short_vectors
from explorer.engine.data_index.index_file import features_file, files_of, short_file
from explorer.engine.data_index.index_neighbours import nearest_cells
from explorer.engine.data_index.number_files import NumberFiles
from explorer.engine.data_index.short_vectors import NOWHERE, cosines, row_bytes, shortened

numbers = st.sampled_from([0.0, 1.0, 1.0, 1.0000001, 0.5, -2.0, 3.0, 1e30, 3e38, 1e-30, 1e-44, math.nan, math.inf])


def whole(rows: Array, digits: Array) -> Array:
    """The products on any machine."""
    found: Array = rows.astype(np.int64) @ digits.astype(np.int64)
    return found


@pytest.fixture(autouse=True)
def any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_vectors, "_products", whole)
    monkeypatch.setattr(short_vectors, "quick", lambda: True)
    monkeypatch.setattr(index_neighbours, "_FEW", 1)


def with_lengths(vectors: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=-1, keepdims=True).astype(np.float32)
    return np.concatenate([vectors, lengths], -1).astype(np.float32)


def unit_of(vector: Array) -> Array:
    found: Array = vector / math.sqrt(math.fsum(float(n) ** 2 for n in vector))
    return found


@settings(max_examples=100, deadline=None)
@given(
    vectors=arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 9)), elements=numbers),
    seed=st.integers(0, 999),
)
def test_no_cosine_is_outside_its_bounds(vectors: Array, seed: int) -> None:
    unit = unit_of(np.random.default_rng(seed).normal(size=vectors.shape[1]))
    about, most = cosines(shortened(vectors), unit)
    for row, near, upper in zip(vectors.astype(np.float64).tolist(), about, most, strict=True):
        length = math.sqrt(math.fsum(n * n for n in row)) if all(map(math.isfinite, row)) else 0.0
        if not length:
            assert near == upper == NOWHERE
            continue
        cosine = math.fsum(a * b for a, b in zip(row, unit.tolist(), strict=True)) / length
        assert 2 * near - upper <= cosine <= upper
        assert upper - near < 0.03


@settings(max_examples=100, deadline=None)
@given(
    vectors=arrays(np.float32, st.tuples(st.integers(20, 60), st.integers(1, 3), st.just(3)), elements=numbers),
    vector=arrays(np.float32, 3, elements=st.sampled_from([0.0, 1.0, 1.0000001, -2.0, 3.0, 1e30, 1e-44])),
    count=st.integers(1, 3),
    worth=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_what_bytes_leave_unread_is_not_among_the_nearest(
    vectors: Array, vector: Array, count: int, worth: int, seed: int
) -> None:
    ids, rows = np.flatnonzero(np.random.default_rng(seed).random(len(vectors)) < 0.8), with_lengths(vectors)
    short = shortened(vectors)
    short[seed % len(short)] = 0  # was never written
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_neighbours, "_WORTH", worth)
        patch.setattr(index_neighbours, "_ROWS", 16)
        assert nearest_cells(rows, ids, vector, count, short) == nearest_cells(rows, ids, vector, count)


@pytest.mark.parametrize("cells", [1, 3])
def test_few_are_read(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(0)
    vectors, vector = np.abs(chance.standard_normal((3000, cells, 64), np.float32)), chance.random(64, np.float32)
    rows, short, read = with_lengths(vectors), shortened(vectors), list[int]()
    by_all = nearest_cells(rows, np.arange(3000), vector, 5)
    exact = index_neighbours._exact
    monkeypatch.setattr(index_neighbours, "_exact", lambda *given: [read.append(len(given[1])), exact(*given)][1])
    assert nearest_cells(rows, np.arange(3000), vector, 5, short) == by_all
    assert read[0] == 5
    assert sum(read) < 150


def test_rows_that_are_all_alike_are_found_by_a_product_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.ones((400, 1, 8), np.float32)
    asked = list[int]()
    by_all = index_neighbours._candidates
    monkeypatch.setattr(index_neighbours, "_candidates", lambda *given: [asked.append(1), by_all(*given)][1])
    found = nearest_cells(with_lengths(vectors), np.arange(400), np.ones(8), 3, shortened(vectors))
    assert [number for number, _, _ in found] == [0, 1, 2]
    assert asked == [1]


def test_products_of_bytes_are_exact_at_their_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    if not short_vectors.quick():
        pytest.skip("no VNNI here, so that they are not used")
    rows = np.random.default_rng(0).choice(np.array([-127, 127], np.int8), (700, 1296))
    digits = np.ascontiguousarray(np.sign(rows[:3].T) * 63).astype(np.int8)
    np.testing.assert_array_equal(short_vectors._products(rows, digits), whole(rows, digits))


def test_the_bytes_lie_beside_the_features_they_are_of(tmp_path: Path) -> None:
    store, vectors = tmp_path / "a.fmindex", np.random.default_rng(0).random((6, 5), np.float32)
    files = NumberFiles(store)
    files.put_features(2, np.array([4, 5, 0]), vectors[:3])
    files.put_cells(3, np.array([1]), vectors[None])
    files.close()
    held = np.fromfile(short_file(features_file(store, 2)), np.int8).reshape(6, row_bytes(5))
    np.testing.assert_array_equal(held[[4, 5, 0]], shortened(vectors[:3]))
    assert not held[1:4].any()
    ends = {path.name.removeprefix(store.name) for path in files_of(store)}
    assert ends == {".features-2.f32", ".features-2.i8", ".cells-3.f32", ".cells-3.i8"}
