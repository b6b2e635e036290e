"""Models that decide over a batch: every variant of an input must run as it would alone."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest
import torch
from explained import explained, picture
from nets import seeded
from torch import Tensor, nn

from explorer.core.attribution import Attribution, AttributionSettings, Curve
from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit
from explorer.core.maximisation import MaximiseSettings, Objective
from explorer.core.target import Target
from explorer.engine.ablation.ablate import Base
from explorer.engine.ablation.rank import rank
from explorer.engine.attribution.baselines import baseline
from explorer.engine.attribution.curves import curve
from explorer.engine.capture.forward import discover
from explorer.engine.maximisation.aim import take_aim


class Exits(nn.Module):
    """BranchyNet's way: leaves at the first exit when every picture of the batch is sure enough."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
        self.first, self.second = nn.Linear(8, 7), nn.Linear(8, 7)
        self.sure = 0.0

    def heads(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.a(x).relu()
        return self.first(y.mean((2, 3))) * 8, self.second(self.b(y).relu().mean((2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.heads(x)
        return first if first.softmax(1).amax(1).min() > self.sure else second


class Where(Exits):
    """The same without Python."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.heads(x)
        return torch.where((first.softmax(1).amax(1) > self.sure).all(), first, second)


class Crowd(Exits):
    """Reads values of a batch, and none of one picture."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.heads(x)
        if len(x) == 1:
            return torch.where(first.softmax(1).amax(1, keepdim=True) > self.sure, first, second)
        return first if bool((first.softmax(1).amax(1) > self.sure).all()) else second


def _with_batch(found: Attribution, size: int) -> Attribution:
    return replace(found, settings=replace(found.settings, batch=size))


def _last(steps: Generator[Curve, None, Curve]) -> Curve:
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: Curve = stop.value
            return found


KINDS = [Exits, Where, Crowd]


def deciding(make: type[Exits], second: int = 8) -> tuple[Exits, Tensor]:
    """A network in which of 16 covered pictures so many take the second exit: of few, none may be in the first batch."""
    net, x = seeded(make()).eval(), picture(12)
    with torch.no_grad():
        sure = torch.stack([net.heads(each)[0].softmax(1).amax() for each in covered(x, net)])
    net.sure = float(sure.sort().values[[second - 1, second]].mean())
    return net, x


def covered(x: Tensor, net: nn.Module) -> list[Tensor]:
    cover = baseline(x, AttributionSettings())
    found = []
    for y in range(0, 12, 3):
        for left in range(0, 12, 3):
            each = x.clone()
            each[..., y : y + 3, left : left + 3] = cover[..., y : y + 3, left : left + 3]
            found.append(each)
    return found


@pytest.mark.parametrize("second", [1, 2, 8, 14])
@pytest.mark.parametrize("make", KINDS)
def test_occlusion(make: type[Exits], second: int) -> None:
    net, x = deciding(make, second)
    found = explained("occlusion", net, x, Target("", 2), window=3, stride=3, batch=6)
    with torch.no_grad():
        value = float(net(x)[0, 2])
        losses = [value - float(net(each)[0, 2]) for each in covered(x, net)]
    expected = np.kron(np.array(losses).reshape(4, 4), np.ones((3, 3)))
    assert np.allclose(found.values[0], expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["deletion", "insertion"])
@pytest.mark.parametrize("make", KINDS)
def test_curves(make: type[Exits], kind: str) -> None:
    net, x = deciding(make)
    found = explained("occlusion", net, x, Target("", 2), window=3, stride=3, batch=6)
    plan = discover(net, x.clone()).plan
    many, alone = (_last(curve(kind, _with_batch(found, size), net, x, plan, 16)) for size in (6, 1))
    assert np.allclose(many.scores, alone.scores, atol=1e-6)


@pytest.mark.parametrize("make", KINDS)
def test_ranks(make: type[Exits]) -> None:
    net, x = deciding(make)
    with torch.no_grad():
        net.sure = float(net.heads(x)[0].softmax(1).amax()) - 1e-3
    seen = discover(net, x.clone())
    base = Base(net, x, seen.plan, seen.tensors, seen.output)
    found, alone = (list(rank(base, Edit("a"), 2, batch))[-1] for batch in (8, 1))
    assert [(e.channel, round(e.logit, 4)) for e in found.effects] == [
        (e.channel, round(e.logit, 4)) for e in alone.effects
    ]


def test_what_keeps_its_inputs_apart_still_runs_in_batches() -> None:
    counts: list[int] = []

    class Counting(Exits):
        def forward(self, x: Tensor) -> Tensor:
            counts.append(len(x))
            return self.heads(x)[1]

    explained("occlusion", seeded(Counting()).eval(), picture(12), Target("", 2), window=3, stride=3, batch=6)
    assert counts.count(6) >= 2


def test_a_batch_of_pictures_that_decide_for_each_other_is_refused() -> None:
    net, x = deciding(Exits)
    plan = discover(net, x.clone()).plan
    with pytest.raises(ExplorerError, match="Only one image"):
        take_aim(plan, Objective("a", (1,)), MaximiseSettings(batch=2))
