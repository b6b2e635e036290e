"""The Python API beside the command line: the same functions with the same arguments and the same values."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import explorer
from explorer import catalogue
from explorer.api.ablating import ablate, rank_channels
from explorer.api.attending import attention
from explorer.api.explaining import SETTINGS, explain
from explorer.api.maximising import maximise
from explorer.api.named_methods import name_of
from explorer.cli import run
from explorer.cli.commands import parser
from explorer.core.method import MethodSpec
from explorer.core.system.paths import resources

SPECS = [pytest.param(spec, id=spec.id) for spec in catalogue.methods if spec.command]
PICTURES, TEXTS, SOUNDS = "demo:shapes-plain", "demo:sentences-textcnn-small", "demo:sounds-wave-cnn"
CAT = str(resources() / "samples" / "cat.png")
FOUR = "four"  # stands for a folder of four small pictures
# where each method is asked: (models, arguments of the command, arguments of the function)
ASKED: dict[str, tuple[list[str], list[str], dict[str, Any]]] = {
    "health": ([PICTURES], ["--input", CAT, "--tap", "layers.0"], {"input": CAT, "tap": "layers.0"}),
    "channel-statistics": ([PICTURES], ["--input", CAT, "--tap", "layers.0"], {"input": CAT, "tap": "layers.0"}),
    "network-health": ([PICTURES], ["--input", CAT], {"input": CAT}),
    "word-attribution": (
        [TEXTS],
        ["--input", "text:a fine film", "--class", "1", "--method", "occlusion"],
        {"input": "text:a fine film", "class_": 1, "method": "occlusion"},
    ),
    "neighbours": ([TEXTS], ["--input", "text:good", "--tap", "embedding"], {"input": "text:good", "tap": "embedding"}),
    "cka": (
        [PICTURES, PICTURES],
        ["--taps", "layers.0,layers.1", "--inputs", FOUR],
        {"taps": "layers.0,layers.1", "inputs": FOUR},
    ),
    "match": ([PICTURES, PICTURES], ["--tap", "layers.0", "--inputs", FOUR], {"tap": "layers.0", "inputs": FOUR}),
}
# what a command takes of the model, the output and its files; a function has these in `open` and in its result
OF_THE_COMMAND = {
    "help", "model", "weights", "weights2", "untrained", "trust_code", "download", "size", "transform_input", "json",
    "argument", "csv", "out", "output", "probabilities", "check", "absolute", "percentile", "strength",
}  # fmt: skip


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("four")
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 255, (24, 24, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return str(folder)


def options(command: str) -> set[str]:
    """What the command takes, by the names of a Python program."""
    (actions,) = [
        action for action in parser()._actions if hasattr(action, "choices") and isinstance(action.choices, dict)
    ]
    found = {action.dest.removeprefix("param_") for action in actions.choices[command]._actions}
    return found - OF_THE_COMMAND


def arguments(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters) - {"model"}


@pytest.mark.parametrize("spec", SPECS)
def test_a_function_takes_what_its_command_takes(spec: MethodSpec[Any, Any]) -> None:
    function = getattr(explorer, name_of(spec))
    of_model = {"seed"} if "seed" not in arguments(function) else set()  # of random weights
    assert options(spec.id) - of_model == arguments(function)
    for name in arguments(function) - {"second", "input"}:
        assert f"{name}: " in function.__doc__


def test_the_other_functions_take_what_their_commands_take() -> None:
    assert options("explain") == (arguments(explain) - {"settings"}) | set(SETTINGS)
    both = arguments(ablate) | arguments(rank_channels) | {"rank"}
    renamed = {"channels": "channel"}
    assert options("ablate") - {"top", "seed"} == {renamed.get(name, name) for name in both}
    assert options("maximise") == arguments(maximise)
    assert options("attention") - {"matrix", "seed"} == arguments(attention)


@pytest.mark.parametrize("name", ASKED)
def test_a_function_gives_the_numbers_of_its_command(name: str, four: str, capsys: pytest.CaptureFixture[str]) -> None:
    models, command, values = ASKED[name]
    command = [four if part == FOUR else part for part in command]
    values = {key: four if value == FOUR else value for key, value in values.items()}
    assert run([name, *models, *command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = getattr(explorer, name.replace("-", "_"))(*models, **values)
    rows = json.loads(json.dumps(found.to_dict()))
    assert rows
    assert {key: told[key] for key in rows} == rows
    assert told["warnings"] == list(found.warnings)


def test_explain_gives_the_values_and_the_manifest_of_the_command(tmp_path: Path) -> None:
    asked = ["--input", CAT, "--class", "star", "--method", "smoothgrad", "--samples", "2", "--seed", "4"]
    assert run(["explain", PICTURES, *asked, "--out", str(tmp_path / "a.npz")]) == 0
    found = explorer.explain(PICTURES, CAT, "smoothgrad", class_="star", samples=2, seed=4)
    found.save(tmp_path / "b.npz")
    with np.load(tmp_path / "a.npz") as one, np.load(tmp_path / "b.npz") as other:
        np.testing.assert_array_equal(one["attribution"], found.values)
        np.testing.assert_array_equal(one["attribution"], other["attribution"])
        assert json.loads(str(one["manifest"])) == json.loads(str(other["manifest"]))


def test_ablate_and_the_ranking_give_the_numbers_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["ablate", PICTURES, "--input", CAT, "--tap", "layers.0", "--json"]
    assert run([*asked, "--channel", "1,2", "--with", "mean"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = explorer.ablate(PICTURES, CAT, tap="layers.0", channels=[1, 2], mode="mean").to_dict(top=5)
    assert {key: told[key] for key in rows} == rows
    assert run([*asked, "--channel", "0,3", "--rank", "--class", "star"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = explorer.rank_channels(PICTURES, CAT, "layers.0", channels=[0, 3], class_="star").to_dict()
    assert {key: told[key] for key in rows} == rows


def test_attention_gives_the_numbers_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    model = "demo:sentences-transformer"
    asked = ["attention", model, "--input", "text:a very good film", "--json"]
    assert run([*asked, "--block", "0", "--query", "0,1"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = json.loads(json.dumps(explorer.attention(model, "text:a very good film", 0, query=(0, 1)).to_dict()))
    assert {key: told[key] for key in rows} == rows
    assert run(asked) == 0
    assert json.loads(capsys.readouterr().out)["attentions"] == json.loads(
        json.dumps(explorer.attention(model, "text:a very good film").to_dict()["attentions"])
    )


def test_capture_and_maps_write_the_same(tmp_path: Path) -> None:
    assert run(["maps", PICTURES, "--input", CAT, "--tap", "layers.0", "--out", str(tmp_path / "a.npz")]) == 0
    assert run(["maps", PICTURES, "--input", CAT, "--tap", "layers.0", "--out", str(tmp_path / "a.png")]) == 0
    found = explorer.capture(PICTURES, CAT)
    found.save(tmp_path / "b.npz", ["layers.0"])
    explorer.mosaic(found, "layers.0").save(tmp_path / "b.png")
    with np.load(tmp_path / "a.npz") as one, np.load(tmp_path / "b.npz") as other:
        np.testing.assert_array_equal(one["layers.0"], other["layers.0"])
        assert json.loads(str(one["manifest"])) == json.loads(str(other["manifest"]))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_maximise_makes_the_picture_of_the_command(tmp_path: Path) -> None:
    asked = ["--tap", "layers.0", "--channel", "1", "--steps", "1", "--without", "rotation"]
    assert run(["maximise", PICTURES, *asked, "--out", str(tmp_path / "a.png")]) == 0
    made = explorer.maximise(PICTURES, tap="layers.0", channel=1, steps=1, without=["rotation"])
    assert made.save(tmp_path / "b.png").read_bytes() == (tmp_path / "a.png").read_bytes()
