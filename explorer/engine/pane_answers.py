"""Answers the requests of `core/pane_requests.py`, on the worker thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.interventions import Ablation, Thawed
from explorer.core.models import takes
from explorer.core.pane_requests import (
    ApplyEdits,
    CapturePicture,
    Opened,
    OpenInput,
    OpenModel,
    Recompute,
    Reopen,
    Saved,
    SaveFile,
    SaveValues,
    Thaw,
)
from explorer.core.render.drawn_sound import with_waveform
from explorer.core.sounds import Sound
from explorer.core.weight_matches import ExtractedWeights, ExtractWeights, MatchWeights, WeightMatch
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def open_model(worker: Worker, request: OpenModel, job: Job) -> Opened | Capture:
    """The model at once; its capture where a picture is given."""
    from explorer.engine.models import start_choice

    spec = request.spec if request.spec is not None else start_choice()
    opened = worker.bench.open(spec, job, request.trust_code, request.allow_download)
    return _captured(worker, opened, request.picture, job)


def reopen(worker: Worker, request: Reopen, job: Job) -> Opened | Capture:
    """The same module under another card."""
    if request.preprocess is not None:
        opened = worker.bench.repreprocess(request.model, request.preprocess)
    else:
        opened = worker.bench.reread(request.model, request.output, request.probabilities)
    return _captured(worker, opened, request.picture, job)


def _captured(worker: Worker, opened: Opened, picture: Input | None, job: Job) -> Opened | Capture:
    if picture is None or not takes(opened.card.preprocess, picture):
        return opened
    job.partial(opened)
    return worker.bench.capture(opened.card.digest, picture, job)


def open_input(worker: Worker, request: OpenInput, job: Job) -> Input | Capture:
    """The picture at once; its capture where a model is open."""
    from explorer.engine.inputs import open_input
    from explorer.engine.inputs.image_arrays import picture_from_array
    from explorer.engine.sound.sound_windows import first_window

    if request.pixels is not None:
        picture: Input = picture_from_array(request.pixels, request.ref, request.name)
    else:
        pre = worker.bench.model(request.model).card.preprocess if request.model else None
        picture = open_input(first_window(request.ref, pre, job))
    if isinstance(picture, Sound):
        picture = with_waveform(picture)  # here, for a long one takes its time
    if not request.model or not takes(worker.bench.model(request.model).card.preprocess, picture):
        return picture
    job.partial(picture)
    return worker.bench.capture(request.model, picture, job)


def capture_picture(worker: Worker, request: CapturePicture, job: Job) -> Capture:
    """A capture from the store, else a forward; under edits in no store."""
    if not request.edits:
        return worker.bench.capture(request.model, request.picture, job)
    frozen = request.frozen or {}
    return worker.studies.edited(request.model, request.picture, request.edits, frozen, request.names, job)


def recompute(worker: Worker, request: Recompute, job: Job) -> Capture:
    """The forward stops after the last of the taps that are asked for."""
    return worker.bench.recompute(request.capture, request.names, job)


def apply_edits(worker: Worker, request: ApplyEdits, job: Job) -> Ablation:
    """Runs on from the first edit where that is possible."""
    return worker.studies.ablate(request.capture, request.edits, request.names, job, request.frozen)


def thaw(worker: Worker, request: Thaw, job: Job) -> Thawed:
    """Raises ExplorerError where a picture that edits froze cannot be opened again."""
    from explorer.engine.restore import frozen_again

    return worker.studies.guarded(lambda: frozen_again(worker.bench, request.model, request.edits, job))


def save_file(_worker: Worker, request: SaveFile, _job: Job) -> Saved:
    """Raises ExplorerError where the file cannot be written; what was there stays."""
    from explorer.engine import export

    export.write(request.path, request.make())
    return Saved(request.path)


def save_values(worker: Worker, request: SaveValues, job: Job) -> Saved:
    """As `save_file`."""
    from explorer.engine import export

    capture = request.capture
    missing = [name for name in request.names if name not in capture.values]
    whole = worker.bench.recompute(capture, missing, job) if missing else capture
    export.write(request.path, export.values_file(request.card, whole, request.names))
    return Saved(request.path)


def extract_weights(_worker: Worker, request: ExtractWeights, _job: Job) -> ExtractedWeights:
    """The weights of a model that was saved as a whole, in a plain file."""
    from explorer.engine.extract_weights import extract

    return extract(Path(request.path).expanduser(), Path(request.out).expanduser())


def match_weights(_worker: Worker, request: MatchWeights, job: Job) -> WeightMatch:
    """The architectures that a file of weights fits."""
    from explorer.engine.models.matching.match import match_file

    def say(text: str, fraction: float | None) -> None:
        if job.cancelled():
            raise CancelledError
        job.progress(text, fraction)

    return match_file(Path(request.path).expanduser(), say)
