"""Gradient, gradient x input, SmoothGrad and integrated gradients against captum and plain autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients, NoiseTunnel, Saliency
from explained import CLASS, OF_PICTURES, assert_close, explained, picture, torchvision_net
from nets import InferenceInside, InPlace, TinyViT, seeded
from torch import Tensor, nn

from explorer.core.attribution import METHODS, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.attribution.batches import Batches
from explorer.engine.attribution.target_output import tap_of
from explorer.engine.capture.class_vector import scores_of
from explorer.engine.capture.forward import discover

SMALL = ("mobilenet_v2", "squeezenet1_1", "resnet18", "shufflenet_v2_x0_5", "mnasnet0_5")
LARGE = ("googlenet", "densenet121", "vgg11")
NETWORKS = (*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE))


@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require gradients")
@pytest.mark.parametrize("name", NETWORKS)
def test_as_captum(name: str) -> None:
    net, x = torchvision_net(name), picture(64)
    assert_close(explained("gradient", net, x).values, Saliency(net).attribute(x.clone(), target=1, abs=False)[0])
    expected = InputXGradient(net).attribute(x.clone().requires_grad_(), target=1)[0]
    assert_close(explained("gradient-x-input", net, x).values, expected)
    captum, gap = IntegratedGradients(net).attribute(x.clone(), target=1, n_steps=8, return_convergence_delta=True)
    found = explained("integrated-gradients", net, x, steps=8)
    assert_close(found.values, captum[0])
    assert found.gap == pytest.approx(float(gap), rel=1e-3, abs=1e-4 * float(np.abs(found.values).sum()))


@pytest.mark.parametrize("baseline", ["black", "blur", "noise"])
def test_any_baseline_and_number_of_steps_as_captum(baseline: str) -> None:
    from explorer.engine.attribution.baselines import baseline as made

    net, x = seeded(InPlace()).eval(), picture()
    choices = {"baseline": baseline, "black": (-1.0, -2.0, -0.5), "seed": 3}
    start = made(x, AttributionSettings(**choices))
    expected = IntegratedGradients(net).attribute(x.clone(), start, target=1, n_steps=37)
    found = explained("integrated-gradients", net, x, steps=37, batch=5, **choices)
    assert_close(found.values, expected[0])
    with torch.no_grad():
        assert found.baseline_value == pytest.approx(float(net(start)[0, 1]), rel=1e-5)


@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require gradients")
def test_smoothgrad_as_captum_given_the_same_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    net, x = seeded(InPlace()).eval(), picture()
    generator = torch.Generator().manual_seed(5)
    draws = torch.cat([torch.randn(x.shape, generator=generator) for _ in range(7)])
    monkeypatch.setattr(torch, "normal", lambda _mean, std: draws * std)
    sigma = 0.2 * float(x.max() - x.min())
    expected = NoiseTunnel(Saliency(net)).attribute(
        x.clone(), nt_type="smoothgrad", nt_samples=7, stdevs=sigma, target=1, abs=False
    )
    monkeypatch.undo()
    for batch in (1, 3, 8):
        found = explained("smoothgrad", net, x, samples=7, noise=0.2, seed=5, batch=batch)
        assert_close(found.values, expected[0])


def test_noise_depends_on_the_seed_alone() -> None:
    net = seeded(InPlace()).eval()
    a, b, other = (explained("smoothgrad", net, picture(), seed=seed, samples=4).values for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, other)


@pytest.mark.parametrize(
    "target", [Target("relu_1", 2), Target("bn1", 2), Target("conv2", 1, (3, 4)), Target("fc", 4), Target("pool", 1)]
)
def test_targets_inside_the_network(target: Target) -> None:
    net, x = seeded(InPlace()).eval(), picture()
    leaf = x.clone().requires_grad_()
    bn1 = net.bn1(net.conv1(leaf))
    conv2 = net.conv2(bn1.relu())
    last = (net.bn2(conv2) + bn1.relu()).relu()
    pool = last.mean((2, 3))
    value = {
        "relu_1": last[0, 2].mean(),
        "bn1": bn1[0, 2].mean(),
        "conv2": conv2[0, 1, 3, 4],
        "fc": net.fc(pool)[0, 4],
        "pool": pool[0, 1],
    }[target.tap]
    (expected,) = torch.autograd.grad(value, leaf)
    found = explained("gradient", net, x, target)
    assert_close(found.values, expected[0])
    assert found.value == pytest.approx(value.item(), rel=1e-5)


def test_partial_results_grow_to_the_final_one() -> None:
    net, x = seeded(InPlace()).eval(), picture()
    plan = discover(net, x.clone()).plan
    for name in ("smoothgrad", "integrated-gradients", "occlusion"):
        steps, partial = (
            explain(name, net, x, Target("", 1), plan, AttributionSettings(steps=20, samples=20, batch=4)),
            [],
        )
        while True:
            try:
                partial.append(next(steps))
            except StopIteration as stop:
                final = stop.value
                break
        shares = [p.fraction for p in partial]
        assert len(partial) >= 3
        assert shares == sorted(set(shares))
        assert shares[-1] < 1 == final.fraction
        half = partial[len(partial) // 2].values
        alike = np.corrcoef(half.reshape(-1), final.values.reshape(-1))[0, 1]
        assert alike > 0.8 or name == "occlusion"  # one position says nothing about the next here


class Alone(nn.Module):
    """Takes one input only."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = seeded(InPlace())

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x.reshape(1, 3, 12, 12))


class Mixing(nn.Module):
    """Its result depends on the other inputs of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = seeded(InPlace())

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x - x.mean())


@pytest.mark.parametrize("make", [Alone, Mixing])
@pytest.mark.parametrize("method", ["smoothgrad", "integrated-gradients", "occlusion"])
def test_a_model_that_does_not_take_batches(make: type[nn.Module], method: str) -> None:
    net, x = make().eval(), picture()
    choices = {"samples": 5, "steps": 6, "window": 4, "stride": 4}
    assert_close(
        explained(method, net, x, batch=4, **choices).values, explained(method, net, x, batch=1, **choices).values
    )


def test_out_of_memory_halves_the_batch() -> None:
    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = seeded(InPlace())

        def forward(self, x: Tensor) -> Tensor:
            if len(x) > 2:
                raise MemoryError
            return self.inner(x)

    net, x = Small().eval(), picture()
    plan = discover(net, x.clone()).plan
    batches = Batches(net, Target("", 1), plan, 8, lambda: False)
    with torch.no_grad():
        expected = net.inner(x.repeat(9, 1, 1, 1))[:, 1].double()
    assert torch.allclose(batches.values(x.repeat(9, 1, 1, 1)), expected)
    assert batches.size == 2


def test_weights_made_in_inference_mode() -> None:
    with torch.inference_mode():
        net = seeded(InPlace()).eval()
    assert_close(
        explained("gradient", net, picture()).values, explained("gradient", seeded(InPlace()).eval(), picture()).values
    )


class WritesItsInput(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = seeded(InPlace())

    def forward(self, x: Tensor) -> Tensor:
        x -= 0.5
        return self.inner(x)


def test_a_model_that_writes_into_its_input() -> None:
    x = picture()
    before = x.clone()
    found = explained("gradient", WritesItsInput().eval(), x)
    assert torch.equal(x, before)
    assert_close(found.values, explained("gradient", seeded(InPlace()).eval(), x - 0.5).values)


class Whole(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(432, 4)

    def forward(self, x: Tensor) -> Tensor:
        return (self.fc(x.flatten(1)) * 100).long()


@pytest.mark.parametrize("method", [name for name, about in METHODS.items() if "gradient" in about.needs])
def test_without_gradients_it_says_so(method: str) -> None:
    with pytest.raises(ExplorerError, match=r"no gradient|no layer"):
        explained(method, Whole().eval(), picture())
    with pytest.raises(ExplorerError, match="no gradient"):
        explained(method, seeded(InferenceInside()).eval(), picture(), Target("output", 1))


def test_occlusion_needs_no_gradient() -> None:
    assert np.abs(explained("occlusion", Whole().eval(), picture()).values).max() > 0


def test_whole_numbers_are_a_target_where_nothing_else_can_be() -> None:
    net, x = Whole().eval(), picture()
    plan = discover(net, x.clone()).plan
    assert scores_of(plan.taps) is None  # and no prediction
    assert tap_of(CLASS, plan).name == "output"
    with pytest.raises(ExplorerError, match=r"no class 4\. The model has classes 0 to 3"):
        tap_of(Target("", 4), plan)

    class Two(Whole):
        def forward(self, x: Tensor) -> Any:
            return super().forward(x), super().forward(x)[:, :2]

    class Mask(Whole):
        def forward(self, x: Tensor) -> Any:
            return super().forward(x) > 0

    for other in (Two(), Mask()):
        with pytest.raises(ExplorerError, match="no class predictions"):
            tap_of(CLASS, discover(other.eval(), x.clone()).plan)


@pytest.mark.filterwarnings("ignore")
def test_a_quantised_model() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(432, 8), nn.ReLU(), nn.Linear(8, 3)).eval()
    quantised = torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)
    with pytest.raises(ExplorerError, match="no gradient"):
        explained("gradient", quantised, picture())
    assert np.abs(explained("occlusion", quantised, picture()).values).max() > 0


class Root(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (x * 0).sqrt()


class Log(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (x - 0.5).log()


@pytest.mark.parametrize(("odd", "said"), [(Root(), "gradient of this target is not finite"), (Log(), "target is nan")])
@pytest.mark.parametrize("method", ["gradient", "smoothgrad", "integrated-gradients"])
def test_nan_is_said_with_its_layer(odd: nn.Module, said: str, method: str) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 1), odd, nn.Flatten(), nn.Linear(576, 3))
    with pytest.raises(ExplorerError, match=said) as raised:
        explained(method, net, picture())
    assert "layer 1" in str(raised.value) or "layer 0" in str(raised.value)


def test_one_channel_and_many() -> None:
    for channels in (1, 5):
        net = nn.Sequential(nn.Conv2d(channels, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 3))
        for name in OF_PICTURES:
            found = explained(name, net, picture(channels=channels), steps=4, samples=4)
            assert found.values.shape == (1 if name in ("grad-cam", "occlusion") else channels, 12, 12)
            assert found.values.dtype == np.float32


def test_a_transformer() -> None:
    net, x = seeded(TinyViT()).eval(), picture(8)
    expected = Saliency(net).attribute(x.clone().requires_grad_(), target=1, abs=False)
    assert_close(explained("gradient", net, x).values, expected[0])


def test_what_is_no_target_is_said() -> None:
    net, x = seeded(InPlace()).eval(), picture()
    for target, said in (
        (Target("", 5), "no class 5"),
        (Target("nowhere", 0), "no tap named nowhere"),
        (Target("conv1", 8), "no channel 8"),
        (Target("conv1", 0, (12, 0)), "no cell 12, 0"),
    ):
        with pytest.raises(ExplorerError, match=said):
            explained("gradient", net, x, target)
    with pytest.raises(ExplorerError, match="no class predictions"):
        explained("gradient", nn.Conv2d(3, 4, 3), x, Target("", 0))
    with pytest.raises(ExplorerError, match="no method"):
        explained("magic", net, x)
    with pytest.raises(ExplorerError, match="of one input"):
        finished(explain("gradient", net, x.repeat(2, 1, 1, 1), Target("", 0), discover(net, x.clone()).plan))


@pytest.mark.parametrize("token", [0, 2])
def test_a_prefix_token_as_the_target(token: int) -> None:
    net, x = seeded(TinyViT()).eval(), picture(8)
    target = Target("out", 3, (-1, token))
    found = finished(explain("gradient", net, x, target, discover(net, x.clone()).plan))
    leaf, kept = x.clone().requires_grad_(), []
    handle = net.out.register_forward_hook(lambda _m, _a, out: kept.append(out))
    net(leaf)
    handle.remove()
    value = kept[0][0, token, 3]
    value.backward()
    assert_close(found.values, leaf.grad[0])
    assert found.value == pytest.approx(float(value.detach()), rel=1e-6)
    with pytest.raises(ExplorerError, match="no cell"):
        finished(explain("gradient", net, x, Target("out", 3, (-1, 3)), discover(net, x.clone()).plan))
