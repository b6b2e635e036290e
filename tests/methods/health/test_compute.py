"""What the window asks for: the engine's own numbers, told at a pace, over the current picture, the gallery or a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import InPlace, seeded
from PIL import Image
from studied import drained

from explorer.core.activations import Capture
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.health import Health, rows, summary
from explorer.core.inputs import InputRef
from explorer.core.method import MethodRequest
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine.health.channel_health import health
from explorer.engine.inputs.dataset_samples import of_folder, of_picture
from explorer.engine.inputs.gallery import WORLD, gallery_samples
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.pace import Pace
from explorer.engine.jobs.runner import Event, Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.studies import Studies
from explorer.methods.health.compute import run
from explorer.methods.health.spec import SPEC, HealthParams

PRE = Preprocess(16, 16, resize=16)


def pixels(seed: int) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)


@pytest.fixture
def place() -> tuple[Studies, Capture]:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True, sha256="net"), PRE)
    bench = ModelSession(50_000_000)
    bench.adopt(LoadedModel(seeded(InPlace()).eval(), card))
    picture = picture_from_array(pixels(1), InputRef("clipboard"), "picture")
    return Studies(bench), bench.capture(card.digest, picture, job())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for number in range(4):
            Image.fromarray(pixels(number + 10 * (label == "b"))).save(tmp_path / label / f"{number}.png")
    (tmp_path / "a" / "broken.png").write_bytes(b"no picture")
    return tmp_path


def job(sink: Callable[[Event], None] = lambda _event: None) -> Job:
    return Job(0, Lane.METHOD, "", sink)


def asked(capture: Capture, tap: str, over: Over) -> Any:
    return MethodRequest(capture.model, "", capture.picture, SPEC, HealthParams(over), tap)


def same(a: Health, b: Health) -> bool:
    told = [{**summary(h), "rows": rows(h), "counts": h.histogram.tolist()} for h in (a, b)]
    return told[0] == told[1]


def test_a_folder_is_measured_as_the_method_does_it(place: Any, folder: Path) -> None:
    studies, capture = place
    net = studies.bench.model(capture.model).module
    _, found = drained(run(studies, asked(capture, "relu", Over("folder", str(folder))), job()))
    expected = [h for h in health(net, "relu", of_folder(folder, PRE)) if h is not None][-1]
    assert same(found, expected)
    assert (found.count, found.total, found.final, found.classes) == (8, 9, True, ("a", "b"))
    assert [name for name, _ in found.skipped] == ["a/broken.png"]


def test_this_picture_is_the_one_of_the_capture(place: Any) -> None:
    studies, capture = place
    net = studies.bench.model(capture.model).module
    _, found = drained(run(studies, asked(capture, "relu", Over()), job()))
    assert same(found, [h for h in health(net, "relu", [of_picture(capture.picture, PRE)]) if h is not None][-1])
    assert found.channels[0].mean == pytest.approx(float(capture.values["relu"][0].mean()), abs=1e-6)


def test_the_gallery_has_its_shapes_as_classes(place: Any) -> None:
    studies, capture = place
    _, found = drained(run(studies, asked(capture, "relu", Over("gallery")), job()))
    assert found.count == found.total == len(gallery_samples())
    assert found.classes == tuple(sorted({s.label for s in gallery_samples() if s.group == WORLD}))


def test_what_is_known_is_told_at_a_pace(place: Any, folder: Path) -> None:
    """A step takes 0.04 s of this clock: a third of them may speak."""
    studies, capture = place
    clock: Iterator[int] = count()
    told: list[Event] = []
    pace = Pace(0.1, lambda: next(clock) * 0.04)
    over = Over("folder", str(folder))
    steps = run(studies, asked(capture, "relu", over), job(told.append), pace)
    partial, found = drained(steps)
    assert [p.count if p is not None else None for p in partial] == [1, None, None, 4, *[None] * 6]
    assert [e.progress.fraction for e in told if e.progress is not None] == [1 / 9, 4 / 9, 7 / 9]
    assert found.count == 8


def test_no_folder_and_no_such_layer_are_errors(place: Any, folder: Path) -> None:
    studies, capture = place
    for tap, over in (("relu", Over("folder", str(folder / "gone"))), ("relu9", Over())):
        with pytest.raises(ExplorerError):
            drained(run(studies, asked(capture, tap, over), job()))


def test_cancelled_it_stops_and_leaves_no_hook(place: Any, folder: Path) -> None:
    studies, capture = place
    stopped = job()
    steps = run(studies, asked(capture, "relu", Over("folder", str(folder))), stopped)
    next(steps)
    stopped.cancel()
    with pytest.raises(CancelledError):
        drained(steps)
    net = studies.bench.model(capture.model).module
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
