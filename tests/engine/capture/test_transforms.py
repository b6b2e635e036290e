"""Forwards through torch.func, the compiler and whole programs: they open, what can be seen is true, the rest says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from every_method import outcomes
from torch import Tensor, nn
from transformed_nets import FLEX, FUNC, PROGRAMS, Cond, Flex, Functional, Views, plain

from explorer.core.activations import Kind
from explorer.core.attention import AttentionKind
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attention.record import find, record
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.capture.forward import capture, discover
from explorer.engine.capture.modes import to_eval
from explorer.engine.capture.outputs import tensors_of

pytestmark = [
    pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile"),
    pytest.mark.filterwarnings("ignore:.*was used with.*vmap"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
NETS: dict[str, Callable[[], nn.Module]] = {
    **{net.__name__: net for net in FUNC},
    **{f"flex {kind}": lambda kind=kind: Flex(kind) for kind in FLEX},
    **PROGRAMS,
}
PARTS = pytest.mark.parametrize("name", NETS)


def made(name: str) -> nn.Module:
    torch.manual_seed(0)
    return to_eval(NETS[name]())


def picture() -> Tensor:
    return torch.randn(1, 3, 12, 12, generator=torch.Generator().manual_seed(1))


def plainly(net: nn.Module, x: Tensor) -> tuple[Any, dict[str, Tensor]]:
    """(output, what ordinary hooks keep of modules that return a tensor outside of any transform)."""
    found: dict[str, Tensor] = {}

    def keep(path: str) -> Any:
        def after(_module: nn.Module, _args: Any, output: Any) -> None:
            if isinstance(output, Tensor) and not torch._C._functorch.is_functorch_wrapped_tensor(output):
                found[path] = output.clone()

        return after

    modules = [] if _compiles(net) else net.named_modules()  # compiled code calls no hooks
    handles = [nn.Module.register_forward_hook(m, keep(path)) for path, m in modules if path]
    with torch.no_grad():
        output = net(x.clone())
    for handle in handles:
        handle.remove()
    return output, found


def _compiles(net: nn.Module) -> bool:
    return isinstance(net, Cond) or any("_orig_mod" in path for path, _ in net.named_modules())


@PARTS
def test_what_can_be_seen_is_true(name: str) -> None:
    net, x = made(name), picture()
    output, expected = plainly(net, x)
    seen = discover(net, x.clone())
    quick = capture(net, x.clone(), seen.plan)
    for forward in (seen, quick):
        for key, tensor in tensors_of(forward.output).items():
            torch.testing.assert_close(tensor, tensors_of(output)[key], rtol=0, atol=1e-7)
    taps = [tap for tap in seen.plan.taps if tap.observable and tap.path]
    if not _compiles(net):
        assert {tap.path for tap in taps} == expected.keys()
        for tap in taps:
            assert torch.equal(quick.tensors[tap.name], expected[tap.path]), tap.name
    assert all(tap.reason for tap in seen.plan.taps if not tap.observable)


@pytest.mark.parametrize("name", [name for name in NETS if not name.startswith("flex") or name == "flex biased"])
def test_every_method_answers_or_says_why_not(name: str) -> None:
    asked = outcomes(made(name), picture())
    wrong = [words for words in asked.values() if "size" in words or "went wrong" in words]
    assert not wrong
    assert asked["occlusion"] == ""


@PARTS
def test_gradients_are_those_of_torch(name: str) -> None:
    net, x = made(name), picture()
    plan = discover(net, x.clone()).plan
    if name.startswith("flex") or name == "Cond":  # which torch cannot do on a CPU
        with pytest.raises(ExplorerError, match="Choose occlusion, which needs no gradient"):
            finished(explain("gradient", net, x, Target("", 0), plan))
        return
    leaf = x.clone().requires_grad_()
    (expected,) = torch.autograd.grad(net(leaf)[0, 0], leaf)
    found = finished(explain("gradient", net, x, Target("", 0), plan))
    np.testing.assert_allclose(found.values, expected[0].numpy(), rtol=0, atol=1e-8)


@pytest.mark.parametrize("net", [kind for kind in FUNC if kind not in (Functional, Cond)])
def test_layers_inside_a_transform_are_listed_with_the_reason(net: type[nn.Module]) -> None:
    taps = [tap for tap in discover(net().eval(), picture()).plan.taps if "torch.func" in tap.reason]
    assert taps
    assert {tap.path for tap in taps} <= {"conv", "linear", "fc"}
    assert all(not tap.observable and tap.kind != Kind.FUNCTION for tap in taps)


def test_multiplications_inside_vmap_count_for_every_input() -> None:
    taps = {tap.name: tap for tap in discover(Views().eval(), picture()).plan.taps}
    assert taps["output"].macs == 2 * (12 * 12 * 6 * 27 + 6 * 4)


def test_exported_programs_count_their_multiplications() -> None:
    taps = discover(made("exported"), picture()).plan.taps
    assert taps[-1].reason.startswith("it only holds weights")
    assert next(tap.macs for tap in taps if tap.name == "output") == 10 * 10 * 6 * 27 + 6 * 4


def test_guided_backprop_finds_the_relus_of_programs() -> None:
    x, target = picture(), Target("", 0)
    torch.manual_seed(0)
    net = plain()
    expected = finished(explain("guided-backprop", net, x, target, discover(net, x.clone()).plan)).values
    for name in ("exported", "traced", "scripted", "frozen"):
        same = made(name)
        found = finished(explain("guided-backprop", same, x, target, discover(same, x.clone()).plan)).values
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("kind", FLEX)
def test_flex_attention_is_seen_and_proved(kind: str) -> None:
    torch.manual_seed(0)
    net, x = Flex(kind).eval(), picture()
    found = find(net, x, values=True)
    (call,) = found.calls
    assert (call.kind, call.heads, call.queries.grid, call.reason) == (AttentionKind.TOKENS, 4, (4, 4), "")
    one = found.of(call.name)
    assert one.result is not None
    torch.testing.assert_close(one.mixed(), one.grouped(one.result), rtol=0, atol=1e-6)
    rows = one.rows(torch.arange(16))
    if kind == "empty rows":
        above = torch.ones(16, 16).triu(1).bool()
        assert not rows[0, 0, :3].any()
        assert not rows[0, 0][above].any()
    quick = record(net, x, found.calls, values=True)
    assert torch.equal(quick.of(call.name).rows(torch.arange(16)), rows)


def test_a_compiled_model_is_seen_layer_by_layer_from_the_first_time() -> None:
    """Also where the compiler is imported by the very forward that is watched."""
    taps = discover(made("compiled inside"), picture()).plan.taps
    assert [tap.path for tap in taps if tap.leaf and tap.observable] == [f"0._orig_mod.{i}" for i in range(6)]
