"""`figure`: what is drawn is what the models compute, in files of the width that was asked for."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.cli import run

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}
LABELS = ["day", "night", "dusk"]

def make_model():
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3))
"""
CAT = ("--input", "sample:cat")
pytestmark = pytest.mark.usefixtures("qapp")


def table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def taps(capsys: Any) -> list[dict[str, Any]]:
    assert run(["layers", "demo:seeded", "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["taps"]
    return found


def test_maps_are_drawn_at_a_width_with_every_number(tmp_path: Path, capsys: Any) -> None:
    tap = next(each for each in taps(capsys) if each["layout"] == "NCHW" and each["observable"])
    svg, values = tmp_path / "maps.svg", tmp_path / "maps.tsv"
    options = ["--width-mm", "90", "--theme", "dark", "--out", str(svg), "--tsv", str(values)]
    assert run(["figure", "maps", "demo:seeded", *CAT, "--tap", tap["name"], *options]) == 0
    content = svg.read_text(encoding="utf-8")
    assert 'width="90mm"' in content
    said = set(re.findall(r">([^<>]+)</text>", content))
    assert {str(channel) for channel in range(tap["shape"][1])} <= said
    assert run(["maps", "demo:seeded", *CAT, "--tap", tap["name"], "--out", str(tmp_path / "maps.npz")]) == 0
    with np.load(tmp_path / "maps.npz") as stored:
        true = stored[tap["name"]]
    rows = table(values)[1:]
    assert np.allclose([float(row[2]) for row in rows], true.reshape(len(true), -1).max(1), rtol=1e-6)


def test_a_channel_has_its_values_beneath_the_picture(tmp_path: Path, capsys: Any) -> None:
    tap = next(each for each in taps(capsys) if each["layout"] == "NCHW" and each["observable"])
    out, values = tmp_path / "one.pdf", tmp_path / "one.tsv"
    where = ["--tap", tap["name"], "--channel", "1", "--cell", "1,2"]
    assert run(["figure", "channel", "demo:seeded", *CAT, *where, "--out", str(out), "--tsv", str(values)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert run(["maps", "demo:seeded", *CAT, "--tap", tap["name"], "--out", str(tmp_path / "maps.npz")]) == 0
    with np.load(tmp_path / "maps.npz") as stored:
        true = stored[tap["name"]][1]
    rows = table(values)
    first = rows.index(["Feature map"]) + 1
    assert np.allclose(np.array(rows[first : first + len(true)], float), true, rtol=1e-6)


def test_an_attribution_stands_beside_that_of_the_randomised_network(tmp_path: Path) -> None:
    net, values = tmp_path / "net.py", tmp_path / "a.tsv"
    net.write_text(NET)
    model = [f"file:{net}:make_model", "--trust-code"]
    about = ["--class", "0", "--method", "gradient", "--out", str(tmp_path / "a.png"), "--tsv", str(values)]
    assert run(["figure", "attribution", *model, *CAT, *about]) == 0
    assert run(["explain", *model, *CAT, *about[:4], "--out", str(tmp_path / "a.npz")]) == 0
    with np.load(tmp_path / "a.npz") as stored:
        true = stored["attribution"].sum(0)
    rows = table(values)
    titles = [row[0] for row in rows if len(row) == 1]
    assert any("randomised" in title for title in titles)
    first = rows.index(["Gradient"]) + 1
    assert np.allclose(np.array(rows[first : first + len(true)], float), true, rtol=1e-6, atol=1e-12)


def test_columns_of_compare_are_on_one_scale(tmp_path: Path, capsys: Any) -> None:
    tap = next(each["name"] for each in taps(capsys) if each["layout"] == "NCHW" and each["observable"])
    out = tmp_path / "compare.svg"
    assert run(["figure", "compare", "demo:seeded", "demo:seeded", *CAT, "--tap", tap, "--out", str(out)]) == 0
    said = re.findall(r">([^<>]+)</text>", out.read_text(encoding="utf-8"))
    assert {f"A: {tap}", f"B: {tap}", "A: channel 0", "B: channel 0"} <= set(said)
    assert any("shared by all" in " ".join(said[at : at + 3]) for at in range(len(said)))


def test_a_method_of_the_catalogue_is_drawn_by_its_own_function(tmp_path: Path, capsys: Any) -> None:
    tap = next(each["name"] for each in taps(capsys) if each["layout"] == "NCHW" and each["observable"])
    out = tmp_path / "health.svg"
    assert run(["figure", "health", "demo:seeded", *CAT, "--tap", tap, "--out", str(out)]) == 0
    assert f"Health of {tap}" in out.read_text(encoding="utf-8")
    assert run(["health", "demo:seeded", *CAT, "--tap", tap, "--out", str(tmp_path / "same.svg")]) == 0
    assert (tmp_path / "same.svg").read_text(encoding="utf-8") == out.read_text(encoding="utf-8")


def test_a_file_that_a_method_does_not_write_is_refused_before_anything_is_computed(
    tmp_path: Path, capsys: Any
) -> None:
    where = ["--tap", "x", "--out", str(tmp_path / "health.jpg")]
    assert run(["health", "demo:seeded", *CAT, *where]) == 1
    assert "must end in .csv, .png, .svg or .pdf" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--out", "maps.jpg"], "must end in .png, .svg or .pdf"),
        (["--out", "maps.svg", "--width-mm", "1"], "out of range"),
        (["--out", "maps.svg", "--dpi", "5"], "out of range"),
        (["--out", "maps.svg", "--tsv", "maps.svg"], "same file"),
        (["--out", "maps.svg", "--width-mm", "60", "--width-px", "60"], "not allowed with"),
    ],
)
def test_what_cannot_be_drawn_is_said_before_anything_is_computed(
    options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["figure", "maps", "demo:seeded", *CAT, "--tap", "nowhere", *options]
    with contextlib.suppress(SystemExit):  # argparse ends by itself
        assert run(command) == 1
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_completion_knows_the_kinds(capsys: Any) -> None:
    assert run(["completion", "bash"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("figure)"))
    assert "--width-mm" in line
    assert {"maps", "channel", "attribution", "attention", "cka", "compare"} <= set(re.split(r'[" ]', line))


def test_a_film_has_a_frame_for_each_layer(tmp_path: Path, capsys: Any) -> None:
    from PIL import Image

    out = tmp_path / "layers.gif"
    assert run(["film", "demo:seeded", *CAT, "--width-px", "120", "--out", str(out)]) == 0
    shown = [tap for tap in taps(capsys) if tap["observable"] and tap["leaf"] and not tap["same_values_as"]]
    with Image.open(out) as image:
        assert image.width == 120
        assert 2 <= image.n_frames <= len(shown)  # type: ignore[attr-defined]


def test_a_film_of_a_video_has_its_frames(tmp_path: Path, capsys: Any) -> None:
    import av
    from PIL import Image

    video, out = tmp_path / "video.webm", tmp_path / "film.gif"
    frames = [np.full((48, 64, 3), 40 * at, np.uint8) for at in range(5)]
    from explorer.engine.film_file import film_bytes

    video.write_bytes(film_bytes(frames, 5, ".webm"))
    with av.open(str(video)) as container:
        assert len(list(container.decode(video=0))) == 5
    tap = next(each["name"] for each in taps(capsys) if each["layout"] == "NCHW" and each["observable"])
    options = ["--input", str(video), "--tap", tap, "--frames", "3", "--width-px", "120", "--out", str(out)]
    assert run(["film", "demo:seeded", *options]) == 0
    with Image.open(out) as image:
        durations = []
        for number in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(number)
            durations.append(image.info["duration"])
    assert sum(durations) == 3 * 200


def test_a_text_attends_by_its_words(tmp_path: Path) -> None:
    """Each row of the figure is the row of the matrix between all tokens; padding is left out."""
    asked = ("demo:sentences-transformer", "--input", "text:the film is very good", "--block", "1")
    out, weights = tmp_path / "heads.svg", tmp_path / "weights.npz"
    command = ["figure", "attention", *asked, "--query", "0,2", "--out", str(out), "--tsv", str(tmp_path / "heads.tsv")]
    assert run(command) == 0
    assert run(["attention", *asked, "--matrix", "--out", str(weights)]) == 0
    header, *rows = table(tmp_path / "heads.tsv")
    assert header[1:] == ["CLS", "the", "film", "is", "very", "good"]
    heads = [[float(cell) for cell in row[1:]] for row in rows if len(row) == len(header)]
    with np.load(weights) as stored:
        np.testing.assert_allclose(heads, stored["weights"][:, 3, :6], rtol=1e-5, atol=1e-8)
    assert "token 3 “is”" in out.read_text(encoding="utf-8")
    whole, out = tmp_path / "matrix.tsv", tmp_path / "matrix.pdf"
    command = ["figure", "attention", *asked, "--matrix", "--head", "1", "--out", str(out), "--tsv", str(whole)]
    assert run(command) == 0
    assert out.read_bytes().startswith(b"%PDF")
    rows = [row for row in table(whole) if row[0] not in ("query \\ key", "Head 1")]
    with np.load(weights) as stored:
        expected = stored["weights"][1]
    assert [row[0] for row in rows[:3]] == ["CLS", "the", "film"]
    np.testing.assert_allclose([[float(cell) for cell in row[1:]] for row in rows], expected, rtol=1e-5, atol=1e-8)
    assert run(["attention", *asked, "--matrix", "--head", "1", "--out", str(tmp_path / "same.svg")]) == 0
    assert "film" in (tmp_path / "same.svg").read_text(encoding="utf-8")


def test_the_examples_of_an_index_are_drawn(tmp_path: Path, capsys: Any) -> None:
    """The table of the figure is what `top` tells."""
    data, store = tmp_path / "data", tmp_path / "a.fmindex"
    data.mkdir()
    for seed in range(3):
        pixels = np.random.default_rng(seed).integers(0, 255, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(data / f"{seed}.png")
    assert run(["index", "demo:seeded", "--data", str(data), "--store", str(store)]) == 0
    asked = [str(store), "--tap", "stage1", "--channel", "2"]
    capsys.readouterr()
    assert run(["top", *asked, "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)["entries"]
    table_file = tmp_path / "best.tsv"
    assert run(["figure", "examples", *asked, "--out", str(tmp_path / "best.pdf"), "--tsv", str(table_file)]) == 0
    rows = [row for row in table(table_file) if row[0].endswith(".png")]
    assert [float(row[-1].replace("−", "-")) for row in rows] == pytest.approx([e["value"] for e in entries], rel=1e-3)


def test_a_maximised_image_is_drawn_with_its_steps(tmp_path: Path) -> None:
    asked = ["figure", "maximise", "demo:seeded", "--class", "0", "--steps", "3", "--size", "32"]
    out = tmp_path / "image.png"
    assert run([*asked, "--out", str(out), "--tsv", str(tmp_path / "steps.tsv")]) == 0
    with Image.open(out) as made:
        assert made.width > made.height
    rows = [row for row in table(tmp_path / "steps.tsv") if row[0] in ("0", "1", "2") and len(row) == 2]
    assert len(rows) == 3
