"""Edits of a live input: each frame once without and once with them, so that nobody mistakes one for the other.

The forward under edits goes by hooks from its start: of a frame that has just come nothing is kept to go on from.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from explorer.core.activations import Capture
from explorer.core.errors import ExplorerError, Failure
from explorer.core.interventions import EditedFrame, Edits, digest_of
from explorer.engine.ablation.ablate import compare
from explorer.engine.capture.forward import Discovery
from explorer.engine.capture.values import to_arrays
from explorer.engine.output.read_output import output_again


def edited_frame(
    before: Capture, output: Any, edits: Edits, labels: tuple[str, ...], forward: Callable[[], Discovery]
) -> EditedFrame:
    """A frame beside itself under edits. `output` is the model's without them; `forward` runs with them and brings the taps
    of `before`. Edits that cannot be made are said in the frame, since the next frames go on without them."""
    start = time.perf_counter()
    try:
        seen = forward()
    except ExplorerError as error:
        failure = Failure(error.what, error.why, error.todo, type=type(error).__name__)
        return EditedFrame(edits, before, failure=failure)
    taps = tuple(tap for tap in before.taps if tap.name in seen.tensors)
    after = replace(
        before,
        values=to_arrays(taps, seen.tensors),
        output=output_again(seen.output, before.output, labels, before.scores, before.picture.size),
        seconds=time.perf_counter() - start,
        edits=digest_of(edits),
    )
    shifts = compare(output, seen.output, labels, before.scores, before.repeat) if before.prediction else ()
    return EditedFrame(edits, before, after, shifts)
