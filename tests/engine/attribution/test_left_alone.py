"""Every method leaves the model as it found it: when it succeeds, when the model raises, when it is cancelled at any moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from explained import CLASS, picture
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import InPlace, seeded
from torch import Tensor, nn

from explorer.core.attribution import TIME_OCCLUSION, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.sound_grid import SoundGrid
from explorer.core.target import Target
from explorer.engine.attribution.attribution_methods import METHODS, explain, finished
from explorer.engine.attribution.curves import curve
from explorer.engine.attribution.relus import count_relus
from explorer.engine.attribution.sanity import sanity_pair
from explorer.engine.capture.forward import CapturePlan, discover
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.runner import Event, Lane, Runner

FEW = AttributionSettings(samples=3, steps=3, window=6, stride=6, batch=2)
OF_SOUND = replace(
    FEW, sound=SoundGrid("NCHW", tuple(map(float, range(1, 13))), 10.0, (0.0,) * 12), window_ms=40, stride_ms=40
)
TARGETS = (CLASS, Target("conv2", 3), Target("relu_1", 2, (3, 4)))


class Bomb(nn.Module):
    """Hands its input on, and raises when its time has come, forwards or backwards."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.backwards = -1, False

    def forward(self, x: Tensor) -> Tensor:
        y = x * 1
        self.left -= 1
        if self.left == 0:
            if not self.backwards:
                raise ValueError("boom")
            if y.requires_grad:
                y.register_hook(lambda _gradient: (_ for _ in ()).throw(ValueError("boom")))
        return y


class Mined(InPlace):
    def __init__(self) -> None:
        super().__init__()
        self.bomb, self.drop = Bomb(), nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        torch.rand(3)  # a model may draw numbers in its forward
        return super().forward(self.drop(self.bomb(x)))


def state(net: nn.Module) -> dict[str, Any]:
    """Everything that a method could change, in a comparable form."""
    found: dict[str, Any] = {"random": torch.get_rng_state().tolist(), "grad": torch.is_grad_enabled()}
    found["fast"] = torch.backends.mha.get_fastpath_enabled()
    for path, m in net.named_modules():
        hooks = (m._forward_hooks, m._forward_pre_hooks, m._backward_hooks, m._backward_pre_hooks)
        found[path] = (m.training, getattr(m, "inplace", None), [len(h) for h in hooks], type(m), id(m))
    for name, p in (*net.named_parameters(), *net.named_buffers()):
        grad = None if p.grad is None else p.grad.tolist()
        found[f"{name} of"] = (p.requires_grad, grad, p.tolist(), id(p), len(p._backward_hooks or ()))
    return found


def work_on(
    name: str, net: nn.Module, x: Tensor, target: Target, plan: CapturePlan, cancelled: Callable[[], bool]
) -> Any:
    if name == "count":
        return count_relus(net, x, target, plan, cancelled)
    if name in ("deletion", "insertion", "sanity"):
        known = finished(explain("gradient", net, x, target, plan, FEW, cancelled))
        if name == "sanity":
            return finished(sanity_pair(known, net, x, plan, cancelled=cancelled))
        return finished(curve(name, known, net, x, plan, 3, cancelled))
    settings_ = OF_SOUND if name == TIME_OCCLUSION else FEW
    return finished(explain(name, net, x, target, plan, settings_, cancelled))


@pytest.mark.parametrize("name", [*METHODS, "count", "deletion", "insertion", "sanity"])
@given(
    training=st.booleans(),
    frozen=st.booleans(),
    target=st.sampled_from(TARGETS),
    end=st.sampled_from(("success", "raise", "raise backwards", "cancel")),
    moment=st.integers(1, 40),
)
@settings(max_examples=25, deadline=None)
def test_the_model_is_as_it_was(name: str, training: bool, frozen: bool, target: Target, end: str, moment: int) -> None:
    net, x = seeded(Mined()), picture(12)
    plan = discover(net, x.clone()).plan
    net.train(training)
    net.bn1.eval()  # a mixture
    net.conv1.weight.requires_grad_(not frozen)
    net.conv2.weight.grad = torch.ones_like(net.conv2.weight)
    with torch.no_grad():
        output = seeded(Mined()).eval()(x.clone())
    torch.manual_seed(moment)
    before, given_x = state(net), x.clone()
    asked, problem = 0, ""

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return end == "cancel" and asked >= moment

    if end.startswith("raise"):
        net.bomb.left, net.bomb.backwards = 1 + moment % 3, end.endswith("backwards")
    try:
        work_on(name, net, x, target, plan, cancelled)
    except CancelledError:
        assert end == "cancel"
        assert asked == moment  # at once, not at the end
    except ExplorerError as error:
        problem = str(error)
    assert not problem or (end.startswith("raise") and "boom" in problem)
    net.bomb.left = -1
    assert state(net) == before
    assert torch.equal(x, given_x)
    with torch.no_grad():
        assert torch.equal(net.eval()(x.clone()), output)


def test_nothing_is_changed_while_a_partial_result_is_out() -> None:
    net, x = seeded(InPlace()), picture(12)
    plan = discover(net, x.clone()).plan
    before = state(net)
    for name in ("smoothgrad", "integrated-gradients", "occlusion"):
        steps = explain(name, net, x, CLASS, plan, FEW)
        for _ in steps:
            assert state(net) == before
    steps = explain("occlusion", net, x, CLASS, plan, FEW)
    next(steps)
    steps.close()
    assert state(net) == before


def test_the_cancel_reaches_the_backward_pass() -> None:
    """Of all moments at which a cancellation is looked for, some lie in the backward pass."""
    net, x = seeded(InPlace()).eval(), picture(12)
    plan = discover(net, x.clone()).plan
    in_backward = []

    def cancelled() -> bool:
        in_backward.append(torch._C._current_graph_task_id() != -1)
        return False

    finished(explain("gradient", net, x, CLASS, plan, FEW, cancelled))
    leaves = 8
    assert in_backward.count(False) == leaves
    assert in_backward.count(True) >= leaves - 1


def test_as_a_job_of_the_runner() -> None:
    net, x = seeded(InPlace()).eval(), picture(12)
    plan = discover(net, x.clone()).plan
    events: list[Event] = []
    done = threading.Event()

    def sink(event: Event) -> None:
        events.append(event)
        if not event.partial:
            done.set()

    runner = Runner(sink)
    runner.submit(Lane.METHOD, lambda job: explain("smoothgrad", net, x, CLASS, plan, FEW, job.cancelled), "explain")
    assert done.wait(60)
    assert runner.close()
    told = [event.value for event in events if event.value is not None]
    assert [event.failure for event in events if event.failure] == []
    assert len(told) >= 2
    assert told[-1].fraction == 1.0
    assert not events[-1].partial
