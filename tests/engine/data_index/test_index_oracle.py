"""The index against plain torch over all maps kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from index_nets import TAPS, draw, kept_maps, made, network
from torch import Tensor, nn

from explorer.core.data_index import PictureState
from explorer.core.index_requests import FindByName, FindNearPicture, FindPlane
from explorer.core.models import of_pictures
from explorer.engine.data_index.index_answers import find_by_name, find_near_picture, find_plane
from explorer.engine.data_index.index_pass import channel_reader
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor

COUNT, BATCH = 200, 16


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> tuple[IndexReader, dict[str, Tensor]]:
    folder = tmp_path_factory.mktemp("index")
    data, loaded = draw(folder / "data", COUNT, ("a", "b", "c")), network()
    made(loaded, data, folder / "x.fmindex")
    reader = IndexReader(folder / "x.fmindex")
    pictures = reader.pictures(limit=COUNT)
    pre = of_pictures(loaded.card.preprocess)
    inputs = torch.cat([to_tensor(open_picture(data / each.path), pre) for each in pictures])
    return reader, kept_maps(loaded, inputs, TAPS, BATCH)


def cells_of(tap: str, values: Tensor) -> Tensor:
    """(N, channels, cells), row by row."""
    if values.dim() == 4:
        return values.flatten(2)
    return values[:, 1:].transpose(1, 2) if values.dim() == 3 else values[:, :, None]


@pytest.mark.parametrize("tap", TAPS)
def test_the_best_of_every_channel_are_those_of_topk_to_the_last_bit(
    indexed: tuple[IndexReader, dict[str, Tensor]], tap: str
) -> None:
    reader, kept = indexed
    cells = cells_of(tap, kept[tap])
    width = reader.tap(tap).grid[1]
    for channel in range(cells.shape[1]):
        best = cells[:, channel].max(1)
        values, _ = best.values.topk(16)
        order = np.lexsort((np.arange(COUNT), -best.values.numpy()))[:16]
        entries = reader.top(tap, channel, count=16).entries
        assert [e.value for e in entries] == values.tolist()
        assert [e.picture.id for e in entries] == order.tolist()
        assert [e.cell for e in entries] == [divmod(int(best.indices[n]), width) for n in order]


def test_ties_of_a_clipped_layer_are_told_and_come_in_the_order_of_the_pictures(
    indexed: tuple[IndexReader, dict[str, Tensor]],
) -> None:
    reader, kept = indexed
    best = kept["clip"].flatten(2).amax(2)
    assert reader.tap("clip").limit == 0.05
    assert bool((best == 0.05).any(0).any())
    for channel in range(best.shape[1]):
        found = reader.top("clip", channel)
        assert found.reach == int((best[:, channel] == best[:, channel].max()).sum())
        assert found.pictures == COUNT
        assert found.maximum == float(best[:, channel].max())


def test_least_by_class_and_above_half_are_those_of_all_values(indexed: tuple[IndexReader, dict[str, Tensor]]) -> None:
    reader, kept = indexed
    best = kept["tokens"][:, 1:].amax(1).numpy()
    labels = np.array([each.label for each in reader.pictures(limit=COUNT)])
    for channel in range(best.shape[1]):
        column = best[:, channel]
        assert [e.picture.id for e in reader.least("tokens", channel).entries] == np.argsort(column, kind="stable")[
            :9
        ].tolist()
        of_b = np.flatnonzero(labels == "b")
        order = of_b[np.argsort(-column[of_b], kind="stable")[:9]]
        assert [e.picture.id for e in reader.top("tokens", channel, "b").entries] == order.tolist()
        above = {e.picture.id for e in reader.above_half("tokens", channel).entries}
        wanted = set(np.flatnonzero(column > column.max() / 2).tolist())
        assert above <= wanted
        assert len(above) == min(9, len(wanted))
        assert reader.count_above_half("tokens", channel) == len(wanted)


def test_histogram_and_bars_of_classes_are_those_of_all_values(indexed: tuple[IndexReader, dict[str, Tensor]]) -> None:
    reader, kept = indexed
    labels = np.array([each.label for each in reader.pictures(limit=COUNT)])
    column = kept["conv"].flatten(2).amax(2)[:, 2].numpy()
    histogram = reader.histogram("conv", 2, 20)
    counts, edges = np.histogram(column, np.linspace(column.min(), column.max(), 21))
    assert np.array_equal(histogram.counts, counts)
    assert np.allclose(histogram.edges, edges)
    assert np.array_equal(histogram.by_class.sum(0), counts)
    assert histogram.labels == ("a", "b", "c")
    for bar in reader.classes("conv", 2):
        of = column[labels == bar.label].astype(np.float64)
        assert bar.pictures == len(of)
        assert bar.active == int((of > 0).sum())
        assert bar.mean == pytest.approx(of.mean(), rel=1e-9)
        assert bar.std == pytest.approx(of.std(), rel=1e-6)


def test_the_table_of_channels_is_that_of_numpy(indexed: tuple[IndexReader, dict[str, Tensor]]) -> None:
    reader, kept = indexed
    best = kept["relu"].flatten(2).amax(2).numpy().astype(np.float64)
    table = reader.table("relu")
    labels = np.array([each.label for each in reader.pictures(limit=COUNT)])
    means = np.stack([best[labels == name].mean(0) for name in "abc"])
    assert np.allclose(table.coverage, (best > 0).mean(0))
    assert np.allclose(table.maximum, best.max(0))
    top = means.max(0)
    others = (means.sum(0) - top) / 2
    assert np.allclose(table.selectivity, (top - others) / (top + others))
    lifetime = (1 - best.mean(0) ** 2 / (best**2).mean(0)) / (1 - 1 / COUNT)
    assert np.allclose(table.sparsity, lifetime, atol=1e-9)
    assert np.isnan(reader.table("conv").sparsity).any()  # not defined where values are negative


def test_neighbours_are_those_of_a_float64_loop(indexed: tuple[IndexReader, dict[str, Tensor]]) -> None:
    reader, kept = indexed
    features = kept["relu"].mean((2, 3)).numpy()
    assert np.allclose(reader.feature(7), features[7], rtol=1e-6)
    exact = features.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    cosines = exact @ exact[7]
    cosines[7] = -2
    found = reader.nearest(reader.feature(7), "relu", 12, without=7)
    assert [each.picture.id for each in found] == np.argsort(-cosines, kind="stable")[:12].tolist()
    assert [each.similarity for each in found] == pytest.approx(sorted(cosines, reverse=True)[:12], abs=1e-6)
    assert find_near_picture(None, FindNearPicture(str(reader.store), 7, "relu"), None) == found  # type: ignore[arg-type]


def test_names_are_searched_as_python_would(indexed: tuple[IndexReader, dict[str, Tensor]]) -> None:
    reader, _ = indexed
    asked = FindByName(str(reader.store), "A/1", "a", None, 9)
    expected = [each.id for each in reader.pictures(limit=COUNT) if "a/1" in each.path and each.label == "a"][:9]
    assert len(expected) == 9
    assert list(find_by_name(None, asked, None)) == expected  # type: ignore[arg-type]


def test_the_plane_is_that_of_an_svd(indexed: tuple[IndexReader, dict[str, Tensor]]) -> None:
    reader, kept = indexed
    unit = kept["relu"].mean((2, 3)).double()
    unit = unit / unit.norm(dim=1, keepdim=True)
    u, s, _ = torch.linalg.svd(unit - unit.mean(0), full_matrices=False)
    found = reader.scatter("relu")
    expected = (u[:, :2] * s[:2]).numpy()
    assert np.allclose(np.abs(found.points), np.abs(expected), atol=1e-5)
    assert found.explained[0] == pytest.approx(float(s[0] ** 2 / (s**2).sum()), abs=1e-6)
    asked = find_plane(None, FindPlane(str(reader.store), "relu"), None)  # type: ignore[arg-type]
    assert np.array_equal(asked.points, found.points)
    assert asked.labels == found.labels


def test_the_ids_of_a_filter_are_those_of_its_pictures(indexed: tuple[IndexReader, dict[str, Tensor]]) -> None:
    reader, _ = indexed
    for asked in ({}, {"label": "b"}, {"state": PictureState.DONE, "text": "7"}, {"text": "nothing"}):
        assert reader.ids(**asked).tolist() == [each.id for each in reader.pictures(**asked, limit=COUNT)]  # type: ignore[arg-type]
    assert reader.ids(limit=3).tolist() == [0, 1, 2]


def test_a_vector_that_is_overwritten_in_place_is_read_before(tmp_path: Path) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 6), nn.ReLU(True))
    loaded = network(lambda: module)
    data = draw(tmp_path / "data", 20)
    made(loaded, data, tmp_path / "x.fmindex", taps="3", features="3")
    pre = of_pictures(loaded.card.preprocess)
    with IndexReader(tmp_path / "x.fmindex") as reader:
        pictures = reader.pictures(limit=20)
        inputs = torch.cat([to_tensor(open_picture(data / each.path), pre) for each in pictures])
        kept = kept_maps(loaded, inputs, ("3",), BATCH)["3"]
        assert (kept < 0).any()
        for channel in range(6):
            assert reader.values("3", channel)[1].tolist() == kept[:, channel].tolist()
        assert [reader.feature(each.id, "3").tolist() for each in pictures] == kept.tolist()


class Elsewhere(Tensor):
    """As a tensor of another device: nothing can be computed with it before it is brought over."""

    @classmethod
    def __torch_function__(cls, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not Tensor.to:
            raise RuntimeError("Expected all tensors to be on the same device")
        with torch._C.DisableTorchFunctionSubclass():
            return args[0].as_subclass(Tensor)


def test_a_floor_of_another_device_is_brought_over() -> None:
    loaded = network()
    x = torch.rand(4, 3, 16, 16)
    reader = channel_reader(loaded.module, "cpu", x[:1], TAPS)
    floor = torch.zeros(reader.channels)
    far = floor.as_subclass(Elsewhere)
    here, there = reader.read(x, 4, floor), reader.read(x, 4, far)
    assert len(here.candidates.rows) > 0
    assert np.array_equal(here.candidates.rows, there.candidates.rows)
