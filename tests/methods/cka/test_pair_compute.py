"""What the window is told while pictures stream: the same as without it, with progress, in steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import InPlace, seeded
from PIL import Image

from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.pairs import PairParams, Side
from explorer.engine.inputs.gallery import gallery_samples
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.pace import Pace
from explorer.engine.jobs.runner import Event, Job, Lane
from explorer.engine.models import LoadedModel
from explorer.engine.representations.channel_correlation import match_channels
from explorer.engine.representations.cka import cka
from explorer.engine.representations.paired_stream import ComparedModel, of_folder, shots_of
from explorer.methods.channel_matching import compute as matching
from explorer.methods.channel_matching.spec import SPEC as MATCH
from explorer.methods.cka import compute as similarity
from explorer.methods.cka.spec import SPEC as CKA
from explorer.methods.cka.spec import CkaParams


class Sides:
    """The engine as far as these methods ask it: every model is the same network."""

    def side(self, side: Side) -> ComparedModel:
        return compared(*side.taps)


def side(*names: str) -> Side:
    return Side("net", names)


def grown_cka(first: Side, second: Side, over: Over, work: Job, pace: Pace | None = None, pool: str = "mean") -> Any:
    return similarity.run(Sides(), CKA.pair_request(first, second, CkaParams(over, pool)), work, pace)


def matched_channels(first: Side, second: Side, over: Over, work: Job, pace: Pace | None = None) -> Any:
    return matching.run(Sides(), MATCH.pair_request(first, second, PairParams(over)), work, pace)


def compared(*names: str) -> ComparedModel:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(False), Preprocess(16, 16, fit="stretch"))
    return ComparedModel(LoadedModel(seeded(InPlace()).eval(), card), names)


def job() -> tuple[Job, list[Event]]:
    told: list[Event] = []
    return Job(1, Lane.METHOD, "compare cka", told.append), told


def always() -> Pace:
    return Pace(0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Over:
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 256, (16, 16, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return Over("folder", str(tmp_path))


def drained(steps: Any) -> tuple[list[Any], Any]:
    told = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as stop:
            return told, stop.value


def test_the_matrix_grows_and_the_last_one_is_the_result(folder: Over) -> None:
    work, events = job()
    told, result = drained(grown_cka(side("conv1", "conv2"), side("fc"), folder, work, always()))
    assert [t.count if t is not None else 0 for t in told] == [0, 0, 0, 4, 0, 0]
    assert result.final
    oracle = [c for c in cka(compared("conv1", "conv2"), compared("fc"), of_folder(folder.path)) if c is not None][-1]
    np.testing.assert_array_equal(result.values, oracle.values)
    said = [event.progress for event in events if event.progress is not None]
    assert [p.text for p in said[:6]] == [f"{n} of 6" for n in range(1, 7)]
    assert said[2].fraction == 0.5


def test_matched_channels(folder: Over) -> None:
    work, events = job()
    told, result = drained(matched_channels(side("conv1"), side("conv2"), folder, work, always()))
    assert told == [None] * 6
    oracle = drained(match_channels(compared("conv1"), compared("conv2"), of_folder(folder.path)))[1]
    np.testing.assert_array_equal(result.correlation, oracle.correlation)
    assert [event.progress.text for event in events if event.progress is not None] == [f"{n} of 6" for n in range(1, 7)]


def test_the_gallery_a_missing_folder_and_one_picture(tmp_path: Path) -> None:
    assert len(shots_of(Over("gallery"))) == len(gallery_samples())
    with pytest.raises(ExplorerError):
        shots_of(Over("folder", str(tmp_path / "gone")))
    with pytest.raises(ExplorerError, match="too few"):
        shots_of(Over("picture"))


def test_without_the_gallery_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.engine.representations.paired_stream.of_gallery", lambda: ())
    with pytest.raises(ExplorerError, match="gallery is missing"):
        shots_of(Over("gallery"))


def test_cancelled(folder: Over) -> None:
    work, _ = job()
    steps = grown_cka(side("conv1"), side("conv1"), folder, work)
    next(steps)
    work.cancel()
    with pytest.raises(CancelledError):
        next(steps)
