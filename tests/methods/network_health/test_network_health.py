"""The health of all layers of a network at once, against hooks of plain torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from PIL import Image
from studied import drained

from explorer.cli import run as command
from explorer.core.activations import Layout
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.method import MethodRequest
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine.inputs.dataset_samples import of_folder
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.studies import Studies
from explorer.methods.network_health.compute import LayerSums, run
from explorer.methods.network_health.spec import SPEC, NetworkHealthParams

PRE = Preprocess(16, 16, resize=16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    for number in range(4):
        Image.fromarray(rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    return tmp_path


@pytest.fixture
def engine() -> Studies:
    session = ModelSession(50_000_000)
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True, sha256="net"), PRE)
    session.adopt(LoadedModel(seeded(InPlace()).eval(), card))
    return Studies(session)


def asked(engine: Studies, over: Over) -> Any:
    picture = picture_from_array(np.zeros((16, 16, 3), np.uint8), InputRef("clipboard"), "p")
    model = next(iter(engine.bench._models.values())).card.digest
    return MethodRequest(model, "", picture, SPEC, NetworkHealthParams(over))


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def test_every_layer_is_as_plain_torch_sees_it(engine: Studies, folder: Path) -> None:
    _, result = drained(run(engine, asked(engine, Over("folder", str(folder))), job()))
    net = next(iter(engine.bench._models.values())).module
    seen: list[Any] = []
    hook = net.get_submodule("relu").register_forward_hook(lambda _m, _i, out: seen.append(out[0].clone().flatten(1)))
    with torch.no_grad():
        for item in of_folder(folder, PRE):
            if "broken" not in item.name:
                net(item.load())
    hook.remove()
    maps = torch.stack(seen[:: len(seen) // 4]).double()  # the tap is the first call of the module
    (layer,) = [layer for layer in result.layers if layer.tap == "relu"]
    above = maps > 0
    assert (result.count, layer.channels) == (4, maps.shape[1])
    assert layer.silent == int((~above.any(2).any(0)).sum())
    assert layer.always_on == int(above.all(2).all(0).sum())
    assert layer.zeros == pytest.approx(float((~above).double().mean()))
    assert layer.mean == pytest.approx(float(maps.mean()), abs=1e-6)
    assert layer.largest == pytest.approx(float(maps.abs().max()), abs=1e-6)
    assert result.silent_word == "dead"
    assert [name for name, _ in result.skipped] == ["broken.png"]
    assert [layer.number for layer in result.layers] == list(range(len(result.layers)))


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    from explorer.core.activations import Kind, Tap

    tap = Tap("t", "t", 0, "ReLU", Kind.OTHER, shape=(1, 3, 1, 2), layout=Layout.NCHW)
    sums = LayerSums(0, tap, 3)
    sums.add(np.array([[1.0, np.nan], [-2.0, 0.0], [3.0, 5.0]]))
    sums.add(np.array([[2.0, 4.0], [-1.0, -np.inf], [1.0, 1.0]]))
    found = sums.health
    assert (found.silent, found.always_on, found.not_finite) == (1, 1, 2)
    assert found.zeros == pytest.approx(3 / 10)
    assert found.mean == pytest.approx(14 / 10)
    assert found.largest == 5


def test_nothing_to_use_and_cancellation(engine: Studies, tmp_path: Path, folder: Path) -> None:
    empty = tmp_path / "only"
    empty.mkdir()
    (empty / "broken.png").write_bytes(b"no picture")
    with pytest.raises(ExplorerError, match=r"broken\.png"):
        drained(run(engine, asked(engine, Over("folder", str(empty))), job()))
    stopped = job()
    steps = run(engine, asked(engine, Over("folder", str(folder))), stopped)
    next(steps)
    stopped.cancel()
    with pytest.raises(CancelledError):
        drained(steps)


def test_the_command_says_silent_of_one_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["network-health", "demo:seeded", "--input", "sample:cat", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["inputs"] == 1
    assert {"tap", "silent", "always_on", "zeros"} <= found["rows"][0].keys()
    assert command(["network-health", "demo:seeded", "--input", "sample:cat"]) == 0
    assert "silent here" in capsys.readouterr().out
