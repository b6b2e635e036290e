"""The overview of a whole sound file, against the samples themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.core.sound_overview import SoundOverview
from explorer.core.wav_bytes import wav_bytes
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.sound.overview import read_overview
from tests.engine.sound.sound_files_made import encode

RATE = 8000


def read(path: Path, columns: int, cancelled: Any = lambda: False) -> tuple[list[Any], SoundOverview]:
    steps = read_overview(path, columns, cancelled)
    found = []
    while True:
        try:
            found.append(next(steps))
        except StopIteration as stop:
            return found, stop.value


def write(path: Path, samples: np.ndarray) -> Path:
    path.write_bytes(wav_bytes(samples.astype(np.float32), RATE)[0])
    return path


@pytest.mark.parametrize("columns", [7, 1200])
def test_every_column_holds_the_extremes_of_its_samples_in_all_channels(tmp_path: Path, columns: int) -> None:
    count = 333_333
    samples = np.random.default_rng(0).uniform(-0.1, 0.1, (2, count)).astype(np.float32)
    clicks = np.random.default_rng(1).choice(count, 40, replace=False)
    samples[1, clicks] = -0.9
    steps, found = read(write(tmp_path / "clicks.wav", samples), columns)
    place = np.arange(count) * columns // count
    for column in range(columns):
        part = samples[:, place == column]
        assert found.low[column] == pytest.approx(part.min(), abs=1e-7)
        assert found.high[column] == pytest.approx(part.max(), abs=1e-7)
    assert (found.done, found.read, found.seconds) == (True, count / RATE, count / RATE)
    assert len(steps) > 3


def test_a_file_that_ends_early_leaves_columns_without_values(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 4 * RATE)).astype(np.float32)
    path = encode(tmp_path / "cut.flac", noise, RATE, "flac", "s16")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    _, found = read(path, 8)
    assert found.seconds == pytest.approx(4.0)
    assert found.read == pytest.approx(2.0, abs=0.6)
    assert np.isnan(found.low).tolist() == [at * 0.5 >= found.read for at in range(8)]


def test_it_stops_when_another_file_is_opened(tmp_path: Path) -> None:
    path = write(tmp_path / "long.wav", np.zeros((1, 30 * RATE)))
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 20

    with pytest.raises(CancelledError):
        read(path, 10, cancelled)


def test_fewer_samples_than_columns(tmp_path: Path) -> None:
    samples = np.linspace(-0.2, 0.3, 2000)[None]
    _, found = read(write(tmp_path / "short.wav", samples), 3000)
    assert np.nanmax(found.high) == pytest.approx(0.3, abs=1e-4)
    assert np.nanmin(found.low) == pytest.approx(-0.2, abs=1e-4)
