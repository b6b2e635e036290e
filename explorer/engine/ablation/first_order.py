"""What each channel of a layer adds to a target, to first order: gradient × activation, from one backward pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.core.activations import Layout
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_run import forward, gradients_at, leaf_of, no_gradient, ready
from explorer.engine.attribution.target_output import cells, tap_of
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never


def gradient_times_activation(
    module: nn.Module, x: Tensor, target: Target, plan: CapturePlan, name: str, cancelled: Cancelled = never
) -> NDArray[np.float64]:
    """(C,): for each channel of the tap `name` the sum over its cells and tokens of value × gradient of the target.

    That is how much the target would fall if the channel became 0 and the network behind it were linear: Molchanov and others
    2017. Raises ExplorerError: no such tap, not before the target, no gradient; CancelledError.
    """
    plan.key_of(name)
    tap = next(tap for tap in plan.taps if tap.name == name)
    if plan.taps.index(tap) >= plan.taps.index(tap_of(target, plan)):
        raise ExplorerError(
            tr("The layer {name} does not come before {label}.", name=name, label=target.label),
            "",
            tr("Choose an earlier layer."),
        )
    if tap.layout is Layout.NLC and tap.prefix:  # the tokens before the grid count, too
        whole = replace(tap, grid=None, order=None)
        plan = replace(plan, taps=tuple(whole if each is tap else each for each in plan.taps))
        tap = whole
    with ready(module, x.device), leaf_of(module, x) as leaf:
        found = forward(module, leaf, target, plan, [name], keep=True, cancelled=cancelled)
        gradient = next(iter(gradients_at(found.target, list(found.edges.values()))), None)
    if gradient is None:
        raise no_gradient(tr("at {name}", name=name))
    made: NDArray[np.float64] = (cells(gradient, tap, 1).double() * found.maps[name].double()).sum(2)[0].cpu().numpy()
    return made
