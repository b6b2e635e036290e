"""Maximisation on networks whose answer is known, and what must hold on any."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.maximisation import Maximised, MaximiseSettings, MaximiseState, Objective, class_logit
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.maximisation.optimise import Run, maximise
from explorer.engine.maximisation.prepare import Normaliser, plan_for
from explorer.engine.models.base import LoadedModel
from tests.engine.maximisation.known_nets import Small, fingerprint, finish, loaded, small

STILL = MaximiseSettings(steps=60, jitter=False, scale=False, rotate=False)
SHORT = MaximiseSettings(steps=20)


def made(model: LoadedModel, objective: Objective, settings: MaximiseSettings, **more: Any) -> Maximised:
    result = finish(maximise(model, objective, settings, **more))
    assert isinstance(result, Maximised)
    return result


def correlation(a: Any, b: Any) -> float:
    return float(np.corrcoef(np.asarray(a, float).ravel(), np.asarray(b, float).ravel())[0, 1])


# --- known answers ---


@pytest.mark.parametrize("fourier", [True, False])
def test_a_single_linear_filter_is_drawn(fourier: bool) -> None:
    """Of a linear unit the best picture in 0..1 is white where its weight is positive and black elsewhere."""
    blocks = np.random.default_rng(2).choice([-1.0, 1.0], (1, 6, 6)).astype(np.float32)
    weight = np.kron(blocks, np.ones((1, 4, 4), np.float32))
    net = nn.Sequential(nn.Flatten(), nn.Linear(24 * 24, 1))
    net[1].weight.data = torch.from_numpy(weight.reshape(1, -1)) * 0.05
    result = made(loaded(net, 24, 1), class_logit(0), replace(STILL, fourier=fourier))
    assert correlation(result.pictures[0, ..., 0], weight[0]) > 0.9


def test_a_cell_of_a_convolution_draws_its_kernel_and_nothing_beside_it() -> None:
    """By pixels, for those outside the kernel have no gradient; three channels, each with a kernel of its own."""
    conv = nn.Conv2d(3, 2, 7, padding=3)
    kernel = np.sign(np.random.default_rng(0).normal(size=(3, 7, 7))).astype(np.float32)
    conv.weight.data[1] = torch.from_numpy(kernel)
    settings = replace(STILL, fourier=False, decorrelate=False)
    shown = made(loaded(conv, 24), Objective("output", (1,), cell=(10, 12)), settings).pictures[0]
    patch = shown[7:14, 9:16].transpose(2, 0, 1)
    assert correlation(patch, kernel) > 0.95
    assert np.abs(shown[:, :8].astype(int) - 127).max() <= 4


def test_a_channel_that_likes_red_becomes_red() -> None:
    conv = nn.Conv2d(3, 1, 1, bias=False)
    conv.weight.data = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1)
    settings = MaximiseSettings(seed=1)
    shown = made(loaded(conv), Objective("output", (0,)), settings).pictures[0].reshape(-1, 3)
    red, green, blue = np.median(shown, 0) / 255
    assert red > 0.85
    assert max(green, blue) < 0.1
    other = made(loaded(conv), Objective("output", (0,), negative=True), settings).pictures[0].reshape(-1, 3)
    none = np.median(other, 0) / 255
    assert none[0] < 0.15
    assert min(none[1:]) > 0.85


def test_a_direction_is_between_its_channels() -> None:
    conv = nn.Conv2d(3, 3, 1, bias=False)
    conv.weight.data = torch.eye(3).view(3, 3, 1, 1)
    settings = replace(STILL, steps=200, decorrelate=False)
    shown = made(loaded(conv), Objective("output", (0, 2), (1.0, -1.0)), settings).pictures[0]
    red, green, blue = shown.mean((0, 1)) / 255
    assert red > 0.9
    assert blue < 0.15
    assert green == pytest.approx(0.5, abs=0.05)


# --- what must hold on any network ---


@pytest.mark.parametrize(
    ("model", "objective"),
    [
        (small(), Objective("second", (2,))),
        (small(), Objective("second", (2,), negative=True)),
        (small(), Objective("relu_1", (3,), cell=(5, 6))),
        (small(), class_logit(1)),
        (small(), Objective("first", (0, 1, 2), (1.0, 0.5, -1.0))),
        (small(1), Objective("second", (1,))),
        (small(5), Objective("second", (1,))),
        (loaded(seeded(TinyViT()), 16), Objective("out", (3,), cell=(1, 2))),
        (loaded(seeded(TinyViT()), 16), Objective("norm", (3,))),
        (loaded(seeded(InPlace()), 16), class_logit(4)),
    ],
    ids=lambda value: value.text if isinstance(value, Objective) else value.card.name,
)
def test_the_objective_rises_and_the_model_stays_as_it_was(model: LoadedModel, objective: Objective) -> None:
    model.module.train()
    before = fingerprint(model.module)
    result = made(model, objective, replace(SHORT, steps=40))
    assert fingerprint(model.module) == before
    model.module.eval()
    pre = model.card.preprocess
    assert result.pictures.shape == (1, pre.height, pre.width, pre.channels)
    assert result.step == len(result.curve) == 40
    assert result.curve[-5:].mean() > result.curve[:5].mean()
    # the value is that of the picture as it is shown, by a plain forward
    x = Normaliser(model)(torch.tensor(result.pictures).permute(0, 3, 1, 2).float() / 255)
    seen = discover(model.module, x)
    name = objective.tap or "output"
    tap = next(t for t in seen.plan.taps if t.name == name)
    run = Run(model, objective, SHORT, plan=seen.plan)
    assert result.value == pytest.approx(float(run.aim.read(seen.tensors[tap.name])), rel=1e-4, abs=1e-5)
    assert bool(result.notes) == (pre.channels != 3)


def test_the_same_seed_makes_the_same_picture() -> None:
    one, two, other = (made(small(), class_logit(0), replace(SHORT, seed=seed)) for seed in (7, 7, 8))
    assert np.array_equal(one.pictures, two.pictures)
    assert np.array_equal(one.curve, two.curve)
    assert not np.array_equal(one.pictures, other.pictures)


@pytest.mark.parametrize(
    "change",
    [
        {"fourier": False},
        {"decay": 1.5},
        {"decorrelate": False},
        {"jitter": False},
        {"scale": False},
        {"rotate": False},
        {"rate": 0.01},
        {"steps": 21},
        {"size": 20},
    ],
    ids=str,
)
def test_every_switch_has_an_effect(change: dict[str, Any]) -> None:
    model = small()
    usual, changed = (made(model, Objective("second", (1,)), s) for s in (SHORT, replace(SHORT, **change)))
    assert not np.array_equal(usual.pictures, changed.pictures)


class Silent(nn.Module):
    """A ReLU that no noise opens."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 1, 3, padding=1, bias=True), nn.ReLU()
        self.conv.weight.data = torch.full_like(self.conv.weight, 0.1)
        self.conv.bias.data = torch.tensor([-3.0])

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv(x))


def test_a_silent_channel_is_woken_by_redirection_only() -> None:
    woken = made(loaded(Silent()), Objective("relu", (0,)), replace(SHORT, steps=60))
    assert woken.value is not None
    assert woken.value > 0.2
    asleep = made(loaded(Silent()), Objective("relu", (0,)), replace(SHORT, redirect=False))
    assert asleep.value == 0
    assert "Nothing in the picture moves this target" in asleep.notes[-1]


def test_diversity_makes_the_pictures_of_a_batch_less_alike() -> None:
    from explorer.engine.maximisation.aim import alike

    model = small()
    likeness = []
    for diversity in (0.0, 4.0):
        settings = replace(SHORT, steps=40, batch=3, diversity=diversity)
        result = made(model, Objective("relu_1", (2,)), settings)
        assert result.pictures.shape == (3, 24, 24, 3)
        seen = discover(
            model.module, Normaliser(model)(torch.tensor(result.pictures).permute(0, 3, 1, 2).float() / 255)
        )
        tap = next(t for t in plan_for(model, SHORT).taps if t.name == "relu_1")
        likeness.append(float(alike(seen.tensors["relu_1"], tap)))
    assert likeness[1] < likeness[0] - 0.02


def test_it_starts_from_a_given_picture() -> None:
    pixels = np.random.default_rng(0).integers(40, 200, (24, 24, 3)).astype(np.uint8)
    start = picture_from_array(pixels, InputRef("clipboard"), "p")
    run = Run(small(), class_logit(0), SHORT, start=start)
    assert np.abs(run.result().pictures[0].astype(int) - pixels).max() <= 1
    assert run.settings.start == start.digest
    with pytest.raises(ExplorerError, match="is missing"):
        Run(small(), class_logit(0), run.settings)


# --- stopping and going on ---


def as_saved(state: MaximiseState) -> MaximiseState:
    return replace(state, parameters=state.parameters.copy(), curve=state.curve.astype(np.float32))


@pytest.mark.parametrize("objective", [class_logit(2), Objective("relu_1", (1,))], ids=["class", "channel"])
@pytest.mark.parametrize("at", [1, 9, 19])
def test_going_on_is_as_if_there_had_been_no_pause(objective: Objective, at: int) -> None:
    model, settings = small(), replace(SHORT, batch=2, diversity=0.5)
    whole = made(model, objective, settings)
    run = Run(model, objective, settings)
    while run.step < at:
        run.advance(0)
    assert run.step == at
    went_on = made(model, objective, settings, state=as_saved(run.state()))
    assert np.array_equal(whole.pictures, went_on.pictures)
    assert np.array_equal(whole.curve, went_on.curve)
    assert whole.value == went_on.value


def test_between_two_steps_the_model_is_free() -> None:
    """Other work runs between the steps of a generator; nothing of this one may be in its way."""
    model = small()
    before = fingerprint(model.module)
    growing = maximise(model, Objective("first", (0,)), replace(SHORT, steps=5000))
    next(growing)
    assert fingerprint(model.module) == before
    with torch.no_grad():
        assert model.module(torch.zeros(1, 3, 24, 24)).shape == (1, 5)
    first = next(growing)
    assert 0 < first.step < 5000
    assert not first.done
    growing.close()
    assert fingerprint(model.module) == before


def test_closing_hands_over_the_state() -> None:
    kept: list[MaximiseState] = []
    growing = maximise(small(), class_logit(0), replace(SHORT, steps=5000), keep=kept.append)
    step = next(growing).step
    growing.close()
    assert [state.step for state in kept] == [step]
    made(small(), class_logit(0), SHORT, keep=kept.append)
    assert len(kept) == 1  # nothing is left of a finished one


@pytest.mark.parametrize("after", [0, 3, 8, 11, 30])
def test_cancelling_leaves_the_model_as_it_was(after: int) -> None:
    """In the watched forward, in a step, on the way back through the layers, and between steps."""
    model, asked = small(), count()
    before = fingerprint(model.module)
    with pytest.raises(CancelledError):
        made(model, class_logit(0), replace(SHORT, steps=5000), cancelled=lambda: next(asked) >= after)
    assert fingerprint(model.module) == before


def test_every_layer_of_a_slow_step_looks_whether_to_stop() -> None:
    model, plan = small(), plan_for(small(), SHORT)
    asked = count()
    run = Run(model, class_logit(0), SHORT, plan=plan, cancelled=lambda: next(asked) < 0)
    run.advance(0)  # of the first step it is not known how long it takes
    # before it, six leaves forth (one of them twice; the last is the tap's own) and as many back
    assert next(asked) >= 1 + 6 + 6


class Raises(Small):
    """Fails from a certain forward on."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after, self.calls = after, 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        y = super().forward(x)
        if self.calls > self.after:
            raise ValueError("no more")
        return y


@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_model_that_raises_is_left_as_it_was(after: int) -> None:
    model = loaded(Raises(after))
    kept: list[MaximiseState] = []
    before = fingerprint(model.module)
    with pytest.raises(ExplorerError, match="no more"):
        made(model, class_logit(0), SHORT, keep=kept.append)
    assert fingerprint(model.module) == before
    assert [state.step for state in kept] == ([after - 1] if after > 1 else [])


# --- what cannot be done ---


class Unfeeling(nn.Module):
    """Switches gradients off itself."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


def test_a_model_without_gradients_says_so() -> None:
    model = loaded(Unfeeling())
    before = fingerprint(model.module)
    with pytest.raises(ExplorerError, match="No gradient reaches the picture from conv"):
        made(model, Objective("conv", (0,)), SHORT)
    assert fingerprint(model.module) == before


@pytest.mark.filterwarnings("ignore")  # torch deprecates this way to quantise, and warns of the missing derivative
def test_a_quantised_model_says_so() -> None:
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.Linear(2 * 22 * 22, 4)).eval()
    quantised = torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)
    with pytest.raises(ExplorerError, match="No gradient reaches the picture"):
        made(loaded(quantised), class_logit(1), SHORT)
    assert made(loaded(quantised), Objective("0", (1,)), SHORT).done  # the layers before are as ever


def test_a_size_that_the_model_cannot_take_is_said() -> None:
    model = loaded(nn.Sequential(nn.Conv2d(3, 2, 9), nn.MaxPool2d(4)), 24)
    with pytest.raises(ExplorerError, match=r"cannot take a picture of 6 × 6 px.*its own is 24 × 24"):
        made(model, class_logit(0), replace(SHORT, size=6))


class Breaks(nn.Module):
    """Not a number from a certain brightness on."""

    def __init__(self, limit: float) -> None:
        super().__init__()
        self.conv, self.limit = nn.Conv2d(3, 1, 1, bias=False), limit
        self.conv.weight.data.fill_(1.0)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return y + 1e-4 * torch.log(self.limit - y.mean())


def test_not_a_number_ends_it_with_the_last_good_picture() -> None:
    result = made(loaded(Breaks(1e3)), class_logit(0), replace(SHORT, steps=8))
    assert result.step == 8
    result = made(loaded(Breaks(3.0)), class_logit(0), replace(SHORT, steps=200))
    assert 0 < result.step < 200
    assert "Stopped early" in result.notes[-1]
    assert np.isfinite(result.curve).all()
    with pytest.raises(ExplorerError, match="not a finite number at step 1"):
        made(loaded(Breaks(-1e3)), class_logit(0), SHORT)


def test_out_of_memory_is_said_and_what_was_reached_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[MaximiseState] = []
    usual, calls = Run._one_step, count()

    def step(self: Run) -> None:
        if next(calls) == 3:
            raise torch.OutOfMemoryError("out of memory: 3 GiB wanted")
        usual(self)

    monkeypatch.setattr(Run, "_one_step", step)
    with pytest.raises(ExplorerError, match="not enough memory"):
        made(small(), class_logit(0), SHORT, keep=kept.append)
    assert [state.step for state in kept] == [3]


class Stores(nn.Module):
    """Keeps its activation in a buffer, with the graph of it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)
        self.register_buffer("last", torch.zeros(1, 2, 22, 22))

    def forward(self, x: Tensor) -> Tensor:
        self.last.copy_(self.conv(x))
        return self.last * 2


def test_a_buffer_that_is_written_to_does_not_chain_the_steps() -> None:
    model = loaded(Stores())
    result = made(model, class_logit(0), SHORT)
    assert result.step == 20
    assert model.module.last.grad_fn is None
    assert not model.module.last.requires_grad


@pytest.mark.parametrize("plan", [False, True])
def test_an_input_of_one_dimension_is_refused_by_name(plan: bool) -> None:
    net = seeded(nn.Sequential(nn.Flatten(2), nn.Conv1d(1, 4, 9), nn.ReLU()))
    line = loaded(net, 64, 1)
    line = replace(line, card=replace(line.card, preprocess=replace(line.card.preprocess, height=1)))
    known = discover(net, torch.rand(1, 1, 1, 64)).plan if plan else None
    with pytest.raises(ExplorerError, match="one dimension cannot be maximised yet"):
        made(line, Objective("2", (1,)), SHORT, plan=known)
