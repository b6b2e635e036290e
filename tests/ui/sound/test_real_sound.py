"""Player and microphone on a sound server of the test's own, in a process of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sound_server import Pipe, SoundServer, sound_server

pytestmark = pytest.mark.slow

RATE = 16000
SECONDS = 1
# no sample is silent, so that silence of a busy computer in between can be told from the sound
SOUND = np.random.default_rng(5).uniform(0.1, 0.9, (1, SECONDS * RATE)).astype(np.float32)
MOST = 30 * RATE  # frames of the monitor that are listened to


@pytest.fixture
def server() -> Iterator[SoundServer]:
    with sound_server(RATE) as running:
        yield running


@pytest.fixture
def path(tmp_path: Path) -> str:
    np.save(tmp_path / "sound.npy", SOUND)
    return str(tmp_path / "sound.npy")


def test_every_bit_is_played_and_no_frame_more(server: SoundServer, path: str) -> None:
    with server.listening() as monitor, server.probe("play", path, str(RATE)) as probe:
        heard = monitor.sound(SOUND.shape[1], MOST)
        probe.until("ended")
        probe.finish()
    assert heard.shape == SOUND.shape, probe.said[-3:]
    assert np.array_equal(heard.view(np.uint32), SOUND.view(np.uint32))
    assert probe.every("note") == [""]
    moved = probe.every("moved")
    assert moved == sorted(moved)
    assert moved[-1] == SECONDS
    assert probe.every("playing") == [True, False]
    assert probe.every("failed") == []


def test_a_loop_is_played_without_a_gap(server: SoundServer, tmp_path: Path) -> None:
    short = SOUND[:, :1000]
    np.save(tmp_path / "short.npy", short)
    with server.listening() as monitor, server.probe("play", str(tmp_path / "short.npy"), str(RATE), "loop") as probe:
        heard = monitor.sound(10_000, MOST)
        probe.finish()
    assert np.array_equal(heard[0, :10_000], np.resize(short[0], 10_000))


def test_a_server_that_ends_while_it_plays_is_said(server: SoundServer, path: str) -> None:
    with server.probe("play", path, str(RATE), "loop") as probe:
        probe.until("moved")
        server.process.terminate()
        said = probe.until("failed")["failed"]
        probe.finish()
    assert "takes no more sound" in said
    assert probe.every("playing") == [True, False]


def test_a_window_is_closed_while_it_plays(server: SoundServer, path: str) -> None:
    with server.probe("close", path, str(RATE)) as probe:
        said = probe.finish()
    assert probe.every("failed") == []
    assert "Traceback" not in said
    assert "QThread" not in said


def test_no_server_is_said(server: SoundServer, path: str, tmp_path: Path) -> None:
    server.environment["PULSE_SERVER"] = f"unix:{tmp_path / 'nobody'}"
    with server.probe("play", path, str(RATE)) as probe:
        said = probe.until("failed")["failed"]
        probe.finish()
    assert said.startswith("There is no sound output.")
    with server.probe("record", str(RATE), "10", path) as probe:
        assert probe.until("failed")["failed"].startswith("There is no microphone.")
        probe.finish()


# ---- microphone


@pytest.fixture
def pipe(server: SoundServer) -> Iterator[Pipe]:
    made = Pipe(server)
    yield made
    made.close()


def steps(path: str) -> tuple[int, list[float]]:
    """Samples that were recorded, and the differences between neighbours, in steps, each once."""
    samples = np.load(path)
    assert samples.shape[0] == 1
    return samples.shape[1], np.unique(np.diff(samples[0].astype(np.float64)) / Pipe.STEP).tolist()


def test_every_sample_is_recorded_also_while_the_window_stalls(server: SoundServer, pipe: Pipe, path: str) -> None:
    """One of six recordings must be whole: the server drops samples itself where its clients get no time."""
    for _ in range(6):
        with server.probe("record", str(RATE), str(4 * RATE), path, "stall") as probe:
            lost = pipe.begin(probe)
            pipe.go_on(probe, lost, 4 * RATE)
            probe.finish()
        (said,) = [line for line in probe.said if "saved" in line]
        assert (said["overruns"], said["rate"], said["channels"]) == (0, RATE, 1)
        found = steps(path)
        if found == (said["saved"], [1.0]):
            return
    raise AssertionError(f"samples are missing: {found}")


def test_a_microphone_that_is_unplugged_is_said(server: SoundServer, pipe: Pipe, path: str) -> None:
    server.pactl("unload-module", "module-null-sink")  # its monitor would be the next microphone
    with server.probe("record", str(RATE), str(100 * RATE), path) as probe:
        pipe.begin(probe)
        server.pactl("unload-module", pipe.module)
        said = probe.until("failed")["failed"]
        probe.finish()
    assert "sends no more samples" in said
