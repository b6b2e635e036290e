"""Guided backpropagation and deconvnet against autograd.Functions at every ReLU, and against captum where that is right."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from captum.attr import Deconvolution, GuidedBackprop
from explained import assert_close, explained, picture, torchvision_net
from nets import InPlace, SkipFromReluInput, TinyViT, seeded
from relu_oracle import oracle
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.relus import count_relus
from explorer.engine.capture.forward import discover

NETWORKS = (
    "googlenet",
    "mobilenet_v2",
    pytest.param("densenet121", marks=pytest.mark.slow),
    "squeezenet1_1",
    "resnet18",
    pytest.param("vgg11", marks=pytest.mark.slow),
    "shufflenet_v2_x0_5",
    "mnasnet0_5",
)
RULES = (("guided-backprop", True), ("deconvnet", False))


class Spellings(nn.Module):
    """A ReLU in every way torch has for it."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(3 if i == 0 else 6, 6, 3, padding=1) for i in range(9))
        self.relu, self.shared = nn.ReLU(), nn.ReLU(inplace=True)
        self.fc = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        ways = (
            self.relu,
            self.shared,
            self.shared,
            F.relu,
            lambda y: F.relu(y, inplace=True),
            torch.relu,
            lambda y: y.relu_(),
            F.relu6,
            lambda y: F.hardtanh(y, 0.0, 6.0, inplace=True),
        )
        for conv, way in zip(self.convs, ways, strict=True):
            x = way(conv(x))
        return self.fc(x.mean((2, 3)))


class OnViews(nn.Module):
    """In-place ReLUs on parts of a tensor, which autograd folds into copies of slices."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.next, self.fc = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 6, 3), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        y[:, :2].relu_()
        F.relu(y[:, 2:4], inplace=True)
        y = self.next(y)
        first, second = y.chunk(2, 1)
        return self.fc(torch.cat([F.relu6(first), second.relu()], 1).mean((2, 3)))


class Clamps(nn.Module):
    def __init__(self, way: str) -> None:
        super().__init__()
        self.way, self.conv, self.fc = way, nn.Conv2d(3, 6, 3), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        if self.way == "relu":
            y = y.relu()
        elif self.way == "clamp_min":
            y = y.clamp_min(0)
        elif self.way == "clamp_":
            y.clamp_(min=0.0)
        elif self.way == "threshold":
            y = F.threshold(y, 0.0, 0.0)
        elif self.way == "bound in a tensor":
            y = y.clamp(min=torch.zeros(()))
        return self.fc(y.mean((2, 3)))


@pytest.mark.parametrize(("method", "guided"), RULES)
@pytest.mark.parametrize("make", [Spellings, OnViews, InPlace])
def test_every_spelling_of_a_relu_is_caught(make: type[nn.Module], method: str, guided: bool) -> None:
    net = seeded(make()).eval()
    found = explained(method, net, picture())
    expected, calls = oracle(net, picture(), 1, guided)
    assert_close(found.values, expected[0])
    assert found.relus is not None
    assert (found.relus.guided, found.relus.total) == (calls, calls)
    assert found.notes == ()


@pytest.mark.parametrize("way", ["clamp_min", "clamp_", "threshold", "bound in a tensor"])
def test_a_clamp_at_zero_is_a_relu(way: str) -> None:
    usual = explained("deconvnet", seeded(Clamps("relu")).eval(), picture())
    found = explained("deconvnet", seeded(Clamps(way)).eval(), picture())
    assert found.relus is not None
    assert found.relus.label == "1 of 1"
    assert_close(found.values, usual.values, 1e-6)
    plain = explained("gradient", seeded(Clamps(way)).eval(), picture())
    assert abs(plain.values - found.values).max() > 0.1 * abs(plain.values).max()


@pytest.mark.parametrize(("method", "guided"), RULES)
@pytest.mark.parametrize("name", NETWORKS)
def test_exact_on_torchvision_networks(name: str, method: str, guided: bool) -> None:
    net, x = torchvision_net(name), picture(64)
    found = explained(method, net, x)
    expected, calls = oracle(net, x, 1, guided)
    assert_close(found.values, expected[0])
    assert found.relus is not None
    assert found.relus.label == f"{calls} of {calls}"


@pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU activations")
@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require gradients")
@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5"])
def test_as_captum_where_every_relu_is_a_module_of_its_own(name: str) -> None:
    net, x = torchvision_net(name), picture(64)
    for method, captum in (("guided-backprop", GuidedBackprop), ("deconvnet", Deconvolution)):
        assert_close(explained(method, net, x).values, captum(net).attribute(x.clone(), target=1)[0])


def test_the_count_ends_at_the_target() -> None:
    net, x = seeded(Spellings()).eval(), picture()
    plan = discover(net, x.clone()).plan
    assert count_relus(net, x, Target("convs.3", 0), plan).total == 3
    assert count_relus(net, x, Target("", 0), plan).total == 9
    assert explained("guided-backprop", net, x, Target("convs.3", 0)).relus == count_relus(
        net, x, Target("convs.3", 0), plan
    )


def test_without_a_relu_it_is_not_offered() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.Flatten(), nn.Linear(400, 3))
    for method, _ in (*RULES, ("guided-grad-cam", None)):
        with pytest.raises(ExplorerError, match=r"no ReLU.*1 Gelu"):
            explained(method, net, picture())
    with pytest.raises(ExplorerError, match="no ReLU"):
        explained("deconvnet", seeded(TinyViT()).eval(), picture(8))


def test_a_clamp_elsewhere_and_a_leaky_relu_are_none() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Hardtanh(), nn.LeakyReLU(), nn.ReLU(), nn.Flatten(), nn.Linear(400, 3))
    found = explained("guided-backprop", net, picture())
    assert found.relus is not None
    assert found.relus.label == "1 of 1"
    assert found.relus.others == (("LeakyRelu", 1),)


class Blind(nn.Module):
    """A ReLU where gradients are switched off: there is no way to guide it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 6, 3), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        with torch.no_grad():
            gate = y.relu()
        return self.fc((gate * y.relu()).mean((2, 3)))


def test_what_cannot_be_guided_is_counted_and_said() -> None:
    found = explained("guided-backprop", seeded(Blind()).eval(), picture())
    assert found.relus is not None
    assert found.relus.label == "1 of 2"
    assert found.notes


@pytest.mark.filterwarnings("ignore:.torch.jit")
def test_torchscript_is_guided_too() -> None:
    net = seeded(Clamps("relu")).eval()
    scripted = torch.jit.trace(net, picture())
    found = explained("guided-backprop", scripted, picture())
    assert_close(found.values, explained("guided-backprop", net, picture()).values)


def test_a_skip_from_the_input_of_an_in_place_relu() -> None:
    net, x = seeded(SkipFromReluInput()).eval(), picture()
    leaf = x.clone().requires_grad_()
    y = net.conv(leaf)
    relu = y.relu()
    # what the network computes: the in-place result is read twice
    (expected,) = torch.autograd.grad((net.next(relu) + relu)[0, 1].mean(), leaf, retain_graph=True)
    assert_close(explained("gradient", net, x, Target("output", 1)).values, expected[0])
    (at_relu,) = torch.autograd.grad((net.next(relu) + relu)[0, 1].mean(), relu, retain_graph=True)
    (expected,) = torch.autograd.grad(y, leaf, at_relu.clamp(min=0) * (y > 0))
    assert_close(explained("guided-backprop", net, x, Target("output", 1)).values, expected[0])


IMPORTS = """
import sys, torch
from torch import nn
from explorer.core.target import Target
from explorer.engine.capture.forward import discover
from explorer.engine.attribution.attribution_methods import METHODS, explain, finished
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))
x = torch.rand(1, 3, 8, 8)
plan = discover(net, x).plan
for name in METHODS:
    if name == "time-occlusion":  # of sounds
        continue
    finished(explain(name, net, x, Target("", 1), plan))
print([name for name in sys.modules if name.startswith(("torch._dynamo", "sympy"))])
"""


def test_no_method_imports_the_compiler() -> None:
    """It would hold every thread for more than a second at the first call."""
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr, done.stdout.strip()) == (0, "", "[]")
