"""Gradient ascent on a waveform within ±1, or on a spectrogram between the levels of silence and of the loudest sample sound."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.method import MethodRequest
from explorer.core.sound_grid import SoundGrid
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_run import differentiate, evaluate
from explorer.engine.attribution.gradients import as_map
from explorer.engine.attribution.planes import as_planes, grid_of
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.data_sets.world_samples import made, sound_names
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from explorer.methods.sound_maximisation.spec import SoundMaximisation, SoundMaximisationParams

_LEARNING = {True: 0.01, False: 0.05}  # of a waveform, of a spectrogram
_LOUD = 0.05  # mean square of a waveform whose energy costs the whole penalty
_SHOWN = 8  # steps between two partial results


@dataclass(frozen=True, slots=True, eq=False)
class _Canvas:
    """What is moved by the ascent, and how it becomes the model's input."""

    like: Tensor
    grid: SoundGrid
    low: float
    high: float

    @property
    def wave(self) -> bool:
        return not self.grid.bands

    def drawn(self, free: Tensor) -> Tensor:
        return torch.tanh(free) if self.wave else self.low + (self.high - self.low) * torch.sigmoid(free)

    def free_of(self, x: Tensor) -> Tensor:
        """What is drawn as x, as far as it lies within the limits."""
        if self.wave:
            return torch.atanh(x.clamp(-0.98, 0.98))
        return torch.logit(((x - self.low) / (self.high - self.low)).clamp(0.02, 0.98))

    def cost(self, x: Tensor) -> Tensor:
        """Energy of a waveform over `_LOUD`; of a spectrogram how much neighbours differ, over its own variance."""
        if self.wave:
            return x.square().mean() / _LOUD
        planes = as_planes(x, self.grid)
        rough = planes.diff(dim=-1).square().mean() + planes.diff(dim=-2).square().mean()
        return 0.1 * rough / self.like.var().clamp(min=1e-12)

    def moved(self, x: Tensor, places: int) -> Tensor:
        """Rolled in time."""
        return torch.roll(x, places, _time_of(self.grid))


def run(
    engine: Studies, request: MethodRequest[SoundMaximisationParams, SoundMaximisation], job: Job
) -> Generator[SoundMaximisation | None, None, SoundMaximisation]:
    """Streams what has become of it. Raises ExplorerError where the channel has no gradient, CancelledError."""
    loaded, x, plan = engine.given(request, job)
    pre, params = loaded.card.preprocess, request.params
    grid = grid_of(pre)
    if grid is None or not isinstance(pre, SoundPreprocess):
        raise ExplorerError(tr("Only a network that takes sounds hears any."), pre.says, tr("Open a model of sounds."))
    target = Target(request.tap, request.channel or 0)
    yield None
    names = sound_names()
    sounds = [as_input(input_tensor(_sample(name), pre), loaded.module, engine.bench.device) for name in names]
    if pre.taken is None:  # no longer than the sound that is open
        time = _time_of(grid)
        sounds = [each.narrow(time, 0, min(each.shape[time], x.shape[time])) for each in sounds]
    values = [float(evaluate(loaded.module, each, target, plan, job.cancelled)[0]) for each in sounds]
    best = max(range(len(values)), key=values.__getitem__)
    level = as_planes(sounds[best], grid)
    canvas = _Canvas(
        sounds[best], grid, min(*grid.silence, float(level.min())), max(float(each.max()) for each in sounds)
    )
    for state in _ascent(canvas, loaded.module, target, plan, params, job):
        found = _result(request, canvas, state, (values[best], names[best]), pre.hertz)
        yield found
    return found


def _time_of(grid: SoundGrid) -> int:
    """The dimension of the tensor that is time."""
    return 1 if grid.layout == "NTC" else -1


def _sample(name: str) -> Sound:
    found = made(name)
    assert isinstance(found, Sound)
    return found


State = tuple[Tensor, float, int, str]  # input, value, steps, where it started


def _ascent(
    canvas: _Canvas, module: nn.Module, target: Target, plan: CapturePlan, params: SoundMaximisationParams, job: Job
) -> Generator[State]:
    """The state after some steps again and again, the last one after all of them."""
    chance = torch.Generator().manual_seed(params.noise_seed)
    free, start = _beginning(canvas, module, target, plan, chance, job)
    free.requires_grad_()
    optimiser = torch.optim.Adam([free], _LEARNING[canvas.wave])
    most = round(params.jitter / canvas.grid.ms)
    for step in range(1, params.steps + 1):
        if job.cancelled():
            raise CancelledError
        places = int(torch.randint(-most, most + 1, (1,), generator=chance))
        with torch.enable_grad():
            x = canvas.drawn(free)
            moved = canvas.moved(x, places)
            now, slope = differentiate(module, moved, target, plan, job.cancelled)
            loss = -(moved * slope).sum() + params.penalty / 100 * abs(float(now[0])) * canvas.cost(x)
            optimiser.zero_grad()
            (free.grad,) = torch.autograd.grad(loss, free)
        optimiser.step()
        if step % _SHOWN == 0 or step == params.steps:
            drawn = canvas.drawn(free.detach())
            value = float(evaluate(module, drawn, target, plan, job.cancelled)[0])
            yield drawn, value, step, start


def _beginning(
    canvas: _Canvas, module: nn.Module, target: Target, plan: CapturePlan, chance: torch.Generator, job: Job
) -> tuple[Tensor, str]:
    """Faint noise; where that gives no gradient (behind a rectifier that is shut) the best sample sound."""
    noise = torch.randn(canvas.like.shape, generator=chance).to(canvas.like)
    if canvas.wave:
        free = 0.001 * noise
    else:
        planes = as_planes(canvas.like, canvas.grid)
        level = torch.empty_like(canvas.like)
        as_planes(level, canvas.grid)[:] = planes.mean(-1, keepdim=True)
        free = canvas.free_of(level) + 0.01 * noise
    slope = differentiate(module, canvas.drawn(free), target, plan, job.cancelled)[1]
    if bool(slope.any()):
        return free, "noise" if canvas.wave else tr("the mean of each band")
    return canvas.free_of(canvas.like), tr("the best sample sound, for noise gives no gradient")


def _result(
    request: MethodRequest[SoundMaximisationParams, SoundMaximisation],
    canvas: _Canvas,
    state: State,
    best: tuple[float, str],
    rate: int,
) -> SoundMaximisation:
    drawn, value, steps, start = state
    return SoundMaximisation(
        request.tap,
        request.channel or 0,
        as_map(drawn, canvas.grid),
        value,
        *best,
        start,
        canvas.wave,
        rate,
        canvas.grid.ms,
        steps,
        request.params,
    )
