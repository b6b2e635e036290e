"""A forward up to the layer, and the sound that the model was given, weighted by the channel's map; of a filter bank the filter itself."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from explorer.core.activations import Kind, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.layouts import as_maps, as_sequence
from explorer.core.method import MethodRequest
from explorer.core.sound_axes import EvenAxis
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.engine.attribution.class_evidence import CUT, class_evidence
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import capture
from explorer.engine.capture.kernels import kernels_of
from explorer.engine.capture.values import to_array
from explorer.engine.jobs.job import Job
from explorer.engine.sound.filter_spectra import over_samples
from explorer.engine.sound.heard import HeardChannel, channel_heard, filter_heard
from explorer.engine.sound.sound_tensor import SoundTensor, prepared_sound
from explorer.engine.studies import Studies
from explorer.methods.hear.spec import EVIDENCE, HeardSound, HearParams

_MASK = tr("the channel's map as a mask on the spectrum of the sound")
_EVIDENCE = tr(
    "what raises the class, from {cut:.0%} of the largest on, as a mask on the spectrum of the sound", cut=CUT
)
_FILTER = tr("the sound through the filter, at every sample")


def run(
    engine: Studies, request: MethodRequest[HearParams, HeardSound], job: Job
) -> Generator[HeardSound | None, None, HeardSound]:
    """Raises ExplorerError where the layer has no place in time, CancelledError."""
    loaded, _, plan = engine.given(request, job)
    pre, given = loaded.card.preprocess, request.picture
    if not isinstance(pre, SoundPreprocess) or not isinstance(given, Sound):
        raise ExplorerError(
            tr("Only a network that takes sounds can be heard."), pre.says, tr("Open a model of sounds.")
        )
    tap = next(tap for tap in plan.taps if tap.name == request.tap)
    number, label = request.channel or 0, ""
    evidence = request.params.part == EVIDENCE
    yield None
    prepared = prepared_sound(given, pre, job.cancelled)
    kernel = kernels_of(loaded.module, pre).get(tap.path) if tap.kind is Kind.CONV else None
    over = over_samples(tap, kernel, pre.channels) if pre.bands == 1 and not evidence else None
    if over is not None:
        weight, dilation = over
        heard, way = filter_heard(prepared.heard, weight[number], dilation), _FILTER
    else:
        x = as_input(prepared.values, loaded.module, engine.bench.device)
        if evidence:
            index, one = class_evidence(loaded.module, x, plan, tap, job.cancelled)
            labels = loaded.card.labels
            label, way = labels[index] if index < len(labels) else tr("class {index}", index=index), _EVIDENCE
            one = (one >= CUT * one.max()).astype(np.float64) if one.any() else one
        else:
            seen = capture(loaded.module, x, plan, [tap.name], cancelled=job.cancelled)
            one, way = _map_of(to_array(seen.tensors[tap.name], tap.batched), tap, number), _MASK
        heard = _masked(prepared, one, tap, job)
    return HeardSound(
        tap.name,
        number,
        way,
        heard.sound,
        heard.channel,
        heard.rest,
        heard.rate,
        heard.gain,
        heard.share,
        prepared.heard.first,
        request.params,
        label,
    )


def _map_of(values: Array, tap: Tap, number: int) -> Array:
    """(rows, columns) of a channel."""
    maps, steps = as_maps(values, tap), as_sequence(values, tap)
    if maps is None and steps is not None:
        maps = steps[:, None]
    if maps is None:
        raise ExplorerError(
            tr("The cells of {tap} have no place in time.", tap=tap.name), "", tr("Choose an earlier layer.")
        )
    found: Array = maps[number]
    return found


def _masked(prepared: SoundTensor, one: Array, tap: Tap, job: Job) -> HeardChannel:
    field = tap.receptive
    if field is None or field.jump_x <= 0:
        raise ExplorerError(
            tr("The cells of {tap} have no place in time.", tap=tap.name), "", tr("Choose an earlier layer.")
        )
    bands, rows = prepared.bands, None
    if len(one) > 1 and bands is not None:
        rows = EvenAxis("frequency", "", 0.0, 1.0, bands.count).behind(
            field.jump_y, field.start_y, field.size_y, len(one)
        )
    else:
        one, bands = one[0], None
    time = prepared.time.behind(field.jump_x, field.start_x, field.size_x, one.shape[-1])
    return channel_heard(prepared.heard, one, time, bands, rows, cancelled=job.cancelled)
