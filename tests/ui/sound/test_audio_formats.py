"""Formats of devices, and samples as their bytes."""

from __future__ import annotations

import numpy as np
import pytest
from fake_sound import Device, FakeSound, Form, Kind

from explorer.ui.sound.audio_formats import at_channels, fitting_format, from_bytes, to_bytes

NOISE = np.random.default_rng(3).uniform(-1, 1, (2, 50)).astype(np.float32)


def test_floats_keep_every_bit() -> None:
    back = from_bytes(to_bytes(NOISE * 3, "Float"), 2, "Float")
    assert np.array_equal(back.view(np.uint32), (NOISE * 3).view(np.uint32))
    assert back.flags.c_contiguous
    assert not back.flags.writeable


@pytest.mark.parametrize(("kind", "step"), [("Int16", 2**-15), ("Int32", 2**-24), ("UInt8", 2**-7)])
def test_whole_numbers_are_the_nearest_ones(kind: str, step: float) -> None:
    back = from_bytes(to_bytes(NOISE, kind), 2, kind)
    assert np.abs(back - NOISE).max() <= step


@pytest.mark.parametrize("kind", ["Int16", "Int32", "UInt8"])
def test_beyond_full_scale_is_cut_off_and_not_wrapped(kind: str) -> None:
    loud = np.array([[1.0, 5.0, -1.0, -5.0, 0.0]], np.float32)
    back = from_bytes(to_bytes(loud, kind), 1, kind)[0]
    assert back == pytest.approx([1, 1, -1, -1, 0], abs=0.01)
    assert back[0] == back[1]
    assert back[2] == back[3] == -1


def test_channels_are_interleaved() -> None:
    data = np.frombuffer(to_bytes(np.array([[0.25, 0.5], [-0.25, -0.5]], np.float32), "Int16"), np.int16)
    assert data.tolist() == [8192, -8192, 16384, -16384]


def test_channels_are_spread_mixed_and_filled() -> None:
    assert at_channels(NOISE, 2) is NOISE
    assert np.array_equal(at_channels(NOISE[:1], 3), NOISE[[0, 0, 0]])
    assert at_channels(NOISE, 1)[0] == pytest.approx(NOISE.mean(axis=0))
    wide = at_channels(NOISE, 4)
    assert np.array_equal(wide[:2], NOISE)
    assert not wide[2:].any()
    assert np.array_equal(at_channels(wide, 3), wide[:3])


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        (None, (8000, 1, Kind.Float)),
        ({(8000, 1, Kind.Int16), (48000, 2, Kind.Float)}, (8000, 1, Kind.Int16)),
        ({(48000, 2, Kind.Float)}, (48000, 2, Kind.Float)),
        ({(48000, 2, Kind.Int16)}, (48000, 2, Kind.Int16)),
        (set(), (48000, 2, Kind.Int32)),
    ],
)
def test_the_sounds_own_format_comes_first_then_the_devices(takes: object, expected: tuple[int, int, Kind]) -> None:
    device = Device("d", Form(48000, 2, Kind.Int32), takes)
    form = fitting_format(FakeSound(), device, (8000, 1))  # type: ignore[arg-type]
    assert (form.sampleRate(), form.channelCount(), form.sampleFormat()) == expected
