"""Assignment against every permutation, correlation against numpy's on all places stacked."""

from __future__ import annotations

from collections.abc import Generator
from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded
from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.texts import TextPreprocess, Token, Tokenizer
from explorer.engine.capture.forward import discover
from explorer.engine.data_sets.inputs_over import Shot
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.inputs.text_lines import text_input
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.models import LoadedModel
from explorer.engine.representations.channel_correlation import _of_same_tokens, assignment, match_channels
from explorer.engine.representations.cka import cka
from explorer.engine.representations.hsic import debiased_cka
from explorer.engine.representations.paired_stream import ComparedModel, worth

PRE = Preprocess(16, 16, fit="stretch")


def side(net: nn.Module, *names: str, pre: Preprocess = PRE) -> ComparedModel:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(False), pre)
    return ComparedModel(LoadedModel(net.eval(), card), names)


def picture(number: int) -> Picture:
    pixels = np.random.default_rng(number).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    return Picture(InputRef("picture"), pixels, str(number), f"p{number}")


def shots(count: int, broken: tuple[int, ...] = ()) -> list[Shot]:
    def opener(number: int) -> Any:
        def opened() -> Picture:
            if number in broken:
                raise ExplorerError("It cannot be read.")
            return picture(number)

        return opened

    return [Shot(f"p{number}", opener(number)) for number in range(count)]


def last(generator: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def plain(net: nn.Module, layer: nn.Module, count: int) -> list[np.ndarray]:
    """What a layer gave for each picture, by a hook of one's own: (C, cells)."""
    kept: list[np.ndarray] = []
    handle = layer.register_forward_hook(lambda _m, _a, out: kept.append(out[0].flatten(1).double().numpy().copy()))
    with torch.no_grad():
        for number in range(count):
            net(to_tensor(picture(number), PRE))
    handle.remove()
    return kept


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (3, 6), (6, 3), (6, 6)])
def test_no_permutation_is_cheaper(shape: tuple[int, int]) -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        cost = rng.integers(-3, 4, shape).astype(float) if seed % 2 else rng.normal(size=shape)
        rows, columns = assignment(cost)
        small = cost if shape[0] <= shape[1] else cost.T
        least = min(small[np.arange(len(small)), p].sum() for p in permutations(range(small.shape[1]), len(small)))
        assert cost[rows, columns].sum() == pytest.approx(least)
        assert len(set(rows)) == len(set(columns)) == min(shape)
        assert rows.tolist() == sorted(rows)


def test_assignment_against_scipy_and_cancelled() -> None:
    optimize = pytest.importorskip("scipy.optimize", reason="not installed: scipy")
    cost = np.random.default_rng(0).normal(size=(60, 80))
    _, columns = optimize.linear_sum_assignment(cost)
    assert assignment(cost)[1].tolist() == columns.tolist()


def test_assignment_can_be_cancelled() -> None:
    with pytest.raises(CancelledError):
        assignment(np.eye(3), lambda: True)


def test_shuffled_channels_are_found_again() -> None:
    net, other = seeded(InPlace()).eval(), seeded(InPlace()).eval()
    order = torch.tensor([3, 1, 7, 0, 6, 2, 5, 4])
    with torch.no_grad():
        other.conv1.weight.copy_(net.conv1.weight[order] * 2)
        other.conv1.bias.copy_(net.conv1.bias[order])
    found = last(match_channels(side(net, "conv1"), side(other, "conv1"), shots(3)))
    assert found.best.tolist() == found.assigned.tolist() == order.argsort().tolist()
    assert (found.count, found.points) == (3, 3 * 256)
    values = [np.concatenate(plain(n, n.conv1, 3), 1) for n in (net, other)]
    assert found.correlation == pytest.approx(np.corrcoef(*values)[:8, 8:], abs=1e-6)


def test_maps_against_tokens_at_the_coarser_grid_and_constant_channels() -> None:
    net = seeded(InPlace())
    with torch.no_grad():
        net.conv1.weight[2] = 0
    found = last(match_channels(side(net, "conv1"), side(seeded(TinyViT()), "norm"), shots(2)))
    assert found.points == 2 * 16
    assert found.correlation.shape == (8, 16)
    assert np.isfinite(found.correlation).all()
    assert found.best[2] == found.assigned[2] == -1
    assert (found.correlation[2] == 0).all()
    coarse = [v.reshape(8, 4, 4, 4, 4)[:, :, 1:3, :, 1:3].mean((2, 4)).reshape(8, -1) for v in plain(net, net.conv1, 2)]
    live = [c for c in range(8) if c != 2]
    tokens = plain_tokens(seeded(TinyViT()).eval(), 2)
    oracle = np.corrcoef(np.concatenate(coarse, 1)[live], np.concatenate(tokens, 1))[:7, 7:]
    assert found.correlation[live] == pytest.approx(oracle, abs=1e-5)


def plain_tokens(net: nn.Module, count: int) -> list[np.ndarray]:
    kept: list[np.ndarray] = []
    handle = net.norm.register_forward_hook(lambda _m, _a, out: kept.append(out[0, 3:].T.double().numpy().copy()))
    with torch.no_grad():
        for number in range(count):
            net(to_tensor(picture(number), PRE))
    handle.remove()
    return kept


def test_the_matrix_is_the_cka_of_the_means_of_plain_hooks() -> None:
    net, vit = seeded(InPlace()).eval(), seeded(TinyViT()).eval()
    told = list(cka(side(net, "conv1", "bn2"), side(vit, "norm"), shots(9, broken=(2,))))
    assert [t.count if t is not None else None for t in told] == [None] * 4 + [4] + [None] * 3 + [8, 8]
    found = told[-1]
    assert (found.rows, found.columns, found.weak, found.final) == (("conv1", "bn2"), ("norm",), True, True)
    assert found.skipped == (("p2", "It cannot be read."),)
    kept = [n for n in range(9) if n != 2]
    tokens = np.stack([plain_tokens(vit, 9)[n].mean(1) for n in kept])
    for row, layer in enumerate((net.conv1, net.bn2)):
        means = np.stack([plain(net, layer, 9)[n].mean(1) for n in kept])
        assert found.values[row, 0] == pytest.approx(debiased_cka(means, tokens), abs=1e-4)


def test_without_names_every_tap_worth_it_and_a_model_is_like_itself() -> None:
    found = last(cka(side(seeded(InPlace())), side(seeded(InPlace())), shots(6), pool="flat"))
    assert found.rows == found.columns
    assert {"conv1", "conv2", "fc"} <= set(found.rows)
    assert "relu" not in found.rows
    assert "" not in found.rows  # the model itself gives what fc gave
    assert np.diag(found.values) == pytest.approx(np.ones(len(found.rows)))


def test_a_block_stands_for_the_layer_whose_values_it_gives() -> None:
    block = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    found = discover(seeded(nn.Sequential(block, nn.Sequential(nn.Conv2d(4, 2, 1)))), torch.randn(1, 3, 8, 8))
    assert worth(found.plan.taps) == ("0.0", "0", "1.0")


def test_too_few_a_tap_that_is_not_there_and_cancelled() -> None:
    net = side(seeded(InPlace()), "conv1")
    with pytest.raises(ExplorerError, match=r"at least 4.*3 could be used"):
        last(cka(net, net, shots(4, broken=(1,))))
    with pytest.raises(ExplorerError, match="no tap named nothing"):
        last(cka(net, side(seeded(InPlace()), "nothing"), shots(5)))
    with pytest.raises(CancelledError):
        last(cka(net, net, shots(5), cancelled=lambda: True))
    with pytest.raises(ExplorerError, match="No input could be used"):
        last(match_channels(net, net, shots(1, broken=(0,))))
    with pytest.raises(ExplorerError, match="one tap"):
        last(match_channels(side(seeded(InPlace())), net, shots(1)))


def test_values_that_are_not_finite_are_skipped_and_named() -> None:
    net = seeded(InPlace())
    with torch.no_grad():
        net.conv1.weight[0] = float("nan")
    with pytest.raises(ExplorerError, match="not finite"):
        last(cka(side(net, "conv1"), side(net, "conv1"), shots(5)))


def test_the_model_is_left_as_it_was() -> None:
    net = seeded(InPlace()).train()
    held = side(net, "conv1")
    net.train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    last(cka(held, held, shots(4)))
    assert all(module.training for module in net.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def cutting(step: int) -> TextPreprocess:
    """Tokens of so many characters, by a function of a file called model.py."""

    def tokens(text: str) -> tuple[Token, ...]:
        return tuple(Token(1, text[at : at + step], at, min(at + step, len(text))) for at in range(0, len(text), step))

    return TextPreprocess(tokenizer=Tokenizer("a function of the file", "model.py 9 None", 9, tokens, str))


def test_tokenizers_of_two_files_of_one_name_are_compared_by_how_they_cut() -> None:
    shot = Shot("text", lambda: text_input(InputRef("text", "some words"), "some words"))
    with pytest.raises(ExplorerError, match="different tokens"):
        _of_same_tokens(shot, cutting(1), cutting(2)).open()
    assert _of_same_tokens(shot, cutting(2), cutting(2)).open().name
