"""Edits of a live input, against plain torch on every frame; frames with and without edits are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from torch import Tensor, nn

from explorer.core.activations import Capture
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Edit, EditedFrame, Edits, Frozen, LiveEdits, digest_of
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine import model_session
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.live.frame_stream import FrameStream
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel

PRE = Preprocess(16, 16, resize=16)
ZERO = (Edit("relu", (2, 5)),)


def picture(seed: int) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    return picture_from_array(pixels, InputRef("clipboard"), f"picture {seed}")


def job(lane: Lane = Lane.LIVE) -> Job:
    return Job(0, lane, "", lambda _event: None)


@pytest.fixture
def net() -> nn.Module:
    return seeded(InPlace()).eval()


@pytest.fixture
def bench(net: nn.Module) -> ModelSession:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True, sha256="net"), PRE)
    made = ModelSession(50_000_000)
    made.adopt(replace(LoadedModel(net, card), pure=True))
    return made


def digest(bench: ModelSession) -> str:
    return next(iter(bench._models))


def streamed(bench: ModelSession, count: int, edits: Edits, frozen: Frozen | None = None) -> list[Any]:
    bench.edits = LiveEdits(digest(bench), edits, frozen or {})
    source = FrameStream(lambda: iter([picture(n) for n in range(count)]), None)
    try:
        return [frame for frame in bench.live(digest(bench), source, job()) if frame is not None]
    finally:
        source.close()


def plainly(net: nn.Module, seed: int, change: Any) -> tuple[Tensor, Tensor]:
    """(what the second normalisation gives, probabilities) of the network written out, its first ReLU changed."""
    x = to_tensor(picture(seed), PRE)
    with torch.no_grad():
        a = change(torch.relu(net.bn1(net.conv1(x))))
        b = net.bn2(net.conv2(a))
        return b[0], net.fc(net.pool(torch.relu(b + a)).flatten(1)).softmax(1)[0]


def silent(a: Tensor) -> Tensor:
    a = a.clone()
    a[:, [2, 5]] = 0
    return a


@pytest.mark.parametrize("every", [0, 1e9])
def test_each_frame_is_that_of_plain_torch_with_and_without(
    bench: ModelSession, net: nn.Module, monkeypatch: pytest.MonkeyPatch, every: float
) -> None:
    monkeypatch.setattr(model_session, "_EVERY", every)
    bench.watched = "bn2"
    frames = streamed(bench, 12, ZERO)  # the watched layer is replayed from the eighth on
    assert len(frames) == 12
    for seed, frame in enumerate(frames):
        assert isinstance(frame, EditedFrame)
        assert frame.after is not None
        edited, after = plainly(net, seed, silent)
        own, before = plainly(net, seed, lambda a: a)
        assert np.allclose(frame.after.values["bn2"], edited.numpy(), atol=1e-5)
        assert np.allclose(frame.before.values["bn2"], own.numpy(), atol=1e-5)
        assert frame.after.values.keys() == frame.before.values.keys()
        for shift in frame.shifts:
            assert shift.before == pytest.approx(float(before[shift.index]), abs=1e-5)
            assert shift.after == pytest.approx(float(after[shift.index]), abs=1e-5)
        assert (frame.after.edits, frame.before.edits) == (digest_of(ZERO), "")
        assert frame.after.picture is frame.before.picture
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_edits_come_and_go_between_frames(bench: ModelSession) -> None:
    source = FrameStream(lambda: iter([picture(n) for n in range(6)]), None)
    steps: Iterator[Any] = (frame for frame in bench.live(digest(bench), source, job()) if frame is not None)
    kinds = []
    for edits in (None, ZERO, ZERO[:0], ZERO):
        bench.edits = None if edits is None else LiveEdits(digest(bench), edits, {})
        kinds.append(type(next(steps)))
    bench.edits = LiveEdits("another model", ZERO, {})
    kinds.append(type(next(steps)))
    source.close()
    assert kinds == [Capture, EditedFrame, Capture, EditedFrame, Capture]


def test_frozen_values_are_those_of_their_picture(bench: ModelSession, net: nn.Module) -> None:
    still = bench.capture(digest(bench), picture(40), job(Lane.FORWARD))
    edits = (Edit("relu", (3,), mode="freeze", source=still.picture.digest),)
    kept = {still.picture.digest: {"relu": still.values["relu"]}}

    def freeze(a: Tensor) -> Tensor:
        a = a.clone()
        a[0, 3] = torch.from_numpy(still.values["relu"][3].copy())
        return a

    for seed, frame in enumerate(streamed(bench, 3, edits, kept)):
        assert np.array_equal(frame.after.values["relu"][3], still.values["relu"][3])
        assert np.array_equal(frame.after.values["relu"][4], frame.before.values["relu"][4])
        assert np.allclose(frame.after.values["bn2"], plainly(net, seed, freeze)[0].numpy(), atol=1e-5)


@pytest.mark.parametrize("edit", [Edit("fc", (1,), mode="mean"), Edit("relu", (99,)), Edit("gone", (0,))])
def test_edits_that_cannot_be_made_are_said_and_the_frames_go_on(bench: ModelSession, edit: Edit) -> None:
    frames = streamed(bench, 3, (edit,))
    assert [f.after for f in frames] == [None] * 3
    assert all(f.failure.what and f.before.prediction for f in frames)


def test_nothing_under_edits_is_kept(bench: ModelSession) -> None:
    streamed(bench, 3, ZERO)
    assert bench.store.nbytes == 0
    shown = bench.capture(digest(bench), picture(1), job(Lane.FORWARD))
    assert not shown.edits
    assert shown.values["relu"][2].any()
