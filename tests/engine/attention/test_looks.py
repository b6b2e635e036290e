"""Rows, columns and numbers of heads, where the attention is known, and where windows are shifted."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from attention_nets import COUNT, GRID, PREFIX, Planted, planted_weights
from torch import Tensor, nn

from explorer.core.attention import AttentionKind
from explorer.core.errors import ExplorerError
from explorer.engine.attention.heads import summarise
from explorer.engine.attention.looks import looks_at, overview, seen_by
from explorer.engine.attention.norms import block_taps, token_norms
from explorer.engine.attention.record import ForwardAttention, find
from explorer.engine.capture.forward import discover
from explorer.engine.models.demo.vit import VisionTransformer
from explorer.engine.models.torchvision_compat import import_torchvision


def image(*size: int) -> Tensor:
    return torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def planted() -> ForwardAttention:
    return find(Planted().eval(), image(12, 16))


def test_a_patch_looks_at_its_left_neighbour_the_register_and_everything(planted: ForwardAttention) -> None:
    found = looks_at(planted.of("blocks.1"), (1, 2))
    expected = np.zeros(GRID)
    expected[1, 1] = 1
    assert found.maps[0].tolist() == expected.tolist()
    assert found.prefix[1].tolist() == [0, 1]
    assert not found.maps[1].any()
    assert found.maps[2] == pytest.approx(np.full(GRID, 1 / COUNT))
    assert found.sums == pytest.approx([1, 1, 1], abs=1e-6)
    assert found.seen.all()


def test_the_class_token_is_a_query_like_any_other(planted: ForwardAttention) -> None:
    found = looks_at(planted.of("blocks.0"), 0)
    assert found.prefix == pytest.approx(planted_weights()[:, 0, :PREFIX].numpy())
    with pytest.raises(ExplorerError, match="no token 2"):
        looks_at(planted.of("blocks.0"), 2)
    with pytest.raises(ExplorerError, match="no cell 3, 0"):
        looks_at(planted.of("blocks.0"), (3, 0))


def test_who_looks_at_a_patch(planted: ForwardAttention) -> None:
    found = seen_by(planted.of("blocks.0"), (1, 2))
    expected = np.zeros(GRID)
    expected[1, 3] = 1
    assert found.maps[0].tolist() == expected.tolist()
    assert seen_by(planted.of("blocks.0"), 1).maps[1].tolist() == np.ones(GRID).tolist()


def test_all_blocks_at_once(planted: ForwardAttention) -> None:
    maps = overview(planted, (0, 0))
    assert list(maps) == ["blocks.0", "blocks.1"]
    assert maps["blocks.0"].maps.shape == (3, *GRID)


def test_entropy_distance_and_prefix_of_planted_heads(planted: ForwardAttention) -> None:
    found = summarise(planted.of("blocks.0"))
    assert found.entropy == pytest.approx([0, 0, math.log(COUNT)], abs=1e-6)
    ys, xs = np.mgrid[: GRID[0], : GRID[1]].reshape(2, -1) * 4.0
    apart = np.hypot(ys[:, None] - ys, xs[:, None] - xs)
    # 9 of 12 patches look 4 pixels to the left, 3 at themselves
    assert found.distance == pytest.approx([4 * 9 / 12, 0, apart.sum(1).mean() / COUNT], abs=1e-5)
    assert found.prefix[1] == pytest.approx([0, 1])
    assert found.prefix[2] == pytest.approx([1 / COUNT, 1 / COUNT])
    assert found.queries == COUNT
    assert found.sum_error < 1e-6


@pytest.mark.parametrize("index", [0, 1])
def test_shifted_windows_are_where_the_formula_of_swin_puts_them(index: int) -> None:
    """Liu and others 2021: a map is rolled by -shift, cut into windows of 7, and rolled back."""
    torch.manual_seed(0)
    net = import_torchvision().models.swin_t(weights=None).eval()
    found = find(net, image(112, 112), values=True)
    one = found.of(f"features.1.{index}.attn")
    height = width = 28
    shift, side = (0, 3)[index], 7
    assert one.call.kind is AttentionKind.WINDOWS
    rows = torch.cat([rows for _, rows in one.blocks()], -2)
    for y, x in ((0, 0), (5, 9), (27, 26), (14, 3)):
        ry, rx = (y - shift) % height, (x - shift) % width
        window, token = ry // side * (width // side) + rx // side, ry % side * side + rx % side
        rolled = np.zeros((height, width), np.float32)
        top, left = ry // side * side, rx // side * side
        rolled[top : top + side, left : left + side] = rows[window, 1, token].reshape(side, side).numpy()
        assert looks_at(one, (y, x)).maps[1] == pytest.approx(np.roll(rolled, (shift, shift), (0, 1)))
        assert looks_at(one, (y, x)).seen.sum() == side * side


def test_distance_within_windows_is_measured_on_the_picture() -> None:
    torch.manual_seed(0)
    net = import_torchvision().models.swin_t(weights=None).eval()
    for name, p in net.named_parameters():
        if name == "features.1.0.attn.qkv.weight":
            nn.init.zeros_(p)  # all windows look at all their tokens alike
        if name.endswith("features.1.0.attn.relative_position_bias_table"):
            nn.init.zeros_(p)
    found = summarise(find(net, image(112, 112)).of("features.1.0.attn"))
    ys, xs = np.mgrid[:7, :7].reshape(2, -1) * 4.0
    assert found.distance == pytest.approx([np.hypot(ys[:, None] - ys, xs[:, None] - xs).mean()] * 3, rel=1e-5)
    assert found.entropy == pytest.approx([math.log(49)] * 3, rel=1e-5)


def test_norms_are_of_what_blocks_return() -> None:
    net, x = VisionTransformer(registers=2, depth=3).eval(), image(96, 96)
    plan, calls = discover(net, x.clone()).plan, find(net, x).calls
    assert [tap.name for tap in block_taps(plan, calls)] == [f"blocks.{i}" for i in range(3)]
    found = token_norms(net, x, plan, calls)
    outputs: list[Tensor] = []
    handles = [b.register_forward_hook(lambda _m, _a, out: outputs.append(out.clone())) for b in net.blocks]
    with torch.no_grad():
        net(x.clone())
    for handle in handles:
        handle.remove()
    for one, out in zip(found, outputs, strict=True):
        lengths = out[0].double().norm(dim=1).numpy()
        assert one.prefix == pytest.approx(lengths[:3])
        assert one.norms.ravel() == pytest.approx(lengths[3:])


def test_a_token_that_sticks_out_is_marked() -> None:
    class Loud(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x = x.clone()
            x[:, 1 + 30] *= 40
            x[:, 0] *= 1000  # the class token is no outlier
            return x

    net, x = VisionTransformer(depth=2).eval(), image(96, 96)
    net.blocks[0].shrink, net.blocks[0].gelu = nn.Sequential(net.blocks[0].shrink, Loud()), nn.GELU()
    found = token_norms(net, x, discover(net, x.clone()).plan, find(net, x).calls)[0]
    assert np.argwhere(found.outliers).tolist() == [[30 // 12, 30 % 12]]
    assert found.prefix[0] > found.limit


def test_blocks_of_windows_are_maps_too() -> None:
    net, x = import_torchvision().models.swin_t(weights=None).eval(), image(64, 96)
    found = token_norms(net, x, discover(net, x.clone()).plan, find(net, x).calls)
    assert [one.tap for one in found[:3]] == ["features.1.0", "features.1.1", "features.3.0"]
    assert found[0].norms.shape == (16, 24)
    assert len(found) == 12
