"""Captured values against plain torch with hooks that clone, on networks that overwrite what naive hooks keep."""

from __future__ import annotations

import pytest
import torch
from nets import CASES, Branching, Buffered, InPlace, Parts, Raises, TinyViT, WithParts, seeded
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.engine.capture.forward import TapError, capture, discover
from explorer.engine.capture.outputs import parts
from explorer.engine.jobs.cancel import CancelledError


def picture(seed: int, size: int = 8) -> Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


def reference(net: nn.Module, x: Tensor) -> dict[tuple[str, int, str], Tensor]:
    """Every output of every module call, cloned in its hook by nothing but plain torch."""
    found: dict[tuple[str, int, str], Tensor] = {}
    counts: dict[str, int] = {}
    handles = []
    for path, module in net.named_modules():

        def hook(_m: nn.Module, _a: object, output: object, path: str = path) -> None:
            call = counts.get(path, 0)
            counts[path] = call + 1
            for key, value in parts(output):
                if isinstance(value, Tensor):
                    found[path, call, key] = value.detach().clone()

        handles.append(module.register_forward_hook(hook))
    with torch.no_grad():
        net(x.clone())
    for handle in handles:
        handle.remove()
    return found


class Self(nn.Module):
    """Attention of a picture's rows to each other."""

    def __init__(self, attention: nn.MultiheadAttention) -> None:
        super().__init__()
        self.attention = attention

    def forward(self, x: Tensor) -> Tensor:
        rows = x.mean(1)
        return self.attention(rows, rows, rows, need_weights=False)[0]


def hooks_of(net: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in net.modules())


def assert_true(net: nn.Module, x: Tensor, seen: object) -> None:
    expected = reference(net, x)
    got = {(t.path, t.call, t.key): seen.tensors[t.name] for t in seen.plan.taps if t.observable}
    assert set(got) == set(expected)
    for key, value in expected.items():
        assert torch.equal(got[key], value), key


@pytest.mark.parametrize("make", CASES)
def test_every_value_is_the_true_one(make: type[nn.Module]) -> None:
    net = seeded(make()).eval()
    first = discover(net, picture(1).clone())
    assert_true(net, picture(1), first)
    for seed in (2, 3):
        x = picture(seed)
        assert_true(net, x, capture(net, x.clone(), first.plan))


@pytest.mark.parametrize("make", CASES)
def test_values_survive_the_next_forward(make: type[nn.Module]) -> None:
    net = seeded(make()).eval()
    plan = discover(net, picture(1)).plan
    seen = capture(net, picture(2), plan)
    before = {name: t.clone() for name, t in seen.tensors.items()}
    capture(net, picture(3), plan)
    assert all(torch.equal(before[name], t) for name, t in seen.tensors.items())


def test_the_naive_way_is_wrong_here_so_the_test_can_fail() -> None:
    net = seeded(InPlace()).eval()
    kept: dict[str, Tensor] = {}
    handle = net.bn1.register_forward_hook(lambda _m, _a, out: kept.__setitem__("bn1", out))
    with torch.no_grad():
        net(picture(1))
    handle.remove()
    assert kept["bn1"].min() == 0
    assert discover(net, picture(1)).tensors["bn1"].min() < 0


def test_a_plan_that_knows_no_overwriting_still_gives_true_values() -> None:
    from dataclasses import replace

    net = seeded(InPlace()).eval()
    plan = discover(net, picture(1)).plan
    assert plan.copy
    seen = capture(net, picture(2), replace(plan, copy=frozenset()))
    assert_true(net, picture(2), seen)
    assert seen.plan.copy >= {("bn1", 0), ("bn2", 0)}


def test_another_branch_is_noticed() -> None:
    net = seeded(Branching()).eval()
    dark, bright = picture(1) * 0.2, picture(1) * 0.2 + 0.8
    plan = discover(net, dark).plan
    seen = capture(net, bright, plan)
    assert {"bright"} <= set(seen.tensors)
    assert "dark" not in seen.tensors
    assert_true(net, bright, seen)
    with pytest.raises(TapError, match="dark"):
        capture(net, bright, plan, ["dark"])


def test_names_follow_calls_and_output_keys() -> None:
    names = [t.name for t in discover(seeded(InPlace()), picture(1)).plan.taps if t.observable]
    assert names == ["conv1", "bn1", "relu", "conv2", "bn2", "relu_1", "pool", "fc", "output"]
    taps = {t.name: t for t in discover(seeded(WithParts()), picture(1)).plan.taps}
    assert taps["parts[0]"].observable
    assert taps["parts[1.double]"].observable
    assert not taps["parts[1.nothing]"].observable
    assert "None" in taps["parts[1.nothing]"].reason


def test_what_hooks_cannot_see_is_listed_with_its_reason() -> None:
    taps = {t.name: t for t in discover(seeded(InPlace()), picture(1)).plan.taps}
    assert not taps["add"].observable
    assert "function" in taps["add"].reason
    branches = {t.name: t for t in discover(seeded(Branching()), picture(1) * 0.1).plan.taps}
    assert "not called" in branches["bright"].reason
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    inside = {t.name: t for t in discover(Self(attention), torch.rand(1, 3, 8, 8)).plan.taps}
    assert "fused" in inside["attention.out_proj"].reason
    assert "None" in inside["attention[1]"].reason


def test_a_container_that_hands_on_its_child_shares_the_values() -> None:
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(inplace=True)))
    seen = discover(seeded(net), picture(1))
    taps = {t.name: t for t in seen.plan.taps}
    assert taps["0"].alias == "0.1"
    quick = capture(net, picture(2), seen.plan)
    assert quick.tensors["0"] is quick.tensors["0.1"]
    assert quick.tensors["0.0"].min() < 0


def test_only_the_taps_asked_for_with_an_early_stop() -> None:
    net = seeded(InPlace()).eval()
    plan = discover(net, picture(1)).plan
    calls = []
    handle = net.fc.register_forward_hook(lambda *_: calls.append(1))
    seen = capture(net, picture(2), plan, ["bn1", "relu"])
    handle.remove()
    assert calls == []
    assert set(seen.tensors) == {"bn1", "relu"}
    expected = reference(net, picture(2))
    assert torch.equal(seen.tensors["bn1"], expected["bn1", 0, ""])


def test_an_unknown_tap_is_an_error_that_names_it() -> None:
    net = seeded(InPlace())
    plan = discover(net, picture(1)).plan
    with pytest.raises(TapError, match="layer9"):
        capture(net, picture(1), plan, ["layer9"])
    with pytest.raises(TapError, match="add"):
        capture(net, picture(1), plan, ["add"])


@pytest.mark.parametrize("how", ["ok", "raises", "cancelled"])
@pytest.mark.parametrize("quick", [False, True])
def test_the_model_is_left_as_it_was_found(how: str, quick: bool) -> None:
    net = seeded(InPlace())
    net.train()
    net.bn1.eval()
    modes = [m.training for m in net.modules()]
    x = picture(1)
    plan = discover(seeded(InPlace()), x).plan
    if how == "raises":
        x = torch.rand(1, 4, 8, 8)
    own = net.register_forward_hook(lambda *_: None)
    state = {k: v.clone() for k, v in net.state_dict().items()}
    cancelled = (lambda: True) if how == "cancelled" else (lambda: False)

    def work() -> None:
        if quick:
            capture(net, x, plan, cancelled=cancelled)
        else:
            discover(net, x, cancelled)

    if how == "ok":
        work()
    else:
        with pytest.raises(ExplorerError if how == "raises" else CancelledError):
            work()
    assert hooks_of(net) == 1
    own.remove()
    assert [m.training for m in net.modules()] == modes
    assert all(p.requires_grad for p in net.parameters())
    assert all(torch.equal(state[k], v) for k, v in net.state_dict().items())
    assert torch.is_grad_enabled()


def test_a_forward_that_raises_names_its_layer() -> None:
    with pytest.raises(ExplorerError) as raised:
        discover(seeded(Raises()), picture(1))
    assert "second" in raised.value.what
    assert "channels" in raised.value.why


def test_the_input_is_not_changed_by_a_model_that_writes_to_it() -> None:
    class Writer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 2, 1)

        def forward(self, x: Tensor) -> Tensor:
            x -= 0.5
            return self.conv(x)

    net = seeded(Writer())
    seen = discover(net, picture(1))
    expected = reference(net, picture(1))
    assert torch.equal(seen.tensors["conv"], expected["conv", 0, ""])


def test_a_module_shared_by_two_parents_is_one_tap_with_two_calls() -> None:
    shared = nn.Conv2d(3, 3, 1)
    net = seeded(nn.Sequential(shared, nn.Sequential(shared)))
    taps = discover(net, picture(1)).plan.taps
    assert [t.name for t in taps if t.path == "0"] == ["0", "0_1"]


def test_not_finite_values_stay_as_they_are() -> None:
    net = seeded(Parts())
    with torch.no_grad():
        net.conv.weight[0] = float("nan")
        net.conv.bias[1] = float("inf")
    seen = discover(net, picture(1))
    assert torch.isnan(seen.tensors["conv"][0, 0]).all()
    assert torch.isinf(seen.tensors["conv"][0, 1]).all()
    assert torch.isfinite(seen.tensors["conv"][0, 2:]).all()


def test_tokens_know_their_grid_and_prefix() -> None:
    net = seeded(TinyViT())
    x = torch.rand(1, 3, 8, 16)
    taps = {t.name: t for t in discover(net, x).plan.taps}
    for name in ("norm", "qkv", "out"):
        assert (taps[name].layout, taps[name].grid, taps[name].prefix, taps[name].order) == ("NLC", (2, 4), 3, None)
    assert taps["embed"].receptive.jump_y == 4
    assert taps["out"].receptive.whole
    assert not taps["qkv"].receptive.whole


def test_buffers_that_modules_return_are_copied() -> None:
    net = seeded(Buffered()).eval()
    plan = discover(net, picture(1)).plan
    assert ("keeper", 0) in plan.copy


def test_the_layer_that_takes_the_values_next_is_named() -> None:
    taps = {t.name: t for t in discover(seeded(InPlace()), picture(1)).plan.taps}
    assert (taps["conv1"].then, taps["bn1"].then) == ("BatchNorm2d", "ReLU")
    assert taps["relu"].then == "Conv2d"
    assert taps["bn2"].then == ""  # a sum comes first
    assert {t.name: t.then for t in discover(seeded(TinyViT()), picture(1)).plan.taps}["norm"] == "Linear"
