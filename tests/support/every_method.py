"""Everything that can be asked of a network, asked once; what is refused must be refused in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from explained import OF_PICTURES
from torch import Tensor, nn

from explorer.core.activations import Layout
from explorer.core.attribution import AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit
from explorer.core.target import Target
from explorer.engine.ablation.ablate import ablate, base_of
from explorer.engine.arithmetic.cell import explain_cell
from explorer.engine.attention.record import find
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.capture.forward import capture, discover

_QUICK = AttributionSettings(samples=2, steps=4, window=6, stride=6)


def outcomes(net: nn.Module, x: Tensor) -> dict[str, str]:
    """Of every method "" or the words in which it was refused; any other exception is raised."""
    seen = discover(net, x.clone())
    quick = capture(net, x.clone(), seen.plan)
    for name, tensor in quick.tensors.items():
        torch.testing.assert_close(tensor, seen.tensors[name], rtol=0, atol=0, equal_nan=True)
    found: dict[str, str] = {}

    def ask(what: str, work: Callable[[], Any]) -> None:
        try:
            work()
            found[what] = ""
        except ExplorerError as error:
            found[what] = str(error)

    ask("attention", lambda: find(net, x.clone()))
    for tap in [tap for tap in seen.plan.taps if tap.observable and tap.layout != Layout.OTHER]:
        ask(f"ablation {tap.name}", lambda tap=tap: ablate(base_of(net, x, quick), (Edit(tap.name, (0,)),)))
        ask(f"arithmetic {tap.name}", lambda tap=tap: explain_cell(net, x, seen.plan, tap.name, 0, (0, 0)))
    output = next(
        (tap for tap in seen.plan.taps if tap.path == "" and tap.observable and tap.layout == Layout.NC), None
    )
    for name in OF_PICTURES if output is not None else ():
        ask(name, lambda name=name: finished(explain(name, net, x, Target("", 0), seen.plan, _QUICK)))
    return found
