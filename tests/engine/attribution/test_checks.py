"""The sanity pair and the deletion and insertion curves against plain torch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from explained import CLASS, explained, picture, torchvision_net
from nets import InPlace, TinyViT, seeded
from torch import Tensor, nn

from explorer.core.attribution import Attribution, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.attribution_methods import finished
from explorer.engine.attribution.baselines import baseline, blurred
from explorer.engine.attribution.curves import curve
from explorer.engine.attribution.sanity import randomised, sanity_pair, top_layers
from explorer.engine.capture.forward import discover


def test_layers_from_the_output_down() -> None:
    net = seeded(InPlace()).eval()
    assert top_layers(net, discover(net, picture()).plan) == ("fc", "bn2", "conv2", "bn1", "conv1")
    vit = import_vit()
    paths = top_layers(vit, discover(vit, picture(32)).plan)
    block = "encoder.layers.encoder_layer_1."
    assert paths[:6] == (
        "heads.head",
        "encoder.ln",
        f"{block}mlp.3",
        f"{block}mlp.0",
        f"{block}ln_2",
        f"{block}self_attention",
    )
    assert "" not in paths  # the class token is no top layer


def import_vit() -> nn.Module:
    from explorer.engine.models.torchvision_compat import import_torchvision

    torch.manual_seed(0)
    vit: nn.Module = import_torchvision().models.VisionTransformer(32, 8, 2, 2, 24, 48, num_classes=10)
    return vit.eval()


def test_a_twin_has_shuffled_weights_and_shares_the_others() -> None:
    net = seeded(InPlace()).eval()
    before = {name: p.clone() for name, p in net.named_parameters()}
    twin = dict(randomised(net, ("fc", "conv2"), seed=4).named_parameters())
    for name, p in net.named_parameters():
        assert torch.equal(p, before[name])
        if name.startswith(("fc", "conv2")):
            assert twin[name] is not p
            assert not torch.equal(twin[name], p)
            assert torch.equal(twin[name].flatten().sort().values, p.flatten().sort().values)
        else:
            assert twin[name] is p


def test_a_layer_is_shuffled_alike_however_many_are() -> None:
    net = seeded(InPlace()).eval()
    few, many = randomised(net, ("fc",), 2), randomised(net, ("fc", "bn2", "conv2"), 2)
    assert torch.equal(few.fc.weight, many.fc.weight)
    assert not torch.equal(few.fc.weight, randomised(net, ("fc",), 3).fc.weight)


def test_the_pair_is_the_method_on_the_twin() -> None:
    net, x = seeded(InPlace()).eval(), picture()
    plan = discover(net, x.clone()).plan
    original = explained("gradient", net, x)
    pair = finished(sanity_pair(original, net, x, plan, share=0.5, seed=1))
    assert pair.randomised == ("fc", "bn2", "conv2")
    twin = explained("gradient", randomised(net, pair.randomised, 1), x)
    assert np.array_equal(pair.twin.values, twin.values)
    assert abs(pair.rank) < 0.9
    assert pair.original is original


def test_guided_backpropagation_changes_less_than_the_gradient() -> None:
    """What the paper found, and why the pair is shown."""
    net, x = torchvision_net("resnet18"), picture(64)
    plan = discover(net, x.clone()).plan
    likeness = {}
    for name in ("gradient", "guided-backprop"):
        pair = finished(sanity_pair(explained(name, net, x), net, x, plan, share=0.02))
        assert pair.randomised == ("fc",)
        likeness[name] = pair.rank
    assert likeness["guided-backprop"] > 0.8 > likeness["gradient"]


def test_inside_the_network_the_top_begins_at_the_target() -> None:
    net, x = seeded(InPlace()).eval(), picture()
    plan = discover(net, x.clone()).plan
    pair = finished(sanity_pair(explained("gradient", net, x, Target("conv2", 1)), net, x, plan, share=0.3))
    assert pair.randomised == ("conv2",)


def test_grad_cam_stays_on_its_layer_and_partial_pairs_come() -> None:
    net, x = seeded(TinyViT()).eval(), picture(24)
    plan = discover(net, x.clone()).plan
    pair = finished(sanity_pair(explained("grad-cam", net, x), net, x, plan))
    assert pair.twin.layer == pair.original.layer
    smooth = explained("smoothgrad", net, x, samples=6, batch=2)
    partial = list(sanity_pair(smooth, net, x, plan))
    assert [round(p.fraction, 2) for p in partial] == [0.33, 0.67]


def test_without_weights_there_is_no_twin() -> None:
    net, x = nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()), picture()
    with pytest.raises(ExplorerError, match="no weight"):
        finished(sanity_pair(explained("gradient", net, x), net, x, discover(net, x.clone()).plan))


# --- curves


def own_curve(kind: str, net: nn.Module, x: Tensor, found: Attribution, steps: int) -> list[float]:
    """One forward a point, pixel by pixel."""
    start, end = (x, baseline(x, found.settings)) if kind == "deletion" else (blurred(x), x)
    flat = [(-float(found.values[:, i, j].sum()), i, j) for i in range(x.shape[2]) for j in range(x.shape[3])]
    flat.sort(key=lambda entry: entry[0])
    scores, mixed, done = [], start.clone(), 0
    for step in range(steps + 1):
        while done < round(step * len(flat) / steps):
            _, i, j = flat[done]
            mixed[..., i, j] = end[..., i, j]
            done += 1
        with torch.no_grad():
            scores.append(float(net(mixed)[0].softmax(0)[1]))
    return scores


@pytest.mark.parametrize("kind", ["deletion", "insertion"])
def test_curves_as_pixel_by_pixel(kind: str) -> None:
    net, x = seeded(InPlace()).eval(), picture()
    found = explained("gradient-x-input", net, x)
    plan = discover(net, x.clone()).plan
    drawn = finished(curve(kind, found, net, x, plan, steps=9))
    expected = own_curve(kind, net, x, found, 9)
    assert np.allclose(drawn.scores, expected, atol=1e-5)
    assert np.allclose(drawn.shares, np.arange(10) / 9)
    assert drawn.area == pytest.approx(sum((a + b) / 2 / 9 for a, b in pairwise(expected)), rel=1e-4)
    parts = list(curve(kind, found, net, x, plan, steps=31))
    assert [len(p.scores) for p in parts] == [8, 16, 24]
    assert len(parts[0].shares) == 8


def test_deletion_falls_faster_in_the_right_order() -> None:
    class Corner(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen = x[:, :, :6, :6].sum((1, 2, 3)) - 20
            return torch.stack([-seen, seen], 1) * 0.1

    net, x = Corner(), torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(0)) + 0.5
    plan = discover(net, x.clone()).plan
    right = explained("gradient-x-input", net, x)
    wrong = Attribution("gradient", CLASS, AttributionSettings(), -right.values, 0.0)
    areas = [finished(curve("deletion", a, net, x, plan)).area for a in (right, wrong)]
    assert areas[0] < 0.4 < areas[1]


def test_a_channel_is_scored_by_its_value() -> None:
    net, x = seeded(InPlace()).eval(), picture()
    target = Target("conv2", 1)
    drawn = finished(curve("deletion", explained("gradient", net, x, target), net, x, discover(net, x.clone()).plan, 4))
    with torch.no_grad():
        value = net.conv2(net.bn1(net.conv1(x)).relu())[0, 1].mean().item()
    assert drawn.scores[0] == pytest.approx(value, rel=1e-5)
