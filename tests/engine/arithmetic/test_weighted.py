"""The weighted values of attention against plain torch, and their names against where windows lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from nets import seeded
from torch import Tensor, nn

from explorer.core.arithmetic import Arithmetic, Patch, largest
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import index_of
from explorer.engine.arithmetic.cell import explain_cell, worksheet
from explorer.engine.capture.forward import discover
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.models.demo.vit import VisionTransformer
from explorer.engine.models.torchvision_compat import import_torchvision


def x_of(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def patch_of(found: Arithmetic) -> Patch:
    patch = found.steps[0].patch
    assert patch is not None
    return patch


def cells_of(net: nn.Module, x: Tensor, name: str, places: list[tuple[int, tuple[int, int]]]) -> list[Arithmetic]:
    """Cells of one tap, each the tensor's value and the sum of its terms."""
    seen = discover(net, x.clone())
    tap = next(t for t in seen.plan.taps if t.name == name)
    if tap.grid is None:  # a call through which cells are not followed
        places = [(channel, (0, y * 5 + x)) for channel, (y, x) in places]
    sheet = worksheet(net, x, seen.plan, (name,))
    found = [sheet.cell(name, channel, cell) for channel, cell in places]
    for one, (channel, cell) in zip(found, places, strict=True):
        patch, step = patch_of(one), one.steps[0]
        assert one.value == float(seen.tensors[name][index_of(tap, channel, cell)])
        total = float(patch.products.sum()) + (step.bias or 0.0)
        assert one.agrees or one.why
        assert total == pytest.approx(step.stored, rel=1e-4, abs=2e-6 * float(np.abs(patch.products).sum()))
        assert step.operation == "attention"
        assert patch.keys is not None
        assert patch.weights.sum(1) == pytest.approx(np.ones(len(patch.weights)), abs=1e-6)
    return found


def test_every_term_is_weight_times_value_through_the_projection() -> None:
    """The demonstration's own q, k, v layers give the same numbers in plain torch."""
    net, x = seeded(VisionTransformer(width=24, depth=1, heads=3, registers=2)).eval(), x_of(1, 3, 96, 96)
    attention = net.blocks[0].attention
    parts: dict[str, Tensor] = {}
    for name in "qkv":
        getattr(attention, name).register_forward_hook(lambda _m, _a, out, name=name: parts.update({name: out}))
    places = [(5, (2, 7)), (23, (11, 0)), (0, (-1, 0)), (7, (-1, 2))]
    found = cells_of(net, x, "blocks.0.attention", places)
    q, k, v = (parts[name][0].detach().double().unflatten(1, (3, 8)).transpose(0, 1) for name in "qkv")
    weights = (q @ k.mT / 8**0.5).softmax(-1)
    projection = attention.out.weight.detach().double()
    for one, (channel, cell) in zip(found, places, strict=True):
        token = cell[1] if cell[0] < 0 else 3 + cell[0] * 12 + cell[1]
        values = torch.stack([v[h] @ projection[channel, 8 * h : 8 * h + 8] for h in range(3)])
        patch = patch_of(one)
        assert torch.allclose(torch.from_numpy(patch.weights), weights[:, token], rtol=1e-6, atol=1e-12)
        assert torch.allclose(torch.from_numpy(patch.values), values, rtol=1e-6, atol=1e-9)
        assert patch.keys is not None
        assert patch.keys.names[:5] == ("CLS", "register 1", "register 2", "(0, 0)", "(0, 1)")
        assert patch.keys.names[-1] == "(11, 11)"
        assert list(patch.channels) == [0, 1, 2]
        assert one.before == "blocks.0.attention.v"
        block = patch.keys.block
        assert block is not None
        assert (block == np.arange(3, 147).reshape(12, 12)).all()
        assert {term.token for term in largest(patch, 9)[0]} <= set(patch.keys.names)


def test_the_projections_own_tap_keeps_the_terms_of_a_linear_layer() -> None:
    net, x = seeded(VisionTransformer(width=24, depth=1)).eval(), x_of(1, 3, 96, 96)
    found = explain_cell(net, x, discover(net, x).plan, "blocks.0.attention.out", 3, (1, 1))
    assert found.steps[0].operation == "linear"
    assert patch_of(found).keys is None
    assert patch_of(found).values.shape == (24,)


def test_torchvisions_vision_transformer() -> None:
    """nn.MultiheadAttention is looked into; its own averaged weights are the mean of the heads'."""
    models = import_torchvision().models
    net = seeded(models.VisionTransformer(32, 8, 2, 4, 24, 48)).eval()
    x, name = x_of(1, 3, 32, 32), "encoder.layers.encoder_layer_1.self_attention"
    given: dict[str, Any] = {}
    block = net.get_submodule(name)
    handle = block.register_forward_pre_hook(lambda _m, args: given.update(args=args))
    found = cells_of(net, x, f"{name}[0]", [(3, (1, 2)), (9, (-1, 0))])
    handle.remove()
    _, mean = block(*given["args"], need_weights=True)
    for one, token in zip(found, (7, 0), strict=True):
        patch = patch_of(one)
        assert patch.weights.shape == (4, 17)
        assert torch.allclose(torch.from_numpy(patch.weights.mean(0)).float(), mean[0, token], atol=1e-6)
        assert patch.keys is not None
        assert patch.keys.names[:3] == ("CLS", "(0, 0)", "(0, 1)")


def test_multi_head_attention_that_returns_its_weights() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attend = nn.MultiheadAttention(6, 2, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            y = x.flatten(2).transpose(1, 2)
            return self.attend(y, y, y)[0]

    net, x = seeded(Net()).eval(), x_of(1, 6, 3, 4)
    y = x.flatten(2).transpose(1, 2)
    _, weights = net.attend(y, y, y, average_attn_weights=False)
    found = cells_of(net, x, "attend[0]", [(4, (2, 1))])
    assert torch.allclose(torch.from_numpy(patch_of(found[0]).weights).float(), weights[0, :, 9], atol=1e-6)
    keys = patch_of(found[0]).keys
    assert keys is not None
    assert keys.names == tuple(f"({y}, {x})" for y in range(3) for x in range(4))


def test_shifted_windows_are_named_by_where_they_lie() -> None:
    models = import_torchvision().models
    net = models.SwinTransformer([4, 4], 12, [2], [3], [7, 7], stochastic_depth_prob=0.0, num_classes=5)
    net, x = seeded(net).eval(), x_of(1, 3, 56, 72)  # 14 × 18 cells; padded to 14 × 21
    straight = cells_of(net, x, "features.1.0.attn", [(2, (8, 15)), (11, (0, 0))])
    keys = [patch_of(one).keys for one in straight]
    assert keys[0] is not None
    assert keys[1] is not None
    inside = [f"({y}, {x})" if x < 18 else "padding" for y in range(7, 14) for x in range(14, 21)]
    assert keys[0].names == tuple(inside)
    assert keys[1].names == tuple(f"({y}, {x})" for y in range(7) for x in range(7))
    block = keys[1].block
    assert block is not None
    assert block.shape == (7, 7)
    shifted = patch_of(cells_of(net, x, "features.1.1.attn", [(5, (12, 4))])[0])
    assert shifted.keys is not None
    # the last window of rows wraps: 10 to 13, then 0 to 2, which the mask keeps apart
    rows = [(i + 3) % 14 for i in range(7, 14)]
    assert shifted.keys.names == tuple(f"({y}, {x})" for y in rows for x in range(3, 10))
    assert shifted.weights.reshape(3, 7, 7)[:, 4:].max() < 1e-30
    block = shifted.keys.block
    assert block is not None  # from the top of the picture down
    assert (block == np.arange(49).reshape(7, 7)[[4, 5, 6, 0, 1, 2, 3]]).all()


class Mixes(nn.Module):
    """One way of writing attention down; what it gives is a tap of its own."""

    def __init__(self, how: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.how, self.qkv, self.keep = how, nn.Linear(3, 24), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.qkv(x.flatten(2).transpose(1, 2)).unflatten(2, (3, 2, 4)).permute(2, 0, 3, 1, 4)
        return self.keep(self.how(*tokens).transpose(1, 2).flatten(2))


def rows(q: Tensor, k: Tensor) -> Tensor:
    return (q @ k.mT * 0.5).softmax(-1)


def masked(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    allowed = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril(2)
    return F.scaled_dot_product_attention(q, k, v, allowed, scale=0.3)


WAYS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "fused": F.scaled_dot_product_attention,
    "named": lambda q, k, v: F.scaled_dot_product_attention(value=v, key=k, query=q),
    "causal": lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
    "masked": masked,
    "added": lambda q, k, v: F.scaled_dot_product_attention(q, k, v, torch.linspace(-1, 1, 20)[None]),
    "grouped": lambda q, k, v: F.scaled_dot_product_attention(q, k[:, :1], v[:, :1], enable_gqa=True),
    "written": lambda q, k, v: rows(q, k) @ v,
    "einsum": lambda q, k, v: torch.einsum("bhij,bhjd->bhid", rows(q, k), v),
    "turned einsum": lambda q, k, v: torch.einsum("ijbh,bdhj->bhid", rows(q, k).permute(2, 3, 0, 1), v.transpose(1, 3).mT),
    "bmm": lambda q, k, v: torch.bmm(rows(q, k).flatten(0, 1), v.flatten(0, 1)).unflatten(0, (1, 2)),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_it(way: str) -> None:
    net, x = seeded(Mixes(WAYS[way])).eval(), x_of(1, 3, 4, 5)
    found = cells_of(net, x, "keep", [(1, (2, 3)), (6, (0, 0)), (7, (3, 4))])
    for one, head in zip(found, (0, 1, 1), strict=True):
        patch = patch_of(one)
        assert patch.values.shape == (1, 20)
        assert list(patch.channels) == [head]
        assert patch.keys is not None
        assert patch.keys.names[7] == "(1, 2)"
        assert one.before == "qkv"
    if way == "causal":
        assert (patch_of(found[1]).weights[0, 1:] == 0).all()


def test_a_product_that_is_no_attention_is_row_times_column() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.keep = nn.Conv2d(3, 4, 1), nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            y = self.a(x)
            return self.keep(y @ y.mT)

    net, x = seeded(Net()).eval(), x_of(1, 3, 6, 5)
    found = explain_cell(net, x, discover(net, x).plan, "keep", 2, (1, 4))
    y = net.a(x)[0, 2].detach().double()
    assert np.allclose(patch_of(found).products, (y[1] * y[4]).numpy())
    assert found.agrees
    assert patch_of(found).keys is None


def test_weights_dropped_at_random_have_no_terms() -> None:
    net = seeded(Mixes(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, dropout_p=0.5))).eval()
    x = x_of(1, 3, 4, 5)
    with pytest.raises(ExplorerError, match="not supported"):
        explain_cell(net, x, discover(net, x).plan, "keep", 0, (0, 0))


def test_windows_of_an_einsum_are_named_by_where_they_lie() -> None:
    """Four windows of 2 × 3 cells, in a leading dimension of their own."""

    class Windows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv, self.keep = nn.Conv2d(3, 24, 1), nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            y = self.qkv(x).unflatten(1, (3, 2, 4)).unflatten(4, (2, 2)).unflatten(6, (2, 3))
            q, k, v = y.permute(1, 0, 4, 6, 2, 5, 7, 3).flatten(2, 3).flatten(4, 5)
            scores = torch.einsum("b w h i d, b w h j d -> b w h i j", q, k)
            mixed = torch.einsum("b w h i j, b w h j d -> b w h i d", scores.softmax(-1), v)
            back = mixed.unflatten(1, (2, 2)).unflatten(4, (2, 3)).permute(0, 3, 6, 1, 4, 2, 5)
            return self.keep(back.flatten(5, 6).flatten(3, 4).flatten(1, 2))

    net, x = seeded(Windows()).eval(), x_of(1, 3, 4, 6)
    found = cells_of(net, x, "keep", [(1, (0, 0)), (6, (3, 1)), (7, (1, 5))])
    corners = ((0, 0), (2, 0), (0, 3))
    for one, (y, x0), head in zip(found, corners, (0, 1, 1), strict=True):
        keys = patch_of(one).keys
        assert keys is not None
        assert keys.names == tuple(f"({y + i}, {x0 + j})" for i in range(2) for j in range(3))
        assert list(patch_of(one).channels) == [head]


def test_half_precision_says_why_the_values_differ() -> None:
    net = seeded(VisionTransformer(width=24, depth=1)).eval().bfloat16()
    x = x_of(1, 3, 96, 96).bfloat16()
    plan = discover(net, x).plan
    sheet = worksheet(net, x, plan, ("blocks.0.attention",))
    found = [sheet.cell("blocks.0.attention", channel, (3, channel % 12)) for channel in range(24)]
    assert not all(one.agrees for one in found)
    assert all("bfloat16" in one.why for one in found if not one.agrees)


def test_the_model_is_left_alone_also_when_cancelled() -> None:
    net, x = VisionTransformer(width=24, depth=1).train(), x_of(1, 3, 96, 96)
    plan = discover(net, x.clone()).plan
    generator = torch.get_rng_state()
    flags = [m.training for m in net.modules()]
    calls = 0

    def cancelled() -> bool:
        nonlocal calls
        calls += 1
        return calls > stop

    for stop in (10, 60, 110, 10**9):
        calls = 0
        try:
            worksheet(net, x, plan, ("blocks.0.attention",), cancelled).cell("blocks.0.attention", 0, (0, 0))
            assert stop == 10**9
        except CancelledError:
            assert calls == stop + 1
        assert [m.training for m in net.modules()] == flags
        assert all(p.requires_grad and p.grad is None for p in net.parameters())
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
        assert torch.equal(torch.get_rng_state(), generator)
