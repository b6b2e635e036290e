"""A microphone as a live input: each frame is the last stretch that the model takes, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.engine.live.sound_stream import SoundStream

PRE = SoundPreprocess(8000, 0.5)


def stream() -> SoundStream:
    return SoundStream(InputRef("microphone", "one"), "Microphone one")


def test_frames_are_the_newest_samples() -> None:
    made, every = stream(), np.random.default_rng(0).uniform(-1, 1, (1, 8960)).astype(np.float32)
    assert made.take(PRE) is None
    for at in range(0, 8960, 160):
        made.push(every[:, at : at + 160], 8000)
        taken = made.take(PRE)
        assert taken is not None
        sound, x = taken
        known = every[:, max(at + 160 - 4000, 0) : at + 160]
        assert np.array_equal(sound.samples, known)
        assert x.shape == (1, 1, 4000)
        assert np.array_equal(x[0, 0, : known.shape[1]].numpy(), known[0])
    assert made.take(PRE) is None  # nothing new
    assert sum(part.shape[1] for part in made._blocks) <= 4000 + 160


def test_another_rate_begins_anew() -> None:
    made = stream()
    made.push(np.ones((1, 800), np.float32), 8000)
    made.push(np.zeros((2, 1600), np.float32), 16000)
    taken = made.take(PRE)
    assert taken is not None
    assert (taken[0].rate, taken[0].channels, taken[0].count) == (16000, 2, 1600)


def test_each_model_gets_the_end_that_it_takes() -> None:
    made, every = stream(), np.random.default_rng(0).uniform(-1, 1, (1, 16000)).astype(np.float32)
    made.take_for((PRE, SoundPreprocess(8000, 2.0)))
    made.push(every, 8000)
    taken = made.take_for((PRE, SoundPreprocess(8000, 2.0)))
    assert taken is not None
    assert np.array_equal(taken[1][0][0, 0].numpy(), every[0, -4000:])
    assert np.array_equal(taken[1][1][0, 0].numpy(), every[0])


def test_a_frame_is_as_long_as_the_features_want_it_where_no_length_is_said() -> None:
    pre = SoundPreprocess(16_000, features="ast", layout="NTC")
    made, every = stream(), np.random.default_rng(0).uniform(-1, 1, (1, 200_000)).astype(np.float32)
    made.take(pre)
    for at in range(0, 200_000, 4000):
        made.push(every[:, at : at + 4000], 16_000)
    taken = made.take(pre)
    assert taken is not None
    assert np.array_equal(taken[0].samples, every[:, -(1023 * 160 + 400) :])


def test_a_model_of_pictures_hears_nothing() -> None:
    with pytest.raises(ExplorerError, match="models that take sounds"):
        stream().take(Preprocess())


def test_it_ends_when_it_is_closed() -> None:
    made = stream()
    made.push(np.ones((1, 800), np.float32), 8000)
    made.close()
    assert made.ended
    assert made.take(PRE) is None
