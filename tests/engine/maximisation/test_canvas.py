"""What the parameters make: against the picture they were made from, and the formula of the spectrum."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.core.maximisation import MaximiseSettings
from explorer.engine.maximisation.canvas import Canvas

CPU = torch.device("cpu")


@pytest.mark.parametrize("fourier", [True, False])
@pytest.mark.parametrize("decorrelate", [True, False])
@pytest.mark.parametrize("shape", [(1, 3, 9, 12), (2, 1, 8, 7), (1, 5, 6, 6)])
def test_a_given_picture_comes_back(fourier: bool, decorrelate: bool, shape: tuple[int, int, int, int]) -> None:
    canvas = Canvas(shape, MaximiseSettings(fourier=fourier, decorrelate=decorrelate), CPU)
    wanted = np.random.default_rng(0).uniform(0.1, 0.9, shape[1:]).astype(np.float32)
    canvas.from_picture(wanted, seed=0)
    made = canvas.picture().detach().numpy()
    assert made.shape == shape
    if shape[0] == 1:
        assert np.abs(made[0] - wanted).max() < 1e-4
    else:  # members of a batch start a little apart
        assert 0 < np.abs(made[0] - made[1]).max() < 0.2


def test_black_and_white_stay_near_the_edge_of_the_range() -> None:
    canvas = Canvas((1, 1, 4, 4), MaximiseSettings(decay=1.0), CPU)
    canvas.from_picture(np.eye(4, dtype=np.float32)[None], seed=0)
    shown = canvas.pixels()
    assert (np.abs(shown[0, ..., 0].astype(int) - np.eye(4, dtype=int) * 255) <= 6).all()
    assert shown.dtype == np.uint8
    assert not shown.flags.writeable


def test_noise_is_that_of_the_seed_and_of_nobody_else() -> None:
    settings, before = MaximiseSettings(), torch.get_rng_state()
    made = []
    for seed in (1, 1, 2):
        canvas = Canvas((1, 3, 8, 8), settings, CPU)
        canvas.from_noise(seed)
        made.append(canvas.picture().detach())
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])
    assert torch.equal(before, torch.get_rng_state())


def test_a_coefficient_moves_the_picture_by_one_over_its_frequency() -> None:
    """One coefficient alone is a cosine; its amplitude falls as 1 / frequency."""
    canvas = Canvas((1, 1, 16, 16), MaximiseSettings(decay=1.0), CPU)
    heights = []
    for row in (1, 2, 4):
        values = np.zeros((1, 1, 16, 9, 2), np.float32)
        values[0, 0, row, 0, 0] = 1.0
        canvas.load(values)
        heights.append(float(torch.logit(canvas.picture().detach()).abs().max()))
    # 16 for one wave over 16 px, over 16 for the orthonormal transform, over 4 for calm
    assert heights[0] == pytest.approx(0.25, rel=1e-4)
    assert heights[0] / heights[1] == pytest.approx(2, rel=1e-4)
    assert heights[1] / heights[2] == pytest.approx(2, rel=1e-4)


def test_decay_is_the_exponent_and_leaves_the_energy() -> None:
    spectrum = {
        decay: Canvas((1, 1, 8, 8), MaximiseSettings(decay=decay), CPU)._spectrum.numpy() for decay in (0.0, 1.0, 2.0)
    }
    assert spectrum[1.0][1, 1] == pytest.approx(8 / math.sqrt(2))
    assert spectrum[1.0][0, 0] == 8  # the mean counts as one wave
    for decay, found in spectrum.items():
        assert np.allclose(found / found[1, 0], (spectrum[1.0] / 8) ** decay)
        assert np.square(found).mean() == pytest.approx(np.square(spectrum[1.0]).mean())


def test_parameters_of_another_picture_are_refused() -> None:
    with pytest.raises(ExplorerError, match="does not fit"):
        Canvas((1, 3, 8, 8), MaximiseSettings(), CPU).load(np.zeros((1, 3, 8, 4, 2), np.float32))
