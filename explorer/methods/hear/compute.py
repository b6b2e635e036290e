"""A forward up to the layer, and the sound that the model was given, weighted by the channel's map; of a filter bank the filter itself."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.activations import Kind, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.layouts import as_maps, as_sequence
from explorer.core.method import MethodRequest
from explorer.core.sound_axes import EvenAxis
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import capture
from explorer.engine.capture.kernels import kernels_of
from explorer.engine.capture.values import to_array
from explorer.engine.jobs.job import Job
from explorer.engine.sound.filter_spectra import over_samples
from explorer.engine.sound.heard import HeardChannel, channel_heard, filter_heard
from explorer.engine.sound.sound_tensor import SoundTensor, prepared_sound
from explorer.engine.studies import Studies
from explorer.methods.hear.spec import HeardSound, HearParams

_MASK = "the channel's map as a mask on the spectrum of the sound"
_FILTER = "the sound through the filter, at every sample"


def run(
    engine: Studies, request: MethodRequest[HearParams, HeardSound], job: Job
) -> Generator[HeardSound | None, None, HeardSound]:
    """Raises ExplorerError where the layer has no place in time, CancelledError."""
    loaded, _, plan = engine.given(request, job)
    pre, given = loaded.card.preprocess, request.picture
    if not isinstance(pre, SoundPreprocess) or not isinstance(given, Sound):
        raise ExplorerError("Only a network that takes sounds can be heard.", pre.says, "Open a model of sounds.")
    tap = next(tap for tap in plan.taps if tap.name == request.tap)
    number = request.channel or 0
    yield None
    prepared = prepared_sound(given, pre, job.cancelled)
    kernel = kernels_of(loaded.module, pre).get(tap.path) if tap.kind is Kind.CONV else None
    over = over_samples(tap, kernel, pre.channels) if pre.bands == 1 else None
    if over is not None:
        weight, dilation = over
        heard, way = filter_heard(prepared.heard, weight[number], dilation), _FILTER
    else:
        x = as_input(prepared.values, loaded.module, engine.bench.device)
        seen = capture(loaded.module, x, plan, [tap.name], cancelled=job.cancelled)
        heard, way = _masked(prepared, to_array(seen.tensors[tap.name], tap.batched), tap, number, job), _MASK
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
    )


def _masked(prepared: SoundTensor, values: Array, tap: Tap, number: int, job: Job) -> HeardChannel:
    field = tap.receptive
    if field is None or field.jump_x <= 0:
        raise ExplorerError(f"The cells of {tap.name} have no place in time.", "", "Choose an earlier layer.")
    maps = as_maps(values, tap)
    bands, rows = prepared.bands, None
    if maps is not None and maps.shape[1] > 1 and bands is not None:
        one = maps[number]
        rows = EvenAxis("frequency", "", 0.0, 1.0, bands.count).behind(
            field.jump_y, field.start_y, field.size_y, len(one)
        )
    else:
        steps = as_sequence(values, tap) if maps is None else maps[:, 0]
        if steps is None:
            raise ExplorerError(f"The cells of {tap.name} have no place in time.", "", "Choose an earlier layer.")
        one, bands = steps[number], None
    time = prepared.time.behind(field.jump_x, field.start_x, field.size_x, one.shape[-1])
    return channel_heard(prepared.heard, one, time, bands, rows, cancelled=job.cancelled)
