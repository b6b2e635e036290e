"""Attention of every kind of model against what the model itself got, and against weights that are known."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from attention_nets import COUNT, GRID, Planted, Written, planted_weights
from nets import TinyViT, seeded
from torch import Tensor, nn

from explorer.core.attention import AttentionKind
from explorer.core.errors import ExplorerError
from explorer.engine.attention.record import ForwardAttention, RecordedAttention, find, record
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.models.demo.vit import VisionTransformer
from explorer.engine.models.torchvision_compat import import_torchvision


def image(*size: int, seed: int = 1) -> Tensor:
    return torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(seed))


def lively(net: nn.Module) -> nn.Module:
    """Untrained biases and scales are 0 and 1: as random numbers they count."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for p in net.parameters():
            if p.dim() < 2:
                p += torch.randn(p.shape, generator=generator) * 0.3
    return net.eval()


def all_rows(found: RecordedAttention) -> Tensor:
    """(windows, heads, queries, keys)"""
    return torch.cat([rows for _, rows in found.blocks()], -2)


def assert_true(found: ForwardAttention) -> None:
    """Weights times values is what every block got, and every row is a distribution."""
    assert found.calls
    assert list(found.records) == [call.name for call in found.calls]
    for name, one in found.records.items():
        assert one.result is not None
        expected = one.grouped(one.result)
        assert float(expected.abs().max()) > 1e-3, name
        torch.testing.assert_close(one.mixed(), expected, rtol=0, atol=1e-5, msg=name)
        if not one.call.note:
            torch.testing.assert_close(all_rows(one).sum(-1), torch.ones(()).expand(one.mixed().shape[:-1]))
        assert one.call.error < 1e-4


@pytest.mark.parametrize(
    ("name", "size", "kinds"),
    [
        ("vit_b_16", (224, 224), {AttentionKind.TOKENS: 12}),
        ("swin_t", (224, 160), {AttentionKind.WINDOWS: 10, AttentionKind.TOKENS: 2}),
        ("swin_v2_t", (224, 160), {AttentionKind.WINDOWS: 10, AttentionKind.TOKENS: 2}),
    ],
)
def test_torchvision(name: str, size: tuple[int, int], kinds: dict[AttentionKind, int]) -> None:
    torch.manual_seed(0)
    net = import_torchvision().models.get_model(name, weights=None)
    head = net.heads.head if hasattr(net, "heads") else net.head
    nn.init.normal_(head.weight, std=0.05)  # torchvision's is 0 at first, and so are all logits
    lively(net)
    x = image(*size)
    with torch.no_grad():
        plain = net(x.clone())
    found = find(net, x, values=True)
    assert_true(found)
    # torch's own fused path, which is not taken while anybody watches, rounds otherwise in the last digit
    torch.testing.assert_close(found.output, plain, rtol=0, atol=1e-5)
    counts = [call.kind for call in found.calls]
    assert {kind: counts.count(kind) for kind in set(counts)} == kinds
    quick = record(net, x, found.calls)
    assert torch.equal(quick.output, found.output)
    assert quick.records.keys() == found.records.keys()


@pytest.mark.parametrize("registers", [0, 3])
def test_the_demo_transformer(registers: int) -> None:
    net, x = lively(VisionTransformer(registers=registers, depth=3)), image(96, 96)
    with torch.no_grad():
        plain = net(x.clone())
    found = find(net, x, values=True)
    assert_true(found)
    assert torch.equal(found.output, plain)
    assert [call.name for call in found.calls] == [f"blocks.{i}.attention" for i in range(3)]
    for call in found.calls:
        assert (call.heads, call.windows, call.fused, call.kind) == (3, 1, True, AttentionKind.TOKENS)
        assert call.queries.grid == call.keys.grid == (12, 12)
        assert call.prefix_names == ("CLS", *(f"register {i + 1}" for i in range(registers)))
        assert call.queries.cells is not None
        assert call.queries.cells[0].tolist() == [-1] * (1 + registers) + list(range(144))


def test_the_demo_transformer_in_its_plain_form_has_the_same_weights() -> None:
    net, x = lively(VisionTransformer(depth=2)), image(96, 96)
    fused = find(net, x)

    class Plain(type(net.blocks[0].attention)):  # type: ignore[misc]
        def mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            return ((q * q.shape[-1] ** -0.5) @ k.transpose(2, 3)).softmax(-1).to(v.dtype) @ v

    for block in net.blocks:
        block.attention.__class__ = Plain
    plain = find(net, x)
    assert [call.fused for call in plain.calls] == [False, False]
    for name in plain.records:
        torch.testing.assert_close(all_rows(plain.of(name)), all_rows(fused.of(name)), rtol=0, atol=1e-6)


def test_planted_attention_comes_out_exactly() -> None:
    found = find(Planted().eval(), image(12, 16))
    assert len(found.calls) == 2
    for call in found.calls:
        assert (call.kind, call.heads, call.queries.count) == (AttentionKind.TOKENS, 3, COUNT)
        assert call.queries.grid == GRID
        assert torch.equal(all_rows(found.of(call.name))[0, :2].double(), planted_weights()[:2])
        torch.testing.assert_close(all_rows(found.of(call.name))[0].double(), planted_weights(), rtol=0, atol=1e-8)


@pytest.mark.parametrize("way", Written.WAYS)
def test_attention_that_a_model_writes_out(way: str) -> None:
    net, x = seeded(Written(way)).eval(), image(12, 16)
    with torch.no_grad():
        plain = net(x.clone())
    found = find(net, x, values=True)
    assert_true(found)
    assert torch.equal(found.output, plain)
    (one,) = found.records.values()
    assert not one.call.fused
    torch.testing.assert_close(all_rows(one).reshape(net.kept.shape), net.kept, rtol=0, atol=1e-6)
    assert bool(one.call.note) == (way == "talking")
    assert one.call.queries.grid == (3, 4)
    assert (one.call.windows, one.call.heads) == ((2, 2) if way == "windows" else (1, 2))
    some = torch.tensor([3, 0, 5])
    torch.testing.assert_close(one.rows(some), all_rows(one)[..., some, :])
    torch.testing.assert_close(one.column(4), all_rows(one)[..., 4])


class Fused(nn.Module):
    """All options of the fused function at once, one call each."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(3, 3 * 8)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x.flatten(2).transpose(1, 2)).unflatten(2, (3, 4, 2)).permute(2, 0, 3, 1, 4)
        count = q.shape[-2]
        allowed = torch.ones(count, count, dtype=torch.bool).tril()
        allowed[2] = False  # nothing at all
        bias = torch.linspace(-2, 2, count).expand(4, count, count)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        out = out + F.scaled_dot_product_attention(q, k, v, allowed)
        out = out + F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=3.0)
        out = out + F.scaled_dot_product_attention(q, k[:, :2], v[:, :2], enable_gqa=True)
        return (out + torch.ops.aten.scaled_dot_product_attention.default(q, k[:, :, :5], v[:, :, :5])).mean((1, 2))


def test_the_options_of_the_fused_function() -> None:
    found = find(seeded(Fused()), image(3, 4), values=True)
    assert [call.name for call in found.calls] == ["attention", *(f"attention_{i}" for i in range(1, 5))]
    assert len(found.records) == 5
    for one in found.records.values():
        assert one.result is not None
        torch.testing.assert_close(one.mixed(), one.grouped(one.result), rtol=0, atol=1e-6)
    nothing = all_rows(found.of("attention_1"))[0, :, 2]
    assert torch.equal(nothing, torch.zeros_like(nothing))
    assert found.of("attention_1").call.sums[0] == pytest.approx(1)  # of the sampled rows
    assert found.calls[4].kind is AttentionKind.CROSS
    # q, k, values and result, and one row of the bias that is repeated over heads and queries
    assert found.of("attention_2").nbytes == 4 * (4 * 4 * 12 * 2 + 12)


class Multihead(nn.Module):
    def __init__(self, weights: bool, encoder: bool) -> None:
        super().__init__()
        self.embed, self.weights = nn.Conv2d(3, 8, 4, 4), weights
        self.inside = (
            nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)
            if encoder
            else nn.MultiheadAttention(8, 2, batch_first=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.embed(x).flatten(2).transpose(1, 2)
        if isinstance(self.inside, nn.TransformerEncoder):
            return self.inside(y).mean(1)
        return self.inside(y, y, y, need_weights=self.weights, average_attn_weights=False)[0].mean(1)


@pytest.mark.parametrize(("weights", "encoder"), [(False, False), (True, False), (False, True)])
def test_layers_of_torch(weights: bool, encoder: bool) -> None:
    net, x = lively(Multihead(weights, encoder)), image(12, 16)
    found = find(net, x, values=True)
    assert_true(found)
    assert len(found.calls) == (2 if encoder else 1)
    assert all(call.fused != weights and call.queries.grid == (3, 4) for call in found.calls)
    assert all(call.path.endswith("self_attn" if encoder else "inside") for call in found.calls)
    if not encoder:
        y = net.embed(x).flatten(2).transpose(1, 2)
        oracle = net.inside(y, y, y, need_weights=True, average_attn_weights=False)[1]
        torch.testing.assert_close(all_rows(found.of("inside"))[0], oracle[0].detach(), rtol=0, atol=1e-6)


class Odd(nn.Module):
    """Not what it seems: queries overwritten after the scores, or a function that mixes queries."""

    def __init__(self, habit: str) -> None:
        super().__init__()
        self.habit, self.qkv = habit, nn.Linear(3, 24)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x.flatten(2).transpose(1, 2)).chunk(3, -1)
        q = q * 2
        scores = q @ k.mT
        if self.habit == "overwrites":
            q.zero_()
        if self.habit == "sorts":
            scores = scores.sort(1).values
        if self.habit == "writes into slices":
            scores[:, 1:] = scores[:, 1:] * 2
        if self.habit == "writes where it is negative":
            scores[scores < 0] = 0
        if self.habit == "channels":
            return ((q.mT @ k).softmax(-1) @ v.mT).mean(2)
        return (scores.softmax(-1) @ v).mean(1)


def test_what_cannot_be_proved_is_not_shown() -> None:
    found = find(seeded(Odd("overwrites")), image(3, 4))
    assert [call.name for call in found.calls] == ["attention"]
    assert found.records == {}
    assert "differ" in found.calls[0].reason
    with pytest.raises(ExplorerError, match="are not available"):
        found.of("attention")


def test_writes_into_slices_are_followed() -> None:
    found = find(seeded(Odd("writes into slices")), image(3, 4), values=True)
    (one,) = found.records.values()
    assert one.result is not None
    torch.testing.assert_close(one.mixed(), one.grouped(one.result), rtol=0, atol=1e-6)


@pytest.mark.parametrize("habit", ["sorts", "writes where it is negative"])
def test_what_cannot_be_followed_is_named(habit: str) -> None:
    net, x = seeded(Odd(habit)), image(3, 4)
    found = find(net, x)
    assert [(call.name, call.kind) for call in found.calls] == [("attention", AttentionKind.TOKENS)]
    assert "cannot be followed" in found.calls[0].reason
    assert found.records == {}
    assert record(net, x, found.calls).calls[0].reason == found.calls[0].reason


def test_a_full_device_is_no_attention_that_cannot_be_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_tensor: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr("explorer.engine.attention.recorder.kept", full)
    with pytest.raises(torch.OutOfMemoryError):
        find(VisionTransformer(depth=1).eval(), image(96, 96))


def test_a_softmax_of_something_else_is_no_attention() -> None:
    class Gated(Odd):
        def forward(self, x: Tensor) -> Tensor:
            q, k, v = self.qkv(x.flatten(2).transpose(1, 2)).chunk(3, -1)
            places = torch.arange(144.0).view(1, 12, 12).sin()
            scores = q @ k.mT
            mixed = 0.7 * scores.softmax(-1) + 0.3 * places.softmax(-1)
            return (mixed @ v).mean(1)

    found = find(seeded(Gated("")), image(3, 4), values=True)
    assert [call.reason for call in found.calls] == [""]
    assert_true(found)


def test_channels_that_attend_to_channels() -> None:
    (call,) = find(seeded(Odd("channels")), image(3, 4)).calls
    assert (call.kind, call.queries.count, call.queries.cells) == (AttentionKind.CHANNELS, 8, None)


def test_a_convolutional_net_has_none() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    found = find(net, image(8, 8))
    assert found.calls == ()
    with pytest.raises(ExplorerError, match="no attention named"):
        found.of("blocks.0")


def test_half_precision_is_computed_in_more() -> None:
    net = seeded(TinyViT()).to(torch.bfloat16)
    found = find(net, image(12, 16).to(torch.bfloat16))
    (one,) = found.records.values()
    assert one.rows(torch.tensor([0])).dtype == torch.float32
    assert one.call.error < 3e-2


def test_only_what_is_asked_for_is_kept() -> None:
    net, x = VisionTransformer(depth=3).eval(), image(96, 96)
    calls = find(net, x).calls
    found = record(net, x, calls, ["blocks.1.attention"], values=True)
    assert list(found.records) == ["blocks.1.attention"]
    assert [call.name for call in found.calls] == [call.name for call in calls]
    with pytest.raises(ExplorerError, match="not recorded"):
        found.of("blocks.0.attention")


def test_another_size_is_watched_again() -> None:
    net = seeded(TinyViT())
    calls = find(net, image(12, 16)).calls
    found = record(net, image(16, 20), calls)
    assert found.calls[0].queries.grid == (4, 5)
    assert found.calls[0].queries.count == 3 + 20


def test_q_and_k_are_kept_and_never_the_square() -> None:
    """1370 tokens of 384 in 12 blocks, as a ViT-S/14 has at 518 pixels."""
    net = VisionTransformer(width=384, depth=12, heads=6, patch=16, size=592).eval()
    x = image(592, 592)
    calls = find(VisionTransformer(width=24, depth=12, heads=6, patch=16, size=592).eval(), x).calls
    assert calls[0].queries.count == 1370
    found = record(net, x, calls)
    held = sum(one.nbytes for one in found.records.values())
    assert len(found.records) == 12
    assert held <= 60e6
    assert held == 12 * 2 * 1370 * 384 * 4


# --- the model stays as it was -----------------------------------------------------------------------------------------


def state(net: nn.Module) -> list[Any]:
    hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks), m.training) for m in net.modules()]
    return [
        *hooks,
        [p.requires_grad for p in net.parameters()],
        torch.is_grad_enabled(),
        torch.get_rng_state().tolist(),
    ]


class Bomb(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise ValueError("boom")


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_as_it_was(training: bool) -> None:
    net, x = VisionTransformer(depth=2).train(training), image(96, 96)
    net.norm.eval()
    before, given = state(net), x.clone()
    calls = find(net, x, values=True).calls
    record(net, x, calls)
    assert state(net) == before
    moment = 0

    def cancelled() -> bool:
        nonlocal moment
        moment += 1
        return moment == 9

    for work in (lambda: find(net, x, cancelled=cancelled), lambda: record(net, x, calls, cancelled=cancelled)):
        moment = 0
        with pytest.raises(CancelledError):
            work()
        assert moment == 9
        assert state(net) == before
    net.blocks[1].grow = Bomb()
    broken = state(net)
    with pytest.raises(ExplorerError, match=r"blocks\.1\.grow.*boom"):
        find(net, x)
    assert state(net) == broken
    assert torch.equal(x, given)
