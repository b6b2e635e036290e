"""Statistics of channels over a folder, against numpy on what plain torch gives."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from PIL import Image
from studied import drained

from explorer.cli import run as command
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.method import MethodRequest
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine.inputs.dataset_samples import of_folder
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Event, Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.studies import Studies
from explorer.methods.channel_statistics.compute import run, statistic
from explorer.methods.channel_statistics.spec import SPEC, STATISTICS, StatisticsParams

PRE = Preprocess(16, 16, resize=16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    for label, count in (("a", 3), ("b", 4)):
        (tmp_path / label).mkdir()
        for number in range(count):
            Image.fromarray(rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(tmp_path / label / f"{number}.png")
    (tmp_path / "b" / "broken.png").write_bytes(b"no picture")
    return tmp_path


@pytest.fixture
def engine() -> Studies:
    session = ModelSession(50_000_000)
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True, sha256="net"), PRE)
    session.adopt(LoadedModel(seeded(InPlace()).eval(), card))
    return Studies(session)


def job(sink: Callable[[Event], None] = lambda _event: None) -> Job:
    return Job(0, Lane.METHOD, "", sink)


def asked(engine: Studies, tap: str, params: StatisticsParams) -> Any:
    picture = picture_from_array(np.zeros((16, 16, 3), np.uint8), InputRef("clipboard"), "p")
    model = next(iter(engine.bench._models.values())).card.digest
    return MethodRequest(model, "", picture, SPEC, params, tap)


def plainly(engine: Studies, folder: Path, tap: str) -> list[Any]:
    """(C, cells) of the layer for every picture, by a hook of torch's own."""
    net = next(iter(engine.bench._models.values())).module
    seen: list[Any] = []
    hook = net.get_submodule(tap).register_forward_hook(lambda _m, _i, out: seen.append(out[0].clone().flatten(1)))
    with torch.no_grad():
        for item in of_folder(folder, PRE):
            if "broken" not in item.name:
                net(item.load())
    hook.remove()
    calls = len(seen) // 7  # of the module in one forward; the tap is the first
    return [values.double().numpy() for values in seen[::calls]]


@pytest.mark.parametrize("name", STATISTICS)
def test_each_statistic_is_that_of_the_maps(engine: Studies, folder: Path, name: str) -> None:
    params = StatisticsParams(Over("folder", str(folder)), name)
    _, result = drained(run(engine, asked(engine, "relu", params), job()))
    maps = np.array(plainly(engine, folder, "relu"))
    expected = {
        "mean": maps.mean(2),
        "maximum": maps.max(2),
        "standard deviation": maps.std(2),
        "active fraction": (maps > 0).mean(2),
    }[name]
    assert np.allclose(result.values, expected, atol=1e-6)
    assert result.labels == ("a",) * 3 + ("b",) * 4
    assert [name for name, _ in result.skipped] == ["b/broken.png"]
    counts, edges = result.histogram(1)
    assert np.array_equal(counts, np.histogram(expected[:, 1], 24)[0])
    assert counts.sum() == 7
    assert len(edges) == 25
    best = int(expected[:, 1].argmax())
    assert result.highest(1, 1) == [(result.names[best], pytest.approx(float(expected[best, 1])))]


def test_cells_that_are_not_finite_are_left_out() -> None:
    values = np.array([[1.0, np.nan, 3.0], [np.inf, np.nan, -np.inf], [-1.0, -2.0, 4.0]])
    assert np.allclose(statistic("mean", values), [2.0, np.nan, 1 / 3], equal_nan=True)
    assert np.allclose(statistic("maximum", values), [3.0, np.nan, 4.0], equal_nan=True)
    assert np.allclose(statistic("active fraction", values), [1.0, np.nan, 1 / 3], equal_nan=True)


def test_nothing_to_use_and_cancellation(engine: Studies, tmp_path: Path, folder: Path) -> None:
    empty = tmp_path / "only"
    empty.mkdir()
    (empty / "broken.png").write_bytes(b"no picture")
    with pytest.raises(ExplorerError, match=r"broken\.png"):
        drained(run(engine, asked(engine, "relu", StatisticsParams(Over("folder", str(empty)))), job()))
    stopped = job()
    steps = run(engine, asked(engine, "relu", StatisticsParams(Over("folder", str(folder)))), stopped)
    next(steps)
    stopped.cancel()
    with pytest.raises(CancelledError):
        drained(steps)


def test_the_command_and_its_table(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "table.csv"
    args = ["channel-statistics", "demo:seeded", "--tap", "stem", "--inputs", str(folder)]
    assert command([*args, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert command([*args, "--statistic", "maximum", "--out", str(out)]) == 0
    table = list(csv.reader(io.StringIO(out.read_text())))
    assert len(table) == 8
    assert len(table[0]) == 2 + len(rows)
    assert command([*args]) == 0
    assert "stem" in capsys.readouterr().out
