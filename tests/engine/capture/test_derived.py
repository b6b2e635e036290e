"""What is made again when it is looked at is what the forward made, and is made only from what is kept."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from torch import Tensor, nn

from explorer.engine.capture.forward import CapturePlan, capture, discover
from explorer.engine.capture.replay import ForwardRecording, record
from explorer.engine.capture.values import Arrays, to_arrays


def picture(seed: int) -> Tensor:
    return torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(seed))


def recording(net: nn.Module) -> tuple[CapturePlan, ForwardRecording]:
    plan = discover(net, picture(0)).plan
    found = record(net, picture(0), plan, tuple(tap.name for tap in plan.taps if tap.observable))
    assert found is not None
    return plan, found


def block(*layers: nn.Module) -> nn.Module:
    return seeded(nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), *layers)).eval()


@pytest.mark.parametrize(
    "last", [nn.ReLU(), nn.ReLU(inplace=True), nn.ReLU6(inplace=True), nn.SiLU(), nn.Hardswish(), nn.LeakyReLU(0.3)]
)
def test_normalisation_and_activation_follow_from_the_convolution(last: nn.Module) -> None:
    net = block(last, nn.Conv2d(6, 4, 1))
    plan, found = recording(net)
    assert {name: way.source for name, way in found.ways.items()} == {"1": "0", "2": "1"}
    assert "0" in found.names
    assert "3" in found.names
    expected = capture(net, picture(1), plan)
    seen = found(picture(1))
    assert set(seen.tensors) == set(expected.tensors)
    assert len(seen.tensors) == len(expected.tensors)
    assert all(torch.equal(seen.tensors[name], expected.tensors[name]) for name in expected.tensors)


def test_what_the_model_becomes_later_changes_nothing_that_was_seen() -> None:
    net = block(nn.ReLU())
    plan, found = recording(net)
    seen, expected = found(picture(1)), capture(net, picture(1), plan)
    with torch.no_grad():
        for value in net.state_dict().values():
            value.add_(1)
    assert all(torch.equal(seen.tensors[name], expected.tensors[name]) for name in ("1", "2"))


def test_statistics_of_the_input_itself_are_not_made_again() -> None:
    net = seeded(nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6, track_running_stats=False), nn.ReLU())).eval()
    plan, found = recording(net)
    assert "1" in found.names
    assert "2" in found.ways
    assert torch.equal(found(picture(1)).tensors["2"], capture(net, picture(1), plan).tensors["2"])


def test_a_tap_alone_has_nothing_to_follow_from() -> None:
    net = block(nn.ReLU())
    plan = discover(net, picture(0)).plan
    found = record(net, picture(0), plan, ("2",))
    assert found is not None
    assert not found.ways


def test_arrays_hold_what_is_kept_and_share_what_is_looked_at() -> None:
    plan, found = recording(seeded(InPlace()).eval())
    seen = found(picture(1))
    arrays = to_arrays(plan.taps, seen.tensors)
    assert isinstance(arrays, Arrays)
    assert found.ways
    expected = to_arrays(plan.taps, dict(seen.tensors))
    assert arrays.keys() == expected.keys()
    assert all(np.array_equal(arrays[name], expected[name]) for name in expected)
    held = {id(arrays[name]): arrays[name].nbytes for name in found.names}
    assert arrays.nbytes == sum(held.values()) < sum({id(a): a.nbytes for a in expected.values()}.values())
    name = next(iter(found.ways))
    looked_at = arrays[name]
    assert arrays[name] is looked_at
    assert not looked_at.flags.writeable
    with pytest.raises(KeyError):
        arrays["no such layer"]
