"""Grids, token order and receptive fields against things that cannot lie: the gradient, and values known from elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from nets import InPlace, TinyViT, seeded
from torch import Tensor, nn

from explorer.core.render import as_maps, prefix_tokens
from explorer.engine.capture.forward import Discovery, discover
from explorer.engine.capture.values import to_array


def zoo(name: str) -> nn.Module:
    from explorer.engine.models.torchvision_compat import import_torchvision

    torch.manual_seed(0)
    model: nn.Module = import_torchvision().models.get_model(name, weights=None)
    return model.eval()


def maps_of(seen: Discovery, name: str) -> Any:
    tap = next(t for t in seen.plan.taps if t.name == name)
    return as_maps(to_array(seen.tensors[name], tap.batched), tap)


class Dilated(nn.Module):
    """Branches of different width, dilation, pooling with ceil mode, asymmetric kernels and a concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3, padding=2, dilation=2)
        self.b = nn.Conv2d(3, 4, (1, 5), padding=(0, 2))
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.c = nn.Conv2d(8, 4, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(self.pool(torch.cat([self.a(x), F.pad(self.b(x), (0, 0, 0, 0))], 1)))


class UpDown(nn.Module):
    """A U-Net's way: down, up by transposed convolution and by interpolation, joined with the skip."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(4, 4, 4, stride=2, padding=1)
        self.end = nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.down(x)
        return self.end(torch.cat([self.up(y), F.interpolate(y, scale_factor=2, mode="bilinear")], 1))


def gradient_extent(
    net: nn.Module, path: str, call: int, layout: str, y: int, x: int, size: int
) -> tuple[int, int, int, int] | None:
    """Rows and columns of the input that one cell's sum over channels depends on, by autograd with smooth activations."""
    picture = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(5)).requires_grad_()
    calls: list[Tensor] = []
    handle = net.get_submodule(path).register_forward_hook(lambda _m, _a, out: calls.append(out.clone()))
    net(picture * 1)
    handle.remove()
    out = calls[call]
    cell = out[0, :, y, x] if layout == "NCHW" else out[0, y, x]
    (cell * torch.linspace(1, 2, cell.numel())).sum().backward()
    touched = picture.grad.abs().sum((0, 1)) > 0
    rows, columns = torch.nonzero(touched.any(1)).flatten(), torch.nonzero(touched.any(0)).flatten()
    return None if not len(rows) else (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


# reached without a ReLU or a maximum on the way, which would stop some of the gradient
LINEAR = {"conv1", "bn1", "a", "b", "down"}


@pytest.mark.parametrize(("make", "size"), [(InPlace, 12), (Dilated, 33), (UpDown, 16)])
def test_no_pixel_outside_the_box_has_a_gradient_and_the_exact_box_is_reached(make: type[nn.Module], size: int) -> None:
    net = seeded(make()).eval()
    taps = [
        t
        for t in discover(net, torch.rand(1, 3, size, size)).plan.taps
        if t.observable and t.grid and t.grid[0] > 1 and t.path
    ]
    assert taps
    for tap in taps:
        assert tap.receptive is not None
        for y, x in {(0, 0), (tap.grid[0] // 2, tap.grid[1] // 2), (tap.grid[0] - 1, 1)}:
            extent = gradient_extent(net, tap.path, tap.call, tap.layout, y, x, size)
            box = tap.receptive.box(y, x)
            if extent is None or tap.receptive.whole:
                continue
            clipped = (max(0, box.y0), max(0, box.x0), min(size, box.y1), min(size, box.x1))
            assert clipped[0] <= extent[0]
            assert clipped[1] <= extent[1]
            assert clipped[2] >= extent[2]
            assert clipped[3] >= extent[3]
            inside = clipped == (box.y0, box.x0, box.y1, box.x1)
            if tap.name in LINEAR and inside:
                assert extent == clipped, tap.name


def test_the_whole_field_is_said_where_statistics_see_everything() -> None:
    class Norms(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.group, self.after = nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Conv2d(4, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.after(self.group(self.conv(x)))

    taps = {t.name: t for t in discover(seeded(Norms()), torch.rand(1, 3, 12, 12)).plan.taps}
    assert not taps["conv"].receptive.whole
    assert taps["group"].receptive.whole
    assert taps["after"].receptive.whole


def test_squeeze_and_excitation_sees_everything() -> None:
    taps = {t.name: t for t in discover(zoo("efficientnet_b0"), torch.rand(1, 3, 64, 64)).plan.taps}
    assert not taps["features.1.0.block.0"].receptive.whole
    assert taps["features.1.0.block.1"].receptive.whole


def test_published_receptive_fields() -> None:
    """Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019: size and stride."""
    published = {"vgg16": ("features", 212, 32), "resnet18": ("layer4", 435, 32), "alexnet": ("features", 195, 32)}
    for name, (path, size, stride) in published.items():
        tap = next(t for t in discover(zoo(name), torch.rand(1, 3, 224, 224)).plan.taps if t.name == path)
        assert (tap.receptive.size_y, tap.receptive.jump_y) == (size, stride), name


def test_windowed_tokens_return_to_their_cells() -> None:
    """MaxViT cuts its maps into windows and grids: put in order, the tokens must be the maps they were cut from."""
    seen = discover(zoo("maxvit_t"), torch.rand(1, 3, 224, 224))
    block = "blocks.1.layers.0.layers"
    assert np.array_equal(maps_of(seen, f"{block}.window_attention.partition_op"), maps_of(seen, f"{block}.MBconv"))
    before = maps_of(seen, f"{block}.window_attention")
    assert np.array_equal(maps_of(seen, f"{block}.grid_attention.partition_swap"), before)
    assert np.array_equal(
        maps_of(seen, f"{block}.grid_attention.departition_swap"), maps_of(seen, f"{block}.grid_attention")
    )


class Windowed(nn.Module):
    """Cut into windows that stay pictures, (windows, 4, 4, C), and put together again."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.inside, self.after = nn.Conv2d(3, 5, 2, 2), nn.Identity(), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.embed(x).permute(0, 2, 3, 1)
        windows = y.view(1, 2, 4, 3, 4, 5).permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, 4, 4, 5)
        inside = self.inside(windows * 1).view(1, 2, 3, 4, 4, 5)
        return self.after(inside.permute(0, 1, 3, 2, 4, 5).contiguous().view(1, 8, 12, 5) * 1)


def test_windows_that_are_pictures_are_no_batch() -> None:
    seen = discover(seeded(Windowed()), torch.rand(1, 3, 16, 24))
    taps = {tap.name: tap for tap in seen.plan.taps}
    assert (taps["inside"].grid, taps["inside"].batched) == ((8, 12), False)
    assert taps["inside"].order[:8] == (0, 1, 2, 3, 12, 13, 14, 15)
    assert np.array_equal(maps_of(seen, "inside"), maps_of(seen, "embed"))
    assert np.array_equal(maps_of(seen, "after"), maps_of(seen, "embed"))


def test_vision_transformer_tokens_are_the_patches_in_order() -> None:
    net = zoo("vit_b_32")
    x = torch.rand(1, 3, 224, 224)
    seen = discover(net, x)
    tap = next(t for t in seen.plan.taps if t.name == "encoder.dropout")
    assert (tap.grid, tap.prefix) == ((7, 7), 1)
    with torch.no_grad():
        position = net.encoder.pos_embedding[0]
        expected = net.conv_proj(x)[0] + position[1:].T.reshape(768, 7, 7)
        token = net.class_token[0] + position[:1]
    assert np.allclose(maps_of(seen, "encoder.dropout"), expected.numpy(), atol=1e-5)
    values = to_array(seen.tensors["encoder.dropout"], tap.batched)
    assert np.allclose(prefix_tokens(values, tap), token.numpy(), atol=1e-6)


def test_swin_maps_are_channels_last_with_their_stride() -> None:
    seen = discover(zoo("swin_t"), torch.rand(1, 3, 96, 160))
    taps = {t.name: t for t in seen.plan.taps}
    assert (taps["features.3"].layout, taps["features.3"].grid) == ("NHWC", (12, 20))
    assert taps["features.3"].receptive.jump_y == 8
    assert maps_of(seen, "features.3").shape == (192, 12, 20)


def test_tokens_without_a_grid_say_so() -> None:
    net = seeded(nn.Sequential(nn.Flatten(1), nn.Unflatten(1, (12, 16)), nn.Linear(16, 4)))
    tap = next(t for t in discover(net, torch.rand(1, 3, 8, 8)).plan.taps if t.name == "2")
    assert tap.grid is None
    assert tap.reason


def test_registers_come_before_the_grid() -> None:
    seen = discover(seeded(TinyViT(registers=4)), torch.rand(1, 3, 12, 8))
    tap = next(t for t in seen.plan.taps if t.name == "out")
    assert (tap.grid, tap.prefix) == ((3, 2), 5)
