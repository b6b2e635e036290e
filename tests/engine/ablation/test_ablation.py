"""Ablation against a plain hook that changes the channel in a whole forward, on networks that overwrite what hooks keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, SkipFromReluInput, TinyViT, WithParts, seeded
from torch import Tensor, nn

from explorer.core.activations import Capture, Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit, digest_of, ranked
from explorer.engine.ablation import resume
from explorer.engine.ablation.ablate import Base, ablate, base_from, base_of, forward_under
from explorer.engine.ablation.rank import rank
from explorer.engine.ablation.route import route_of
from explorer.engine.capture.cache import CaptureStore
from explorer.engine.capture.forward import discover
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.capture.values import to_arrays
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.cancel import CancelledError


def x_of(seed: int = 1, size: int = 8) -> Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


def plain_hook(net: nn.Module, x: Tensor, tap: Tap, change: Callable[[Tensor], None]) -> tuple[Any, dict[str, Tensor]]:
    """(output, every later output of a module's last call) of a whole forward with nothing but a hook."""
    calls, found = [0], {}

    def hook(_m: nn.Module, _a: object, output: Tensor) -> Tensor | None:
        calls[0] += 1
        if calls[0] - 1 != tap.call:
            return None
        edited = output.clone()
        change(edited)
        return edited

    def keep(path: str) -> Any:
        def after(_m: nn.Module, _a: object, output: Any) -> None:
            for key, tensor in tensors_of(output).items():
                found[f"{path}[{key}]" if key else path] = tensor.clone()

        return after

    # of nn.Module itself: a ScriptModule refuses hooks by name
    handles = [nn.Module.register_forward_hook(net.get_submodule(tap.path), hook)]
    handles += [nn.Module.register_forward_hook(m, keep(path)) for path, m in net.named_modules()]
    with torch.no_grad():
        output = net(x.clone())
    for handle in handles:
        handle.remove()
    return output, found


def zero_channel(tap: Tap, channel: int) -> Callable[[Tensor], None]:
    def change(tensor: Tensor) -> None:
        tensor[(slice(None), channel) if tap.layout in (Layout.NCHW, Layout.NC, Layout.NCT) else (..., channel)] = 0

    return change


def base(net: nn.Module, x: Tensor) -> Base:
    return base_of(net, x, discover(net, x.clone()))


class Twice(nn.Module):
    """One ReLU called inside a block and again behind it: a skipped block must not lose its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.block = nn.Sequential(nn.Conv2d(3, 4, 3), self.relu, nn.Conv2d(4, 4, 1))
        self.last = nn.Conv2d(4, 4, 1)
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.block(x))
        return self.fc(self.pool(self.relu(self.last(y) + y)).flatten(1))


class Quiet(nn.Module):
    """Writes through .data into what a layer returned, twice different: torch does not count that."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.fc = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)
        y.data.mul_(0.5)
        return self.fc(self.b(y).mean((2, 3)) + y.mean((2, 3)))


NETS = (InPlace, SkipFromReluInput, WithParts, TinyViT, Twice, Quiet)


@pytest.mark.parametrize("make", NETS)
def test_every_tap_zeroed_is_a_plain_hook_that_zeroes(make: type[nn.Module]) -> None:
    net, x = seeded(make()).eval(), x_of()
    start = base(net, x)
    for tap in start.plan.taps:
        if not tap.observable or tap.key or not tap.path:
            continue
        output, later = plain_hook(net, x, tap, zero_channel(tap, 1))
        names = [t.name for t in start.plan.taps if t.observable and t.call == 0 and t.name in later]
        for _ in range(2):  # the second time from what is known to work
            done = ablate(start, (Edit(tap.name, (1,)),), ["output", *names])
            assert np.array_equal(done.values["output"], output[0].numpy()), tap.name
        calls = {path for path, _ in start.plan.calls if start.plan.calls.count((path, 1)) == 0}
        for name in names:
            if name in calls:  # called once: its last output is its only one
                assert np.array_equal(done.values[name], later[name][0].numpy()), (tap.name, name)
        assert done.resumed or done.note


def test_late_edits_compute_nothing_before_them() -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    start = base(net, x)
    ablate(start, (Edit("relu_1", (2,)),))
    ran: list[str] = []
    real = {path: m.forward for path, m in net.named_modules()}
    for path in ("conv1", "conv2", "fc"):
        module = net.get_submodule(path)
        module.forward = lambda *a, path=path: (ran.append(path), real[path](*a))[1]
    done = ablate(start, (Edit("relu_1", (3,)),), ["relu", "relu_1", "pool"])
    assert done.resumed
    assert ran == ["fc"]
    assert net.conv1.forward is not real["conv1"]  # a patch of one's own is put back
    assert np.array_equal(done.values["relu"], start.tensors["relu"][0].numpy())
    assert not done.values["relu_1"][3].any()
    assert not done.values["pool"][3].any()


def test_means_regions_and_other_inputs_values() -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    start, other = base(net, x), discover(net, x_of(2))
    tap = start.taps["relu"]

    def mean(t: Tensor) -> None:
        t[:, [1, 2]] = t[:, [1, 2]].mean((2, 3), keepdim=True)

    def region(t: Tensor) -> None:
        t[:, :, 2:4, 1:8] = 0

    def frozen(t: Tensor) -> None:
        t[:, 3] = other.tensors["relu"][:, 3]

    def given(t: Tensor) -> None:
        t[:, 0] = 0.25

    means = (0.25, *[0.0] * 7)
    values = {"cat": to_arrays(other.plan.taps, other.tensors)}
    for edit, change in (
        (Edit("relu", (1, 2), mode="mean"), mean),
        (Edit("relu", region=(2, 1, 4, 99)), region),
        (Edit("relu", (3,), mode="freeze", source="cat"), frozen),
        (Edit("relu", (0,), mode="mean", means=means), given),
    ):
        output, _ = plain_hook(net, x, tap, change)
        done = ablate(start, (edit,), ["output"], frozen=values)
        assert np.allclose(done.values["output"], output[0].numpy(), atol=1e-6)
        assert done.resumed


def test_tokens_and_regions_of_tokens() -> None:
    net, x = seeded(TinyViT()).eval(), x_of()
    start = base(net, x)

    def region(t: Tensor) -> None:
        t[:, 3 + 1] = 0  # three prefix tokens, then row-major in 2 × 2

    output, _ = plain_hook(net, x, start.taps["norm"], region)
    done = ablate(start, (Edit("norm", region=(0, 1, 1, 2)),), ["output"])
    assert np.array_equal(done.values["output"], output[0].numpy())


def test_several_edits_meet_where_they_belong_and_undo_is_leaving_out() -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    start = base(net, x)
    first, second = Edit("bn1", (1,)), Edit("relu_1", (4, 5))
    both = ablate(start, (first, second), ["output"])

    def hooked(module: nn.Module, channels: list[int], call: int) -> Any:
        count = [0]

        def hook(_m: nn.Module, _a: object, out: Tensor) -> Tensor:
            out = out.clone()
            if count[0] == call:
                out[:, channels] = 0
            count[0] += 1
            return out

        return module.register_forward_hook(hook)

    handles = [hooked(net.bn1, [1], 0), hooked(net.relu, [4, 5], 1)]
    with torch.no_grad():
        expected = net(x)
    for handle in handles:
        handle.remove()
    assert np.array_equal(both.values["output"], expected[0].numpy())
    alone = ablate(start, (second,), ["output"])
    assert not np.array_equal(alone.values["output"], both.values["output"])
    none = ablate(start, (), ["output"])
    assert np.array_equal(none.values["output"], start.tensors["output"][0].numpy())
    assert all(s.points == 0 for s in none.shifts)
    assert len({digest_of(e) for e in ((), (first,), (second,), (first, second))}) == 4


def test_a_new_input_under_the_same_edits() -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    plan, other = discover(net, x).plan, x_of(5)
    edits = (Edit("bn1", (1,)), Edit("relu_1", (4,)))
    seen = forward_under(net, other, plan, edits, ["relu", "relu_1", "output"])
    expected = ablate(base(net, other), edits, ["relu", "relu_1", "output"])
    for name, values in expected.values.items():
        assert np.array_equal(seen.tensors[name][0].numpy(), values), name


def test_scripted_layers_can_be_edited_and_are_never_skipped() -> None:
    class Scripted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.last = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 3, 1)
            with pytest.warns(DeprecationWarning, match="deprecated"):
                self.middle = torch.jit.script(nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU()))

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.middle(self.conv(x))).mean((2, 3))

    net, x = Scripted().eval(), x_of()
    start = base(net, x)
    for name in ("middle", "last"):
        output, _ = plain_hook(net, x, start.taps[name], zero_channel(start.taps[name], 1))
        assert np.array_equal(ablate(start, (Edit(name, (1,)),), ["output"]).values["output"], output[0].numpy())


def test_points_are_the_difference_of_the_probabilities() -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    start = base(net, x)
    done = ablate(start, (Edit("relu", (1,)),))
    output, _ = plain_hook(net, x, start.taps["relu"], zero_channel(start.taps["relu"], 1))
    before, after = start.output[0].double().softmax(0), output[0].double().softmax(0)
    assert {s.index for s in done.shifts} == set(range(5))
    for s in done.shifts:
        assert s.points == pytest.approx(100 * float(after[s.index] - before[s.index]), abs=1e-9)


def test_missing_values_cost_time_and_nothing_else() -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    seen = discover(net, x)
    some = {name: t for name, t in seen.tensors.items() if name not in ("conv2", "bn1", "relu")}
    for tensors in (some, {}):
        poor = Base(net, x, seen.plan, tensors, seen.output)
        done = ablate(poor, (Edit("relu_1", (2,)),), ["output", "relu", "conv2"])
        rich = ablate(base(net, x), (Edit("relu_1", (2,)),), ["output", "relu", "conv2"])
        for name in rich.values:
            assert np.array_equal(done.values[name], rich.values[name])
    assert not done.resumed
    assert "stored" in done.note


def test_a_model_that_is_never_the_same_is_run_from_the_start() -> None:
    class Random(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.next = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.next(self.conv(x) + torch.rand(1)).mean((2, 3))

    done = ablate(base(seeded(Random()), x_of()), (Edit("conv", (1,)),))
    assert not done.resumed
    assert "differs from the whole forward" in done.note


def test_parts_of_a_tuple_can_be_edited() -> None:
    net, x = seeded(WithParts()).eval(), x_of()
    start = base(net, x)
    done = ablate(start, (Edit("parts[1.double]", (0,)),), ["output", "parts[1.double]"])
    assert not done.values["parts[1.double]"][0].any()
    with torch.no_grad():
        y = net.parts.conv(x)
        more = y * 2
        more[:, 0] = 0
        assert np.allclose(done.values["output"], net.last(y + more)[0].numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("nothing"), "nothing"),
        (Edit("add"), "function"),
        (Edit("relu", (8,)), "channel 8"),
        (Edit("relu", region=(9, 9, 10, 10)), "no cell"),
        (Edit("fc", (1,), mode="mean"), "own mean"),
        (Edit("relu", (1,), mode="freeze", source="dog"), "dog"),
        (Edit("relu", (1,), mode="mean", means=(1.0,)), "1 means"),
    ],
)
def test_edits_that_cannot_be_made_are_named(edit: Edit, said: str) -> None:
    net = seeded(InPlace()).eval()
    with pytest.raises(ExplorerError) as raised:
        ablate(base(net, x_of()), (edit,))
    assert said in str(raised.value)


def state_of(net: nn.Module) -> Any:
    hooks = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in net.modules())
    patched = [m for m in net.modules() if "forward" in m.__dict__]
    flags = [(m.training, getattr(m, "inplace", None)) for m in net.modules()]
    wants = [(p.requires_grad, p.grad) for p in net.parameters()]
    return hooks, patched, flags, wants, torch.is_grad_enabled(), torch.get_rng_state().tolist()


@pytest.mark.parametrize("how", ["ok", "raises", "cancelled"])
@pytest.mark.parametrize("method", ["ablate", "rank", "route"])
def test_the_model_is_left_as_it_was_found(method: str, how: str) -> None:
    net, x = seeded(InPlace()).train(), x_of()
    net.bn1.eval()
    start = base(net, x)
    known = {name: t.clone() for name, t in start.tensors.items()}
    ablate(start, (Edit("relu", (1,)),))
    before, expected = state_of(net), net.eval()(x)
    net.train(), net.bn1.eval()
    steps = [0]

    def cancelled() -> bool:
        steps[0] += 1
        return how == "cancelled" and steps[0] > 3

    def boom(*_: Any) -> None:
        raise ValueError("boom")

    handle = net.fc.register_forward_pre_hook(boom) if how == "raises" else None

    def work() -> None:
        if method == "route":
            route_of(net, x, cancelled)
        elif method == "ablate":
            ablate(start, (Edit("bn1", (1,)),), cancelled=cancelled)
        else:
            list(rank(start, Edit("relu"), cancelled=cancelled))

    if how == "ok":
        work()
    else:
        with pytest.raises(ExplorerError if how == "raises" else CancelledError):
            work()
    if handle is not None:
        handle.remove()
    assert state_of(net) == before
    assert torch.equal(net.eval()(x), expected)
    assert all(torch.equal(known[name], t) for name, t in start.tensors.items())


# --- ranking ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_ranked_channels_are_single_ablations(batch: int) -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    start = base(net, x)
    partial = list(rank(start, Edit("relu"), 2, batch))
    assert [p.done for p in partial] == [min(8, batch * (i + 1)) for i in range(len(partial))]
    last = partial[-1]
    assert (last.total, last.resumed, last.note) == (8, True, "")
    assert list(last.effects) == sorted(last.effects, key=lambda e: e.logit)
    assert list(ranked(last.effects, "probability")) == sorted(last.effects, key=lambda e: e.points)
    for effect in last.effects:
        shift = next(s for s in ablate(start, (Edit("relu", (effect.channel,)),)).shifts if s.index == 2)
        assert effect.points == pytest.approx(shift.points, abs=1e-4)
        assert effect.logit == pytest.approx(shift.logit_after - shift.logit_before, abs=1e-5)


def test_a_model_that_mixes_its_inputs_is_asked_one_at_a_time() -> None:
    class Mixes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 4, 1), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(self.conv(x).mean((0, 2, 3), keepdim=True).flatten(1).expand(len(x), -1))

    start = base(seeded(Mixes()), x_of())
    last = list(rank(start, Edit("conv"), 0))[-1]
    assert last.batch == 1
    assert "other values" in last.note
    for effect in last.effects:
        shift = next(s for s in ablate(start, (Edit("conv", (effect.channel,)),)).shifts if s.index == 0)
        assert effect.points == pytest.approx(shift.points, abs=1e-6)


def test_out_of_memory_halves_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    start = base(net, x)
    from explorer.engine.ablation import rank as module

    real = resume.run

    def scarce(net: nn.Module, x: Tensor, *args: Any, **kwargs: Any) -> Any:
        if len(x) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return real(net, x, *args, **kwargs)

    monkeypatch.setattr(module, "run", scarce)
    last = list(rank(start, Edit("relu"), 0, 8))[-1]
    assert (last.done, last.batch) == (8, 2)


def test_a_class_that_is_not_there_is_named() -> None:
    start = base(seeded(InPlace()).eval(), x_of())
    with pytest.raises(ExplorerError, match="class 5"):
        next(rank(start, Edit("relu"), 5))


# --- captures -----------------------------------------------------------------------------------------------------------


def test_going_on_from_a_stored_capture() -> None:
    net, x = seeded(InPlace()).eval(), x_of()
    seen = discover(net, x)
    picture = picture_from_array(np.zeros((8, 8, 3), np.uint8), InputRef("clipboard"))
    shot = Capture("m", picture, seen.plan.taps, to_arrays(seen.plan.taps, seen.tensors))
    start = base_from(net, x, seen.plan, shot)
    done = ablate(start, (Edit("relu_1", (2,)),), ["output"])
    assert done.resumed
    assert np.array_equal(done.values["output"], ablate(base(net, x), done.edits, ["output"]).values["output"])
    from dataclasses import replace

    edited = replace(shot, edits=done.digest)
    with pytest.raises(ExplorerError, match="edited"):
        base_from(net, x, seen.plan, edited)
    store = CaptureStore(1 << 30)
    store.put(edited)
    assert store.get(("m", picture.digest)) is None
    assert store.get(("m", picture.digest, done.digest)) is edited
