"""A live input through several models: the values of every frame against captures one by one, and nothing that queues up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Edit, digest_of
from explorer.core.live_frames import LiveFrame, LiveWatch
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine.edited_captures import edited_capture
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.live import shared_frames
from explorer.engine.live.frame_stream import FrameStream, PushStream
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel

PRE = {"one": Preprocess(16, 16, resize=16), "two": Preprocess(12, 12, resize=20, mean=(0.0,), std=(1.0,))}
EDITS = (Edit("relu", (2, 5)),)


def picture(seed: int) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    return picture_from_array(pixels, InputRef("clipboard"), f"picture {seed}")


def clip(count: int) -> FrameStream:
    return FrameStream(lambda: iter([picture(n) for n in range(count)]), None)


def job() -> Job:
    return Job(0, Lane.LIVE, "", lambda _event: None)


@pytest.fixture
def bench() -> ModelSession:
    made = ModelSession(50_000_000)
    for name in PRE:
        card = ModelCard(ModelSpec(name), name, "file", WeightsInfo(True, sha256=name), PRE[name])
        made.adopt(replace(LoadedModel(seeded(InPlace()).eval(), card), pure=True))
    return made


def wanted(bench: ModelSession) -> tuple[LiveWatch, ...]:
    one, two = bench._models
    relu = frozenset({"relu"})
    return (
        LiveWatch(0, one, relu),
        LiveWatch(1, two, relu | {"conv2"}),
        LiveWatch(2, one, relu, EDITS),
        LiveWatch(3, one, relu),
    )


def streamed(bench: ModelSession, source: Any) -> Iterator[LiveFrame | None]:
    try:
        yield from shared_frames.live_together(bench, source, job())
    finally:
        source.close()


def test_every_frame_is_there_in_all_columns_with_the_values_it_has_alone(
    bench: ModelSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_frames, "_EVERY", 1e9)
    bench.together = wanted(bench)
    one, two = bench._models
    frames = [frame for frame in streamed(bench, clip(14)) if frame is not None]
    assert [frame.picture.name for frame in frames] == [f"picture {n}" for n in range(14)]
    assert [frame.whole for frame in frames] == [True] + [False] * 13
    for n in (0, 4, 13):  # all taps, by hooks, replayed
        captures = frames[n].captures
        assert {each.picture.digest for each in captures.values()} == {picture(n).digest}
        assert captures[0] is captures[3]  # one forward for both
        for column, alone in (
            (0, bench.capture(one, picture(n), job())),
            (1, bench.capture(two, picture(n), job())),
            (2, edited_capture(bench, one, picture(n), EDITS, {}, job())),
        ):
            assert captures[column].edits == (digest_of(EDITS) if column == 2 else "")
            assert captures[column].prediction == alone.prediction
            for name, values in captures[column].values.items():
                np.testing.assert_array_equal(values, alone.values[name])
    assert set(frames[5].captures[1].values) == {"relu", "conv2"}
    assert set(frames[0].captures[2].values) > {"conv1", "relu", "fc"}


def test_both_models_are_replayed_side_by_side(bench: ModelSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_frames, "_EVERY", 1e9)
    bench.together = wanted(bench)[:2]
    assert sum(frame is not None for frame in streamed(bench, clip(12))) == 12
    assert all(bench._replays[digest, False]._recording is not None for digest in bench._models)


def test_other_work_may_run_between_two_models(bench: ModelSession) -> None:
    bench.together = wanted(bench)[:3]
    steps = list(streamed(bench, clip(2)))
    at = [n for n, step in enumerate(steps) if step is not None]
    assert len(at) == 2
    assert at[1] - at[0] >= 4  # a pause after each of three forwards


def test_what_is_wanted_may_change_while_it_runs(bench: ModelSession) -> None:
    every = wanted(bench)
    bench.together = every[:1]
    seen = []
    for frame in streamed(bench, clip(9)):
        if frame is not None:
            seen.append(set(frame.captures))
            bench.together = every[: 1 + len(seen) % 2]
    assert {0} in seen
    assert {0, 1} in seen


def test_without_a_column_no_frame_is_taken(bench: ModelSession) -> None:
    source = PushStream(InputRef("camera"), "camera")
    source.push(picture(1).pixels)
    steps = streamed(bench, source)
    assert [next(steps) for _ in range(3)] == [None] * 3
    bench.together = wanted(bench)[:2]
    frame = next(step for step in steps if step is not None)
    assert frame.picture.digest == picture(1).digest
    source.fail(ExplorerError("The camera is gone."))
    with pytest.raises(ExplorerError, match="gone"):
        list(steps)


class Hungry(InPlace):
    """Has no room for so many forwards."""

    failing = 0

    def forward(self, x: Tensor) -> Tensor:
        if self.failing:
            self.failing -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")
        return super().forward(x)


@pytest.mark.parametrize("full", [1, 10])
def test_a_full_device_under_edits_is_met_as_without_them(bench: ModelSession, full: int) -> None:
    card = ModelCard(ModelSpec("hungry"), "hungry", "file", WeightsInfo(True, sha256="hungry"), PRE["one"])
    net = seeded(Hungry())
    bench.adopt(LoadedModel(net.eval(), card))
    expected = edited_capture(bench, card.digest, picture(1), EDITS, {}, job())
    bench.together = (LiveWatch(0, card.digest, frozenset({"relu"}), EDITS),)
    steps = (frame for frame in streamed(bench, clip(3)) if frame is not None)
    next(steps)
    net.failing = full
    if full == 1:  # the store makes room
        np.testing.assert_array_equal(next(steps).captures[0].values["relu"], expected.values["relu"])
        assert bench.store.nbytes == 0
        assert len(list(steps)) == 1
    else:
        with pytest.raises(ExplorerError, match="not enough memory"):
            next(steps)


def test_it_ends_when_it_is_cancelled(bench: ModelSession) -> None:
    bench.together = wanted(bench)
    stopped, source = job(), clip(5)
    stopped.cancel()
    assert not [frame for frame in shared_frames.live_together(bench, source, stopped) if frame is not None]
    source.close()
