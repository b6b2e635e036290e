"""A learnt model as files: opens again with bit-equal predictions, in another process too, or says what is wrong."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from tiny_classes import job, tiny_classes

from explorer.core.data_sets import DataSet
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.transfer import ExportLearnt, Training, TransferParams, TransferTarget
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel, open_model
from explorer.engine.models.card_file import read_card
from explorer.engine.transfer.training_run import TrainingRun
from explorer.engine.transfer.transfer_answers import export_learnt
from explorer.engine.worker import Worker

ROOT = Path(__file__).resolve().parents[3]
NET = """
from torch import nn
PREPROCESS = {"height": 16, "width": 16, "resize": 16}
LABELS = ["a", "b", "c", "d"]
TRAINED = True
def make_model():
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))
"""
PREDICT = """
import sys, numpy as np, torch
from explorer.core.models import ModelSpec
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models import open_model
loaded = open_model(ModelSpec(sys.argv[1]), trust_code=True)
with torch.no_grad():
    made = [loaded.module(to_tensor(open_picture(path), loaded.card.preprocess)).numpy() for path in sys.argv[3:]]
np.save(sys.argv[2], np.concatenate(made))
"""


def trained(spec: ModelSpec, data: DataSet, **params: Any) -> tuple[TrainingRun, Training]:
    bench = ModelSession(50_000_000)
    card = bench.open(spec, job(), trust_code=True).card
    asked = TransferTarget(card.digest, data, TransferParams(**{"epochs": 1, **params}))
    run = TrainingRun(bench, asked, job())
    steps = run.steps()
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return run, stop.value


def saved(last: Training, path: Path) -> Path:
    assert last.learnt is not None
    return Path(export_learnt(Worker("cpu", 1, 0), ExportLearnt(last.learnt, str(path)), job()).card)


def predictions(module: torch.nn.Module, pre: Preprocess, files: list[Path]) -> np.ndarray:
    with torch.no_grad():
        return np.concatenate([module.eval()(to_tensor(open_picture(file), pre)).numpy() for file in files])


def files_of(data: DataSet) -> list[Path]:
    return [Path(data.folder) / picture.path for picture in data.pictures]


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return tiny_classes(tmp_path / "classes", 6)


@pytest.fixture
def own(tmp_path: Path, data: DataSet) -> tuple[TrainingRun, Path]:
    """A network of a person's own file, learnt and saved."""
    (tmp_path / "net.py").write_text(NET)
    run, last = trained(ModelSpec(f"file:{tmp_path / 'net.py'}"), data, freeze="0")
    return run, saved(last, tmp_path / "colours")


def test_it_opens_in_another_process_with_bit_equal_predictions(
    own: tuple[TrainingRun, Path], data: DataSet, tmp_path: Path
) -> None:
    run, card = own
    files = files_of(data)
    expected = predictions(run.module, run.of.loaded.card.preprocess, files)
    made = tmp_path / "predictions.npy"
    command = [sys.executable, "-c", PREDICT, f"card:{card}", str(made), *map(str, files)]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert np.load(made).tobytes() == expected.tobytes()


def test_the_card_says_what_it_is(own: tuple[TrainingRun, Path], data: DataSet) -> None:
    run, path = own
    held = json.loads(path.read_text(encoding="utf-8"))
    assert held["derived_from"]["id"].startswith("file:")
    assert held["derived_from"]["digest"] == run.target.model
    assert held["classes"] == list(data.labels)
    assert held["frozen_up_to"] == "0"
    assert (held["epochs"], held["seed"], held["head"]) == (1, 0, "5")
    draw = held["draw"]
    assert len(draw["train"]) + len(draw["validation"]) + len(draw["test"]) == len(data.pictures)
    assert all(len(row["sha256"]) == 64 for row in draw["train"])
    accuracy = held["accuracy"]
    assert 0 <= accuracy["low"] <= accuracy["value"] <= accuracy["high"] <= 1
    assert held["frozen"] == {"taps": 1, "bit_equal": True}
    assert {"torch", "numpy", "feature-map-explorer"} <= held["versions"].keys()
    assert path.with_suffix(".labels.txt").read_text(encoding="utf-8").split() == list(data.labels)
    card = open_model(ModelSpec(f"card:{path}"), trust_code=True).card
    assert (card.labels, card.source, card.head_trained) == (data.labels, "card", True)
    assert card.weights.label == "trained"
    assert dict(card.facts)["frozen up to"] == "0"


def test_a_learnt_model_can_be_learnt_from(own: tuple[TrainingRun, Path], data: DataSet, tmp_path: Path) -> None:
    """The second card names the same network, not the first card."""
    _, first = own
    run, last = trained(ModelSpec(f"card:{first}"), data, freeze="2")
    second = saved(last, tmp_path / "again.json")
    for file in (first, first.with_suffix(".safetensors")):
        file.unlink()
    loaded = open_model(ModelSpec(f"card:{second}"), trust_code=True)
    files = files_of(data)
    assert np.array_equal(
        predictions(loaded.module, loaded.card.preprocess, files),
        predictions(run.module, run.of.loaded.card.preprocess, files),
    )


@pytest.mark.parametrize("name", ["demo:shapes-cnn", "demo:shapes-vit"])
def test_demo_models_learn_and_open_again(name: str, data: DataSet, tmp_path: Path) -> None:
    spec = ModelSpec(name)
    run, last = trained(spec, data, freeze=_last_point(spec, data))
    loaded = open_model(ModelSpec(f"card:{saved(last, tmp_path / 'learnt')}"))
    files = files_of(data)[:4]
    assert np.array_equal(
        predictions(loaded.module, loaded.card.preprocess, files),
        predictions(run.module, run.of.loaded.card.preprocess, files),
    )
    assert loaded.card.preprocess == run.of.loaded.card.preprocess


def _last_point(spec: ModelSpec, data: DataSet) -> str:
    from explorer.engine.transfer.prepared import prepared, trainable

    bench = ModelSession(50_000_000)
    digest = bench.open(spec, job()).card.digest
    return trainable(prepared(bench, digest, open_picture(files_of(data)[0]), job())).points[-1]


@pytest.mark.parametrize("spec", ["torchvision:squeezenet1_1", "timm:test_resnet"])
def test_public_models_open_in_plain_torch(spec: str, data: DataSet, tmp_path: Path) -> None:
    """By the script beside them, which knows nothing of this application; and by their card, for bit-equal predictions."""
    wanted = ModelSpec(spec, untrained=True, preprocess=Preprocess(64, 64, resize=64))
    run, last = trained(wanted, data, freeze=_last_point(wanted, data))
    card = saved(last, tmp_path / "learnt")
    files = files_of(data)[:2]
    expected = predictions(run.module, run.of.loaded.card.preprocess, files)
    loaded = open_model(ModelSpec(f"card:{card}"))
    assert np.array_equal(predictions(loaded.module, loaded.card.preprocess, files), expected)

    script = card.with_suffix(".py")
    assert "explorer" not in script.read_text(encoding="utf-8").replace("feature-map-explorer", "")
    plain = runpy.run_path(str(script))
    model = plain["open_model"]()
    with torch.no_grad():
        made = np.concatenate([model(plain["tensor_of"](Image.open(file))).numpy() for file in files])
    assert np.allclose(made, expected, rtol=0, atol=1e-5 * float(np.abs(expected).max()))


# --- what is wrong with files


def _edit(**values: Any) -> Callable[[Path], None]:
    def edit(card: Path) -> None:
        card.write_text(json.dumps({**json.loads(card.read_text(encoding="utf-8")), **values}), encoding="utf-8")

    return edit


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda card: card.unlink(), "There is no file"),
        (lambda card: card.write_text("{"), "no card of a learnt model"),
        (lambda card: card.write_text("[" * 100_000), "no card of a learnt model"),
        (lambda card: card.write_text("[1, 2]"), "does not begin as one"),
        (_edit(version=9), "version 9"),
        (_edit(classes=["one"]), "two names or more"),
        (_edit(classes=[1, 2, 3]), "two names or more"),
        (_edit(classes=["a", "b"]), "do not fit"),
        (_edit(head="3"), "not one that can be replaced"),
        (_edit(head="nowhere.at.all"), "not one that can be replaced"),
        (_edit(derived_from={"id": "card:other.json"}), "names another card"),
        (_edit(derived_from={"id": 3}), "no table of texts"),
        (_edit(derived_from={"id": "torchvision:resnet18"}), "not one that can be replaced"),
        (_edit(preprocess={"height": -1}), "preprocessing"),
        (_edit(sha256="0" * 64), "is not the file that the card"),
        (lambda card: card.with_suffix(".safetensors").unlink(), "weights of colours are not here"),
        (lambda card: card.with_suffix(".safetensors").write_bytes(b""), "is not the file that the card"),
    ],
)
def test_a_damaged_card_says_what_is_wrong(
    damage: Callable[[Path], None], why: str, own: tuple[TrainingRun, Path]
) -> None:
    card = own[1]
    damage(card)
    with pytest.raises(ExplorerError, match=why):
        open_model(ModelSpec(f"card:{card}"), trust_code=True)


def test_a_card_takes_no_other_weights(own: tuple[TrainingRun, Path]) -> None:
    for spec in (ModelSpec(f"card:{own[1]}", untrained=True), ModelSpec(f"card:{own[1]}", weights="other.pth")):
        with pytest.raises(ExplorerError, match="brings its own weights"):
            open_model(spec)


def test_a_failed_export_leaves_the_former_card(
    own: tuple[TrainingRun, Path], data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, card = own
    before = card.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    spec = run.learnt[0]
    assert spec is not None
    with pytest.raises(ExplorerError, match="could not be saved"):
        export_learnt(Worker("cpu", 1, 0), ExportLearnt(spec, str(card)), job())
    assert card.read_bytes() == before
    assert not [*card.parent.glob(".saving-*")]


def test_weights_are_plain_and_whole(own: tuple[TrainingRun, Path]) -> None:
    run, card = own
    state = load_file(card.with_suffix(".safetensors"))
    assert state.keys() == run.module.state_dict().keys()
    assert all(value.is_contiguous() for value in state.values())
    assert read_card(card).name == "colours"


def test_a_module_that_is_open_is_not_the_one_that_learns(own: tuple[TrainingRun, Path]) -> None:
    loaded: LoadedModel = own[0].of.loaded
    assert loaded.module is not own[0].module
    assert loaded.module[5].out_features == 4
