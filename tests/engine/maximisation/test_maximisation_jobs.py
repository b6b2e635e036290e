"""Pictures that are remembered, the batch over a layer that survives closing, and the comparison with natural pictures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.maximisation import LayerProgress, Maximised, MaximiseSettings, Objective, class_logit
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.runner import Event, Lane, Runner
from explorer.engine.maximisation.maximisation_jobs import done_channels, every_channel, kept
from explorer.engine.maximisation.maximised_store import MaximisedStore
from explorer.engine.maximisation.natural import Beside, beside_natural, channel_means
from explorer.engine.maximisation.optimise import Run, maximise
from tests.engine.maximisation.known_nets import fingerprint, finish, small

SETTINGS = MaximiseSettings(steps=12)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step a turn, so that a run can be interrupted anywhere."""
    usual: Callable[..., None] = Run.advance
    monkeypatch.setattr(Run, "advance", lambda self: usual(self, 0))


@pytest.mark.usefixtures("one_by_one")
def test_the_second_time_it_is_there_at_once() -> None:
    store = MaximisedStore()
    first = finish(kept(small(), class_logit(1), SETTINGS, store))
    plain = finish(maximise(small(), class_logit(1), SETTINGS))
    assert np.array_equal(first.pictures, plain.pictures)
    with pytest.raises(StopIteration) as again:
        next(kept(small(), class_logit(1), SETTINGS, store))
    assert np.array_equal(again.value.value.pictures, first.pictures)
    assert again.value.value.value == first.value


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize("how", ["closed", "cancelled"])
def test_what_was_interrupted_goes_on_and_ends_the_same(how: str) -> None:
    store, stop = MaximisedStore(), []
    whole = finish(maximise(small(), class_logit(1), SETTINGS))
    growing = kept(small(), class_logit(1), SETTINGS, store, cancelled=lambda: bool(stop))
    for _ in range(5):
        next(growing)
    if how == "closed":
        growing.close()
    else:
        stop.append(True)
        with pytest.raises(CancelledError):
            next(growing)
    state = store.state(small().card.digest, class_logit(1), SETTINGS)
    assert state is not None
    assert state.step == 5
    went_on = kept(small(), class_logit(1), SETTINGS, store)
    assert next(went_on).step == state.step + 1
    result = finish(went_on)
    assert np.array_equal(result.pictures, whole.pictures)
    assert np.array_equal(result.curve, whole.curve)
    assert store.state(small().card.digest, class_logit(1), SETTINGS) is None


def test_a_picture_that_cannot_be_kept_comes_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: object, _picture: object) -> None:
        raise ExplorerError("The picture could not be saved.", "The disk is full.")

    monkeypatch.setattr(MaximisedStore, "put", full)
    result = finish(kept(small(), class_logit(1), SETTINGS, MaximisedStore()))
    assert result.done
    assert "not stored" in result.notes[-1]
    assert "The disk is full." in result.notes[-1]
    with pytest.raises(ExplorerError, match="disk is full"):
        finish(every_channel(small(), "second", SETTINGS, MaximisedStore(), channels=[0]))


@pytest.mark.usefixtures("one_by_one")
def test_every_channel_of_a_layer_survives_closing() -> None:
    model, store = small(), MaximisedStore()
    before = fingerprint(model.module)
    batch = every_channel(model, "first", SETTINGS, store)
    seen: list[LayerProgress] = []
    while (
        len(seen) < 2 * (12 + 1) + 1 + 5
    ):  # two whole ones, each with its end, after the first word; five steps of a third
        seen.append(next(batch))
    batch.close()  # the window is closed in the middle of the third
    assert fingerprint(model.module) == before
    fractions = [one.fraction for one in seen]
    assert fractions == sorted(fractions)
    assert 2 / 6 < fractions[-1] < 3 / 6
    assert done_channels(model, "first", SETTINGS, store, range(6)) == (0, 1)
    # another session
    model = small()
    again = every_channel(model, "first", SETTINGS, MaximisedStore())
    first = next(again)
    assert (first.done, first.total) == ((0, 1), 6)
    growing = next(again)
    assert growing.latest is not None
    assert growing.latest.objective == Objective("first", (2,))
    assert growing.latest.step == 6  # it goes on where it was
    end = finish(again)
    assert end.done == tuple(range(6))
    assert end.fraction == 1
    for channel in range(6):
        alone = finish(maximise(small(), Objective("first", (channel,)), SETTINGS))
        found = store.get(model.card.digest, Objective("first", (channel,)), SETTINGS)
        assert found is not None
        assert np.array_equal(found.pictures, alone.pictures)


@pytest.mark.parametrize("error", [ExplorerError("It cannot be.", "Not this one."), RuntimeError("on strike\nhere")])
def test_a_channel_that_cannot_be_made_is_named_and_the_others_go_on(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, model, store = Run.advance, small(), MaximisedStore()
    before = fingerprint(model.module)

    def advance(self: Run) -> None:
        if self.objective.channels == (2,):
            raise error
        usual(self)

    monkeypatch.setattr(Run, "advance", advance)
    told: list[LayerProgress] = []
    batch = every_channel(model, "first", SETTINGS, store)
    while True:
        try:
            told.append(next(batch))
        except StopIteration as stop:
            end: LayerProgress = stop.value
            break
    said = "It cannot be. Not this one." if isinstance(error, ExplorerError) else "RuntimeError: on strike"
    assert end.failed == ((2, said),)
    assert end.done == (0, 1, 3, 4, 5)
    assert end.fraction == 1
    fractions = [one.fraction for one in told]
    assert fractions == sorted(fractions)
    assert fingerprint(model.module) == before
    monkeypatch.undo()
    assert finish(every_channel(small(), "first", SETTINGS, store)).done == (0, 1, 3, 4, 5, 2)


def test_a_layer_of_which_nothing_can_be_made_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def advance(self: Run) -> None:
        tried.append(self.objective.channels[0])
        raise RuntimeError("on strike")

    monkeypatch.setattr(Run, "advance", advance)
    with pytest.raises(ExplorerError, match="No channel of first can be maximised") as caught:
        finish(every_channel(small(), "first", SETTINGS, MaximisedStore()))
    assert "on strike" in caught.value.why
    assert tried == [0, 1, 2]


def test_stopping_the_batch_is_no_failure_of_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    stop: list[bool] = []
    batch = every_channel(small(), "first", SETTINGS, MaximisedStore(), cancelled=lambda: bool(stop))
    next(batch)
    next(batch)
    stop.append(True)
    with pytest.raises(CancelledError):
        finish(batch)


def test_a_layer_that_does_not_exist_is_said() -> None:
    with pytest.raises(ExplorerError, match="no tap named third"):
        next(every_channel(small(), "third", SETTINGS, MaximisedStore()))


def test_the_worker_steps_it_and_a_new_one_of_its_key_stops_it() -> None:
    """As the application runs it: other work in between, replaced by the next one, its state kept."""
    events: list[Event] = []
    store, long = MaximisedStore(), MaximiseSettings(steps=100_000)
    runner = Runner(events.append)
    try:
        model = small()
        runner.submit(Lane.METHOD, lambda job: kept(model, class_logit(0), long, store, cancelled=job.cancelled), "m")
        while not any(event.partial for event in events):
            pass
        runner.submit(
            Lane.METHOD, lambda job: kept(model, class_logit(1), SETTINGS, store, cancelled=job.cancelled), "m"
        )
        while not any(isinstance(event.value, Maximised) and event.value.done for event in events):
            assert not any(event.failure for event in events)
    finally:
        assert runner.close()
    assert store.state(model.card.digest, class_logit(0), long) is not None
    assert store.get(model.card.digest, class_logit(1), SETTINGS) is not None


# --- beside natural pictures ---


def pictures(n: int = 4) -> list[Picture]:
    random = np.random.default_rng(0)
    arrays = [random.integers(0, 255, (24, 24, 3)).astype(np.uint8) for _ in range(n)]
    return [picture_from_array(array, InputRef("clipboard"), str(i)) for i, array in enumerate(arrays)]


def test_means_are_those_of_a_plain_forward_and_a_maximised_picture_beats_them() -> None:
    model, natural = small(), pictures()
    means = channel_means(model, "relu_1", natural)
    x = torch.tensor(np.stack([p.pixels for p in natural])).permute(0, 3, 1, 2).float() / 255
    net: Any = model.module
    with torch.no_grad():
        wanted = torch.relu(net.second(torch.relu(net.first((x - 0.4) / 0.2)))).mean((2, 3)).numpy()
    assert np.allclose(means, wanted, atol=1e-5)
    channel = int(wanted.max(0).argmax())
    made = finish(maximise(model, Objective("relu_1", (channel,)), MaximiseSettings(steps=60)))
    beside = beside_natural(model, made, means)
    assert beside.maximised == pytest.approx(made.value, rel=1e-4)
    assert beside.best == pytest.approx(wanted[:, channel].max(), rel=1e-4)
    assert beside.index == wanted[:, channel].argmax()
    assert beside.ratio > 1.5


def test_what_cannot_be_compared_is_said() -> None:
    model = small()
    made = finish(maximise(model, class_logit(0), SETTINGS))
    with pytest.raises(ExplorerError, match="Only a channel"):
        beside_natural(model, made, channel_means(model, "relu", pictures(1)))
    made = finish(maximise(model, Objective("relu", (0,)), SETTINGS))
    with pytest.raises(ExplorerError, match="no natural pictures"):
        beside_natural(model, made, channel_means(model, "relu", []))
    assert math.isnan(Beside(2.0, 0.0, 0).ratio)
    with pytest.raises(CancelledError):
        channel_means(model, "relu", pictures(1), cancelled=lambda: True)
