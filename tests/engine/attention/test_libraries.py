"""Models of timm, transformers and open_clip: every attention proved against the block's own output; logits stay the same."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explorer.core.attention import AttentionKind
from explorer.engine.attention.flow import rollout
from explorer.engine.attention.looks import looks_at
from explorer.engine.attention.record import ForwardAttention, RecordedAttention, find, record
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.models.torchvision_compat import import_torchvision


def library(name: str) -> Any:
    """The library, or a skip where it is not installed."""
    import_torchvision()  # before all of them, as the application does
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"not installed: {name}")
        return importlib.import_module(name)


def image(height: int, width: int) -> Tensor:
    return torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(1))


def lively(net: nn.Module) -> nn.Module:
    """Biases, scales and tables as random numbers, so that they count."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, p in net.named_parameters():
            if p.dim() < 2 or "relative_position" in name:
                p += torch.randn(p.shape, generator=generator) * 0.3
    return net.eval()


def rows_of(one: RecordedAttention) -> Tensor:
    return torch.cat([rows for _, rows in one.blocks()], -2)


def proved(net: nn.Module, x: Tensor, exact: bool = True) -> ForwardAttention:
    """All attentions of the model, each compared with what the block itself got."""
    with torch.no_grad():
        plain = tensors_of(net(x.clone()))
    found = find(net, x, values=True)
    output = tensors_of(found.output)
    assert plain.keys() == output.keys()
    for key, tensor in plain.items():
        # fused paths of nn.MultiheadAttention are not taken while anybody watches, and round otherwise
        torch.testing.assert_close(output[key], tensor, rtol=0, atol=0 if exact else 1e-5)
    assert list(found.records) == [call.name for call in found.calls] != []
    for name, one in found.records.items():
        assert one.result is not None
        assert float(one.result.abs().max()) > 1e-3, name
        torch.testing.assert_close(one.mixed(), one.grouped(one.result), rtol=0, atol=1e-5, msg=name)
        if not one.call.note:
            sums = rows_of(one).sum(-1)
            torch.testing.assert_close(sums, torch.ones_like(sums))
    quick = record(net, x, found.calls, values=True)
    for name, one in quick.records.items():
        assert torch.equal(rows_of(one), rows_of(found.of(name)))
    return found


TOKENS, WINDOWS, CROSS, CHANNELS = (
    AttentionKind.TOKENS,
    AttentionKind.WINDOWS,
    AttentionKind.CROSS,
    AttentionKind.CHANNELS,
)
REGISTERS = ("CLS", *(f"register {i}" for i in range(1, 5)))
TIMM: list[tuple[str, tuple[int, int], dict[str, Any], dict[AttentionKind, int], tuple[int, int], tuple[str, ...]]] = [
    # name, input, options, kinds, grid and prefix tokens of the first
    ("deit3_small_patch16_224", (224, 160), {"dynamic_img_size": True}, {TOKENS: 12}, (14, 10), ("CLS",)),
    ("vit_small_patch14_reg4_dinov2", (224, 168), {"dynamic_img_size": True}, {TOKENS: 12}, (16, 12), REGISTERS),
    ("beit_base_patch16_224", (224, 160), {"img_size": (224, 160), "depth": 4}, {TOKENS: 4}, (14, 10), ("CLS",)),
    ("swin_tiny_patch4_window7_224", (224, 256), {"img_size": (224, 256)}, {WINDOWS: 12}, (56, 64), ()),
    ("eva02_tiny_patch14_224", (224, 168), {"img_size": (224, 168)}, {TOKENS: 12}, (16, 12), ("CLS",)),
    ("cait_xxs24_224", (224, 160), {"img_size": (224, 160)}, {TOKENS: 24, CROSS: 2}, (14, 10), ()),
    ("maxvit_rmlp_pico_rw_256", (256, 256), {}, {WINDOWS: 18, TOKENS: 4}, (64, 64), ()),
    ("deit_tiny_distilled_patch16_224", (224, 224), {}, {TOKENS: 12}, (14, 14), ("CLS", "distillation")),
    ("vit_small_patch16_dinov3", (160, 224), {"dynamic_img_size": True}, {TOKENS: 12}, (10, 14), REGISTERS),
    ("xcit_nano_12_p16_224", (224, 160), {}, {CHANNELS: 12, CROSS: 2}, (0, 0), ()),
    ("levit_128s", (224, 224), {}, {TOKENS: 9, CROSS: 2}, (14, 14), ()),
    ("mvitv2_tiny", (224, 224), {}, {TOKENS: 6, CROSS: 4}, (56, 56), ()),
    ("mvitv2_small_cls", (224, 224), {}, {TOKENS: 12, CROSS: 4}, (56, 56), ("CLS",)),
    ("pvt_v2_b0", (224, 160), {}, {CROSS: 6, TOKENS: 2}, (56, 40), ()),
]


@pytest.mark.parametrize(("name", "size", "options", "kinds", "grid", "prefix"), TIMM, ids=[case[0] for case in TIMM])
def test_timm(
    name: str,
    size: tuple[int, int],
    options: dict[str, Any],
    kinds: dict[AttentionKind, int],
    grid: tuple[int, int],
    prefix: tuple[str, ...],
) -> None:
    timm = library("timm")
    torch.manual_seed(0)
    found = proved(lively(timm.create_model(name, pretrained=False, **options)), image(*size))
    counts = [call.kind for call in found.calls]
    assert {kind: counts.count(kind) for kind in set(counts)} == kinds
    first = found.calls[0]
    assert first.queries.grid == (grid if grid != (0, 0) else None)
    assert first.prefix_names == prefix
    if TOKENS in kinds and len(kinds) == 1:
        flow = rollout(list(found.records.values()))
        assert flow.map.sum() + flow.prefix.sum() == pytest.approx(1)
    assert any(call.note for call in found.calls) == name.startswith("cait")


def test_heads_and_windows_in_another_order() -> None:
    """NesT keeps its windows between the heads and the tokens."""
    timm = library("timm")
    found = proved(lively(timm.create_model("nest_tiny", pretrained=False)), image(224, 224))
    assert (found.calls[0].windows, found.calls[0].heads) == (16, 3)
    maps = looks_at(found.records[found.calls[0].name], (20, 33))
    assert maps.seen[14:28, 28:42].all()
    assert maps.seen.sum() == 14 * 14


CONFIG = {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 128}
FACE = [
    ("ViT", {**CONFIG, "image_size": (64, 96), "patch_size": 16}, (64, 96), (4, 6), ("CLS",)),
    (
        "Dinov2WithRegisters",
        {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "image_size": 70, "patch_size": 14},
        (70, 98),
        (5, 7),
        REGISTERS,
    ),
    ("CLIPVision", {**CONFIG, "image_size": 64, "patch_size": 16}, (64, 64), (4, 4), ("CLS",)),
    ("DINOv3ViT", {**CONFIG, "patch_size": 16, "num_register_tokens": 4}, (64, 96), (4, 6), REGISTERS),
    (
        "Swin",
        {"image_size": 56, "patch_size": 4, "embed_dim": 24, "depths": [2, 2], "num_heads": [2, 4], "window_size": 7},
        (56, 56),
        (14, 14),
        (),
    ),
]


@pytest.mark.parametrize(("name", "config", "size", "grid", "prefix"), FACE, ids=[case[0] for case in FACE])
def test_transformers(
    name: str, config: dict[str, Any], size: tuple[int, int], grid: tuple[int, int], prefix: tuple[str, ...]
) -> None:
    transformers = library("transformers")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes are imported when they are first named
        torch.manual_seed(0)
        net = lively(getattr(transformers, f"{name}Model")(getattr(transformers, f"{name}Config")(**config)))
    x = image(*size)
    net.set_attn_implementation("sdpa")
    fused = proved(net, x)
    assert all(call.fused and call.queries.grid is not None for call in fused.calls)
    assert fused.calls[0].queries.grid == grid
    assert fused.calls[0].prefix_names == prefix
    net.set_attn_implementation("eager")
    written = proved(net, x)
    assert not any(call.fused for call in written.calls)
    with torch.no_grad():
        oracle = net(x, output_attentions=True).attentions
    if name != "Swin":  # which hands out one of each stage
        assert len(oracle) == len(fused.calls)
        for found in (fused, written):
            for weights, one in zip(oracle, found.records.values(), strict=True):
                torch.testing.assert_close(rows_of(one), weights, rtol=0, atol=1e-6)


def test_open_clip_sees_pictures_and_text() -> None:
    open_clip = library("open_clip")
    logging.disable(logging.WARNING)  # that no weights were given
    try:
        clip = open_clip.create_model("ViT-B-32", pretrained=None)
    finally:
        logging.disable(logging.NOTSET)

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.clip, self.text = clip, torch.arange(77)[None] + 1000

        def forward(self, x: Tensor) -> Any:
            return self.clip(x, self.text)[:2]

    found = proved(lively(Both()), image(224, 224), exact=False)
    kinds = [call.kind for call in found.calls]
    assert kinds == [TOKENS] * 12 + [AttentionKind.UNPLACED] * 12
    assert found.calls[0].queries.grid == (7, 7)
    later = rows_of(found.records[found.calls[-1].name])[0, :, 3, 4:]
    assert torch.equal(later, torch.zeros_like(later))  # a word sees only the words before it
