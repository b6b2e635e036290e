"""Recorded forwards give the very values of hooked ones, and are refused where they might not."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from nets import CASES, Branching, DataWriter, InPlace, TinyViT, seeded
from torch import Tensor, nn

from explorer.engine.capture import replay
from explorer.engine.capture.forward import capture, discover
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.capture.replay import Replays, record
from explorer.engine.jobs.cancel import CancelledError


def picture(seed: int, size: int = 8) -> Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("make", CASES)
def test_a_recording_gives_the_values_of_a_hooked_forward(make: type[nn.Module]) -> None:
    net = seeded(make()).eval()
    plan = discover(net, picture(0)).plan
    recorded = 0
    for tap in plan.taps:
        found = record(net, picture(0), plan, (tap.name,)) if tap.observable else None
        if found is None:
            continue
        recorded += 1
        for seed in (1, 2):
            x = picture(seed)
            expected = capture(net, x.clone(), plan, [tap.name], early=False)
            seen = found(x.clone())
            assert torch.equal(seen.tensors[tap.name], expected.tensors[tap.name])
            if isinstance(expected.output, Tensor):
                assert torch.equal(seen.output, expected.output)
    assert recorded or make in REFUSED


@pytest.mark.parametrize("make", CASES)
def test_all_taps_of_one_recording_are_those_of_a_hooked_forward(make: type[nn.Module]) -> None:
    net = seeded(make()).eval()
    plan = discover(net, picture(0)).plan
    names = tuple(tap.name for tap in plan.taps if tap.observable)
    found = record(net, picture(0), plan, names)
    assert found is not None or make in REFUSED
    for seed in (1, 2) if found else ():
        x = picture(seed)
        expected = capture(net, x.clone(), plan)
        seen = found(x.clone())
        assert seen.tensors.keys() == expected.tensors.keys()
        assert all(torch.equal(seen.tensors[name], expected.tensors[name]) for name in names)


class Table(nn.Module):
    """Returns a table, of values of several kinds, as transformers' models do."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> dict[str, object]:
        found = self.conv(x)
        return {"logits": found.mean((2, 3)), "states": (found, found.relu()), "nothing": None}


def test_an_output_that_is_a_table_is_recorded() -> None:
    net = seeded(Table()).eval()
    plan = discover(net, picture(0)).plan
    found = record(net, picture(0), plan, ("conv",))
    assert found is not None
    seen, expected = found(picture(1)), capture(net, picture(1), plan, ["conv"], early=False)
    assert torch.equal(seen.tensors["conv"], expected.tensors["conv"])
    given, own = tensors_of(seen.output), tensors_of(expected.output)
    assert given.keys() == own.keys() == {"logits", "states.0", "states.1"}
    assert all(torch.equal(given[key], own[key]) for key in own)


REFUSED: tuple[type[nn.Module], ...] = (Branching, DataWriter)  # one reads values, one writes past the recorder


def test_what_reads_values_is_not_recorded() -> None:
    net = seeded(Branching()).eval()
    plan = discover(net, picture(0)).plan
    assert plan.decides
    assert record(net, picture(0), plan, ("stem",)) is None
    assert not discover(seeded(TinyViT()).eval(), picture(0)).plan.decides


class Counter(nn.Module):
    """Multiplies by the number of its forwards: state that a recording would freeze."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.times = nn.Conv2d(3, 4, 1), 0

    def forward(self, x: Tensor) -> Tensor:
        self.times += 1
        return self.conv(x * float(self.times))


def test_another_value_on_another_input_is_noticed_before_the_first_use() -> None:
    net = seeded(Counter()).eval()
    plan = discover(net, picture(0)).plan
    assert record(net, picture(0), plan, ("conv",)) is None


def test_the_model_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    net = seeded(InPlace())
    net.train()
    net.conv1.weight.requires_grad_(False)
    before = [p.requires_grad for p in net.parameters()]
    plan = discover(net, picture(0)).plan
    assert record(net, picture(0), plan, ("relu_1",)) is not None

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no recorder in this torch")

    monkeypatch.setattr(torch._C, "_create_graph_by_tracing", fails)
    assert record(net, picture(0), plan, ("relu_1",)) is None
    assert [p.requires_grad for p in net.parameters()] == before
    assert all(m.training for m in net.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_a_recording_that_is_let_go_leaves_nothing_behind() -> None:
    net = seeded(InPlace()).eval()
    weights = [weakref.ref(p) for p in net.parameters()]
    plan = discover(net, picture(0)).plan
    recording = record(net, picture(0), plan, ("relu_1",))
    assert recording is not None
    recording(picture(1))
    del net, plan, recording
    gc.collect()
    assert [ref() for ref in weights] == [None] * len(weights)


def test_a_layer_is_recorded_once_it_stays_and_anew_when_another_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    net, replays, made = seeded(InPlace()).eval(), Replays(), []
    plan = discover(net, picture(0)).plan
    monkeypatch.setattr(replay, "record", lambda *given: made.append(*given[3]) or record(*given))
    for name in ("relu", "conv2"):
        for seed in range(12):
            x = picture(seed)
            seen = replays.capture(net, x.clone(), plan, (name,))
            assert torch.equal(seen.tensors[name], capture(net, x, plan, [name]).tensors[name])
    assert made == ["relu", "conv2"]
    with pytest.raises(CancelledError):
        replays.capture(net, picture(0), plan, ("conv2",), lambda: True)


def test_a_recording_that_fails_gives_way_to_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    net, replays = seeded(InPlace()).eval(), Replays()
    plan = discover(net, picture(0)).plan
    for seed in range(10):
        replays.capture(net, picture(seed), plan, ("relu",))

    def fails(*_: object) -> None:
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(replay.ForwardRecording, "__call__", fails)
    x = picture(20)
    for _ in range(2):
        seen = replays.capture(net, x.clone(), plan, ("relu",))
        assert torch.equal(seen.tensors["relu"], capture(net, x.clone(), plan, ["relu"]).tensors["relu"])
