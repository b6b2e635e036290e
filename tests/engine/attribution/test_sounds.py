"""Attributions of sounds in every layout of a tensor, against captum and plain torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from captum.attr import (
    Deconvolution,
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    LayerGradCam,
    NoiseTunnel,
    Occlusion,
    Saliency,
)
from explained import CLASS, assert_close, explained
from relu_oracle import oracle
from torch import Tensor, nn

from explorer.core.attribution import METHODS, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.sound_grid import SoundGrid
from explorer.core.sound_preprocess import LogMel, SoundPreprocess
from explorer.engine.attribution.attribution_methods import finished
from explorer.engine.attribution.baselines import baseline
from explorer.engine.attribution.curves import curve
from explorer.engine.attribution.planes import as_planes, grid_of
from explorer.engine.capture.forward import discover

BANDS = tuple(100.0 * i for i in range(1, 9))
SILENCE = tuple(-1.0 - i for i in range(8))
GRIDS = {
    "NCT": SoundGrid("NCT", (), 0.5),
    "NT": SoundGrid("NT", (), 0.5),
    "NCHW": SoundGrid("NCHW", BANDS, 10.0, SILENCE),
    "NCT mels": SoundGrid("NCT", BANDS, 10.0, SILENCE),
    "NTC": SoundGrid("NTC", BANDS, 10.0, SILENCE),
}
SHAPES = {"NCT": (1, 2, 60), "NT": (1, 60), "NCHW": (1, 1, 8, 30), "NCT mels": (1, 8, 30), "NTC": (1, 30, 8)}


class Laid(nn.Module):
    """A small network over any of the layouts; convolves in time, of NCHW also over the bands."""

    def __init__(self, layout: str) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.layout = layout
        channels = {"NT": 1, "NCT": 2}.get(layout, 8)
        self.conv = nn.Conv2d(1, 6, 3, padding=1) if layout == "NCHW" else nn.Conv1d(channels, 6, 5, padding=2)
        self.relu = nn.ReLU()
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, None] if self.layout == "NT" else x.transpose(1, 2) if self.layout == "NTC" else x
        scores: Tensor = self.head(self.relu(self.conv(x)).flatten(2).amax(-1))
        return scores


@pytest.fixture(params=list(GRIDS))
def laid(request: pytest.FixtureRequest) -> tuple[Laid, Tensor, SoundGrid]:
    name = request.param
    x = torch.randn(SHAPES[name], generator=torch.Generator().manual_seed(3))
    return Laid(name).eval(), x, GRIDS[name]


def planes(tensor: Tensor, grid: SoundGrid) -> Tensor:
    return as_planes(tensor, grid)[0]


@pytest.mark.filterwarnings("ignore:Setting backward hooks")
@pytest.mark.parametrize(
    "method", ["gradient", "gradient-x-input", "guided-backprop", "deconvnet", "integrated-gradients"]
)
def test_as_captum(laid: Any, method: str) -> None:
    net, x, grid = laid
    leaf = x.clone().requires_grad_()
    expected = {
        "gradient": lambda: Saliency(net).attribute(leaf, target=1, abs=False),
        "gradient-x-input": lambda: InputXGradient(net).attribute(leaf, target=1),
        "guided-backprop": lambda: GuidedBackprop(net).attribute(leaf, target=1),
        "deconvnet": lambda: Deconvolution(net).attribute(leaf, target=1),
        "integrated-gradients": lambda: IntegratedGradients(net).attribute(
            leaf, silent(x, grid), target=1, n_steps=20, method="gausslegendre"
        ),
    }[method]()
    found = explained(method, net, x, CLASS, sound=grid, baseline="silence", steps=20)
    assert found.values.shape == planes(x, grid).shape
    assert_close(found.values, planes(expected, grid))
    if method == "integrated-gradients":
        assert found.gap is not None
        assert found.ground is not None
        assert_close(found.ground + 2, planes(silent(x, grid), grid) + 2)


def test_smoothgrad_as_captum_given_the_same_noise(laid: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    net, x, grid = laid
    generator = torch.Generator().manual_seed(5)
    draws = torch.cat([torch.randn(x.shape, generator=generator) for _ in range(7)])
    monkeypatch.setattr(torch, "normal", lambda _mean, std: draws * std)
    expected = NoiseTunnel(Saliency(net)).attribute(
        x.clone().requires_grad_(),
        nt_type="smoothgrad",
        nt_samples=7,
        stdevs=0.2 * float(x.max() - x.min()),
        target=1,
        abs=False,
    )
    monkeypatch.undo()
    for batch in (1, 3):
        found = explained("smoothgrad", net, x, CLASS, sound=grid, samples=7, noise=0.2, seed=5, batch=batch)
        assert_close(found.values, planes(expected, grid))


class InPlaceReLUs(nn.Module):
    """A waveform network with the spellings of ReLU that captum does not see."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.one, self.two, self.head = nn.Conv1d(1, 6, 9, stride=2), nn.Conv1d(6, 8, 5), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.one(x), inplace=True)
        scores: Tensor = self.head(torch.relu(self.two(y)).amax(-1))
        return scores


@pytest.mark.parametrize(("method", "guided"), [("guided-backprop", True), ("deconvnet", False)])
def test_every_spelling_of_a_relu_over_samples(method: str, guided: bool) -> None:
    net, x = InPlaceReLUs().eval(), torch.randn(1, 1, 64, generator=torch.Generator().manual_seed(4))
    found = explained(method, net, x, CLASS, sound=SoundGrid("NCT", (), 0.5))
    expected, calls = oracle(net, x, 1, guided)
    assert_close(found.values, planes(expected, SoundGrid("NCT", (), 0.5)))
    assert found.relus is not None
    assert (found.relus.guided, found.relus.total) == (calls, calls) == (2, 2)


def silent(x: Tensor, grid: SoundGrid) -> Tensor:
    """By hand: every band at its own level."""
    if not grid.bands:
        return torch.zeros_like(x)
    level = torch.tensor(SILENCE)
    shape = {"NCHW": (1, 1, 8, 1), "NCT": (1, 8, 1), "NTC": (1, 1, 8)}[grid.layout]
    return level.reshape(shape).expand_as(x).clone()


def test_the_mean_of_each_band(laid: Any) -> None:
    _, x, grid = laid
    found = planes(baseline(x, AttributionSettings(sound=grid, baseline="mean")), grid)
    assert_close(found, planes(x, grid).mean(-1, keepdim=True).expand_as(found))


@pytest.mark.filterwarnings("ignore:Setting backward hooks")
@pytest.mark.parametrize("method", ["grad-cam", "guided-grad-cam"])
def test_grad_cam_on_lines_and_maps(laid: Any, method: str) -> None:
    net, x, grid = laid
    found = explained(method, net, x, CLASS, sound=grid, layer="relu")
    cam = LayerGradCam(net, net.relu).attribute(x.clone().requires_grad_(), target=1, relu_attributions=True).detach()
    assert found.cam is not None
    assert_close(found.cam, cam[0, 0] if cam.dim() == 4 else cam[0])
    size = planes(x, grid).shape[1:]
    drawn = F.interpolate(cam if cam.dim() == 4 else cam[:, :, None], size, mode="bilinear", align_corners=False)[0]
    if method == "guided-grad-cam":
        leaf = x.clone().requires_grad_()
        drawn = drawn * planes(GuidedBackprop(net).attribute(leaf, target=1), grid)
    assert_close(found.values, drawn)


def test_covering_time_as_captum(laid: Any) -> None:
    """Whole windows: 12 and 3 places; captum reaches past the end as we do."""
    net, x, grid = laid
    at = {"NT": 0, "NCT": 1, "NTC": 0, "NCHW": 2}[grid.layout]
    window, stride = round(60 / grid.ms / (1 if grid.bands else 10)), round(30 / grid.ms / (1 if grid.bands else 10))
    sides = list(x.shape[1:])
    sides[at] = window
    steps = [1] * len(sides)
    steps[at] = stride
    expected = Occlusion(net).attribute(x, tuple(sides), tuple(steps), silent(x, grid), target=1)
    ms = {"window_ms": round(window * grid.ms), "stride_ms": round(stride * grid.ms)}
    found = explained("time-occlusion", net, x, CLASS, sound=grid, baseline="silence", **ms)
    assert_close(np.broadcast_to(found.values, planes(x, grid).shape), planes(expected, grid))


def test_covering_time_and_frequency_as_captum() -> None:
    """Windows of 400 Hz every 200 Hz: four of the even bands, every two."""
    net, grid = Laid("NCHW").eval(), GRIDS["NCHW"]
    x = torch.randn(SHAPES["NCHW"], generator=torch.Generator().manual_seed(3))
    expected = Occlusion(net).attribute(x, (1, 4, 6), (1, 2, 3), silent(x, grid), target=1)
    choices = {"window_ms": 60, "stride_ms": 30, "band_hz": 400}
    found = explained("time-occlusion", net, x, CLASS, sound=grid, baseline="silence", **choices)
    inner = slice(0, 6)  # captum has no window that reaches past the highest band
    assert_close(found.values[0, inner], expected[0, 0, inner])


def test_windows_of_hertz_hold_the_bands_whose_middles_lie_in_them() -> None:
    grid = SoundGrid("NCHW", (50.0, 150.0, 400.0, 1000.0, 3000.0), 10.0)
    assert grid.heights(0, 0) == ((0, 5),)
    assert grid.heights(500, 250) == ((0, 3), (2, 3), (3, 4), (4, 5))
    assert grid.times(100, 50, 25)[:2] == ((0, 5), (2, 7))
    assert grid.times(3, 50, 25) == ((0, 5),)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"stride_ms": 60}, "does not fit"),
        ({"window_ms": 0}, "does not fit"),
        ({"band_hz": 100}, "no bands"),
        ({"baseline": "blur"}, "no baseline"),
    ],
)
def test_what_cannot_be_covered(choices: dict[str, Any], said: str) -> None:
    net, x = Laid("NCT").eval(), torch.randn(SHAPES["NCT"])
    with pytest.raises(ExplorerError, match=said):
        explained("time-occlusion", net, x, CLASS, sound=GRIDS["NCT"], **choices)


def test_methods_of_the_other_kind_say_so() -> None:
    net, x = Laid("NCT").eval(), torch.randn(SHAPES["NCT"])
    with pytest.raises(ExplorerError, match="not for this input"):
        explained("occlusion", net, x, CLASS, sound=GRIDS["NCT"])
    with pytest.raises(ExplorerError, match="not for this input"):
        explained("time-occlusion", Laid("NCHW").eval(), torch.randn(SHAPES["NCHW"]), CLASS)
    assert set(METHODS) >= {"occlusion", "time-occlusion"}


def test_cells_of_a_spectrogram_are_deleted_in_their_order() -> None:
    net, grid = Laid("NTC").eval(), GRIDS["NTC"]
    x = torch.randn(SHAPES["NTC"], generator=torch.Generator().manual_seed(3))
    plan = discover(net, x.clone()).plan
    found = explained("gradient", net, x, CLASS, sound=grid, baseline="silence")
    deletion = finished(curve("deletion", found, net, x, plan, steps=4))
    order = np.argsort(-found.values[0].reshape(-1), kind="stable")
    half = x.clone()
    rows, columns = np.unravel_index(order[:120], (8, 30))
    half[0, columns, rows] = silent(x, grid)[0, columns, rows]
    assert_close(deletion.scores[2], net(half).softmax(1)[0, 1])
    insertion = finished(curve("insertion", found, net, x, plan, steps=4))
    assert_close(insertion.scores[0], net(silent(x, grid)).softmax(1)[0, 1])


def test_no_curve_of_a_waveform() -> None:
    net, grid = Laid("NT").eval(), GRIDS["NT"]
    x = torch.randn(SHAPES["NT"])
    found = explained("gradient", net, x, CLASS, sound=grid)
    with pytest.raises(ExplorerError, match="waveform"):
        finished(curve("deletion", found, net, x, discover(net, x.clone()).plan))


def test_grids_of_preprocessings() -> None:
    wave = grid_of(SoundPreprocess(8000))
    mels = grid_of(SoundPreprocess(16000, 1.0, features="log-mel", log_mel=LogMel(mels=40), layout="NCHW"))
    assert wave is not None
    assert mels is not None
    assert (wave.bands, wave.ms, wave.silence) == ((), 0.125, (0.0,))
    assert (len(mels.bands), mels.ms, mels.silence) == (40, 10.0, (-100.0,) * 40)
