"""The command record, with a microphone of the test's own and with a true one on a server of the test's own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_sound import Device, FakeSound, Form, Kind, Source
from PySide6.QtWidgets import QApplication
from sound_server import ROOT, Pipe, sound_server

from explorer.cli import run
from explorer.core.sounds import sound_digest
from explorer.engine.sound.sound_files import open_sound
from explorer.ui.sound import microphone as module

NOISE = np.random.default_rng(2).uniform(-1, 1, (1, 48000)).astype(np.float32)


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Callable[..., FakeSound]:
    """Connects microphones that hear NOISE whenever they are looked into."""

    def connect(*inputs: Device) -> FakeSound:
        fake = FakeSound(inputs=inputs)
        monkeypatch.setattr(module, "load", lambda *_errors: fake)
        return fake

    heard = iter(range(0, 10**9, 480))

    def read_all(source: Source) -> Any:
        at = next(heard) % 48000
        source.hear(NOISE[0, at : at + 480].tobytes())
        return original(source)

    original = Source.readAll
    monkeypatch.setattr(Source, "readAll", read_all)
    monkeypatch.setattr(module, "PULL", 0)
    return connect


def recorded(path: Path) -> tuple[np.ndarray, int]:
    sound = open_sound(path)
    return sound.samples, sound.rate


def test_so_many_samples_are_written_bit_for_bit(plug: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fake = plug(Device("desk", Form(48000, 1)))
    out = tmp_path / "a.wav"
    assert run(["record", "--seconds", "0.1", "--out", str(out), "--rate", "16000"]) == 0
    samples, rate = recorded(out)
    assert (rate, samples.shape) == (16000, (1, 1600))
    assert np.array_equal(samples, NOISE[:, :1600])
    assert "0.100 s of “Desk”, 1 channel at 16,000 Hz, 32-bit float" in capsys.readouterr().out
    assert not fake.sources[0].written


def test_the_microphones_own_rate_as_json(plug: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plug(Device("a"), Device("desk", Form(44100, 1, Kind.Float)))
    out = tmp_path / "a.wav"
    assert run(["record", "--seconds", "0.05", "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    expected = {"microphone": "Desk", "rate": 44100, "channels": 1, "seconds": 2205 / 44100, "overruns": 0}
    assert said == {"out": str(out), **expected}


def test_a_microphone_is_chosen_by_its_name(plug: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fake = plug(Device("a", Form(8000, 1)), Device("b", Form(8000, 1)))
    command = ["record", "--seconds", "0.05", "--out", str(tmp_path / "a.wav"), "--microphone"]
    assert run([*command, "A"]) == 0
    assert fake.sources[0].device.name == "a"
    assert run([*command, "C"]) == 1
    assert "There are “B”, “A”." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seconds", "0"], "0 s cannot be recorded"),
        (["--seconds", "nan"], "nan s cannot be recorded"),
        (["--seconds", "1", "--out", "a.mp3"], "does not end in .wav"),
        (["--seconds", "1", "--rate", "-1"], "-1 is no rate"),
        (["--seconds", "1"], "There is no microphone."),
        (["--seconds", "1", "--microphone", "X"], "There is no microphone."),
    ],
)
def test_what_cannot_be_done_is_one_line(
    plug: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    plug()
    out = tmp_path / "a.wav"
    file = [] if "--out" in words else ["--out", str(out)]
    assert run(["record", *file, *words]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not out.exists()


def with_true_microphone(*words: str) -> subprocess.CompletedProcess[str]:
    """A command while somebody speaks into a microphone at 16 kHz."""
    done = threading.Event()
    with sound_server(16000) as server:
        pipe = Pipe(server)

        def speak() -> None:
            while not done.is_set():
                pipe.write()

        speaking = threading.Thread(target=speak)
        speaking.start()
        try:
            command = [sys.executable, "-m", "explorer", *words]
            return subprocess.run(
                command, env=server.environment, cwd=ROOT, capture_output=True, text=True, timeout=100
            )
        finally:
            done.set()
            speaking.join()
            pipe.close()


@pytest.mark.slow
def test_a_true_microphone(tmp_path: Path) -> None:
    out = tmp_path / "true.wav"
    said = with_true_microphone("record", "--seconds", "0.5", "--out", str(out))
    assert (said.returncode, said.stderr) == (0, "")
    samples, rate = recorded(out)
    assert (rate, samples.shape) == (16000, (1, 8000))
    assert samples.all()


@pytest.mark.slow
def test_what_a_true_microphone_hears_goes_through_a_model(tmp_path: Path) -> None:
    out = tmp_path / "first.npz"
    said = with_true_microphone(
        "maps", "demo:sounds-wave-cnn", "--input", "microphone:0.5", "--tap", "first", "--out", str(out)
    )
    assert (said.returncode, said.stderr) == (0, "")
    with np.load(out) as file:
        told = json.loads(str(file["manifest"]))["input"]
        assert (told["kind"], told["rate"], told["samples"]) == ("microphone", 16000, 8000)
        assert file["first"].any()


@pytest.mark.slow
def test_no_sound_server_is_one_line(tmp_path: Path) -> None:
    with sound_server(16000) as server:
        server.environment["PULSE_SERVER"] = f"unix:{tmp_path / 'nobody'}"
        command = [sys.executable, "-m", "explorer", "record", "--seconds", "1", "--out", str(tmp_path / "a.wav")]
        said = subprocess.run(command, env=server.environment, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert said.returncode == 1
    assert said.stderr.startswith("There is no microphone.")
    assert said.stderr.count("\n") == 1


def test_a_microphone_is_an_input_of_every_command(plug: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What it hears goes through the model as the same samples of a file do."""
    plug(Device("desk", Form(48000, 1)))
    assert run(["predict", "demo:sounds-mel-cnn", "--input", "microphone:0.2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["input"] == sound_digest(np.ascontiguousarray(NOISE[:, :9600]), 48000)


@pytest.mark.parametrize(
    ("words", "said"), [("microphone:soon", "no number of seconds"), ("microphone:0", "cannot be recorded")]
)
def test_seconds_that_are_none(plug: Any, capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    plug(Device("desk", Form(48000, 1)))
    assert run(["predict", "demo:sounds-mel-cnn", "--input", words]) == 1
    assert said in capsys.readouterr().err


def test_no_microphone_is_a_sentence_with_the_way_out(plug: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plug()
    assert run(["predict", "demo:sounds-mel-cnn", "--input", "microphone:1"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("There is no microphone.")
    assert "Connect one" in said
