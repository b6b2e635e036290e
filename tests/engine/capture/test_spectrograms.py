"""Networks over (1, time, bands): their cells stand in rows of time, and their fields are what gradients reach."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.core.activations import Layout, Tap
from explorer.engine.capture.forward import capture, discover

FRAMES, BANDS = 40, 12


class Turned(nn.Module):
    """Patches as the Audio Spectrogram Transformer takes them: a map (bands, frames) of what came as (frames, bands)."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.patches = nn.Conv2d(1, 4, 6, 3)
        self.tokens, self.norm = nn.Identity(), nn.LayerNorm(4)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.patches(x.unsqueeze(1).transpose(2, 3))
        out: Tensor = self.norm(self.tokens(maps.flatten(2).transpose(1, 2)))
        return out


class Line(nn.Module):
    """Bands as channels: convolved in time alone."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.relu = nn.Conv1d(BANDS, 3, 5, 2), nn.Softplus()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.relu(self.conv(x.transpose(1, 2)))
        return out


def taps_of(net: nn.Module) -> dict[str, Tap]:
    return {tap.name: tap for tap in discover(net, torch.randn(1, FRAMES, BANDS), turned=True).plan.taps}


def reached(net: nn.Module, where: str, element: tuple[int, ...]) -> tuple[int, int, int, int]:
    """(first band, first frame, past the last band, past the last frame) that the gradient of an element reaches; of tokens
    and maps all channels together."""
    found: list[Tensor] = []
    handle = net.get_submodule(where).register_forward_hook(lambda _m, _a, out: found.append(out))
    x = torch.randn(1, FRAMES, BANDS, requires_grad=True)
    net(x)
    handle.remove()
    found[0][element].abs().sum().backward()
    assert x.grad is not None
    bands, frames = (torch.nonzero(x.grad[0].abs().sum(axis)).flatten() for axis in (0, 1))
    return int(bands[0]), int(frames[0]), int(bands[-1]) + 1, int(frames[-1]) + 1


@pytest.mark.parametrize("cell", [(0, 0), (1, 5), (2, 11)])
def test_patches_of_bands_and_frames(cell: tuple[int, int]) -> None:
    net = Turned().eval()
    taps = taps_of(net)
    assert (taps["patches"].layout, taps["patches"].grid) == (Layout.NCHW, (3, 12))
    assert (taps["tokens"].layout, taps["tokens"].grid) == (Layout.NLC, (3, 12))
    assert taps["norm"].grid == (3, 12)
    for name, element in (("patches", (0, slice(None), *cell)), ("tokens", (0, cell[0] * 12 + cell[1]))):
        field = taps[name].receptive
        assert field is not None
        assert field.exact
        box = field.box(*cell)
        assert (box.y0, box.x0, box.y1, box.x1) == reached(net, name, element)


@pytest.mark.parametrize("step", [0, 7, 17])
def test_lines_over_time_are_rows(step: int) -> None:
    net = Line().eval()
    tap = taps_of(net)["relu"]
    assert (tap.layout, tap.grid) == (Layout.NCT, (1, 18))
    assert tap.receptive is not None
    box = tap.receptive.box(0, step)
    assert (box.y0, box.x0, box.y1, box.x1) == reached(net, "relu", (0, slice(None), step))


def test_a_plan_that_is_made_anew_stays_turned() -> None:
    net, x = Turned().eval(), torch.randn(1, FRAMES, BANDS)
    plan = discover(net, x, turned=True).plan
    assert plan.turned
    again = capture(net, x, plan, ["patches"]).plan
    assert again.turned


class Front(nn.Module):
    """A spectrogram made inside the model."""

    def __init__(self) -> None:
        super().__init__()
        self.window: Tensor
        self.register_buffer("window", torch.hann_window(64))
        self.seen, self.conv = nn.Identity(), nn.Conv2d(1, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        power = torch.stft(x, 64, 16, window=self.window, return_complex=True).abs()
        out: Tensor = self.conv(self.seen(power.log1p()).unsqueeze(1))
        return out


def test_what_is_behind_a_fourier_transform_says_so() -> None:
    taps = {tap.name: tap for tap in discover(Front().eval(), torch.randn(1, 800)).plan.taps}
    for name in ("seen", "conv"):
        assert taps[name].receptive is None
        assert "Fourier transform" in taps[name].reason
