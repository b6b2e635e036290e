"""The workbench, the store and the byte budget, live streams: with small networks and counted forwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine import model_session
from explorer.engine.capture.cache import choose
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.live.frame_stream import FrameStream, PushStream
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel

PRE = Preprocess(16, 16, resize=16)


class Counting(nn.Module):
    """Counts its forwards."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.forwards = 0

    def forward(self, x: Tensor) -> Tensor:
        self.forwards += 1
        return self.inner(x)


def loaded(module: nn.Module, name: str = "net") -> LoadedModel:
    card = ModelCard(ModelSpec(name), name, "file", WeightsInfo(True, sha256=name), PRE)
    return LoadedModel(module.eval(), card)


def picture(seed: int) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    return picture_from_array(pixels, InputRef("clipboard"), f"picture {seed}")


def job() -> Job:
    return Job(0, Lane.FORWARD, "", lambda _event: None)


@pytest.fixture
def bench() -> ModelSession:
    return ModelSession(budget=50_000_000)


class Extra(nn.Module):
    """Bright inputs go through one layer more."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.extra = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.stem(x)
        return self.extra(y) if x.mean() > 0.5 else y


def test_a_layer_that_only_a_later_input_calls_is_there_for_it(bench: ModelSession) -> None:
    card = bench.adopt(loaded(seeded(Extra()))).card
    dark, bright = (
        picture_from_array(np.full((20, 24, 3), level, np.uint8), InputRef("clipboard"), str(level))
        for level in (9, 250)
    )
    for given, called in ((dark, False), (bright, True), (dark, False)):
        bench.store.clear()
        found = bench.capture(card.digest, given, job())
        assert ("extra" in found.values) is called


def test_the_same_picture_is_not_computed_twice(bench: ModelSession) -> None:
    net = Counting(seeded(InPlace()))
    card = bench.adopt(loaded(net)).card
    first = bench.capture(card.digest, picture(1), job())
    assert net.forwards == 2  # the first picture of a model runs once more: does it answer twice alike?
    second = bench.capture(card.digest, picture(1), job())
    assert net.forwards == 2
    assert first.values["inner.conv1"] is second.values["inner.conv1"]
    bench.capture(card.digest, picture(2), job())
    assert net.forwards == 3


def test_values_are_read_only_and_without_the_batch(bench: ModelSession) -> None:
    card = bench.adopt(loaded(seeded(InPlace()))).card
    values = bench.capture(card.digest, picture(1), job()).values["conv1"]
    assert values.shape == (8, 16, 16)
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 0


def test_a_small_budget_keeps_what_is_looked_at_and_says_what_was_dropped() -> None:
    bench = ModelSession(budget=20_000)
    card = bench.adopt(loaded(seeded(InPlace()))).card
    bench.watched = "bn2"
    shown = bench.capture(card.digest, picture(1), job())
    seen = {tap.name for tap in shown.taps if tap.observable}
    assert "bn2" in shown.values
    assert shown.dropped
    assert set(shown.dropped) | set(shown.values) == seen
    assert shown.nbytes <= 20_000


def test_what_was_dropped_is_computed_again_with_an_early_stop() -> None:
    whole = ModelSession(budget=50_000_000)
    card = whole.adopt(loaded(seeded(InPlace()))).card
    expected = whole.capture(card.digest, picture(1), job()).values
    bench = ModelSession(budget=20_000)
    net = seeded(InPlace())
    bench.adopt(loaded(net))
    shown = bench.capture(card.digest, picture(1), job())
    name = shown.dropped[0]
    late: list[int] = []
    handle = net.fc.register_forward_hook(lambda *_: late.append(1))
    again = bench.recompute(shown, [name], job())
    handle.remove()
    assert late == []
    assert np.array_equal(again.values[name], expected[name])
    assert name not in again.dropped
    assert again.nbytes <= 20_000 + shown.tap(name).nbytes


def test_the_store_forgets_the_oldest() -> None:
    bench = ModelSession(budget=200_000)
    card = bench.adopt(loaded(seeded(InPlace()))).card
    for seed in range(30):
        bench.capture(card.digest, picture(seed), job())
        assert bench.store.nbytes <= 200_000
    assert bench.store.get((card.digest, picture(0).digest)) is None
    assert bench.store.get((card.digest, picture(29).digest)) is not None


def test_choose_takes_the_nearest_first() -> None:
    taps = discover(seeded(InPlace()), torch.rand(1, 3, 16, 16)).plan.taps
    kept, dropped = choose(taps, 10_000, "fc")
    assert {"fc", "output", "pool"} <= set(kept)
    assert "conv1" in dropped
    assert choose(taps, 0, "conv1")[0] == ["conv1"]


def test_out_of_memory_drops_the_store_and_tries_again(bench: ModelSession) -> None:
    class Hungry(InPlace):
        failing = 0

        def forward(self, x: Tensor) -> Tensor:
            if self.failing:
                self.failing -= 1
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")
            return super().forward(x)

    net = seeded(Hungry())
    card = bench.adopt(loaded(net)).card
    bench.capture(card.digest, picture(1), job())
    net.failing = 1
    assert bench.capture(card.digest, picture(2), job()).values
    net.failing = 10
    with pytest.raises(ExplorerError, match="memory") as raised:
        bench.capture(card.digest, picture(3), job())
    assert "smaller" in raised.value.todo
    assert bench.store.nbytes == 0


def test_a_device_that_is_not_there_leaves_the_models_on_the_cpu(bench: ModelSession) -> None:
    card = bench.adopt(loaded(seeded(InPlace()))).card
    if torch.cuda.is_available():
        pytest.skip("only on machines without CUDA")
    with pytest.raises(ExplorerError, match="cuda"):
        bench.use("cuda:0", 1)
    assert bench.device == "cpu"
    assert bench.capture(card.digest, picture(1), job()).device == "cpu"


def test_predictions_need_a_class_vector(bench: ModelSession) -> None:
    card = bench.adopt(loaded(seeded(TinyViT()))).card
    guesses = bench.capture(card.digest, picture(1), job()).prediction
    assert sum(g.probability for g in guesses) == pytest.approx(1.0)
    maps = bench.adopt(loaded(seeded(nn.Sequential(nn.Conv2d(3, 2, 1))), "maps")).card
    assert bench.capture(maps.digest, picture(1), job()).prediction == ()


# --- live


def clip(count: int) -> Iterator[Picture]:
    yield from (picture(seed) for seed in range(count))


def drain(stream: FrameStream) -> list[str]:
    names = []
    while not stream.ended:
        taken = stream.take(PRE)
        if taken is not None:
            names.append(taken[0].name)
    return names


def test_a_free_stream_hands_over_every_frame() -> None:
    stream = FrameStream(lambda: clip(12), None)
    assert drain(stream) == [f"picture {n}" for n in range(12)]
    stream.close()


def test_a_paced_stream_drops_what_comes_too_late() -> None:
    held = threading.Event()

    def frames() -> Iterator[Picture]:
        yield from clip(5)
        held.set()

    stream = FrameStream(frames, 1e6)
    assert stream.take(PRE) is not None
    assert held.wait(20)
    rest = drain(stream)
    assert rest[-1:] == ["picture 4"] or rest == []
    assert stream.dropped + len(rest) == 4
    stream.close()


def test_a_stream_that_breaks_says_why_once() -> None:
    def frames() -> Iterator[Picture]:
        yield picture(0)
        raise ExplorerError("The video ends here.", "The file is damaged.")

    stream = FrameStream(frames, None)
    first = stream.take(PRE)
    assert first is not None
    with pytest.raises(ExplorerError, match="ends here"):
        drain(stream)
    assert stream.ended
    stream.close()


def test_a_stream_can_be_closed_before_it_was_taken_from() -> None:
    FrameStream(lambda: clip(3), None).close()
    stream = FrameStream(lambda: clip(1000), None)
    stream.take(PRE)
    stream.close()
    assert not stream._thread.is_alive()


def test_pushed_frames_keep_only_the_newest() -> None:
    stream = PushStream(InputRef("camera"), "camera")
    for seed in range(3):
        stream.push(picture(seed).pixels)
    taken = stream.take(PRE)
    assert taken is not None
    assert taken[0].digest == picture(2).digest
    stream.fail(ExplorerError("The camera is gone."))
    with pytest.raises(ExplorerError, match="gone"):
        stream.take(PRE)
    assert stream.ended
    stream.close()


@pytest.mark.parametrize(("every", "whole"), [(0, [True] * 12), (1e9, [True] + [False] * 11)])
def test_live_captures_hold_the_watched_tap_and_now_and_then_all(
    bench: ModelSession, monkeypatch: pytest.MonkeyPatch, every: float, whole: list[bool]
) -> None:
    monkeypatch.setattr(model_session, "_EVERY", every)
    card = bench.adopt(replace(loaded(seeded(InPlace())), pure=True)).card
    bench.watched = "relu"
    stream = FrameStream(lambda: clip(12), None)
    live = Job(0, Lane.LIVE, "", lambda _event: None)
    shown = [c for c in bench.live(card.digest, stream, live) if c is not None]
    stream.close()
    assert [c.picture.name for c in shown] == [f"picture {n}" for n in range(12)]
    assert [set(c.values) != {"relu"} for c in shown] == whole
    assert all(c.prediction for c in shown)
    for number in (5, 11):  # by hooks, and replayed
        expected = bench.capture(card.digest, picture(number), job()).values["relu"]
        assert np.array_equal(shown[number].values["relu"], expected)


def test_a_model_that_is_held_stays_open_whatever_else_is_opened(bench: ModelSession) -> None:
    nets = [loaded(seeded(InPlace()), f"net {number}") for number in range(7)]
    bench.held = frozenset([nets[0].card.digest])
    for net in nets:
        bench.adopt(net)
    bench.capture(nets[0].card.digest, picture(1), job())
    bench.capture(nets[-1].card.digest, picture(1), job())
    with pytest.raises(ExplorerError, match="not open any more"):
        bench.capture(nets[1].card.digest, picture(1), job())
