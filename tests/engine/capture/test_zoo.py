"""torchvision's classification models (all with `-m ""`): no tap is wrong, and the cost is the published one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from families import networks
from torch import Tensor, nn

from explorer.engine.capture.forward import capture, discover
from explorer.engine.capture.outputs import parts
from explorer.engine.models.torchvision_compat import import_torchvision


def build(name: str) -> nn.Module:
    torch.manual_seed(0)
    extra: dict[str, Any] = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model: nn.Module = import_torchvision().models.get_model(name, weights=None, **extra)
    return model.eval()


def reference(net: nn.Module, x: Tensor) -> dict[tuple[str, int, str], Tensor]:
    """Plain torch with every in-place flag off, each output cloned in its hook."""
    found: dict[tuple[str, int, str], Tensor] = {}
    counts: dict[str, int] = {}
    flagged = [m for m in net.modules() if getattr(m, "inplace", False)]
    for m in flagged:
        m.inplace = False

    def keep(path: str) -> Any:
        def hook(_m: nn.Module, _a: object, output: object) -> None:
            call = counts.get(path, 0)
            counts[path] = call + 1
            for key, value in parts(output):
                if isinstance(value, Tensor):
                    found[path, call, key] = value.clone()

        return hook

    handles = [m.register_forward_hook(keep(path)) for path, m in net.named_modules()]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    for m in flagged:
        m.inplace = True
    return found


def size_for(name: str) -> int:
    if name.startswith(("vit_", "maxvit")):
        return 224
    return 128 if name == "inception_v3" else 64


@pytest.mark.slow
@pytest.mark.parametrize("name", networks())
def test_no_tap_is_wrong(name: str) -> None:
    net = build(name)
    size = size_for(name)
    first, second = (torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(s)) for s in (1, 2))
    watched = discover(net, first.clone())
    for x, seen in ((first, watched), (second, capture(net, second.clone(), watched.plan))):
        expected = reference(net, x)
        got = {(t.path, t.call, t.key): seen.tensors[t.name] for t in seen.plan.taps if t.observable}
        assert set(got) == set(expected)
        wrong = [key for key, value in expected.items() if not torch.allclose(got[key], value, rtol=1e-4, atol=1e-5)]
        assert wrong == []
    spatial = [t for t in watched.plan.taps if t.observable and len(t.shape) == 4 and "cpb_mlp" not in t.name]
    assert [t.name for t in spatial if t.grid is None or t.receptive is None] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["resnet50", "mobilenet_v2", "densenet121", "googlenet", "vit_b_16", "swin_t", "swin_v2_t", "maxvit_t"]
)
def test_multiply_adds_are_the_published_ones(name: str) -> None:
    weights = next(w for w in import_torchvision().models.get_model_weights(name) if w.name == "IMAGENET1K_V1")
    side = weights.transforms().crop_size[0]
    taps = discover(build(name), torch.rand(1, 3, side, side)).plan.taps
    root = next(t for t in taps if t.path == "" and t.observable)
    assert root.macs / 1e9 == pytest.approx(weights.meta["_ops"], abs=0.002)
