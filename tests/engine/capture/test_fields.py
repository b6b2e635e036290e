"""What is said of receptive fields against the gradient, at the borders too: squeezes by functions, writes, odd strides."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from reach import corners, positive, reached, verdict
from squeezes import OWN, WHOLE, Between
from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.core.geometry.receptive_field import seen_by
from explorer.engine.capture.forward import discover


def taps_of(net: nn.Module, size: tuple[int, int]) -> dict[str, Tap]:
    x = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return {tap.name: tap for tap in discover(net, x).plan.taps if tap.observable}


def wrong(net: nn.Module, size: tuple[int, int], taps: dict[str, Tap]) -> list[str]:
    x = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(2), dtype=torch.float64) + 0.1
    spatial = [tap for tap in taps.values() if tap.receptive is not None]
    return [said for seen in reached(net, x, spatial, corners) if (said := verdict(seen, size))]


@pytest.mark.parametrize("name", WHOLE)
def test_what_sees_the_whole_map_says_so(name: str) -> None:
    torch.set_default_dtype(torch.float64)  # constants that the functions make
    try:
        net = positive(Between(WHOLE[name]))
        taps = taps_of(net, (14, 14))
        for tap in (taps["mid"], taps["b"]):
            assert tap.receptive is None or tap.receptive.whole, tap
        assert name == "out" or wrong(net, (14, 14), taps) == []  # autograd knows no `out=`
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("name", OWN)
def test_what_stays_inside_its_cells_says_so(name: str) -> None:
    torch.set_default_dtype(torch.float64)
    try:
        net = positive(Between(OWN[name]))
        taps = taps_of(net, (14, 12))
        for tap in (taps["mid"], taps["b"]):
            assert tap.receptive is not None
            assert not tap.receptive.whole
        assert (taps["b"].receptive.size_y, taps["b"].receptive.jump_y) == (5, 1)
        assert wrong(net, (14, 12), taps) == []
    finally:
        torch.set_default_dtype(torch.float32)


class Strides(nn.Module):
    """Strides that leave rows over, then padding that would reach into them."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3, stride=2), nn.Conv2d(4, 4, 5, padding=2)
        self.pool, self.c = nn.MaxPool2d(2, 2), nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(self.pool(self.b(self.a(x))))


@pytest.mark.parametrize(
    ("layers", "exact"),
    [
        ([nn.Conv2d(3, 4, 3, padding=2, dilation=2)], [False]),  # the first column sees the first, third and fifth pixel
        ([nn.Conv2d(3, 4, 3, dilation=2)], [True]),
        ([nn.Conv2d(3, 4, 7, 2, 3), nn.MaxPool2d(3, 2, 1), nn.Conv2d(4, 4, 3, padding=2, dilation=2)], [True, True, False]),
        ([nn.Conv2d(3, 4, 7, padding=3), nn.Conv2d(4, 4, 3, padding=2, dilation=2), nn.Conv2d(4, 4, 3, padding=1)], [True] * 3),
        ([nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=(2, 1), dilation=(2, 1))], [True, True]),
        ([nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=3, dilation=3)], [True, False]),
        ([nn.MaxPool2d(2, 1, 1, dilation=2), nn.Conv2d(3, 4, 3, padding=1)], [False, False]),
        ([nn.ZeroPad2d((4, 0, 4, 0)), nn.Conv2d(3, 4, 3, dilation=2)], [False, False]),
    ],
)  # fmt: skip
def test_a_window_with_gaps_is_exact_where_its_ends_meet_the_border(layers: list[nn.Module], exact: list[bool]) -> None:
    net = positive(nn.Sequential(*layers))
    taps = taps_of(net, (24, 22))
    assert wrong(net, (24, 22), taps) == []
    assert [tap.receptive is not None and tap.receptive.exact for tap in taps.values()][:-1] == exact


class Crops(nn.Module):
    """What was cut off is out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=2)
        self.pad, self.d = nn.ZeroPad2d((3, 1, 0, 2)), nn.Conv2d(4, 4, 5)
        self.e = nn.Conv2d(4, 4, 2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.b(self.a(x)[:, :, 2:, 3:-1])
        y = F.pad(y, (-1, 2, 1, -2))
        return self.e(self.d(self.pad(self.c(y))))


class Ups(nn.Module):
    """Ways up: by functions with all their arguments, transposed convolutions that leave gaps, shuffled pixels."""

    def __init__(self, up: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.up, self.a, self.mid, self.b = (
            up,
            nn.Conv2d(3, 4, 3, stride=2),
            nn.Identity(),
            nn.Conv2d(4, 4, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.mid(self.up(self.a(x)) * 1))


UPS: dict[str, Callable[[Tensor], Tensor]] = {
    "bilinear": lambda y: F.interpolate(y, scale_factor=2, mode="bilinear"),
    "ten_times": lambda y: F.interpolate(y, scale_factor=10, mode="bilinear"),
    "aligned": lambda y: F.interpolate(y, (21, 17), mode="bilinear", align_corners=True),
    "bicubic": lambda y: F.interpolate(y, (23, 9), mode="bicubic"),
    "down": lambda y: F.interpolate(y, (3, 4), mode="bilinear"),
    "down_smooth": lambda y: F.interpolate(y, (3, 4), mode="bicubic", antialias=True),
    "factor": lambda y: F.interpolate(y, scale_factor=0.3, mode="nearest"),
    "factors": lambda y: F.interpolate(y, scale_factor=(1.7, 0.6), mode="nearest-exact"),
    "area": lambda y: F.interpolate(y, (4, 5), mode="area"),
    "nearest": lambda y: F.interpolate(y, scale_factor=2),
    "adaptive": lambda y: F.adaptive_avg_pool2d(y, (4, 5)),
    "adaptive_up": lambda y: F.adaptive_avg_pool2d(y, (13, 29)),
    "gaps": lambda y: F.conv_transpose2d(y, torch.ones(4, 4, 2, 2, dtype=y.dtype), stride=3, output_padding=2),
    "transposed": lambda y: F.conv_transpose2d(
        y, torch.ones(4, 4, 4, 3, dtype=y.dtype), stride=2, padding=1, dilation=2
    ),
    "same": lambda y: F.conv_transpose2d(y, torch.ones(4, 4, 3, 3, dtype=y.dtype), padding=1),
    "pixels": lambda y: F.pixel_shuffle(y.repeat(1, 4, 1, 1), 2),
    "replicate": lambda y: F.pad(y, (2, 1, 0, 3), mode="replicate"),
    "reflect": lambda y: F.pad(y, (2, 1, 0, 3), mode="reflect"),
    "strips": lambda y: y.mean(3, keepdim=True) + y.mean(2, keepdim=True),
    "strip": lambda y: y.mean(3, keepdim=True),
}


@pytest.mark.parametrize("size", [(17, 22), (19, 16)])
@pytest.mark.parametrize("name", UPS)
def test_no_cell_reaches_more_than_is_said_on_the_way_up(name: str, size: tuple[int, int]) -> None:
    net = positive(Ups(UPS[name]))
    taps = taps_of(net, size)
    assert wrong(net, size, taps) == []


@pytest.mark.parametrize("size", [(16, 17), (15, 18), (21, 14), (20, 23)])
@pytest.mark.parametrize("make", [Strides, Crops])
def test_what_is_exact_is_so_at_every_border(make: type[nn.Module], size: tuple[int, int]) -> None:
    net = positive(make())
    taps = taps_of(net, size)
    assert wrong(net, size, taps) == []
    assert taps["b"].receptive.exact
    assert seen_by(taps["a"], (0, 0), size).padding == (0, 0, 0, 0)


def test_a_row_that_a_stride_leaves_over_is_seen_by_nobody() -> None:
    net = positive(nn.Sequential(nn.Conv2d(3, 4, 3, stride=3), nn.Conv2d(4, 4, 3, padding=1)))
    tap = taps_of(net, (11, 11))["1"]
    seen = seen_by(tap, (2, 2), (11, 11))
    assert (seen.exact, seen.clipped.y1, seen.clipped.x1) == (True, 9.0, 9.0)


class Branches(nn.Module):
    """Channels with different fields, then some of them."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.few = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 7, padding=3), nn.Identity()
        self.each = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.small, self.all = nn.Identity(), nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.cat([self.a(x), self.b(x)], 1)
        self.few(y[:, :4] * 1)
        self.small(self.each(y)[:, 1:3] * 1)
        return self.all(y)


def test_a_choice_of_channels_may_see_less_than_all() -> None:
    net = positive(Branches())
    taps = taps_of(net, (16, 16))
    assert wrong(net, (16, 16), taps) == []
    assert not taps["few"].receptive.exact
    assert taps["all"].receptive.exact
    assert taps["all"].receptive.size_y == 7


class Masked(nn.Conv2d):
    """As in PixelCNN: the lower half of the kernel is zero."""

    def forward(self, x: Tensor) -> Tensor:
        mask = torch.ones_like(self.weight)
        mask[:, :, 2:] = 0
        return F.conv2d(x, self.weight * mask, self.bias, padding=2)


def test_a_masked_kernel_is_no_exact_box() -> None:
    net = positive(nn.Sequential(Masked(3, 4, 5), nn.Conv2d(4, 4, 3, padding=1)))
    taps = taps_of(net, (12, 12))
    assert wrong(net, (12, 12), taps) == []
    assert not taps["0"].receptive.exact


MEAN = torch.tensor([0.4, 0.5, 0.6], dtype=torch.float64).view(1, 3, 1, 1)


class Own(nn.Module):
    """Constants that are no buffers: of the module, of its class and of its file."""

    SCALE = torch.tensor(0.25, dtype=torch.float64)

    def __init__(self) -> None:
        super().__init__()
        self.shift = [torch.ones(1, 3, 1, 1, dtype=torch.float64)]
        self.a = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.a((x - MEAN) / self.SCALE + self.shift[0])


def test_constants_are_not_taken_for_values_of_the_input() -> None:
    tap = taps_of(positive(Own()), (9, 9))["a"]
    assert (tap.receptive.size_y, tap.receptive.whole, tap.receptive.exact) == (3, False, True)


class Numbers(nn.Module):
    """A mean that goes through Python."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)
        return self.b(y * float(y.mean()) + torch.from_numpy(y.detach().numpy().mean((2, 3))).view(1, 4, 1, 1))


def test_numbers_that_python_had_come_back_as_the_whole_input() -> None:
    taps = taps_of(positive(Numbers()), (9, 9))
    assert not taps["a"].receptive.whole
    assert taps["b"].receptive.whole
