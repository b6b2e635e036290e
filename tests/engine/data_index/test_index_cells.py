"""Pictures near a cell: against numpy in float64 over all cells kept by plain hooks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from index_nets import draw, kept_maps, made, network
from torch import Tensor, nn

from explorer.core.data_index import IndexSettings, settings_from
from explorer.core.errors import ExplorerError
from explorer.core.index_requests import FindNearPicture
from explorer.core.models import of_pictures
from explorer.engine.data_index import index_taps
from explorer.engine.data_index.index_answers import find_near_picture
from explorer.engine.data_index.index_digest import digest_of
from explorer.engine.data_index.index_neighbours import nearest_cells
from explorer.engine.data_index.index_pass import channel_reader
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.data_index.index_run import Sharding
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor

COUNT, BATCH = 40, 16
CELLS = "conv,tokens"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> tuple[IndexReader, dict[str, Tensor]]:
    folder = tmp_path_factory.mktemp("index")
    data, loaded = draw(folder / "data", COUNT, ("a", "b", "c")), network()
    made(loaded, data, folder / "x.fmindex", cells=CELLS)
    reader = IndexReader(folder / "x.fmindex")
    pre = of_pictures(loaded.card.preprocess)
    inputs = torch.cat([to_tensor(open_picture(data / each.path), pre) for each in reader.pictures(limit=COUNT)])
    return reader, kept_maps(loaded, inputs, ("conv", "tokens"), BATCH)


def vectors_of(values: Tensor) -> np.ndarray:
    """(N, cells, channels) float64, row by row; without the class token."""
    return (values.flatten(2).transpose(1, 2) if values.dim() == 4 else values[:, 1:]).double().numpy()


@pytest.mark.parametrize(("tap", "cell"), [("conv", (0, 0)), ("conv", (5, 11)), ("tokens", (3, 1))])
def test_neighbours_of_a_cell_are_those_of_a_loop_over_all_cells(
    indexed: tuple[IndexReader, dict[str, Tensor]], tap: str, cell: tuple[int, int]
) -> None:
    reader, kept = indexed
    cells, columns = vectors_of(kept[tap]), reader.tap(tap).grid[1]
    asked = cells[7, cell[0] * columns + cell[1]]
    assert np.array_equal(reader.cell(7, tap, cell), asked.astype(np.float32))
    best = []
    for number, each in enumerate(cells):
        cosines = each @ asked / (np.linalg.norm(each, axis=1) * np.linalg.norm(asked))
        best.append((-cosines.max(), number, divmod(int(cosines.argmax()), columns)))
    del best[7]
    found = reader.nearest_cells(reader.cell(7, tap, cell), tap, 12, without=7)
    assert [(each.picture.id, each.cell) for each in found] == [(n, at) for _, n, at in sorted(best)[:12]]
    assert [each.similarity for each in found] == pytest.approx([-c for c, _, _ in sorted(best)[:12]], abs=1e-12)
    of_b = reader.nearest_cells(reader.cell(7, tap, cell), tap, 3, "b")
    labels = {each.id: each.label for each in reader.pictures(limit=COUNT)}
    assert [each.picture.id for each in of_b] == [n for _, n, _ in sorted(best) if labels[n] == "b"][:3]
    asking = FindNearPicture(str(reader.store), 7, tap, cell=cell)
    assert find_near_picture(None, asking, None) == found  # type: ignore[arg-type]


def test_ties_and_cells_without_a_direction() -> None:
    vectors = np.zeros((4, 3, 2))
    vectors[1, 2] = vectors[3, 1] = vectors[3, 2] = (0.0, 3.0)
    vectors[2, 0] = (np.nan, 1.0)
    rows = np.concatenate([vectors, np.linalg.norm(vectors, axis=2, keepdims=True)], 2).astype(np.float32)
    found = nearest_cells(rows, np.arange(4), np.array([1.0, 1.0]), 9)
    assert [(number, cell) for number, cell, _ in found] == [(1, 2), (3, 1)]
    assert found[0][2] == pytest.approx(0.5**0.5)


def test_what_is_not_kept_is_told(indexed: tuple[IndexReader, dict[str, Tensor]], tmp_path: Path) -> None:
    reader, _ = indexed
    assert reader.cell_taps == ("conv", "tokens")
    with pytest.raises(ExplorerError, match="no cells of relu"):
        reader.nearest_cells(np.ones(8), "relu")
    with pytest.raises(ExplorerError, match="no cell 4, 0"):
        reader.cell(0, "tokens", (4, 0))
    with pytest.raises(ExplorerError, match="head has one cell"):
        made(network(), draw(tmp_path / "data", 2), tmp_path / "y.fmindex", cells="head")


def test_more_than_there_is_room_for_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_taps, "CELLS_BYTES", 4 * 2 * 16 * 16 * 9 - 1)
    with pytest.raises(ExplorerError, match="The cells of conv would take"):
        made(network(), draw(tmp_path / "data", 2), tmp_path / "y.fmindex", cells="conv")
    assert not (tmp_path / "y.fmindex").exists()


def test_one_digest_whatever_the_shards(indexed: tuple[IndexReader, dict[str, Tensor]], tmp_path: Path) -> None:
    reader, _ = indexed
    data = Path(reader.place)
    made(network(), data, tmp_path / "y.fmindex", Sharding(16, 0.0), cells=CELLS)
    assert digest_of(tmp_path / "y.fmindex") == digest_of(reader.store)
    made(network(), data, tmp_path / "z.fmindex")
    assert digest_of(tmp_path / "z.fmindex") != digest_of(reader.store)  # another index: without cells


def test_settings_without_cells_are_those_of_before_there_were_any() -> None:
    old = {"model": "m", "kind": "picture", "data": "d", "taps": ["a 1x1x1"], "features": ["a"]}
    assert "cells" not in settings_from(old).to_json()
    assert settings_from(IndexSettings("m", "picture", "d", (), cells=("a",)).to_json()).cells == ("a",)


class ChannelsLast(nn.Module):
    """Maps with the channels last in memory, over which the next operation writes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv(x.contiguous(memory_format=torch.channels_last)))


def test_cells_that_are_written_over_are_read_before() -> None:
    torch.manual_seed(0)
    module, x = ChannelsLast().eval(), torch.randn(1, 3, 5, 6)
    reader = channel_reader(module, "cpu", x, ["conv"], vectors=frozenset({0}))
    found = reader.read(x, 1, torch.full((reader.channels,), -float("inf"))).vectors[0]
    with torch.no_grad():
        values = module.conv(x.contiguous(memory_format=torch.channels_last))
    assert (values < 0).any()
    assert found.tolist() == values.flatten(2).transpose(1, 2).tolist()


class Volume(nn.Module):
    """Maps of a volume."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


def test_the_cells_of_a_volume_stand_where_its_slices_do() -> None:
    torch.manual_seed(0)
    module, x = Volume().eval(), torch.randn(1, 3, 3, 4, 5)
    reader = channel_reader(module, "cpu", x, ["conv"], vectors=frozenset({0}))
    floor = torch.full((reader.channels,), -float("inf"))
    found = reader.read(x, 1, floor)
    vectors, best = found.vectors[0][0], found.candidates
    for channel, place in zip(best.rows.tolist(), best.cells.tolist(), strict=True):
        assert vectors[place, channel] == found.maxima[0, channel]
    with torch.no_grad():
        assert np.sort(vectors[np.any(vectors != 0, axis=1)], axis=0) == pytest.approx(
            np.sort(module(x)[0].flatten(1).T.numpy(), axis=0), abs=0
        )
