"""A capture of a picture under edits: the taps of the one without them, their digest in it, and in no store."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace

from explorer.core.edits import Edits, Frozen, digest_of
from explorer.core.types import Capture, Picture
from explorer.engine.explain.ablation.ablate import forward_under
from explorer.engine.runner import Job
from explorer.engine.values import guesses, to_arrays
from explorer.engine.workbench import Workbench


def edited_capture(
    bench: Workbench,
    model: str,
    picture: Picture,
    edits: Edits,
    frozen: Frozen,
    job: Job,
    names: Collection[str] = (),
) -> Capture:
    """One forward under edits of the model with this digest; its taps are those the budget allows, and `names`.

    Taps that hand on another one's values are left out until they are named: under edits they may hold others.
    Raises ExplorerError when an edit does not fit, CancelledError.
    """
    before = bench.capture(model, picture, job)
    loaded, x, plan = bench.given(model, picture, job)
    seen_by = {tap.name for tap in before.taps if tap.observable and tap.name in before.values and not tap.alias}
    wanted = [tap.name for tap in before.taps if tap.name in seen_by or tap.name in names]
    start = time.perf_counter()
    seen = forward_under(loaded.module, x, plan, edits, wanted, frozen, job.cancelled)
    return replace(
        before,
        values=to_arrays(plan.taps, seen.tensors),
        prediction=guesses(seen.output, loaded.card.labels),
        seconds=time.perf_counter() - start,
        watched=False,
        dropped=tuple(tap.name for tap in before.taps if tap.observable and tap.name not in seen.tensors),
        edits=digest_of(edits),
    )
