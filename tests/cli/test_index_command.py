"""index, top and nearest on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from index_nets import draw, made
from PIL import Image

from explorer.cli import run
from explorer.core.models import ModelSpec, Preprocess
from explorer.engine.models import open_model

MODEL = "demo:shapes-cnn"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("FME_HOME", str(tmp_path / "home"))
    data = draw(tmp_path / "data", 20)
    assert run(["index", MODEL, "--data", str(data), "--store", str(tmp_path / "a.fmindex"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (lines[-1]["done"], lines[-1]["total"], lines[-1]["final"]) == (20, 20, True)
    return tmp_path / "a.fmindex"


def test_top_verify_list_nearest_and_remove(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["top", str(store), "--tap", "stage3.1", "--channel", "2", "--json"]) == 0
    top = json.loads(capsys.readouterr().out)
    assert (top["tap"], top["channel"], len(top["entries"])) == ("stage3.1", 2, 16)
    assert set(top["entries"][0]) == {"picture", "value", "cell", "class"}
    values = [each["value"] for each in top["entries"]]
    assert values == sorted(values, reverse=True)

    assert run(["top", str(store), "--tap", "stage3.1", "--channel", "2", "--class", "a", "--json"]) == 0
    of_a = json.loads(capsys.readouterr().out)["entries"]
    known = {each["picture"]: each for each in top["entries"]}
    assert {each["class"] for each in of_a} == {"a"}
    assert all(each == known[each["picture"]] for each in of_a if each["picture"] in known)
    assert all(each["cell"] is not None for each in of_a)  # also those that only a forward knows

    assert run(["top", str(store), "--tap", "stage1.0", "--channel", "1", "--out", str(tmp_path / "top.png")]) == 0
    with Image.open(tmp_path / "top.png") as image:
        assert image.width > 400
    assert run(["top", str(store), "--tap", "stage1.0", "--channel", "1", "--out", str(tmp_path / "top.json")]) == 0
    assert json.loads((tmp_path / "top.json").read_text())["tap"] == "stage1.0"
    capsys.readouterr()

    assert run(["index", "verify", str(store), "--json", "--entries", "20"]) == 0
    verified = json.loads(capsys.readouterr().out)
    assert verified["ok"]
    assert verified["checked"] == 20
    assert len(verified["digest"]) == 64

    (tmp_path / "data" / "a" / "0.png").unlink()
    assert run(["index", "verify", str(store), "--json", "--entries", "200"]) == 0
    assert [name for name, _ in json.loads(capsys.readouterr().out)["gone"]] == ["a/0.png"]

    assert run(["index", "list", "--json"]) == 0
    assert str(store) in {each["store"] for each in json.loads(capsys.readouterr().out)}

    given = str(tmp_path / "data" / "a" / "2.png")
    assert run(["nearest", str(store), "--input", given, "--top", "3", "--json"]) == 0
    near = json.loads(capsys.readouterr().out)["entries"]
    assert near[0]["picture"] == "a/2.png"
    assert near[0]["similarity"] == pytest.approx(1, abs=1e-6)

    assert run(["index", "remove", str(store)]) == 0
    assert not store.exists()


def test_pictures_near_a_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FME_HOME", str(tmp_path / "home"))
    data, store = draw(tmp_path / "data", 6), str(tmp_path / "a.fmindex")
    assert run(["index", MODEL, "--data", str(data), "--store", store, "--cells", "stage3.1", "--json"]) == 0
    capsys.readouterr()
    near = ["nearest", store, "--input", str(data / "a" / "2.png"), "--top", "4"]
    assert run([*near, "--cell", "1,2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["tap"], found["cell"], len(found["entries"])) == ("stage3.1", [1, 2], 4)
    assert (found["entries"][0]["picture"], found["entries"][0]["cell"]) == ("a/2.png", [1, 2])
    assert found["entries"][0]["similarity"] == pytest.approx(1, abs=1e-6)
    assert run([*near, "--cell", "1,2"]) == 0
    assert "(1, 2)" in capsys.readouterr().out
    for more, said in ((["99,0"], "has no cell 99, 0"), (["0,0", "--tap", "stage2.1"], "no cells of stage2.1")):
        assert run([*near, "--cell", *more]) == 1
        assert said in capsys.readouterr().err


def test_an_index_of_a_model_with_its_own_preprocessing_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FME_HOME", str(tmp_path / "home"))
    loaded = open_model(ModelSpec(MODEL, preprocess=Preprocess(48, 48, "stretch", mean=(0.5,) * 3)))
    store = tmp_path / "a.fmindex"
    made(loaded, draw(tmp_path / "data", 4), store, taps="blocks", features="")
    assert run(["index", "verify", str(store), "--json", "--entries", "4"]) == 0
    verified = json.loads(capsys.readouterr().out)
    assert (verified["ok"], verified["checked"], verified["largest_difference"]) == (True, 4, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["index", MODEL], "takes a model and --data"),
        (["index", "verify"], "takes one STORE"),
        (["index", MODEL, "--data", "/no/such/folder"], "There is no folder"),
        (["index", MODEL, "--data", ".", "--batch", "0"], "1 or more"),
        (["index", "verify", "/no/such.fmindex", "--entries", "0"], "1 or more"),
        (["top", "/no/such.fmindex", "--tap", "x", "--channel", "0", "--count", "-1"], "1 or more"),
        (["top", "/no/such.fmindex", "--tap", "x", "--channel", "0"], "There is no index"),
    ],
)
def test_what_is_wrong_is_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FME_HOME", str(tmp_path))
    monkeypatch.chdir(draw(tmp_path / "data", 1))
    assert run(words) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_channel_that_is_not_there_is_told(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["top", str(store), "--tap", "stage3.1", "--channel", "9999"]) == 1
    assert "has no channel 9999" in capsys.readouterr().err
    assert run(["top", str(store), "--tap", "nothing", "--channel", "0"]) == 1
    assert "has no tap 'nothing'" in capsys.readouterr().err
