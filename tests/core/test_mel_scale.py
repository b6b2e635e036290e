"""Mel scales against the numbers in their papers, filters against a loop over the definition."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.mel_scale import empty_filters, mel_corners, mel_filters, spread_to_bins, to_hertz, to_mel


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_there_and_back(scale: str) -> None:
    hertz = np.array([0.0, 1.0, 200.0, 999.999, 1000.0, 1000.001, 4000.0, 22050.0])
    np.testing.assert_allclose(to_hertz(to_mel(hertz, scale), scale), hertz, rtol=1e-12, atol=1e-9)
    assert (np.diff(to_mel(hertz, scale)) > 0).all()


def test_known_points() -> None:
    assert to_mel(1000.0, "htk") == pytest.approx(1000.0, abs=0.02)  # what the scale is made for
    assert to_mel(1000.0, "slaney") == pytest.approx(15.0)
    assert to_mel(6400.0, "slaney") == pytest.approx(42.0)


@pytest.mark.parametrize(("scale", "norm"), [("htk", "none"), ("slaney", "slaney")])
def test_filters_by_their_definition(scale: str, norm: str) -> None:
    filters = mel_filters(20, 256, 16000, 100.0, 7000.0, scale, norm)
    corners = mel_corners(20, 100.0, 7000.0, scale)
    assert filters.shape == (129, 20)
    for mel in range(20):
        low, middle, high = corners[mel : mel + 3]
        for number in range(129):
            f = number * 16000 / 256
            wanted = (f - low) / (middle - low) if f < middle else (high - f) / (high - middle)
            area = 2 / (high - low) if norm == "slaney" else 1.0
            assert filters[number, mel] == pytest.approx(max(0.0, wanted) * area, abs=1e-12)


def test_filters_are_those_of_transformers() -> None:
    from transformers.audio_utils import mel_filter_bank

    for scale, norm, triangle in (("htk", "none", "hertz"), ("slaney", "slaney", "hertz"), ("htk", "none", "mels")):
        theirs = mel_filter_bank(
            201, 40, 20.0, 7600.0, 16000, None if norm == "none" else norm, "kaldi" if triangle == "mels" else scale,
            triangularize_in_mel_space=triangle == "mels",
        )  # fmt: skip
        ours = mel_filters(40, 400, 16000, 20.0, 7600.0, scale, norm, triangle=triangle)
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_empty_filters_are_found() -> None:
    """128 mels of 400 points at 16 kHz, a common mistake: four have no bin."""
    assert empty_filters(mel_filters(128, 400, 16000, 0.0, 8000.0, "htk", "none")) == (0, 3, 6, 13)
    assert empty_filters(mel_filters(64, 512, 16000, 0.0, 8000.0, "htk", "none")) == ()


def test_every_bin_is_spread_to_whole() -> None:
    filters = mel_filters(128, 400, 16000, 300.0, 7000.0, "htk", "none")
    shares = spread_to_bins(filters)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-12)
    assert shares[0].argmax() == np.flatnonzero(filters.max(axis=0) > 0)[0]
    assert shares[-1, 127] == 1.0
    touched = filters.sum(axis=1) > 0
    np.testing.assert_allclose(shares[touched], filters[touched] / filters[touched].sum(axis=1, keepdims=True))
