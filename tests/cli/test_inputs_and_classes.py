"""What a command line names several times, as a folder, or by a name: never silently something else."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copyfile

import pytest

from explorer.api.class_names import class_of
from explorer.cli import run
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.system.paths import resources

CAT, BALLS = (resources() / "samples" / f"{name}.png" for name in ("cat", "balls"))
MODEL = "demo:shapes-cnn"


def card(*labels: str) -> ModelCard:
    return ModelCard(ModelSpec("demo:x"), "x", "demo", WeightsInfo(True), Preprocess(), labels=labels)


def test_an_option_given_twice_is_an_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        run(
            [
                "maps",
                MODEL,
                "--input",
                str(CAT),
                "--input",
                str(BALLS),
                "--tap",
                "head",
                "--out",
                str(tmp_path / "a.npz"),
            ]
        )
    assert ended.value.code == 1
    assert "--input: given more than once; this command takes one input" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_command_of_one_input_refuses_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["maps", MODEL, "--input", str(tmp_path), "--tap", "head", "--out", str(tmp_path / "a.npz")]) == 1
    said = capsys.readouterr().err
    assert "is a folder. This command takes one input." in said


def test_predict_takes_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for number, file in ((2, CAT), (10, BALLS)):
        copyfile(file, tmp_path / f"{number}.png")
    (tmp_path / "9.png").write_bytes(b"no picture")
    (tmp_path / "notes.md").write_text("not asked for")
    assert run(["predict", MODEL, "--input", str(tmp_path), "--top", "1", "--json"]) == 1
    said = capsys.readouterr()
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [Path(row["name"]).name for row in rows] == ["2.png", "10.png"]
    assert "9.png: " in said.err
    assert "1 of 3 inputs could not be read" in said.err
    assert run(["predict", MODEL, "--input", str(CAT), "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert rows[0]["prediction"] == alone["prediction"][:1]


def test_predict_takes_several(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", MODEL, "--input", str(CAT), "--input", "sample:balls", "--top", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == [str(CAT), "sample:balls"]


@pytest.mark.parametrize(
    ("text", "index"), [("1", 1), ("egyptian cat", 2), ("tabby", 0), ("Siamese", 3), ("siam", 3), (" star ", 4)]
)
def test_a_class_is_named(text: str, index: int) -> None:
    assert class_of(text, card("tabby, tabby cat", "tiger", "Egyptian cat", "Siamese cat, Siamese", "star")) == index


@pytest.mark.parametrize(
    ("text", "said"), [("cat", "names 2 classes"), ("stra", "Near: star"), ("--5", "has no class “--5”")]
)
def test_a_class_that_is_not_known_is_told(text: str, said: str) -> None:
    with pytest.raises(ExplorerError) as error:
        class_of(text, card("tabby cat", "Egyptian cat", "star"))
    assert said in str(error.value)
    with pytest.raises(ExplorerError, match="no names of classes"):
        class_of(text, card())


def test_commands_take_a_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = str(tmp_path / "a.npz")
    line = ["explain", MODEL, "--input", str(CAT), "--method", "gradient", "--out", out, "--json", "--class"]
    told = []
    for name in ("Star", "3"):
        assert run([*line, name]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]


def test_ablate_ranks_by_logit(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["ablate", MODEL, "--input", str(CAT), "--tap", "stage3.1", "--json", "--class", "star", "--rank"]
    assert run(line) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["label"] == "star"
    logits = [row["logit"] for row in found["effects"]]
    assert len(logits) == 96
    assert logits == sorted(logits)
    assert (
        run(["ablate", MODEL, "--input", str(CAT), "--tap", "stage3.1", "--channel", "45", "--json", "--top", "10"])
        == 0
    )
    single = json.loads(capsys.readouterr().out)
    star = next(row for row in single["classes"] if row["label"] == "star")
    ranked = next(row for row in found["effects"] if row["channel"] == 45)
    assert ranked["logit"] == pytest.approx(star["logit_after"] - star["logit_before"], abs=1e-4)


def test_ablate_without_a_channel_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ablate", MODEL, "--input", str(CAT), "--tap", "stage3.1"]) == 1
    assert "--rank" in capsys.readouterr().err
