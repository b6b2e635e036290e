"""Spectra of a first layer: filters whose peak, width and energy are known by formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.engine.sound.filter_spectra import filter_spectra

RATE = 16000


def band(hertz: float, taps: int = 160, window: str = "hann") -> np.ndarray:
    shape = np.hanning(taps + 2)[1:-1] if window == "hann" else np.ones(taps)
    return np.cos(2 * np.pi * hertz * np.arange(taps) / RATE + 0.7) * shape


def test_peaks_widths_and_their_order() -> None:
    wanted = np.array([3000.0, 500.0, 7000.0, 1234.0])
    found = filter_spectra(np.stack([band(f) for f in wanted])[:, None], RATE)
    np.testing.assert_allclose(found.peak, wanted, atol=3)
    assert found.order == (1, 3, 0, 2)
    # a Hann window's main lobe is 2 / T wide at half its height (Harris, Proceedings of the IEEE, 1978)
    np.testing.assert_allclose(found.width, 2 * RATE / 161, rtol=0.02)
    assert (found.share > 0.99).all()
    assert found.hertz[-1] == RATE / 2
    assert found.hertz[1] <= 2


def test_a_rectangle_by_formula() -> None:
    """Its lobe is 1.206 / T wide at half its height."""
    found = filter_spectra(band(4000, 400, "rectangle")[None, None], RATE)
    assert found.width[0] == pytest.approx(1.206 * RATE / 400, rel=0.01)


def test_magnitude_and_share_by_the_sum_over_taps() -> None:
    """The Fourier sum, written out; the energy by integration and by Parseval's theorem."""
    weights = np.random.default_rng(0).standard_normal((3, 1, 50))
    found = filter_spectra(weights, RATE)
    for number in (0, 100, 1000, len(found.hertz) - 1):
        wave = np.exp(-2j * np.pi * found.hertz[number] / RATE * np.arange(50))
        np.testing.assert_allclose(found.magnitude[:, number], np.abs(weights[:, 0] @ wave), atol=1e-9)
    twice = np.full(len(found.hertz), 2.0)
    twice[[0, -1]] = 1
    energy = (found.magnitude**2 * twice).sum(1) / (2 * (len(found.hertz) - 1))
    np.testing.assert_allclose(energy, np.square(weights).sum((1, 2)), rtol=1e-9)
    near = np.abs(found.hertz - found.peak[:, None]) <= 300
    wanted = (found.magnitude**2 * twice * near).sum(1) / (found.magnitude**2 * twice).sum(1)
    np.testing.assert_allclose(found.share, wanted)


def test_noise_has_a_small_share_and_the_cumulative_response_is_flat() -> None:
    weights = torch.nn.Conv1d(1, 64, 160).weight.detach().numpy()
    found = filter_spectra(weights, RATE)
    assert 0.04 < np.median(found.share) < 0.3
    assert found.cumulative.max() == 1.0
    bands = filter_spectra(np.stack([band(f) for f in (1000, 1100, 1200)])[:, None], RATE)
    assert 900 < bands.hertz[bands.cumulative.argmax()] < 1300
    assert bands.cumulative[bands.hertz > 3000].max() < 0.01


def test_edges_zeros_and_single_taps() -> None:
    weights = np.zeros((4, 1, 9))
    weights[1] = 1  # a low-pass: its peak is at 0 Hz
    weights[2, 0, 4] = 1  # passes everything
    weights[3, 0] = (-1.0) ** np.arange(9)  # a high-pass
    found = filter_spectra(weights, RATE)
    np.testing.assert_allclose(found.peak[[0, 1, 3]], [0, 0, RATE / 2])
    assert found.width[0] == found.share[0] == 0
    assert found.width[2] == RATE / 2
    assert found.width[1] == pytest.approx(1.206 / 2 * RATE / 9, rel=0.02)
    assert np.isfinite(found.decibels()).all()
    assert found.decibels().max() == 0
    assert filter_spectra(np.ones((1, 1, 1)), RATE).width[0] == RATE / 2


def test_dilation_and_several_inputs() -> None:
    one = filter_spectra(band(1000)[None, None], RATE, dilation=2)
    assert min(abs(one.peak[0] - 500), abs(one.peak[0] - 7500)) < 5
    two = filter_spectra(np.stack([band(1000), 2 * band(1000)])[None], RATE)
    np.testing.assert_allclose(two.magnitude, np.sqrt(5) * filter_spectra(band(1000)[None, None], RATE).magnitude)


@pytest.mark.parametrize("weights", [np.zeros((2, 3)), np.zeros((0, 1, 5)), np.full((1, 1, 3), np.nan)])
def test_what_are_no_filters(weights: np.ndarray) -> None:
    with pytest.raises(ExplorerError, match="no filters over a waveform"):
        filter_spectra(weights, RATE)
