"""Sounds on the command line: what was done to them is said, and nothing that was asked for is left out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sound_nets import mel_file

from explorer.cli import run
from explorer.core.wav_bytes import wav_bytes

NOTES = ["mean of 2 channels", "16 kHz resampled to 8 kHz", "only the first 0.5 s of 0.75 s"]


@pytest.fixture
def long(tmp_path: Path) -> str:
    samples = np.random.default_rng(0).normal(0, 0.1, (2, 12000)).astype(np.float32)
    (tmp_path / "long.wav").write_bytes(wav_bytes(samples, 16000)[0])
    return str(tmp_path / "long.wav")


def test_what_was_done_to_a_sound_is_said(tmp_path: Path, long: str, capsys: pytest.CaptureFixture[str]) -> None:
    model = mel_file(tmp_path)
    assert run(["predict", model, "--trust-code", "--input", long]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [f"({note})" for note in NOTES]
    assert run(["predict", model, "--trust-code", "--input", long, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == NOTES


def test_a_file_and_json_together(tmp_path: Path, long: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "heard.wav")
    asked = ["hear", mel_file(tmp_path), "--trust-code", "--input", long, "--tap", "0", "--channel", "1"]
    assert run([*asked, "--out", out, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["out"] == out
    assert told["warnings"] == NOTES
    assert 0 <= told["energy_share"] <= 1
    assert Path(out).stat().st_size > 8000


def test_values_of_log_mels_are_saved(tmp_path: Path, long: str) -> None:
    out = tmp_path / "maps.npz"
    asked = ["maps", mel_file(tmp_path), "--trust-code", "--input", long, "--tap", "0"]
    assert run([*asked, "--out", str(out)]) == 0
    told = json.loads(np.load(out)["manifest"].item())
    assert told["preprocess"]["log_mel"]["mels"] == 32
    assert told["input"]["notes"] == NOTES
