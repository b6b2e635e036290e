"""What the window asks of activation maximisation, against the method called by hand."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from nets import InPlace, seeded
from studied import PRE, drained, job, made

from explorer.core.errors import ExplorerError
from explorer.core.maximisation import MaximiseSettings, Objective, class_logit
from explorer.core.selection import Selection
from explorer.engine.inputs.samples import open_sample, sample_pictures
from explorer.engine.maximisation.natural import channel_means
from explorer.engine.maximisation.optimise import maximise
from explorer.methods.maximisation import compute
from explorer.methods.maximisation.requests import (
    FindKept,
    FindThumbs,
    Forget,
    Grow,
    GrowLayer,
    Layer,
    MaximiseTarget,
    NaturalMeans,
)
from explorer.methods.maximisation.spec import SPEC

TARGET = Objective("relu", (3,))
FEW = MaximiseSettings(steps=6)


class Place:
    """A worker with a network and a picture, and what is asked of it. The store is that of the test's own home."""

    def __init__(self) -> None:
        self.studies, self.capture, _ = made(seeded(InPlace()))
        self.bench, self.model = self.studies.bench, self.capture.model
        self.worker: Any = SimpleNamespace(studies=self.studies, bench=self.bench)

    def grow(self, objective: Objective, settings: MaximiseSettings) -> Any:
        target = MaximiseTarget(self.model, objective, settings)
        return compute.grow(self.worker, Grow(target, self.capture.picture), job())

    def kept(self, objective: Objective, settings: MaximiseSettings) -> Any:
        return compute.find_kept(self.worker, FindKept(MaximiseTarget(self.model, objective, settings)), job())

    def forget(self, objective: Objective, settings: MaximiseSettings) -> None:
        drained(compute.forget(self.worker, Forget(MaximiseTarget(self.model, objective, settings)), job()))

    def layer(self, tap: str, settings: MaximiseSettings, model: str = "") -> Any:
        layer = Layer(model or self.model, tap, 8, settings)
        return compute.grow_layer(self.worker, GrowLayer(layer), job())

    def thumbs(self, tap: str, channels: Iterable[int], settings: MaximiseSettings) -> Any:
        layer = Layer(self.model, tap, 8, settings)
        return compute.find_thumbs(self.worker, FindThumbs(layer, tuple(channels)), job())


@pytest.fixture
def place() -> Place:
    return Place()


def interrupted(steps: Generator[Any, None, Any]) -> Any:
    """The first picture of one that is stopped after its first turn."""
    first = next(steps)
    steps.close()
    return first


@pytest.mark.parametrize("objective", [TARGET, class_logit(2, negative=True)])
@pytest.mark.parametrize("start", [False, True])
def test_a_picture_is_that_of_the_method_and_is_kept(place: Place, objective: Objective, start: bool) -> None:
    settings = replace(FEW, start=place.capture.picture.digest if start else "")
    partial, done = drained(place.grow(objective, settings))
    by_hand = maximise(place.bench.model(place.model), objective, FEW, start=place.capture.picture if start else None)
    expected = drained(by_hand)[1]
    assert partial
    assert np.array_equal(done.pictures, expected.pictures)
    assert done.value == expected.value
    again, kept = drained(place.grow(objective, settings))
    assert not again
    assert np.array_equal(kept.pictures, done.pictures)
    assert place.kept(objective, settings).value == done.value


def test_what_was_interrupted_is_shown_and_goes_on(place: Place) -> None:
    assert place.kept(TARGET, FEW) is None
    whole = drained(maximise(place.bench.model(place.model), TARGET, replace(FEW, steps=400)))[1]
    settings = replace(FEW, steps=400)
    first = interrupted(place.grow(TARGET, settings))
    assert 0 < first.step < 400
    rest = place.kept(TARGET, settings)
    assert (rest.done, rest.step) == (False, first.step)
    assert np.array_equal(rest.pictures, first.pictures)
    assert np.array_equal(drained(place.grow(TARGET, settings))[1].pictures, whole.pictures)


def test_forgetting_begins_anew(place: Place) -> None:
    settings = replace(FEW, steps=4000)
    interrupted(place.grow(TARGET, settings))
    assert place.kept(TARGET, settings) is not None
    place.forget(TARGET, settings)
    assert place.kept(TARGET, settings) is None


def test_another_size_finds_its_own_layers(place: Place) -> None:
    done = drained(place.grow(TARGET, replace(FEW, size=24)))[1]
    assert done.pictures.shape == (1, 24, 24, 3)


def test_a_layer_and_its_gallery(place: Place) -> None:
    settings = replace(FEW, steps=2)
    tap = "conv2"
    assert drained(place.thumbs(tap, range(8), settings))[1].pictures == {}
    drained(place.grow(Objective(tap, (5,)), settings))
    partial, done = drained(place.layer(tap, settings))
    assert partial[0].done == (5,)
    assert sorted(done.done) == list(range(8))
    shown = drained(place.thumbs(tap, range(8), settings))[1]
    single = place.kept(Objective(tap, (2,)), settings)
    assert sorted(shown.pictures) == list(range(8))
    assert np.array_equal(shown.pictures[2], single.pictures[0])


def test_a_gallery_grows(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    drained(place.layer("conv2", replace(FEW, steps=1)))
    monkeypatch.setattr(compute, "TURN", 0.0)
    partial, _ = drained(place.thumbs("conv2", [0, 1, 2], replace(FEW, steps=1)))
    assert [len(p.pictures) for p in partial] == [1, 2, 3]


def test_the_best_sample_of_every_channel(place: Place) -> None:
    partial, done = drained(compute.natural_means(place.worker, NaturalMeans(place.model, "relu"), job()))
    samples = sample_pictures()
    means = channel_means(place.bench.model(place.model), "relu", [open_sample(s.name) for s in samples])
    assert len(partial) == len(samples) == done.total
    assert done.fraction == 1
    assert np.allclose(done.best, means.max(0), rtol=1e-5)
    assert done.names[int(done.which[3])] == samples[int(means[:, 3].argmax())].title


def test_errors_say_what_and_why(place: Place) -> None:
    for objective, says in (
        (Objective("relu", (99,)), "no channel 99"),
        (Objective("gone", (0,)), "gone"),
        (Objective("relu", (0,), cell=(90, 0)), "no cell 90, 0"),
        (class_logit(77), "no class 77"),
    ):
        with pytest.raises(ExplorerError, match=says):
            drained(place.grow(objective, FEW))
    with pytest.raises(ExplorerError, match="not open"):
        drained(place.layer("relu", FEW, model="gone"))


def test_one_of_another_size_is_not_shown(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(FEW, steps=4000)
    interrupted(place.grow(TARGET, settings))
    loaded = place.bench.model(place.model)
    smaller = replace(loaded, card=replace(loaded.card, preprocess=replace(PRE, height=8, width=8)))
    monkeypatch.setattr(place.bench, "model", lambda _digest: smaller)
    assert place.kept(TARGET, settings) is None


def test_the_method_of_the_catalogue_is_the_picture_of_the_channel(place: Place) -> None:
    selection = Selection(place.bench.model(place.model).card, place.capture, place.capture.tap("relu"), 3, None)
    request = SPEC.request(selection, replace(FEW, diversity=2.0))  # of one picture it counts for nothing
    done = drained(compute.run(place.studies, request, job()))[1]
    assert (done.objective, done.settings) == (TARGET, FEW)
    assert np.array_equal(done.pictures, drained(place.grow(TARGET, FEW))[1].pictures)
    assert SPEC.write(done).startswith("channel 3 of relu: ")
    assert request == SPEC.request(replace(selection, cell=(0, 0)), replace(FEW, diversity=2.0))
