"""Places along a tensor of a sound: to seconds and Hz, and back."""

from __future__ import annotations

import pytest

from explorer.core.sound_axes import BandAxis, EvenAxis, laid_out, mel_axis, time_of_frames, time_of_samples
from explorer.core.sound_preprocess import LogMel, SoundPreprocess


def test_samples_of_a_window_at_another_rate() -> None:
    """A window that begins at 2.5 s of the file, 0.75 s long, in a model that wants 1 s at 16 kHz."""
    axis = time_of_samples(SoundPreprocess(16000, 1.0), 2.5, 0.75)
    assert (axis.count, axis.inside, axis.unit) == (16000, 12000, "s")
    assert axis.at(8000) == 3.0
    assert axis.index_of(3.0) == 8000
    assert axis.in_samples(44100).at(8000) == pytest.approx(3.0 * 44100)
    assert axis.in_samples(44100).index_of(3.0 * 44100) == pytest.approx(8000)
    assert axis.nearest(0.0) == 0
    assert axis.nearest(99.0) == 15999
    assert all(axis.nearest(axis.at(n)) == n for n in (0, 1, 777, 15999))


@pytest.mark.parametrize(("centred", "first"), [(True, 0.0), (False, 0.0125)])
def test_frames_stand_in_their_middle(centred: bool, first: float) -> None:
    samples = time_of_samples(SoundPreprocess(16000), 1.0, 1.0)
    axis = time_of_frames(samples, 101 if centred else 98, 400, 160, centred)
    assert axis.at(0) == pytest.approx(1.0 + first)
    assert axis.at(10) - axis.at(0) == pytest.approx(0.1)
    assert axis.span(0)[1] - axis.span(0)[0] == pytest.approx(0.025)
    assert axis.index_of(axis.at(7.25)) == pytest.approx(7.25)


def test_frames_over_padding_are_told() -> None:
    samples = time_of_samples(SoundPreprocess(16000, 30.0), 0.0, 1.0)
    assert samples.inside == 16000
    assert time_of_frames(samples, 3000, 400, 160, True).inside == 100


def test_a_layer_behind_sees_more() -> None:
    """The first layer of 160 samples every 8 behind a padding of 80, and a pool of 4: 184 samples every 32."""
    samples = time_of_samples(SoundPreprocess(16000), 0.0, 1.0)
    first = samples.behind(8, -80, 160, 2001)
    assert first.in_samples(16000).at(0) == pytest.approx(-0.5)
    assert first.in_samples(16000).size == pytest.approx(160)
    pool = first.behind(4, 0, 4, 500)
    assert pool.in_samples(16000).size == pytest.approx(184)
    assert pool.in_samples(16000).step == pytest.approx(32)
    low, high = pool.in_samples(16000).span(250)
    assert (low, high) == (pytest.approx(7920 - 0.5), pytest.approx(8104 - 0.5))


def test_bands() -> None:
    axis = mel_axis(LogMel(mels=40, low=50.0, high=7000.0), 16000)
    assert axis.count == 40
    for band in (0, 13, 39):
        low, high = axis.span(band)
        assert low < axis.at(band) < high
        assert axis.index_of(axis.at(band)) == pytest.approx(band)
        assert axis.nearest(axis.at(band)) == band
    assert axis.span(0)[0] == pytest.approx(50.0)
    assert axis.span(39)[1] == pytest.approx(7000.0)
    assert axis.index_of(axis.at(12.5)) == pytest.approx(12.5)
    assert (axis.nearest(0.0), axis.nearest(1e6)) == (0, 39)


@pytest.mark.parametrize(
    ("features", "layout", "names"),
    [
        ("none", "NT", "batch time"),
        ("none", "NCT", "batch channel time"),
        ("log-mel", "NCT", "batch frequency time"),
        ("log-mel", "NTC", "batch time frequency"),
        ("log-mel", "NCHW", "batch channel frequency time"),
    ],
)
def test_one_axis_a_dimension(features: str, layout: str, names: str) -> None:
    numbers = LogMel() if features == "log-mel" else None
    preprocess = SoundPreprocess(16000, features=features, log_mel=numbers, layout=layout)
    time = EvenAxis("time", "s", 0, 1, 5)
    axes = laid_out(preprocess, time, BandAxis((0.0, 1.0, 2.0)) if numbers else None)
    assert " ".join(axis.name for axis in axes) == names
