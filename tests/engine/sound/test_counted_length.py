"""How long a sound without a length in its header is: against the samples that are decoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.core.inputs import InputRef
from explorer.core.requests import Lane
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.sound import counted_length
from explorer.engine.sound.counted_length import seconds_of
from explorer.engine.sound.overview import read_overview
from explorer.engine.sound.sound_files import open_sound
from explorer.engine.sound.sound_track import SoundTrack
from explorer.engine.sound.sound_windows import first_window
from tests.engine.sound.sound_files_made import encode, noise

RATE, PACKET = 16000, 1152


@pytest.mark.parametrize(
    ("name", "codec", "kind"), [("a.mp3", "mp3", "fltp"), ("a.aac", "aac", "fltp"), ("a.ac3", "ac3", "fltp")]
)
@pytest.mark.parametrize("seconds", [0.4, 7.25])
def test_the_packets_are_as_long_as_what_is_decoded(
    tmp_path: Path, name: str, codec: str, kind: str, seconds: float
) -> None:
    rate = 32000 if codec == "ac3" else RATE
    path = encode(tmp_path / name, noise(round(seconds * rate)), rate, codec, kind)
    with SoundTrack(path) as track:
        assert track.promised is None
    decoded = open_sound(path)
    assert seconds_of(path) == pytest.approx(decoded.samples.shape[1] / rate, abs=2 * 1536 / rate)


def test_a_long_mp3_is_opened_in_windows_and_has_an_overview(tmp_path: Path) -> None:
    loud = np.concatenate([noise(20 * RATE, loud=0.02), noise(20 * RATE, loud=0.3)], 1)
    path = encode(tmp_path / "long.mp3", loud, RATE, "mp3", "fltp")
    events: list[object] = []
    ref = first_window(InputRef("sound", str(path)), None, Job(0, Lane.FORWARD, "", events.append))
    assert 0 < ref.length < 40
    window = open_sound(path, 5.0, 2.0)
    assert window.total == pytest.approx(40, abs=0.2)
    steps = read_overview(path, 40, lambda: False)
    try:
        while True:
            next(steps)
    except StopIteration as stop:
        found = stop.value
    assert found.done
    assert found.seconds == pytest.approx(40, abs=0.2)
    assert found.read == pytest.approx(found.seconds, abs=0.2)
    heights = np.nan_to_num(found.high - found.low)
    assert heights[:19].max() < heights[21:].min()


def test_counting_is_cancelled_told_and_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encode(tmp_path / "a.mp3", noise(3 * RATE), RATE, "mp3", "fltp")
    with pytest.raises(CancelledError):
        seconds_of(path, lambda: True)
    monkeypatch.setattr(counted_length, "_PACE", 0.0)
    shares: list[float] = []
    counted = seconds_of(path, progress=shares.append)
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1
    shares.clear()
    assert seconds_of(path, progress=shares.append) == counted
    assert shares == []  # known
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert seconds_of(path) == pytest.approx(counted / 2, abs=0.1)  # another file


def test_what_is_too_large_is_not_read_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encode(tmp_path / "a.mp3", noise(RATE), RATE, "mp3", "fltp")
    monkeypatch.setattr(counted_length, "MOST_BYTES", 100)
    assert seconds_of(path) == 0.0
    assert open_sound(path, 0.2, 0.3).total == 0.0
