"""Similarity against torch's cosine, and cells of any layout in one coordinate system."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.models import Preprocess
from explorer.core.representations import Vectors
from explorer.engine.capture.forward import discover
from explorer.engine.capture.values import to_array
from explorer.engine.representations.cell_vectors import nearest, read_at, same_place, vectors
from explorer.engine.representations.similarity import across, buddies, similar

PRE = Preprocess(16, 24, fit="stretch")


def seen(net: torch.nn.Module, name: str, size: tuple[int, int] = (16, 24)) -> tuple[Tap, Array, Vectors]:
    found = discover(seeded(net), torch.randn(1, 3, 16, 24, generator=torch.Generator().manual_seed(1)))
    tap = next(t for t in found.plan.taps if t.name == name)
    values = to_array(found.tensors[name], tap.batched)
    return tap, values, vectors(values, tap, size, PRE)


def test_tokens_and_maps_become_the_same_kind_of_vectors() -> None:
    _, tokens, cells = seen(TinyViT(), "norm")
    assert cells.grid == (4, 6)
    assert cells.values == pytest.approx(tokens[3:])
    assert cells.rows.tolist() == [2, 6, 10, 14]
    assert cells.columns.tolist() == [2, 6, 10, 14, 18, 22]
    _, maps, cells = seen(InPlace(), "relu")
    assert cells.grid == (16, 24)
    assert cells.values == pytest.approx(maps.reshape(8, -1).T)
    assert cells.rows[:2].tolist() == [0.5, 1.5]
    _, vector, cells = seen(InPlace(), "fc")
    assert cells.grid == (1, 1)
    assert cells.values[0] == pytest.approx(vector)


class Odd(nn.Module):
    """One channel in, channels last inside, an in-place layer called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.relu = nn.Conv2d(1, 6, 4, 4), nn.LayerNorm(6), nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.relu(self.norm(self.conv(x[:, :1]).permute(0, 2, 3, 1))) - 0.2)


def test_channels_last_and_the_second_call_of_a_layer() -> None:
    tap, values, cells = seen(Odd(), "norm")
    assert (tap.layout, cells.grid) == ("NHWC", (4, 6))
    assert cells.values == pytest.approx(values.reshape(24, 6))
    assert cells.columns.tolist() == [2, 6, 10, 14, 18, 22]
    _, first, _ = seen(Odd(), "relu")
    _, second, again = seen(Odd(), "relu_1")
    assert second == pytest.approx((first - 0.2).clip(0), abs=1e-6)
    assert again.values == pytest.approx(second.reshape(24, 6))


class Enlarged(nn.Module):
    """Maps made coarse and fine again, as in a U-Net."""

    def __init__(self) -> None:
        super().__init__()
        self.pool, self.up = nn.AvgPool2d(4), nn.Upsample(scale_factor=4, mode="bilinear")

    def forward(self, x: Tensor) -> Tensor:
        return self.up(self.pool(x))


def test_enlarged_maps_stand_where_the_pixels_do() -> None:
    coarse, fine = seen(Enlarged(), "pool")[2], seen(Enlarged(), "up")[2]
    assert coarse.rows.tolist() == [2, 6, 10, 14]
    assert fine.rows == pytest.approx(np.arange(16) + 0.5)
    found, reached = read_at(coarse.values, coarse, fine)
    assert reached.all()
    assert found == pytest.approx(fine.values, abs=1e-6)


def test_centres_are_in_pixels_of_the_original_picture() -> None:
    cells = seen(TinyViT(), "norm", (32, 24))[2]
    assert cells.rows.tolist() == [4, 12, 20, 28]
    assert nearest(cells, 30, 0) == (3, 0)


@pytest.mark.parametrize(("net", "name"), [(TinyViT, "norm"), (InPlace, "conv2")])
def test_similarity_is_torchs_cosine(net: type[torch.nn.Module], name: str) -> None:
    cells = seen(net(), name)[2]
    found = similar(cells, (2, 3))
    flat = torch.tensor(cells.values)
    oracle = cosine_similarity(flat, flat[2 * cells.grid[1] + 3][None], dim=1).numpy()
    assert found.values.reshape(-1) == pytest.approx(oracle, abs=1e-6)
    assert found.values[2, 3] == pytest.approx(1.0)
    oracle[2 * cells.grid[1] + 3] = -2
    assert found.best == divmod(int(oracle.argmax()), cells.grid[1])


def test_in_a_second_input_and_best_buddies() -> None:
    rng = np.random.default_rng(0)
    a = Vectors("t", rng.normal(size=(12, 6)), (3, 4), np.arange(3.0), np.arange(4.0))
    order = rng.permutation(12)
    b = Vectors("t", a.values[order] * 4, (4, 3), np.arange(4.0), np.arange(3.0))
    found = similar(a, (1, 2), b)
    assert found.values.shape == (4, 3)
    assert found.best == divmod(int(np.flatnonzero(order == 6)[0]), 3)
    pairs = buddies(a, b)
    assert len(pairs) == 12
    assert (order[pairs[:, 1]] == pairs[:, 0]).all()


def test_across_models_the_place_is_the_same_and_the_channels_need_not_be() -> None:
    tokens, maps = seen(TinyViT(), "norm")[2], seen(InPlace(), "conv2")[2]
    assert same_place(maps, (13, 1), tokens) == (3, 0)
    there, found = across(maps, (13, 1), tokens)
    assert there == (3, 0)
    assert found.values == pytest.approx(similar(tokens, (3, 0)).values)
    with pytest.raises(ExplorerError, match="same channels"):
        similar(tokens, (0, 0), maps)


def test_zero_and_broken_vectors_are_not_known_and_cannot_be_asked() -> None:
    values = np.ones((6, 2))
    values[1], values[2, 0], values[3] = 0.0, np.nan, 1e-200
    cells = Vectors("t", values, (2, 3), np.arange(2.0), np.arange(3.0))
    found = similar(cells, (0, 0))
    assert found.known.tolist() == [[True, False, False], [True, True, True]]
    assert found.values == pytest.approx(np.array([[1, 0, 0], [1, 1, 1]]))
    for cell in ((0, 1), (0, 2)):
        with pytest.raises(ExplorerError, match="has no direction"):
            similar(cells, cell)
    alone = Vectors("t", np.array([[0.0, 0.0], [1.0, 2.0]]), (1, 2), np.arange(1.0), np.arange(2.0))
    assert similar(alone, (0, 1)).best == (0, 1)
    with pytest.raises(ExplorerError, match="no cell 2,0"):
        similar(cells, (2, 0))


def test_reading_between_centres_is_torchs_interpolation() -> None:
    rng = np.random.default_rng(3)
    grid = rng.normal(size=(4, 5, 2))
    source = Vectors("s", grid.reshape(-1, 2), (4, 5), np.arange(4) * 4 + 2.0, np.arange(5) * 4 + 2.0)
    target = Vectors("t", np.zeros((16 * 20, 1)), (16, 20), np.arange(16) + 0.5, np.arange(20) + 0.5)
    found, reached = read_at(source.values, source, target)
    oracle = torch.nn.functional.interpolate(
        torch.tensor(grid).permute(2, 0, 1)[None], size=(16, 20), mode="bilinear", align_corners=False
    )
    assert found.T.reshape(2, 16, 20) == pytest.approx(oracle[0].numpy(), abs=1e-12)
    assert reached.all()
    away = Vectors("t", np.zeros((2, 1)), (2, 1), np.array([-0.5, 3.0]), np.array([2.0]))
    assert read_at(source.values, source, away)[1].tolist() == [False, True]
