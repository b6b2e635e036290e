"""The spectra of the weights of a first layer; no forward is needed."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.errors import ExplorerError
from explorer.core.method import MethodRequest
from explorer.core.models import AnyPreprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.engine.capture.kernels import kernels_of
from explorer.engine.jobs.job import Job
from explorer.engine.sound.filter_spectra import filter_spectra
from explorer.engine.studies import Studies
from explorer.methods.filters.spec import FilterParams, Filters


def run(
    engine: Studies, request: MethodRequest[FilterParams, Filters], job: Job
) -> Generator[Filters | None, None, Filters]:
    """Raises ExplorerError where the layer is no convolution over samples."""
    loaded, _, plan = engine.given(request, job)
    pre: AnyPreprocess = loaded.card.preprocess
    tap = next(tap for tap in plan.taps if tap.name == request.tap)
    kernel = kernels_of(loaded.module, pre).get(tap.path)
    yield None
    field = tap.receptive
    if not isinstance(pre, SoundPreprocess) or kernel is None or field is None:
        raise ExplorerError(f"{tap.name} has no filters over samples.", "", "Choose the first convolution.")
    weight = kernel.weight if kernel.weight.ndim == 3 else kernel.weight[:, :, 0]
    dilation = kernel.dilation[-1] if kernel.dilation else 1
    if kernel.weight.ndim not in (3, 4) or field.size_x != (weight.shape[-1] - 1) * dilation + 1:
        what = f"{tap.name} sees what other layers have made of the samples."
        raise ExplorerError(what, "Its filters are no filters over the sound.", "Choose the first convolution.")
    found = filter_spectra(weight, pre.hertz, dilation)
    return Filters(
        tap.name,
        found.hertz,
        found.decibels(),
        found.peak,
        found.width,
        found.share,
        found.order,
        found.cumulative,
        found.rate,
    )
