"""Commands over sounds and texts: values against plain torch, units of their own axes, and a way out where there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from text_nets import WORDS, text_file

from explorer.cli import run
from explorer.core.models import ModelSpec
from explorer.core.texts import tokenised
from explorer.core.wav_bytes import wav_bytes
from explorer.engine.models import open_model

LINES = ("the movie was really good", "not good at all", "we left")
WAVE = "demo:sounds-wave-cnn"


@pytest.fixture
def lines(tmp_path: Path) -> str:
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(LINES))
    return str(file)


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Two folders of sounds, and a file that is none."""
    chance = np.random.default_rng(0)
    for label in ("high", "low"):
        (tmp_path / "sounds" / label).mkdir(parents=True)
        for number in range(2):
            samples = chance.normal(0, 0.1, (1, 16000)).astype(np.float32)
            data, _ = wav_bytes(samples, 16000, "float32", 1.0)
            (tmp_path / "sounds" / label / f"{number}.wav").write_bytes(data)
    (tmp_path / "sounds" / "low" / "broken.wav").write_text("no sound")
    return tmp_path / "sounds"


def answered(capsys: pytest.CaptureFixture[str], *asked: str) -> Any:
    assert run([*asked, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *asked: str) -> str:
    assert run(list(asked)) == 1
    return capsys.readouterr().err.strip()


def maps_of_lines(folder: Path) -> list[torch.Tensor]:
    """Of each line (channels, steps) of the first convolution, by hand: those whose middle is a word."""
    net: Any = open_model(ModelSpec(text_file(folder)), trust_code=True).module
    ids = [[WORDS.index(word) for word in line.split()] for line in LINES]
    x = torch.tensor([each + [0] * (12 - len(each)) for each in ids])
    with torch.no_grad():
        found = net.convs[0](net.embedding(x).transpose(1, 2))
    return [maps[:, : len(each)] for maps, each in zip(found, ids, strict=True)]


def test_health_over_the_lines_of_a_file(tmp_path: Path, lines: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["health", text_file(tmp_path), "--trust-code", "--tap", "convs.0", "--inputs", lines]
    found = answered(capsys, *asked)
    expected = torch.cat(maps_of_lines(tmp_path), 1)
    assert (found["inputs"], found["channels"]) == (3, 8)
    means = [row["mean"] for row in found["rows"]]
    assert means == pytest.approx(expected.mean(1).tolist(), abs=1e-6)
    assert [row["maximum"] for row in found["rows"]] == pytest.approx(expected.amax(1).tolist(), abs=1e-6)


def test_health_of_the_sentence_that_is_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["health", text_file(tmp_path), "--trust-code", "--tap", "convs.0", "--input", f"text:{LINES[1]}"]
    means = [row["mean"] for row in answered(capsys, *asked)["rows"]]
    assert means == pytest.approx(maps_of_lines(tmp_path)[1].mean(1).tolist(), abs=1e-6)


def test_files_of_lines_are_classes_and_an_empty_one_is_named(
    tmp_path: Path, lines: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nothing.txt").write_text("")
    asked = ["channel-statistics", text_file(tmp_path), "--trust-code", "--tap", "convs.0", "--inputs", str(tmp_path)]
    found = answered(capsys, *asked)
    assert (found["inputs"], [each["name"] for each in found["skipped"]]) == (3, ["nothing.txt"])
    means = [row["mean"] for row in found["rows"]]
    expected = torch.stack([maps.mean(1) for maps in maps_of_lines(tmp_path)])
    assert means == pytest.approx(expected.mean(0).tolist(), abs=1e-6)


def test_statistics_over_a_folder_of_sounds(sounds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(capsys, "channel-statistics", WAVE, "--tap", "relu", "--inputs", str(sounds))
    net: Any = open_model(ModelSpec(WAVE)).module
    assert (found["inputs"], [each["name"] for each in found["skipped"]]) == (4, ["low/broken.wav"])
    chance, means = np.random.default_rng(0), []
    for _ in range(4):
        x = torch.from_numpy(chance.normal(0, 0.1, (1, 1, 16000)).astype(np.float32))
        with torch.no_grad():
            means.append(net.relu(net.norm(net.first(x)))[0].mean(1))
    expected = torch.stack(means).mean(0).tolist()
    assert [row["mean"] for row in found["rows"]] == pytest.approx(expected, abs=1e-5)


def test_samples_of_the_world_have_classes(capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(capsys, "health", "demo:sentences-textcnn", "--tap", "filters.width3.1", "--inputs", "gallery")
    assert found["inputs"] == 120
    assert {row["prefers"] for row in found["rows"]} <= {"praise", "complaint", "report", ""}
    assert any(row["prefers"] for row in found["rows"])


def test_a_folder_without_a_sound_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "health", WAVE, "--tap", "relu", "--inputs", str(tmp_path))
    assert "There is no sound in" in said
    assert "folder of sounds" in said


def test_fields_are_in_the_units_of_the_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["receptive-field", WAVE, "--tap", "features.0.0", "--cell", "0,250"]) == 0
    assert "clipped   samples 7856 to 8168" in capsys.readouterr().out
    assert run(["receptive-field", "demo:sounds-mel-cnn", "--tap", "features.2.0", "--cell", "3,20"]) == 0
    assert "clipped   bands 3 to 11, frames 37 to 45" in capsys.readouterr().out
    assert run(["receptive-field", text_file(tmp_path), "--trust-code", "--tap", "convs.0", "--cell", "0,2"]) == 0
    assert "clipped   tokens 1 to 4" in capsys.readouterr().out


def test_what_draws_over_pictures_says_what_to_do_with_a_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, given = "demo:sentences-transformer", ["--input", f"text:{LINES[0]}", "--class", "0"]
    out = str(tmp_path / "out.png")
    assert "FILE.npz" in refused(capsys, "relevance", model, *given, "--out", out)
    assert "word-attribution" in refused(capsys, "explain", model, *given, "--method", "gradient", "--out", out)


def test_an_embedding_is_looked_up_and_not_computed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "the movie was good"
    asked = ["arithmetic", "demo:sentences-textcnn", "--input", f"text:{text}", "--tap", "embedding"]
    said = refused(capsys, *asked, "--channel", "2", "--cell", "0,3")
    loaded = open_model(ModelSpec("demo:sentences-textcnn"))
    row = tokenised(text, loaded.card.preprocess)[3].id
    value = loaded.module.get_submodule("embedding").weight[row, 2].item()
    assert f"looked up in a table by the number of the token: row {row}, column 2 holds {value:.7g}." in said


@pytest.mark.parametrize("model", ["demo:sentences-textcnn", "demo:sounds-wave-cnn"])
def test_what_is_learnt_on_pictures_says_so(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs = "This needs a model that takes pictures."
    assert needs in refused(capsys, "probe", model, "--data", str(tmp_path))
    out = str(tmp_path / "learnt")
    assert needs in refused(capsys, "transfer", model, "--data", str(tmp_path), "--freeze", "nothing", "--out", out)
