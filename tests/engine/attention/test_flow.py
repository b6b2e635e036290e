"""Rollout and relevance against their matrix forms, and the relevance against autograd through the weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from attention_nets import COUNT, PREFIX, Planted, planted_weights
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attention.flow import FUSIONS, relevance, rollout
from explorer.engine.attention.record import find
from explorer.engine.capture.forward import discover
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.models.demo.vit import VisionTransformer
from explorer.engine.models.torchvision_compat import import_torchvision


def image(*size: int) -> Tensor:
    return torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def vit() -> nn.Module:
    torch.manual_seed(3)
    return VisionTransformer(registers=1, depth=3).double().eval()


def product(matrices: list[Tensor]) -> Tensor:
    """R <- A R from the first block to the last."""
    result = torch.eye(matrices[0].shape[-1], dtype=torch.float64)
    for matrix in matrices:
        result = matrix @ result
    return result


@pytest.mark.parametrize("fusion", list(FUSIONS))
@pytest.mark.parametrize("start", [0, 1])
def test_the_row_form_of_the_rollout_is_the_matrix_form(fusion: str, start: int) -> None:
    found = find(vit(), image(96, 96))
    records = list(found.records.values())
    matrices = []
    for one in records[start:]:
        weights = torch.cat([rows for _, rows in one.blocks()], -2)[0]
        fused = {"mean": weights.mean(0), "max": weights.amax(0), "min": weights.amin(0)}[fusion]
        fused = fused + torch.eye(len(fused), dtype=torch.float64)
        matrices.append(fused / fused.sum(1, keepdim=True))
    oracle = product(matrices)
    for query, token in ((0, 0), (1, 1), ((4, 7), 2 + 4 * 12 + 7)):
        flow = rollout(records, query, fusion, start)
        both = np.concatenate([flow.prefix, flow.map.ravel()])
        assert np.abs(both - oracle[token].numpy()).max() <= 1e-12
        assert both.sum() == pytest.approx(1, abs=1e-12)
    assert flow.blocks == tuple(f"blocks.{i}.attention" for i in range(start, 3))


def test_the_rollout_of_planted_attention() -> None:
    records = list(find(Planted(depth=3).eval(), image(12, 16).float()).records.values())
    step = (planted_weights().mean(0) + torch.eye(COUNT, dtype=torch.float64)) / 2
    flow = rollout(records, (2, 3))
    expected = product([step] * 3)[PREFIX + 2 * 4 + 3].numpy()
    assert np.concatenate([flow.prefix, flow.map.ravel()]) == pytest.approx(expected, abs=1e-7)


def test_no_rollout_through_windows() -> None:
    net = import_torchvision().models.swin_t(weights=None).eval()
    records = list(find(net, image(64, 64).float()).records.values())
    with pytest.raises(ExplorerError, match="same tokens in every block"):
        rollout(records)
    with pytest.raises(ExplorerError, match="no attention to follow"):
        rollout(records, start=12)


# --- relevance -----------------------------------------------------------------------------------------------------------


def through_the_weights(weights: list[Tensor], value: Tensor) -> Tensor:
    """Chefer and others 2021, equations 5 and 6: the matrix, with autograd through the weights themselves."""
    matrices = []
    for one, gradient in zip(weights, torch.autograd.grad(value, weights), strict=True):
        raised = (gradient * one).clamp(min=0)[0].mean(0).detach()
        matrices.append(raised + torch.eye(len(raised), dtype=torch.float64))
    return product(matrices)


def written_out(net: nn.Module) -> list[Tensor]:
    """Makes the demo transformer compute its weights in the open; they are put into the list."""
    kept: list[Tensor] = []

    class Plain(type(net.blocks[0].attention)):  # type: ignore[misc]
        def mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            kept.append(((q * q.shape[-1] ** -0.5) @ k.transpose(2, 3)).softmax(-1))
            return kept[-1] @ v

    for block in net.blocks:
        block.attention.__class__ = Plain
    return kept


def test_relevance_of_the_demo_transformer() -> None:
    net, x = vit(), image(96, 96)
    nn.init.normal_(net.head.weight)
    plan, calls = discover(net, x.clone()).plan, find(net, x).calls
    found = relevance(net, x, Target("", 4), plan, calls)
    kept = written_out(net)
    value = net(x)[0, 4]
    oracle = through_the_weights(kept, value)
    assert found.value == pytest.approx(float(value.detach()), abs=1e-12)
    assert float(oracle[0, 2:].max()) > 1e-4
    assert np.abs(np.concatenate([found.prefix, found.map.ravel()]) - oracle[0].detach().numpy()).max() <= 1e-9
    # written out it is the same
    again = relevance(net, x, Target("", 4), discover(net, x.clone()).plan, find(net, x).calls)
    assert np.abs(again.map - found.map).max() <= 1e-12
    patch = relevance(net, x, Target("", 4), plan, calls, query=(3, 5))
    assert np.abs(patch.map.ravel() - oracle[2 + 3 * 12 + 5, 2:].detach().numpy()).max() <= 1e-9


class PlainMultihead(nn.Module):
    """nn.MultiheadAttention by its formula, with weights that autograd goes through."""

    def __init__(self, given: nn.MultiheadAttention, kept: list[Tensor]) -> None:
        super().__init__()
        self.given, self.kept = given, kept

    def forward(self, query: Tensor, key: Tensor, value: Tensor, need_weights: bool) -> tuple[Tensor, None]:
        g = self.given
        q, k, v = F.linear(query, g.in_proj_weight, g.in_proj_bias).chunk(3, -1)
        q, k, v = (t.unflatten(2, (g.num_heads, -1)).transpose(1, 2) for t in (q, k, v))
        self.kept.append((q @ k.mT / q.shape[-1] ** 0.5).softmax(-1))
        return g.out_proj((self.kept[-1] @ v).transpose(1, 2).flatten(2)), None


def test_relevance_of_torchvisions_transformer() -> None:
    torch.manual_seed(0)
    models = import_torchvision().models
    net = models.VisionTransformer(image_size=32, patch_size=8, num_layers=3, num_heads=2, hidden_dim=16, mlp_dim=32)
    net = net.double().eval()
    nn.init.normal_(net.heads.head.weight)
    x = image(32, 32)
    found = relevance(net, x, Target("", 7), discover(net, x.clone()).plan, find(net, x).calls)
    kept: list[Tensor] = []
    for layer in net.encoder.layers:
        layer.self_attention = PlainMultihead(layer.self_attention, kept)
    oracle = through_the_weights(kept, net(x)[0, 7])
    assert float(oracle[0, 1:].max()) > 1e-4
    assert np.abs(found.map.ravel() - oracle[0, 1:].detach().numpy()).max() <= 1e-9


def test_relevance_without_a_class_token_is_a_mean_over_all_tokens() -> None:
    class Mean(VisionTransformer):
        def __init__(self) -> None:
            super().__init__(registers=-1, depth=2)  # no token before the patches

        def features(self, x: Tensor) -> Tensor:
            return self.tokens(x).mean(1)

    torch.manual_seed(1)
    net, x = Mean().double().eval(), image(96, 96)
    plan, calls = discover(net, x.clone()).plan, find(net, x).calls
    found = relevance(net, x, Target("", 1), plan, calls)
    assert found.prefix.shape == (0,)
    with pytest.raises(ExplorerError, match="no class token"):
        rollout(list(find(net, x).records.values()))
    kept = written_out(net)
    oracle = through_the_weights(kept, net(x)[0, 1]).mean(0)
    assert np.abs(found.map.ravel() - oracle.detach().numpy()).max() <= 1e-9


def test_the_model_is_as_it_was() -> None:
    net, x = vit().train(), image(96, 96)
    net.blocks[0].norm1.weight.requires_grad_(False)
    plan, calls = discover(net, x.clone()).plan, find(net, x).calls

    def state() -> list[object]:
        hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks), m.training) for m in net.modules()]
        flags = [(p.requires_grad, p.grad is None) for p in net.parameters()]
        return [hooks, flags, torch.get_rng_state().tolist(), torch.backends.mha.get_fastpath_enabled()]

    before = state()
    relevance(net, x, Target("", 0), plan, calls)
    assert state() == before
    asked, moment = 0, -1

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked == moment

    relevance(net, x, Target("", 0), plan, calls, cancelled=cancelled)
    total = asked
    for moment in (1, total // 3, total * 2 // 3, total):
        asked = 0
        with pytest.raises(CancelledError):
            relevance(net, x, Target("", 0), plan, calls, cancelled=cancelled)
        assert asked == moment
        assert state() == before
    with pytest.raises(ExplorerError, match="no class 10"):
        relevance(net, x, Target("", 10), plan, calls)
    assert state() == before


def test_a_model_that_raises_is_as_it_was() -> None:
    class Bomb(nn.Module):
        armed = ""

        def forward(self, x: Tensor) -> Tensor:
            y = x * 1
            if self.armed == "forwards":
                raise ValueError("boom")
            if self.armed == "backwards" and y.requires_grad:
                y.register_hook(lambda _gradient: (_ for _ in ()).throw(ValueError("boom")))
            return y

    net, x = vit().train(), image(96, 96)
    bomb = Bomb()
    net.blocks[1].gelu = nn.Sequential(net.blocks[1].gelu, bomb)
    plan, calls = discover(net, x.clone()).plan, find(net, x).calls
    before = [(len(m._forward_hooks), len(m._forward_pre_hooks), m.training) for m in net.modules()]
    for armed in ("forwards", "backwards"):
        bomb.armed = armed
        with pytest.raises(ExplorerError, match="boom"):
            relevance(net, x, Target("", 0), plan, calls)
        assert [(len(m._forward_hooks), len(m._forward_pre_hooks), m.training) for m in net.modules()] == before
        assert all(p.requires_grad and p.grad is None for p in net.parameters())
        assert not torch.overrides._get_current_function_mode_stack()


def test_relevance_of_numbers_of_tokens_begins_at_their_embedding() -> None:
    class Body(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
            self.head = nn.Linear(16, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.block(x).mean(1))

    class Looked(nn.Module):
        def __init__(self, body: nn.Module) -> None:
            super().__init__()
            self.embedding, self.body = nn.Embedding(9, 16), body

        def forward(self, ids: Tensor) -> Tensor:
            return self.body(self.embedding(ids))

    torch.manual_seed(0)
    net = Looked(Body()).double().eval()
    ids = torch.tensor([[1, 4, 2, 7, 0, 0]])
    found = relevance(net, ids, Target("", 1), discover(net, ids).plan, find(net, ids).calls)
    x = net.embedding(ids).detach()
    body = net.body
    expected = relevance(body, x, Target("", 1), discover(body, x).plan, find(body, x).calls)
    assert np.abs(np.ravel(expected.map)).max() > 1e-4
    assert np.ravel(found.map) == pytest.approx(np.ravel(expected.map), abs=1e-12)
    assert found.value == pytest.approx(float(net(ids)[0, 1].detach()), abs=1e-12)
    assert not net.embedding._forward_hooks
