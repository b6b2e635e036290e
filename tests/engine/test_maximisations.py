"""What the user interface asks of activation maximisation, against the method called by hand."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import InPlace, seeded
from studied import PRE, drained, job, made

from explorer.core.activations import Capture
from explorer.core.errors import ExplorerError
from explorer.core.maximisation import MaximiseSettings, Objective, class_logit
from explorer.engine import maximisations as module_of_maximisations
from explorer.engine.inputs.samples import open_sample, sample_pictures
from explorer.engine.maximisation.maximised_store import MaximisedStore
from explorer.engine.maximisation.natural import channel_means
from explorer.engine.maximisation.optimise import maximise
from explorer.engine.maximisations import Maximisations

TARGET = Objective("relu", (3,))
FEW = MaximiseSettings(steps=6)
Made = tuple[Maximisations, Capture]


@pytest.fixture
def place(tmp_path: Path) -> Made:
    studies, capture, _ = made(seeded(InPlace()))
    return Maximisations(studies, MaximisedStore(tmp_path / "kept")), capture


def interrupted(steps: Generator[Any, None, Any]) -> Any:
    """The first picture of one that is stopped after its first turn."""
    first = next(steps)
    steps.close()
    return first


@pytest.mark.parametrize("objective", [TARGET, class_logit(2, negative=True)])
@pytest.mark.parametrize("start", [False, True])
def test_a_picture_is_that_of_the_method_and_is_kept(place: Made, objective: Objective, start: bool) -> None:
    found, capture = place
    settings = replace(FEW, start=capture.picture.digest if start else "")
    partial, done = drained(found.grow(capture.model, capture.picture, objective, settings, job()))
    by_hand = maximise(found.bench.model(capture.model), objective, FEW, start=capture.picture if start else None)
    expected = drained(by_hand)[1]
    assert partial
    assert np.array_equal(done.pictures, expected.pictures)
    assert done.value == expected.value
    again, kept = drained(found.grow(capture.model, capture.picture, objective, settings, job()))
    assert not again
    assert np.array_equal(kept.pictures, done.pictures)
    assert found.at_rest(capture.model, objective, settings).value == done.value


def test_what_was_interrupted_is_shown_and_goes_on(place: Made) -> None:
    found, capture = place
    assert found.at_rest(capture.model, TARGET, FEW) is None
    whole = drained(maximise(found.bench.model(capture.model), TARGET, replace(FEW, steps=400)))[1]
    settings = replace(FEW, steps=400)
    first = interrupted(found.grow(capture.model, capture.picture, TARGET, settings, job()))
    assert 0 < first.step < 400
    rest = found.at_rest(capture.model, TARGET, settings)
    assert (rest.done, rest.step) == (False, first.step)
    assert np.array_equal(rest.pictures, first.pictures)
    assert np.array_equal(
        drained(found.grow(capture.model, capture.picture, TARGET, settings, job()))[1].pictures, whole.pictures
    )


def test_forgetting_begins_anew(place: Made) -> None:
    found, capture = place
    settings = replace(FEW, steps=4000)
    interrupted(found.grow(capture.model, capture.picture, TARGET, settings, job()))
    assert found.at_rest(capture.model, TARGET, settings) is not None
    drained(found.forget(capture.model, TARGET, settings))
    assert found.at_rest(capture.model, TARGET, settings) is None


def test_another_size_finds_its_own_layers(place: Made) -> None:
    found, capture = place
    done = drained(found.grow(capture.model, capture.picture, TARGET, replace(FEW, size=24), job()))[1]
    assert done.pictures.shape == (1, 24, 24, 3)


def test_a_layer_and_its_gallery(place: Made) -> None:
    found, capture = place
    settings = replace(FEW, steps=2)
    tap = "conv2"
    assert drained(found.gallery(capture.model, tap, range(8), settings))[1].pictures == {}
    drained(found.grow(capture.model, capture.picture, Objective(tap, (5,)), settings, job()))
    partial, done = drained(found.layer(capture.model, tap, replace(settings, start="of another"), job()))
    assert partial[0].done == (5,)
    assert sorted(done.done) == list(range(8))
    shown = drained(found.gallery(capture.model, tap, range(8), settings))[1]
    single = found.at_rest(capture.model, Objective(tap, (2,)), settings)
    assert sorted(shown.pictures) == list(range(8))
    assert np.array_equal(shown.pictures[2], single.pictures[0])


def test_a_gallery_grows(place: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    found, capture = place
    drained(found.layer(capture.model, "conv2", replace(FEW, steps=1), job()))
    monkeypatch.setattr(module_of_maximisations, "TURN", 0.0)
    partial, _ = drained(found.gallery(capture.model, "conv2", [0, 1, 2], replace(FEW, steps=1)))
    assert [len(p.pictures) for p in partial] == [1, 2, 3]


def test_the_best_sample_of_every_channel(place: Made) -> None:
    found, capture = place
    partial, done = drained(found.natural(capture.model, "relu", job()))
    samples = sample_pictures()
    means = channel_means(found.bench.model(capture.model), "relu", [open_sample(s.name) for s in samples])
    assert len(partial) == len(samples) == done.total
    assert done.fraction == 1
    assert np.allclose(done.best, means.max(0), rtol=1e-5)
    assert done.names[int(done.which[3])] == samples[int(means[:, 3].argmax())].title


def test_errors_say_what_and_why(place: Made) -> None:
    found, capture = place
    for objective, says in (
        (Objective("relu", (99,)), "no channel 99"),
        (Objective("gone", (0,)), "gone"),
        (Objective("relu", (0,), cell=(90, 0)), "no cell 90, 0"),
        (class_logit(77), "no class 77"),
    ):
        with pytest.raises(ExplorerError, match=says):
            drained(found.grow(capture.model, capture.picture, objective, FEW, job()))
    with pytest.raises(ExplorerError, match="not open"):
        drained(found.layer("gone", "relu", FEW, job()))


def test_one_of_another_size_is_not_shown(place: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    found, capture = place
    settings = replace(FEW, steps=4000)
    interrupted(found.grow(capture.model, capture.picture, TARGET, settings, job()))
    loaded = found.bench.model(capture.model)
    smaller = replace(loaded, card=replace(loaded.card, preprocess=replace(PRE, height=8, width=8)))
    monkeypatch.setattr(found.bench, "model", lambda _digest: smaller)
    assert found.at_rest(capture.model, TARGET, settings) is None
