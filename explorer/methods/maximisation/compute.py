"""Pictures that grow and those that are kept on disk. Run on the worker thread."""

from __future__ import annotations

import time
from collections.abc import Generator

import numpy as np
import torch

from explorer.core.any_input import as_picture
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.maximisation import LayerProgress, Maximised, MaximiseSettings, MaximiseState, Objective
from explorer.core.maximised_pictures import LayerPictures, Natural, thumb
from explorer.core.method import MethodRequest
from explorer.core.models import Preprocess, of_pictures
from explorer.core.params import counting
from explorer.core.translation import tr
from explorer.engine.inputs.samples import open_sample, sample_pictures
from explorer.engine.jobs.job import Job
from explorer.engine.maximisation.canvas import Canvas
from explorer.engine.maximisation.maximisation_jobs import every_channel, kept
from explorer.engine.maximisation.maximised_store import MaximisedStore
from explorer.engine.maximisation.natural import means_at
from explorer.engine.maximisation.optimise import TURN
from explorer.engine.maximisation.prepare import sides
from explorer.engine.studies import Studies
from explorer.engine.worker import Worker
from explorer.methods.maximisation.requests import (
    FindKept,
    FindThumbs,
    Forget,
    Grow,
    GrowLayer,
    MaximiseTarget,
    NaturalMeans,
)

Growing = Generator[Maximised, None, Maximised]


def run(engine: Studies, request: MethodRequest[MaximiseSettings, Maximised], job: Job) -> Growing:
    """The picture of the selected channel, from noise."""
    objective = Objective(request.tap, (request.channel or 0,))
    target = MaximiseTarget(request.model, objective, counting(request.params))
    return (yield from _grown(engine, Grow(target, as_picture(request.picture)), job))


def grow(worker: Worker, request: Grow, job: Job) -> Growing:
    """Streams the growing picture, then the finished one; goes on where it was interrupted."""
    return worker.studies.streamed(lambda: _grown(worker.studies, request, job))


def _grown(engine: Studies, request: Grow, job: Job) -> Growing:
    target, picture, plan = request.target, request.picture, None
    loaded, settings = engine.bench.model(target.model), target.settings
    pre = of_pictures(loaded.card.preprocess)
    if picture is not None and sides(pre, settings.size) == (pre.height, pre.width):
        plan = engine.bench.given(target.model, picture, job)[2]
    start = picture if picture is not None and settings.start == picture.digest else None
    return kept(loaded, target.objective, settings, MaximisedStore(), plan=plan, start=start, cancelled=job.cancelled)


def find_kept(worker: Worker, request: FindKept, _job: Job) -> Maximised | None:
    """What is kept: finished, or (`done` False) as far as it had come. None when nothing is."""
    target, store = request.target, MaximisedStore()
    asked = target.model, target.objective, target.settings
    finished = store.get(*asked)
    state = store.state(*asked) if finished is None else None
    if state is None:
        return finished
    pictures = _pictures(state, target.settings, of_pictures(worker.bench.model(target.model).card.preprocess))
    return None if pictures is None else Maximised(*asked, pictures, state.step, state.curve)


def forget(_worker: Worker, request: Forget, _job: Job) -> Generator[None, None, None]:
    """A generator, so that the one whose place it takes has ended before."""
    target = request.target
    MaximisedStore().forget_state(target.model, target.objective, target.settings)
    yield from ()


def grow_layer(worker: Worker, request: GrowLayer, job: Job) -> Generator[LayerProgress, None, LayerProgress]:
    """Streams how far a picture of every channel of a tap is."""
    layer, store = request.layer, MaximisedStore()
    return worker.studies.streamed(
        lambda: every_channel(
            worker.bench.model(layer.model), layer.tap, layer.settings, store, cancelled=job.cancelled
        )
    )


def find_thumbs(_worker: Worker, request: FindThumbs, _job: Job) -> Generator[LayerPictures, None, LayerPictures]:
    """Streams small pictures of those of the channels that are kept: more and more of them."""
    layer, store = request.layer, MaximisedStore()
    thumbs: dict[int, Array] = {}
    shown = time.perf_counter()
    for channel in request.channels:
        made = store.get(layer.model, Objective(layer.tap, (channel,)), layer.settings)
        if made is not None:
            thumbs[channel] = thumb(made.pictures[0])
        if time.perf_counter() - shown > TURN:
            yield LayerPictures(layer.tap, dict(thumbs))
            shown = time.perf_counter()
    return LayerPictures(layer.tap, thumbs)


def natural_means(worker: Worker, request: NaturalMeans, job: Job) -> Generator[Natural, None, Natural]:
    """Streams the best of the sample pictures for every channel of a tap. Raises ExplorerError when there are none."""
    return worker.studies.streamed(lambda: _natural(worker.studies, request, job))


def _natural(engine: Studies, request: NaturalMeans, job: Job) -> Generator[Natural, None, Natural]:
    samples, rows, titles = sample_pictures(), list[Array](), list[str]()
    if not samples:
        raise ExplorerError(tr("There are no natural pictures to compare with."), tr("No samples came along."))
    for sample in samples:
        loaded, x, plan = engine.bench.given(request.model, open_sample(sample.name), job)
        rows.append(means_at(loaded.module, x, plan, request.tap, job.cancelled))
        titles.append(sample.title)
        means = np.stack(rows)
        natural = Natural(request.model, request.tap, means.max(0), means.argmax(0), tuple(titles), len(samples))
        yield natural
    return natural


def _pictures(state: MaximiseState, settings: MaximiseSettings, pre: Preprocess) -> Array | None:
    """(N, H, W, C) uint8 of an interrupted one; None when it is of another size."""
    shape = (settings.batch, pre.channels, *sides(pre, settings.size))
    canvas = Canvas(shape, settings, torch.device("cpu"))
    try:
        canvas.load(state.parameters)
    except ExplorerError:
        return None
    return canvas.pixels()
