"""Where in a layer the evidence for a class lies: HiResCAM (Draelos and Carin 2020), its positive part."""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_run import forward, gradients_at, leaf_of, ready
from explorer.engine.attribution.target_output import cells, tap_of
from explorer.engine.capture.forward import CapturePlan, capture
from explorer.engine.jobs.cancel import Cancelled, never

CUT = 0.25  # of the largest evidence: what lies below it is taken for none


def class_evidence(
    module: nn.Module, x: Tensor, plan: CapturePlan, tap: Tap, cancelled: Cancelled = never
) -> tuple[int, Array]:
    """The predicted class, and (rows, columns) float64 of a layer with a grid: what each place adds to its score, 0 where it lowers it.

    Of each place the activations times the gradients of the score, summed over the channels: exact where only pooling and a
    linear layer follow. Raises ExplorerError where the class does not depend on the layer, CancelledError.
    """
    last = tap_of(Target("", 0), plan)
    scores = capture(module, x, plan, [last.name], early=False, cancelled=cancelled).tensors[last.name]
    index = int(scores.reshape(-1).argmax())
    with ready(module, x.device), leaf_of(module, x) as leaf:
        found = forward(module, leaf, Target("", index), plan, (tap.name,), keep=True, cancelled=cancelled)
        edge = found.edges.get(tap.name)
        gradient = None if edge is None else gradients_at(found.target, [edge])[0]
    if gradient is None or tap.grid is None:
        raise ExplorerError(
            tr("The class does not depend on {tap}.", tap=tap.name), "", tr("Choose a layer that comes before it.")
        )
    raised = (found.maps[tap.name].double() * cells(gradient, tap, 1).double()).sum(1)[0]
    return index, np.asarray(raised.clamp(min=0).cpu().numpy().reshape(tap.grid))
