"""The spectra of the weights of a first layer; no forward is needed."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.errors import ExplorerError
from explorer.core.method import MethodRequest
from explorer.core.models import AnyPreprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.translation import tr
from explorer.engine.capture.kernels import kernels_of
from explorer.engine.jobs.job import Job
from explorer.engine.sound.filter_spectra import filter_spectra, over_samples
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
    over = over_samples(tap, kernel, pre.channels) if isinstance(pre, SoundPreprocess) else None
    if over is None or not isinstance(pre, SoundPreprocess):
        what = tr("{tap} does not see the samples themselves.", tap=tap.name)
        raise ExplorerError(what, tr("Its filters are no filters over the sound."), tr("Choose the first convolution."))
    weight, dilation = over
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
