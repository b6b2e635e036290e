"""Attributions and their checks on the worker thread, and which of them a model has for a target."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from explorer.core.attribution import METHODS, Attribution, Check, Curve, Offer, Offers, black_of, misfit
from explorer.core.errors import ExplorerError
from explorer.core.models import kind_of
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_methods import explain
from explorer.engine.attribution.attribution_run import differentiate
from explorer.engine.attribution.cam import default_layer, layers_for
from explorer.engine.attribution.curves import Kind, curve, no_curves
from explorer.engine.attribution.planes import grid_of
from explorer.engine.attribution.relus import count_relus
from explorer.engine.attribution.sanity import sanity_pair
from explorer.engine.attribution.stateless import keeps_state
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Given, Studies
from explorer.methods.attribution.spec import Asked, CheckRequest, OffersRequest, settings_of, target_of

if TYPE_CHECKING:
    from explorer.engine.worker import Worker

T = TypeVar("T")
R = TypeVar("R")


def run(engine: Studies, request: Asked, job: Job) -> Generator[Attribution, None, Attribution]:
    """Finer and finer maps. The baseline "black" is that of the model's preprocessing. Errors as `explain`."""
    loaded, x, plan = engine.given(request, job)
    pre = loaded.card.preprocess
    settings = settings_of(request.params, black_of(pre), grid_of(pre))
    steps = explain(request.params.method, loaded.module, x, target_of(request), plan, settings, job.cancelled)
    found: Attribution = yield from _each(steps, lambda partial: partial, lambda partial: partial.fraction, job)
    return found


def offers(worker: Worker, request: OffersRequest, job: Job) -> Offers:
    """Which methods can be had for a target, each with the reason where it cannot."""
    studies = worker.studies
    return studies.guarded(lambda: _offers(studies.given(request, job), request.target, job))


def check(worker: Worker, request: CheckRequest, job: Job) -> Generator[Check, None, Check]:
    """Streams the randomised twin, then the curves of deletion and insertion."""
    studies = worker.studies
    return studies.streamed(lambda: _check(studies.given(request, job), request.attribution, job))


def _each(
    steps: Generator[T, None, T], shown: Callable[[T], R], fraction: Callable[[R], float], job: Job
) -> Generator[R, None, T]:
    """Partial results as they are shown, each with its progress; returns the last one as it is."""
    while True:
        try:
            partial = shown(next(steps))
        except StopIteration as stop:
            result: T = stop.value
            return result
        job.progress("", fraction(partial))
        yield partial


def _check(given: Given, attribution: Attribution, job: Job) -> Generator[Check, None, Check]:
    loaded, x, plan = given

    def each(steps: Generator[T, None, T], shown: Callable[[T], Check]) -> Generator[Check, None, T]:
        return _each(steps, shown, lambda partial: partial.fraction, job)

    def drawn(kind: Kind) -> Generator[Curve, None, Curve]:
        return curve(kind, attribution, loaded.module, x, plan, cancelled=job.cancelled)

    twin = sanity_pair(attribution, loaded.module, x, plan, cancelled=job.cancelled)
    done = Check((yield from each(twin, Check)))
    without = no_curves(attribution.settings.sound)
    if without:
        return replace(done, without=without)
    yield done
    deletion = yield from each(drawn("deletion"), lambda part: replace(done, deletion=part))
    done = replace(done, deletion=deletion)
    insertion = yield from each(drawn("insertion"), lambda part: replace(done, insertion=part))
    return replace(done, insertion=insertion)


def _offers(given: Given, target: Target, job: Job) -> Offers:
    sound = kind_of(given[0].card.preprocess) == "sound"
    layers, gradient = _layers(given, target, job), _why_no_gradient(given, target, job)
    reasons = {
        "gradient": gradient,
        "relu": gradient or _why_no_relus(given, target, job),
        "layer": "" if layers else tr("There is no layer with a map in front of this target."),
        "stateless": str(keeps_state(given[2]) or ""),
    }
    methods = tuple(
        Offer(name, misfit(name, sound) or next((reasons[need] for need in method.needs if reasons[need]), ""))
        for name, method in METHODS.items()
    )
    return Offers(target, methods, layers)


def _layers(given: Given, target: Target, job: Job) -> tuple[str, ...]:
    """The usual one first; () where there is none."""
    loaded, x, plan = given
    try:
        usual = default_layer(loaded.module, x, target, plan, job.cancelled)
    except ExplorerError:
        return ()
    return (usual, *(name for name in layers_for(target, plan) if name != usual))


def _why_no_gradient(given: Given, target: Target, job: Job) -> str:
    loaded, x, plan = given
    if not x.is_floating_point():
        return tr("The input is {dtype}, whose values do not change smoothly.", dtype=x.dtype)
    try:
        differentiate(loaded.module, x, target, plan, job.cancelled)
    except ExplorerError as error:
        return error.what
    return ""


def _why_no_relus(given: Given, target: Target, job: Job) -> str:
    loaded, x, plan = given
    total = count_relus(loaded.module, x, target, plan, job.cancelled).total
    return "" if total else tr("There is no ReLU between the input and this target.")
