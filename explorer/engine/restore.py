"""What a session file names by model, picture and layer, computed again: values that edits freeze, colours that were pinned.

Another picture's values are never taken in their place: one that has changed since, or is in no file, is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edits, Thawed
from explorer.core.layer_views import BasisOrigin, Palette, Sheet
from explorer.core.translation import tr
from explorer.engine.inputs import open_input
from explorer.engine.jobs.runner import Job
from explorer.engine.representations.layer_painter import Painter

if TYPE_CHECKING:
    from explorer.engine.model_session import ModelSession


def frozen_again(bench: ModelSession, model: str, edits: Edits, job: Job) -> Thawed:
    """What the edits of the kind "freeze" put in the model with this digest. Raises ExplorerError, CancelledError."""
    frozen: dict[str, dict[str, Array]] = {}
    for edit in edits:
        if edit.source and edit.origin is not None:
            what = tr("The held values of {tap}", tap=edit.tap)
            found = _captured(bench, model, _opened(edit.origin, edit.source, what), edit.tap, job)
            frozen.setdefault(edit.source, {})[edit.tap] = found.values[edit.tap]
    return Thawed(frozen)


def palette_again(bench: ModelSession, painter: Painter, origin: BasisOrigin, job: Job) -> Palette:
    """Colours that were pinned. Raises ExplorerError, CancelledError."""
    what = tr("The pinned colours of {tap}", tap=origin.tap)
    if origin.edits:
        why = tr("They belong to edited maps, which a session does not store.")
        raise ExplorerError(
            tr("{what} cannot be recomputed.", what=what), why, tr("Repeat the edits and pin the colours again.")
        )
    picture = _opened(origin.input, origin.digest, what)
    capture = _captured(bench, origin.model, picture, origin.tap, job)
    return painter.palette(Sheet(capture, origin.tap, bench.model(origin.model).card.preprocess), origin.foreground)


def _opened(ref: InputRef, digest: str, what: str) -> Input:
    """The very picture, by its digest."""
    said = tr("{what} cannot be recomputed.", what=what)
    try:
        picture = open_input(ref)
    except ExplorerError as error:
        raise ExplorerError(said, f"{error.what} {error.why}".strip(), tr("Repeat it on a picture.")) from None
    if picture.digest != digest:
        raise ExplorerError(
            said, tr("{picture} has changed since then.", picture=picture.name), tr("Repeat it on a picture.")
        )
    return picture


def _captured(bench: ModelSession, model: str, picture: Input, tap: str, job: Job) -> Capture:
    """A capture without edits that holds this tap."""
    capture = bench.capture(model, picture, job)
    return capture if tap in capture.values else bench.recompute(capture, [tap], job)
