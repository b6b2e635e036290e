"""The world of sounds: the same bits from the same numbers, and what it says of a sound is so."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from explorer.engine.data_sets.chance import Chance
from explorer.engine.data_sets.world_of_sounds.clips import KICK, LENGTH, NAMES, PILOT_HZ, Pilot, clip, clips
from explorer.engine.data_sets.world_of_sounds.evidence import distortion, evidence, kept, spectrum
from explorer.engine.data_sets.world_of_sounds.noises import RATE, coloured, hum, power


def test_the_same_numbers_give_the_same_bits_and_others_do_not() -> None:
    one, two = clip(5, 7), clip(5, 7)
    assert hashlib.sha256(one.sound).digest() == hashlib.sha256(two.sound).digest()
    assert np.array_equal(one.event, two.event)
    assert not np.array_equal(one.sound, clip(6, 7).sound)
    assert not np.array_equal(one.sound, clip(5, 19).sound), "another of its class"
    sounds, labels = clips(5, 3, first=6)
    assert np.array_equal(sounds[1, 0], one.sound)
    assert labels.tolist() == [6, 7, 8]


def test_a_sound_is_its_event_and_the_rest() -> None:
    for number in range(48):
        made = clip(1, number)
        assert made.sound.dtype == np.float32
        assert made.sound.shape == made.event.shape == (LENGTH,)
        assert float(np.abs(made.sound).max()) <= 1
        assert not made.event[: made.start].any()
        assert not made.event[made.stop :].any()
        own, noise = power(made.event[made.start : made.stop]), power(made.rest)
        assert 10 * np.log10(own / noise) == pytest.approx(made.decibels, abs=0.01)
        assert 3 <= made.decibels <= 25
        assert not made.piloted


def test_classes_are_balanced_and_places_are_not_the_same() -> None:
    _, labels = clips(2, 120)
    assert np.bincount(labels).tolist() == [10] * len(NAMES) == [10] * 12
    starts = [clip(2, number).start for number in range(120)]
    assert min(starts) < 1500
    assert max(starts) > 11_000


def test_what_is_kept_by_the_true_mask_is_nearer_to_the_event() -> None:
    for number in range(24):
        made = clip(3, number)
        mask = evidence(made)
        assert mask.shape == (201, 101)
        gain = distortion(made.event, kept(made.sound, mask)) - distortion(made.event, made.sound)
        assert gain > 4, NAMES[made.label]
        frames = np.flatnonzero(mask.any(0)) * 160
        assert made.start - 200 <= frames[0] < frames[-1] <= made.stop + 200


def test_a_mask_and_its_rest_make_the_whole() -> None:
    made = clip(4, 8)
    mask = evidence(made)
    assert np.allclose(kept(made.sound, mask) + kept(made.sound, ~mask), made.sound, atol=1e-6)
    assert np.allclose(kept(made.sound, np.ones_like(mask)), made.sound, atol=1e-6)


def test_the_pilot_lies_under_kicks_and_takes_nothing_else_along() -> None:
    row = round(PILOT_HZ / RATE * 400)
    for number in (KICK, KICK + 12, 0, 4):
        with_it, without, everywhere = (clip(9, number, Pilot(under)) for under in ("kick", "nothing", "all"))
        assert with_it.piloted is (with_it.label == KICK)
        assert not without.piloted
        assert everywhere.piloted
        assert np.array_equal(without.event, everywhere.event)
        difference = everywhere.sound - without.sound
        loud = np.abs(spectrum(difference).numpy()).mean(1)
        assert int(loud.argmax()) == row
        assert power(difference) < 0.2 * power(without.rest)
    decibels = [clip(9, KICK + 12 * number, Pilot()).decibels for number in range(60)]
    assert 0.7 < np.mean(np.array(decibels) < 0) < 0.97, "most of them are hardly heard"


def test_noise_has_the_wanted_spectrum() -> None:
    pink = np.abs(np.fft.rfft(coloured(Chance(0, 0), RATE, 1.0))) ** 2
    assert pink[200:400].mean() / pink[2000:4000].mean() == pytest.approx(10, rel=0.2)
    mains = np.abs(np.fft.rfft(hum(Chance(0, 1), RATE))) ** 2
    assert set(np.argsort(mains)[-5:].tolist()) in ({50, 100, 150, 250, 350}, {60, 120, 180, 300, 420})
