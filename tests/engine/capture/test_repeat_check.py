"""Models that answer the same input in different ways: found out by one more forward, said with every result."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.target import Target
from explorer.engine.ablation.ablate import ablate, base_of
from explorer.engine.ablation.rank import rank
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.capture.forward import discover
from explorer.engine.capture.output_reading import watched
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.studies import Studies

X = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(5))
PRE = Preprocess(16, 16, resize=16)


class Net(nn.Module):
    """Channel 0 of `conv` is always 0: silencing it changes nothing."""

    def __init__(self, change: Callable[[Any, Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.fc = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 4)
        with torch.no_grad():
            self.conv.weight[0], self.conv.bias[0] = 0, 0
            self.fc.weight.mul_(10)
        self.change, self.count, self.on, self.hidden = change, 0, False, None
        self.numbers, self.own, self.kept = np.random.default_rng(0), random.Random(0), []
        self.generator = torch.Generator().manual_seed(3)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.change(self, self.conv(x)).mean((2, 3)))


def _hidden(n: Net, y: Tensor) -> Tensor:
    n.hidden = torch.tanh(y if n.hidden is None else y + 0.7 * n.hidden)
    return n.hidden


def _counted(n: Net, y: Tensor) -> Tensor:
    n.count += 1
    return y * n.count


def _switched(n: Net, y: Tensor) -> Tensor:
    n.on = not n.on
    return y * (2 if n.on else 1)


def _remembered(n: Net, y: Tensor) -> Tensor:
    n.kept.append(y.detach())
    return y + sum(n.kept)


def _noted(n: Net, y: Tensor) -> Tensor:
    n.hidden = y + torch.randn_like(y)  # for a look at it, never read again
    return n.hidden


def _cached(n: Net, y: Tensor) -> Tensor:
    n.kept[:] = [y]
    return y


STATES = {"a hidden state": _hidden, "a counter": _counted, "a switch": _switched, "a growing list": _remembered}
RANDOM = {
    "dropout left on": lambda n, y: F.dropout(y, 0.5),
    "noise": lambda n, y: y + torch.randn_like(y),
    "a generator of its own": lambda n, y: y + torch.randn(y.shape, generator=n.generator),
    "numpy": lambda n, y: y + float(np.random.rand()),
    "a numpy generator of its own": lambda n, y: y + n.numbers.random(),
    "a numpy generator made anew": lambda n, y: y + np.random.default_rng().random(),
    "Python": lambda n, y: y * random.random(),
    "Python's generator of its own": lambda n, y: y * n.own.random(),
    "noise that is kept for a look": _noted,
}


def net(change: Callable[[Any, Tensor], Tensor]) -> Net:
    return Net(change).eval()


@pytest.mark.parametrize("name", [*STATES, *RANDOM])
def test_it_is_found_out_and_its_cause_is_named(name: str) -> None:
    repeat = watched(net({**STATES, **RANDOM}[name]), X).plan.repeat
    assert repeat is not None
    assert not repeat.same
    assert repeat.cause == ("state" if name in STATES else "random")
    assert "differ from run to run" in repeat.text
    assert len(repeat.points) == 4


def test_a_model_that_answers_alike_is_not_suspected_nor_changed() -> None:
    for change in (lambda n, y: y, _cached, lambda n, y: y * float("nan")):
        model = net(change)
        before = torch.random.get_rng_state()
        assert watched(model, X).plan.repeat.same  # type: ignore[union-attr]
        assert torch.equal(torch.random.get_rng_state(), before)
        assert not model.training


@pytest.mark.parametrize("name", [*STATES, *RANDOM])
def test_an_edit_that_changes_nothing_is_within_the_repeatability(name: str) -> None:
    model = net({**STATES, **RANDOM}[name])
    seen = watched(model, X)
    base = base_of(model, X, seen)
    done = ablate(base, (Edit("conv", (0,)),))
    assert done.repeat is seen.plan.repeat
    assert done.shifts
    assert all(shift.noise > 0 for shift in done.shifts if shift.points)
    assert all(shift.by_chance for shift in done.shifts if shift.points)
    ranked = list(rank(base, Edit("conv", (0,)), 1))[-1]
    assert ranked.noise == seen.plan.repeat.of(1)  # type: ignore[union-attr]
    assert abs(ranked.effects[0].points) <= 3 * ranked.noise  # one repeat is one draw of what chance does


def test_edits_of_a_model_that_answers_alike_have_no_doubt() -> None:
    model = net(lambda n, y: y.relu())
    done = ablate(base_of(model, X, watched(model, X)), (Edit("conv", (2,)),))
    assert all(shift.noise == 0 and not shift.by_chance for shift in done.shifts)


@pytest.mark.parametrize("method", ["integrated-gradients", "smoothgrad", "occlusion"])
def test_methods_of_many_inputs_refuse_a_model_that_keeps_a_state(method: str) -> None:
    model = net(_hidden)
    plan = watched(model, X).plan
    with pytest.raises(ExplorerError, match=r"depend on the inputs before.*keeps a state from one forward"):
        finished(explain(method, model, X, Target("", 0), plan))
    alone = finished(explain("gradient", model, X, Target("", 0), plan))
    assert "differ from run to run" in alone.notes[0]


def test_a_state_that_was_not_looked_for_is_refused_in_clear_words() -> None:
    model = net(_hidden)
    plan = discover(model, X.clone()).plan
    with pytest.raises(ExplorerError, match=r"answered 1 input with 8×4 numbers.*keeps something from one forward"):
        finished(explain("integrated-gradients", model, X, Target("", 0), plan))


def test_noise_is_said_with_every_map() -> None:
    model = net(RANDOM["a generator of its own"])
    for method in ("gradient", "smoothgrad"):
        found = finished(explain(method, model, X, Target("", 0), watched(model, X).plan))
        assert "draws random numbers" in found.notes[0]


class Growing(nn.Module):
    def __init__(self, most: int = 99) -> None:
        super().__init__()
        self.conv, self.count, self.most = nn.Conv2d(3, 4, 3), 0, most

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        if self.count > self.most:
            raise ValueError("no more")
        return self.conv(x).mean((2, 3)).repeat(1, self.count)


def test_outputs_of_another_shape_and_later_failures_are_said() -> None:
    assert "another shape each time" in watched(Growing().eval(), X).plan.repeat.text  # type: ignore[union-attr]
    for most in (1, 3):
        assert "no more" in watched(Growing(most).eval(), X).plan.repeat.text  # type: ignore[union-attr]


class OnBright(nn.Module):
    """Draws noise for bright pictures alone, in a way that no watched forward sees."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.forwards = nn.Conv2d(3, 4, 3), 0

    def forward(self, x: Tensor) -> Tensor:
        self.forwards += 1
        bright = (x.mean() > 0.3).to(x)
        return self.conv(x).mean((2, 3)) + bright * torch.randn(1, 4)


def job() -> Job:
    return Job(0, Lane.FORWARD, "", lambda _event: None)


def test_every_input_is_asked_once_and_captures_are_not() -> None:
    bench, module = ModelSession(), OnBright().eval()
    pre = Preprocess(16, 16, resize=16, mean=(0.0,), std=(1.0,))
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True, sha256="x"), pre)
    bench.adopt(LoadedModel(module, card))
    dark, bright = (
        picture_from_array(np.full((16, 16, 3), level, np.uint8), InputRef("clipboard"), str(level))
        for level in (9, 250)
    )
    first = bench.capture(card.digest, dark, job())
    assert first.repeat is not None
    assert first.repeat.same
    asked = module.forwards
    bench.capture(card.digest, bright, job())
    assert module.forwards == asked + 1
    studies = Studies(bench)
    found = studies.ablate(bench.capture(card.digest, bright, job()), (Edit("conv", (0,)),), (), job())
    assert found.repeat is not None
    assert not found.repeat.same
    asked = module.forwards
    studies.ablate(bench.capture(card.digest, bright, job()), (Edit("conv", (0,)),), (), job())
    assert module.forwards - asked <= 3
    still = studies.ablate(first, (Edit("conv", (0,)),), (), job())
    assert still.repeat is not None
    assert still.repeat.same
