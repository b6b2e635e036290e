"""The figures on the cards, on cases whose answer is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from demo_models.measure.attention import attention_of, distance, entropy, recording, weights
from demo_models.measure.features import alike, alike_about, probe, stages, standard, vote
from demo_models.measure.filters import indices, selectivity
from demo_models.measure.foreground import by_attention, by_component, last_block, mass, overlap
from demo_models.recipes.run import normalise
from demo_models.recipes.table import RECIPES
from torch import Tensor

from explorer.engine.attention.heads import summarise
from explorer.engine.attention.looks import looks_at
from explorer.engine.attention.record import find
from explorer.engine.models.demo.facts import FIGURES
from explorer.engine.models.demo.vit import VisionTransformer


def neighbours(bank: Tensor, known: Tensor, query: Tensor, truth: Tensor) -> float:
    return vote(alike(bank, query), known, truth)


def clusters(each: int, spread: float, seed: int) -> tuple[Tensor, Tensor]:
    chance = torch.Generator().manual_seed(seed)
    labels = torch.arange(4).repeat_interleave(each)
    centres = torch.eye(4, 8) * 3
    return centres[labels] + spread * torch.randn(4 * each, 8, generator=chance), labels


def test_neighbours_and_probe_find_clusters_and_nothing_in_noise() -> None:
    bank, known = clusters(60, 0.3, 0)
    query, truth = clusters(50, 0.3, 1)
    assert neighbours(bank, known, query, truth) == 100
    assert probe(bank, known, query, truth) == 100
    noise = torch.randn(240, 8, generator=torch.Generator().manual_seed(2))
    assert neighbours(noise, known, noise.flip(0)[:200], truth) < 45


def test_neighbours_agree_with_scikit_like_votes_by_hand() -> None:
    bank = torch.nn.functional.normalize(torch.randn(40, 5, generator=torch.Generator().manual_seed(0)), dim=1)
    known = torch.arange(40) % 3
    query = bank[:7] + 0.1
    right = 0
    for number, one in enumerate(torch.nn.functional.normalize(query, dim=1)):
        near = sorted(
            ((float(one @ other), int(label)) for other, label in zip(bank, known, strict=True)), reverse=True
        )
        votes = [sum(math.exp(c / 0.07) for c, label in near[:20] if label == wanted) for wanted in range(3)]
        right += votes.index(max(votes)) == int(known[number])
    assert neighbours(bank, known, query, known[:7]) == pytest.approx(100 * right / 7, abs=0.01)


def test_pixels_part_by_part_are_pixels_at_once() -> None:
    chance = torch.Generator().manual_seed(0)
    bank, query = (torch.rand(count, 30, generator=chance) for count in (23, 7))
    mean = bank.mean(0)
    torch.testing.assert_close(alike_about(bank, query, rows=5), alike(bank - mean, query - mean))


def test_standard_uses_the_banks_mean_and_spread() -> None:
    bank, query = standard(torch.tensor([[0.0, 5.0], [2.0, 5.0]]), torch.tensor([[1.0, 6.0]]))
    assert bank.mean(0).tolist() == [0, 0]
    assert query[0, 0] == 0


def test_a_grating_is_oriented_and_tuned_a_tinted_blob_is_coloured() -> None:
    at = torch.arange(7) - 3.0
    y, x = torch.meshgrid(at, at, indexing="ij")
    round_ = torch.exp(-(x**2 + y**2) / 4)
    grating = (torch.cos(1.8 * x) * torch.exp(-(x**2 + y**2) / 16)).expand(1, 3, 7, 7)
    tinted = torch.stack([round_, -round_, 0 * round_])[None]
    grey = round_.expand(1, 3, 7, 7)
    (g, t, b) = (indices(filters)[0] for filters in (grating, tinted, grey))
    assert g[0] > 0.5 > b[0]
    assert t[1] == pytest.approx(1)
    assert b[1] == pytest.approx(0, abs=1e-6)
    assert g[2] > 0.2
    assert b[2] == 0, "a blur is tuned to nothing"
    assert selectivity(grating)["selective"] == 100
    assert selectivity(grey)["selective"] == 0


def test_stages_are_the_means_and_maxima_of_their_maps() -> None:
    net = RECIPES["shapes-cnn"].make().eval()
    images = torch.rand(3, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    features, found = stages(net, images, ("stage1", "stage3"), batch=2)
    with torch.no_grad():
        maps = net.stage1(net.stem(normalise(images)))
        torch.testing.assert_close(found["stage1"], torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1))
        torch.testing.assert_close(found["stage3"][:, :96], net.features(normalise(images)))
        torch.testing.assert_close(features, net.features(normalise(images)))


def test_filters_of_chance_are_hardly_ever_selective() -> None:
    chance = torch.randn(400, 3, 7, 7, generator=torch.Generator().manual_seed(9))
    assert selectivity(chance)["selective"] < 7


def test_overlap_of_the_true_patches_is_one_and_of_none_is_zero() -> None:
    truth = torch.zeros(1, 96, 96, dtype=torch.bool)
    truth[:, 16:48, 24:56] = True
    patches = truth[:, ::8, ::8].reshape(1, -1)
    assert overlap(patches, truth, 12) == 1
    assert overlap(torch.zeros_like(patches), truth, 12) == 0
    assert overlap(torch.ones_like(patches), truth, 12) == pytest.approx(32 * 32 / 96 / 96, abs=1e-3)


def test_mass_counts_a_patch_as_far_as_an_object_covers_it() -> None:
    truth = torch.zeros(2, 96, 96, dtype=torch.bool)
    truth[0, 16:24, 24:28] = True  # half of the patch in row 2, column 3
    truth[1] = True
    given = torch.zeros(2, 144)
    given[0, 2 * 12 + 3], given[0, 0], given[1, 5] = 0.8, 0.2, 1.0
    assert mass(given[:1], truth[:1], 12) == pytest.approx(40)
    assert mass(given, truth, 12) == pytest.approx(70)
    alike = torch.full((1, 144), 1 / 144)
    assert mass(alike, truth[:1], 12) == pytest.approx(100 * 32 / 96 / 96, abs=0.01), "all alike: the area"


def test_attention_keeps_the_fewest_patches_with_the_mass() -> None:
    weights = torch.tensor([[0.1, 0.4, 0.3, 0.2]])
    assert by_attention(weights).tolist() == [[False, True, True, False]]


def test_the_first_component_separates_an_object_from_its_border() -> None:
    truth = torch.zeros(12, 12, dtype=torch.bool)
    truth[4:9, 3:8] = True
    tokens = torch.randn(2, 144, 6, generator=torch.Generator().manual_seed(0)) * 0.1
    tokens[:, truth.reshape(-1)] += torch.tensor([2.0, -1, 0, 0, 1, 0])
    assert torch.equal(by_component(tokens, 12), truth.reshape(1, -1).expand(2, -1))


def test_the_attention_read_is_the_attention_used() -> None:
    """Weights from the hooks, applied to v, give what the block's own attention puts out for the class token."""
    net = RECIPES["shapes-vit"].make().eval()
    images = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    attention = net.blocks[-1].attention
    seen: dict[str, Tensor] = {}
    hook = attention.register_forward_hook(lambda _, inside, out: seen.update(x=inside[0], out=out))
    with torch.no_grad():
        net.tokens(normalise(images))
        hook.remove()
        q, k, v = (
            part(seen["x"]).unflatten(2, (attention.heads, -1)).transpose(1, 2)
            for part in (attention.q, attention.k, attention.v)
        )
        full = (q @ k.transpose(2, 3) / q.shape[-1] ** 0.5).softmax(-1)
        out = attention.out((full @ v).transpose(1, 2).flatten(2))
    torch.testing.assert_close(out, seen["out"], atol=1e-5, rtol=1e-4)
    given, _ = last_block(net, images)
    patches = full[:, :, 0, net.prefix :].mean(1)
    torch.testing.assert_close(given, patches / patches.sum(1, keepdim=True))
    assert not attention.q._forward_hooks


def attended(net: VisionTransformer, x: Tensor) -> Tensor:
    """(N, heads, tokens, tokens) of the last block in plain torch, in float64."""
    seen: list[Tensor] = []
    last = net.blocks[-1].attention
    hook = last.register_forward_hook(lambda _, inside, __: seen.append(inside[0].double()))
    with torch.no_grad():
        net.tokens(x)
        hook.remove()
        q, k = (
            (seen[0] @ part.weight.double().T + part.bias.double()).unflatten(2, (last.heads, -1)).transpose(1, 2)
            for part in (last.q, last.k)
        )
        return torch.einsum("nhqd,nhkd->nhqk", q, k).div(q.shape[-1] ** 0.5).softmax(-1)


def sharp() -> VisionTransformer:
    """A transformer whose heads look at some tokens much more than at others."""
    net: VisionTransformer = RECIPES["shapes-vit"].make().eval()
    with torch.no_grad():
        for part in (net.blocks[-1].attention.q, net.blocks[-1].attention.k):
            part.weight.mul_(10)
    return net


def test_entropy_and_distance_of_the_last_block_are_those_of_plain_torch() -> None:
    net, images = sharp(), torch.rand(3, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    found, rows = attention_of(net, images), attended(net, normalise(images))
    own = -(rows * rows.log())[:, :, 0].sum(-1)
    assert own.mean() < 4.5, "not everything alike"
    assert found["entropy_attention"] == pytest.approx(float(own.mean()), abs=1e-4)
    far = torch.zeros(145, 145, dtype=torch.float64)
    for query, key in itertools.product(range(144), repeat=2):
        far[1 + query, 1 + key] = 8 * math.hypot(query // 12 - key // 12, query % 12 - key % 12)
    away = (rows * far).sum(-1)[:, :, 1:].mean()
    assert found["distance_attention"] == pytest.approx(float(away), abs=1e-3)
    assert not net.blocks[-1].attention.q._forward_hooks


def test_the_application_says_the_same_of_the_same_block() -> None:
    """Distance is defined alike. The application's entropy is that of all tokens, the card's that of the class token alone."""
    net, images = sharp(), torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    block = list(find(net, normalise(images)).records.values())[-1]
    summary, row = summarise(block), looks_at(block, 0)
    with torch.no_grad(), recording(net) as parts:
        net.tokens(normalise(images))
        rows = weights(*parts())
    torch.testing.assert_close(distance(rows, net)[0], torch.from_numpy(summary.distance).float(), atol=1e-5, rtol=1e-5)
    mean = entropy(rows).mean(2)[0]
    torch.testing.assert_close(mean, torch.from_numpy(summary.entropy).float(), atol=1e-5, rtol=1e-5)
    seen = torch.from_numpy(np.concatenate([row.prefix, row.maps.reshape(len(row.maps), -1)], 1)).double()
    of_class = -(seen * seen.log()).sum(1)
    torch.testing.assert_close(entropy(rows[:, :, 0])[0].double(), of_class, atol=1e-5, rtol=1e-5)
    assert float((mean - of_class).abs().max()) > 1e-3, "two different things"


def test_a_network_that_attends_to_everything_alike_has_the_entropy_that_is_said_to_be_the_most() -> None:
    net = RECIPES["shapes-vit"].make().eval()
    with torch.no_grad():
        net.blocks[-1].attention.q.weight.zero_()
    found = attention_of(net, torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(0)))
    tokens = net.prefix + net.grid**2
    assert found["entropy_attention"] == pytest.approx(math.log(tokens), abs=1e-4)
    said = next(what for key, _, what, _ in FIGURES if key == "entropy_attention")
    assert f"uniform over {tokens} tokens: {math.log(tokens):.2f}" in said
