from __future__ import annotations

import math

import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.engine.models import open_model
from explorer.engine.models.preview import DIRECTIONS, first_layer


def test_the_card_says_what_it_is() -> None:
    card = open_model(ModelSpec("demo:seeded")).card
    assert card.weights.label == "untrained, seed 0"
    assert "learnt nothing" in card.description
    assert card.labels == ()


def test_the_same_seed_gives_the_same_values_and_leaves_torch_alone() -> None:
    before = torch.random.get_rng_state()
    a, b, c = (open_model(ModelSpec("demo:seeded", seed=seed)) for seed in (0, 0, 1))
    assert torch.equal(before, torch.random.get_rng_state())
    assert a.card.weights.sha256 == b.card.weights.sha256 != c.card.weights.sha256
    assert torch.equal(a.module.stem.weight, c.module.stem.weight)  # drawn, not random


def test_an_even_grey_has_no_answer_and_texture_has_one_everywhere() -> None:
    module = open_model(ModelSpec("demo:seeded")).module
    kernels = first_layer()
    assert kernels.sum(dim=(1, 2, 3)).abs().max() < 1e-5
    with torch.no_grad():
        x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
        for stage in module.children():
            x = stage(x)
            assert x.isfinite().all()
            assert (x.std(dim=(2, 3)) > 0).all()  # no dead channel on noise
    assert x.shape == (1, 128, 4, 4)


@pytest.mark.parametrize("direction", range(DIRECTIONS))
def test_every_direction_is_answered_most_by_its_own_filters(direction: int) -> None:
    angle = math.pi * direction / DIRECTIONS
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    wave = torch.cos(2 * math.pi * (x * math.cos(angle) + y * math.sin(angle)) / 6)
    answer = torch.nn.functional.conv2d(wave.expand(1, 3, -1, -1), first_layer())[0].pow(2).mean(dim=(1, 2))
    energy = answer[:DIRECTIONS] + answer[DIRECTIONS : 2 * DIRECTIONS]
    assert int(energy.argmax()) == direction


def test_colour_filters_are_blind_to_grey() -> None:
    grey = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0)).expand(1, 3, 32, 32)
    answer = torch.nn.functional.conv2d(grey, first_layer())[0]
    assert answer[16:].abs().max() < 1e-5 < answer[:16].abs().max()


def test_a_weight_file_has_no_place_in_it() -> None:
    with pytest.raises(ExplorerError, match="takes no weight file"):
        open_model(ModelSpec("demo:seeded", weights="x.pth"))
