"""A capture of a picture under edits: the taps of the one without them, their digest in it, and in no store."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from torch import Tensor

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.interventions import Edits, Frozen, digest_of
from explorer.engine.ablation.ablate import forward_under
from explorer.engine.capture.cache import choose
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.capture.values import to_arrays
from explorer.engine.inputs.input_tensor import read_text
from explorer.engine.jobs.runner import Job
from explorer.engine.models import LoadedModel
from explorer.engine.output.read_output import output_of

if TYPE_CHECKING:
    from explorer.engine.model_session import ModelSession


def edited_capture(
    bench: ModelSession,
    model: str,
    picture: Input,
    edits: Edits,
    frozen: Frozen,
    job: Job,
    names: Collection[str] = (),
) -> Capture:
    """A picture in the model with this digest under edits: every tap that the byte budget allows, and `names`.

    Taps that hand on another one's values are left out until they are named: under edits they may hold others.
    Raises ExplorerError when an edit does not fit, CancelledError.
    """
    bench.capture(model, picture, job)  # it is what edits are compared with; and the plan is that of this very input
    planned = bench.planned(model, picture, job)
    wanted = [*_kept(bench, planned[2]), *names]
    return under(bench, planned, picture, edits, frozen, job, wanted)


def under(
    bench: ModelSession,
    planned: tuple[LoadedModel, Tensor, CapturePlan],
    picture: Input,
    edits: Edits,
    frozen: Frozen,
    job: Job,
    names: Collection[str] | None,
) -> Capture:
    """One forward from the start under edits, and these taps of it; None: every one that the byte budget allows.

    The others are told as dropped. A device that is full or fails is met as for a capture without edits. Errors as
    `edited_capture`.
    """
    loaded, x, plan = planned
    wanted = [tap.name for tap in plan.taps if tap.name in (_kept(bench, plan) if names is None else names)]
    start = time.perf_counter()
    seen = bench.on_device(
        loaded, x, lambda module, given: forward_under(module, given, plan, edits, wanted, frozen, job.cancelled)
    )
    return Capture(
        model=loaded.card.digest,
        picture=bench.as_seen(picture, x, loaded.card.preprocess),
        taps=plan.taps,
        values=to_arrays(plan.taps, seen.tensors),
        output=output_of(seen.output, loaded.card, plan.scores, picture),
        seconds=time.perf_counter() - start,
        device=bench.device,
        dropped=tuple(tap.name for tap in plan.taps if tap.observable and tap.name not in seen.tensors),
        notes=bench.take_notes(),
        edits=digest_of(edits),
        scores=plan.scores,
        repeat=plan.repeat,
        text=read_text(picture, loaded.card.preprocess),
    )


def _kept(bench: ModelSession, plan: CapturePlan) -> set[str]:
    own = [tap for tap in plan.taps if not tap.alias]
    return set(choose(own, bench.store.budget, bench.watched)[0])
