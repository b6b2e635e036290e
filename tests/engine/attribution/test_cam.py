"""Grad-CAM against captum, on the layers and layouts that go wrong elsewhere."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from captum.attr import GuidedGradCam, LayerGradCam
from explained import assert_close, explained, picture, torchvision_net
from nets import InPlace, TinyViT, seeded
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.cam import default_layer, layers_for
from explorer.engine.capture.forward import discover
from explorer.engine.models.torchvision_compat import import_torchvision

LAST = {
    "resnet18": "layer4.1.relu_1",
    "mobilenet_v2": "features.18.2",
    "squeezenet1_1": "classifier.2",
    "shufflenet_v2_x0_5": "conv5.2",
    "mnasnet0_5": "layers.16",
}


def best_class(net: nn.Module, x: Tensor, layer: nn.Module) -> int:
    """A class whose map is not 0 everywhere."""
    return next(i for i in range(50) if LayerGradCam(net, layer).attribute(x, i, relu_attributions=True).any())


@pytest.mark.parametrize("name", LAST)
def test_as_captum(name: str) -> None:
    net, x = torchvision_net(name), picture(64)
    layer = LAST[name].removesuffix("_1") if name == "resnet18" else LAST[name]
    # captum attaches to modules; the sum of a residual block is its block
    module = net.layer4 if name == "resnet18" else net.get_submodule(layer)
    index = best_class(net, x, module)
    found = explained("grad-cam", net, x, Target("", index))
    expected = LayerGradCam(net, module).attribute(x, index, relu_attributions=True)
    assert found.layer == LAST[name]
    assert found.cam is not None
    assert_close(found.cam, expected[0, 0])
    drawn = F.interpolate(expected, x.shape[2:], mode="bilinear", align_corners=False)
    assert_close(found.values, drawn[0])


@pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU activations")
@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require gradients")
def test_guided_as_captum() -> None:
    net, x = torchvision_net("resnet18"), picture(64)
    index = best_class(net, x, net.layer4)
    expected = GuidedGradCam(net, net.layer4).attribute(x.clone(), index, interpolate_mode="bilinear")
    found = explained("guided-grad-cam", net, x, Target("", index))
    assert_close(found.values, expected[0])
    assert found.relus is not None
    assert found.relus.label == "17 of 17"


@pytest.mark.parametrize("layer", ["conv1", "bn1", "relu", "conv2", "bn2", "relu_1"])
def test_any_layer_with_an_in_place_relu_behind_it(layer: str) -> None:
    net, x = seeded(InPlace()).eval(), picture()
    leaf = x.clone().requires_grad_()
    conv1 = net.conv1(leaf)
    bn1 = net.bn1(conv1)
    relu = bn1.relu()
    conv2 = net.conv2(relu)
    bn2 = net.bn2(conv2)
    last = (bn2 + relu).relu()
    out = net.fc(last.mean((2, 3)))
    maps = {"conv1": conv1, "bn1": bn1, "relu": relu, "conv2": conv2, "bn2": bn2, "relu_1": last}[layer]
    for index in range(5):
        (slopes,) = torch.autograd.grad(out[0, index], maps, retain_graph=True)
        expected = (slopes.mean((2, 3), keepdim=True) * maps).sum(1)[0].clamp(min=0)
        found = explained("grad-cam", net, x, Target("", index), layer=layer)
        assert found.cam is not None
        if expected.any():
            assert_close(found.cam, expected)
        else:
            assert not found.cam.any()
            assert found.notes


def test_tokens_are_laid_out_without_class_token_and_registers() -> None:
    net, x = seeded(TinyViT()).eval(), picture(24)
    leaf = x.clone().requires_grad_()
    y = net.embed(leaf).flatten(2).transpose(1, 2)
    y = torch.cat([net.prefix.expand(1, -1, -1), y], 1)
    normed = net.norm(y)
    q, k, v = net.qkv(normed).chunk(3, -1)
    out = net.head((y + net.out(F.scaled_dot_product_attention(q, k, v)))[:, 0])
    for index in range(6):
        (slopes,) = torch.autograd.grad(out[0, index], normed, retain_graph=True)
        weighted = (slopes[0, 3:].mean(0) * normed[0, 3:]).sum(1)
        found = explained("grad-cam", net, x, Target("", index), layer="norm")
        assert found.cam is not None
        assert_close(found.cam + 1.0, weighted.clamp(min=0).reshape(6, 6) + 1.0, 1e-5)
    assert explained("grad-cam", net, x).layer == "norm"  # what the queries, keys and values are made of


def test_vision_transformer_before_its_last_attention() -> None:
    torch.manual_seed(0)
    net = import_torchvision().models.VisionTransformer(32, 8, 3, 2, 24, 48, num_classes=10).eval()
    x = picture(32)
    found = explained("grad-cam", net, x)  # its head is 0 as made: nothing moves the target
    assert found.layer == "encoder.layers.encoder_layer_2.ln_1"
    assert found.notes
    nn.init.normal_(net.heads.head.weight)
    found = explained("grad-cam", net, x)
    assert found.layer == "encoder.layers.encoder_layer_2.ln_1"
    assert found.cam is not None
    assert found.cam.shape == (4, 4)
    assert found.values.shape == (1, 32, 32)


@pytest.mark.slow
def test_vit_b_16() -> None:
    net = torchvision_net("vit_b_16")
    nn.init.normal_(net.heads.head.weight, generator=torch.Generator().manual_seed(0))
    found = explained("grad-cam", net, picture(224), Target("", 3))
    assert found.layer == "encoder.layers.encoder_layer_11.ln_1"
    assert found.cam is not None
    assert found.cam.shape == (14, 14)


def test_swin_in_its_own_layout() -> None:
    net, x = torchvision_net("swin_t"), picture(96)
    found = explained("grad-cam", net, x, Target("", 3))
    assert found.layer == "permute"
    kept: list[Tensor] = []
    handle = net.norm.register_forward_hook(lambda _m, _a, out: kept.append(out))
    out = net(x.clone().requires_grad_())
    handle.remove()
    (slopes,) = torch.autograd.grad(out[0, 3], kept[0])
    expected = (slopes.mean((1, 2), keepdim=True) * kept[0]).sum(-1)[0].clamp(min=0)
    assert found.cam is not None
    assert_close(found.cam, expected)
    # windows of shifted blocks know their cells
    windows = explained("grad-cam", net, x, Target("", 3), layer="features.7.1.norm1")
    assert windows.cam is not None
    assert windows.cam.shape == (3, 3)


def test_default_layers_come_before_the_pooling() -> None:
    net, x = torchvision_net("vgg11"), picture(64)
    plan = discover(net, x.clone()).plan
    assert default_layer(net, x, Target("", 1), plan) == "features.19"
    assert "features.20" not in layers_for(Target("", 1), plan)
    assert layers_for(Target("features.10", 1), plan)[0] in ("features.9", "features.8")


def test_a_channel_inside_has_a_map_of_the_layers_before_it() -> None:
    net, x = seeded(InPlace()).eval(), picture()
    found = explained("grad-cam", net, x, Target("conv2", 3))
    assert found.layer == "relu"
    for layer, said in (("relu_1", "does not come before"), ("fc", "no map"), ("nowhere", "no tap")):
        with pytest.raises(ExplorerError, match=said):
            explained("grad-cam", net, x, Target("conv2", 3), layer=layer)


def test_where_there_is_no_layer() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(432, 3))
    with pytest.raises(ExplorerError, match="no layer with a map"):
        explained("grad-cam", net, picture())
    with pytest.raises(ExplorerError, match="no map"):
        explained("grad-cam", seeded(InPlace()).eval(), picture(), layer="pool")  # 1 x 1
