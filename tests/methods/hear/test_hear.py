"""The channel of a sound, heard: through the command line, against plain torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sound_nets import laid_files, mel_file, wave_file

from explorer.cli import run as main
from explorer.engine.sound.sound_files import open_sound
from explorer.engine.wav_export import write_wav


@pytest.fixture
def sound(tmp_path: Path) -> str:
    chance = np.random.default_rng(0)
    write_wav(tmp_path / "hum.wav", chance.uniform(-0.5, 0.5, 4000).astype(np.float32), 8000)
    return str(tmp_path / "hum.wav")


@pytest.mark.parametrize(("make", "tap"), [(wave_file, "0"), (wave_file, "3"), (mel_file, "3")])
def test_channel_and_rest_are_the_sound(tmp_path: Path, sound: str, make, tap: str) -> None:  # type: ignore[no-untyped-def]
    asked = ["hear", make(tmp_path), "--trust-code", "--input", sound, "--tap", tap, "--channel", "3", "--raw"]
    assert main([*asked, "--out", str(tmp_path / "one.wav")]) == 0
    assert main([*asked, "--rest", "--out", str(tmp_path / "rest.wav")]) == 0
    one, rest = (open_sound(tmp_path / f"{name}.wav").samples for name in ("one", "rest"))
    assert np.abs(one + rest - open_sound(sound).samples).max() < 1e-6
    assert np.abs(one).max() > 0


def test_time_before_bands_is_heard_as_bands_before_time(tmp_path: Path, sound: str) -> None:
    heard = []
    for layout, name in laid_files(tmp_path).items():
        out = str(tmp_path / f"{layout}.wav")
        asked = ["--trust-code", "--input", sound, "--tap", "conv", "--channel", "1", "--raw", "--out", out]
        assert main(["hear", name, *asked]) == 0
        heard.append(open_sound(Path(out)).samples)
    assert np.abs(heard[0]).max() > 0
    assert np.abs(heard[0] - heard[1]).max() < 1e-6


def test_a_filter_is_heard_at_every_sample(tmp_path: Path, sound: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["hear", wave_file(tmp_path), "--trust-code", "--input", sound, "--channel", "2", "--json"]
    assert main([*asked, "--tap", "0"]) == 0
    assert "filter" in json.loads(capsys.readouterr().out)["way"]
    assert main([*asked, "--tap", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "mask" in found["way"]
    assert 0 <= found["energy_share"] <= 1


def test_a_layer_without_places_in_time_says_so(tmp_path: Path, sound: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hear", wave_file(tmp_path), "--trust-code", "--input", sound, "--tap", "5", "--channel", "0"]) == 1
    assert "before they are pooled" in capsys.readouterr().err


def test_pictures_are_not_heard(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hear", "demo:seeded", "--input", "sample:cat", "--tap", "output", "--channel", "0"]) == 1
    assert "sounds" in capsys.readouterr().err
