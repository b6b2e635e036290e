"""From a checkpoint to what ships: weights, statistics of their own, precision, and a card whose figures can be had again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from demo_models import evaluate, export, train
from demo_models.measure import settle as settling
from demo_models.measure.figures import Examiner
from demo_models.measure.settle import settle
from demo_models.measure.weights import load
from demo_models.recipes.run import SEED_STEP, normalise
from demo_models.recipes.table import RECIPES
from safetensors import safe_open
from torch import nn

from explorer.engine.data_sets.world.sample import draw
from explorer.engine.models.demo.facts import FIGURES, facts_of

FEW = ["--pictures", "40", "--bank", "60"]
SMALL = {"block": 16, "batch": 8, "note_every": 2}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, recipe in list(RECIPES.items()):
        monkeypatch.setitem(RECIPES, name, replace(recipe, **SMALL))
    monkeypatch.setattr(settling, "PICTURES", 48)


def shipped(folder: Path, *names: str) -> Path:
    """Trains for two blocks and exports."""
    build, out = folder / "build", folder / "out"
    for name in dict.fromkeys(name.removesuffix("-untrained") for name in names):
        assert train.main([name, "--pictures", "32", "--out", str(build)]) == 0
    assert export.main([*names, "--build", str(build), "--out", str(out), *FEW]) == 0
    return out


@pytest.mark.usefixtures("small")
def test_from_the_command_line_to_cards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("shapes-cnn", "shapes-cnn-untrained", "shapes-scratch-20")
    out = shipped(tmp_path, *names)
    card, twin, scratch = (json.loads((out / f"{name}.json").read_text()) for name in names)
    assert (card["pictures_seen"], card["finished"], card["trained"]) == (32, True, True)
    assert card["labels"][3] == "star"
    assert card["sha256"] == hashlib.sha256((out / "shapes-cnn.safetensors").read_bytes()).hexdigest()
    everything = {
        "top1",
        "knn_shape",
        "knn_material",
        "first_layer_selective",
        "probe_material_20",
        "scratch_material_20",
    }
    assert everything <= set(card["figures"])
    assert {"knn_shape", "first_layer_selective"} <= set(card["untrained"])
    assert set(card["raw_pixels"]) == {"knn_shape", "knn_material"}
    assert (twin["labels"], twin["trained"], twin["pictures_seen"]) == ([], False, 0)
    assert twin["figures"]["knn_shape"] == pytest.approx(card["untrained"]["knn_shape"], abs=5.1)
    assert set(scratch["figures"]) == {"top1"}
    assert scratch["figures"]["top1"] == card["figures"]["scratch_material_20"]
    capsys.readouterr()
    assert evaluate.main([*names, "--weights", str(out), "--check", *FEW]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {name: said[name]["figures"] for name in names} == {
        name: held["figures"] for name, held in zip(names, (card, twin, scratch), strict=True)
    }
    changed = card | {"figures": card["figures"] | {"top1": card["figures"]["top1"] + 1}}
    (out / "shapes-cnn.json").write_text(json.dumps(changed))
    assert evaluate.main(["shapes-cnn", "--weights", str(out), "--check", *FEW]) == 1
    assert "shapes-cnn, figures, top1" in capsys.readouterr().err
    weights = (out / "shapes-cnn.safetensors").read_bytes()
    assert evaluate.main(["shapes-cnn", "--weights", str(out), "--write", "--check", *FEW]) == 0
    assert json.loads((out / "shapes-cnn.json").read_text()) == card, "the card as it was exported"
    assert (out / "shapes-cnn.safetensors").read_bytes() == weights


@pytest.mark.usefixtures("small")
def test_cards_of_the_other_kinds(tmp_path: Path) -> None:
    out = shipped(tmp_path, "shapes-shortcut", "shapes-ssl-cnn", "shapes-ssl-vit")  # the last follows the second
    shortcut, vit = (json.loads((out / f"{name}.json").read_text()) for name in ("shapes-shortcut", "shapes-ssl-vit"))
    figures = shortcut["figures"]
    assert figures["top1_lost"] == pytest.approx(figures["top1_with_shortcut"] - figures["top1_shuffled"], abs=0.01)
    assert {"own_with_shortcut", "own_shuffled"} <= set(figures)
    assert (vit["trained"], vit["head_trained"], vit["labels"]) == (True, False, [])
    seen = {"iou_attention", "iou_component", "mass_attention", "entropy_attention", "distance_attention"}
    seen |= {"knn_shape", "knn_material"}
    for column in ("figures", "untrained"):
        assert seen <= set(vit[column])
    assert "top1" not in vit["figures"]
    known = {key for key, *_ in FIGURES}
    for card in (shortcut, vit):
        assert set(card["figures"]) <= known, "every figure is told to people"
        assert facts_of(card)


@pytest.mark.usefixtures("small")
def test_weights_ship_in_half_precision_only_where_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, out = tmp_path / "build", tmp_path / "out"
    assert train.main(["shapes-plain", "--pictures", "32", "--out", str(build)]) == 0
    for half, kind in ((True, "F16"), (False, "F32")):
        monkeypatch.setattr(export, "loses_nothing", lambda *_, half=half: half)
        assert export.main(["shapes-plain", "--build", str(build), "--out", str(out), *FEW]) == 0
        with safe_open(out / "shapes-plain.safetensors", "pt") as file:
            assert file.get_slice("head.weight").get_dtype() == kind
            assert file.get_slice("layers.0.1.num_batches_tracked").get_dtype() == "I64"
        card = json.loads((out / "shapes-plain.json").read_text())
        assert card["precision"] == {"F16": "float16", "F32": "float32"}[kind]
        assert load("shapes-plain", out).head.weight.dtype == torch.float32


def test_what_suffers_in_half_precision_is_noticed(tmp_path: Path) -> None:
    """Scores a tenth apart near a thousand, where half precision's steps are a half: another class wins."""
    recipe, examiner = RECIPES["shapes-plain"], Examiner(tmp_path, 40, 60)
    net = recipe.make().eval()
    assert export.loses_nothing(net, recipe, True, examiner)
    with torch.no_grad():
        net.head.weight.zero_()
        net.head.bias.copy_(1000 + 0.1 * torch.arange(10))
    assert not export.loses_nothing(net, recipe, True, examiner)


def test_settled_statistics_are_those_of_the_pictures_under_these_weights() -> None:
    recipe = replace(RECIPES["shapes-plain"], block=32)
    net = recipe.make()
    net.layers[0][1].running_mean.fill_(9.0)
    settle(net, recipe, after=5, folder=Path(), pictures=64)
    assert not net.training
    images = torch.cat([draw(recipe.seed * SEED_STEP + block, 32).images for block in (5, 6)])
    with torch.no_grad():
        first = net.layers[0][0](normalise(images))
    norm = net.layers[0][1]
    torch.testing.assert_close(norm.running_mean, first.mean((0, 2, 3)), rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(norm.running_var, first.var((0, 2, 3)), rtol=2e-2, atol=1e-5)
    assert (norm.momentum, int(norm.num_batches_tracked)) == (0.1, 0)


def test_initial_weights_of_another_seed_are_no_twin() -> None:
    recipe = RECIPES["shapes-cnn"]
    export.check_seed("shapes-cnn-untrained", recipe.make(), recipe)
    with pytest.raises(SystemExit, match="seed 1"):
        export.check_seed("shapes-cnn-untrained", replace(recipe, seed=2).make(), recipe)


def test_half_precision_rounds_numbers_and_leaves_counters() -> None:
    net = nn.BatchNorm2d(3)
    net.num_batches_tracked.fill_(70_001)
    net.running_var.fill_(0.1)
    other = export.halved(net)
    assert int(other.num_batches_tracked) == 70_001
    assert float(other.running_var[0]) == float(torch.tensor(0.1).half())
    assert float(net.running_var[0]) == pytest.approx(0.1, abs=1e-8)
