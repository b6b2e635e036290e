"""How long the tokens of every block are, before any final normalisation: a few that stick out hold no picture.

Darcet and others 2024 (Vision transformers need registers). After the final normalisation all tokens are about as long, so what is
measured is what the blocks themselves return.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from explorer.core.activations import Layout, Tap
from explorer.core.attention import AttentionCall, TokenNorms, outliers
from explorer.engine.attention.attention_weights import wide
from explorer.engine.attribution.target_output import cells
from explorer.engine.capture.forward import CapturePlan, capture
from explorer.engine.jobs.cancel import Cancelled, never

_PLACED = (Layout.NLC, Layout.NHWC, Layout.NCHW)


def block_taps(plan: CapturePlan, calls: tuple[AttentionCall, ...]) -> tuple[Tap, ...]:
    """What each block returns: the tap of the outermost module that holds this attention and no other, in execution order."""
    paths = {call.path for call in calls}
    found: dict[str, Tap] = {}
    for path in dict.fromkeys(call.path for call in calls):
        parts = path.split(".")
        for length in range(1, len(parts) + 1):
            outer = ".".join(parts[:length])
            alone = not any(other != path and (other + ".").startswith(outer + ".") for other in paths)
            tap = next((tap for tap in plan.taps if tap.path == outer and _shown(tap)), None)
            if alone and tap is not None:
                found.setdefault(tap.name, tap)
                break
    return tuple(found.values())


def _shown(tap: Tap) -> bool:
    return tap.observable and tap.grid is not None and tap.layout in _PLACED


def token_norms(
    module: nn.Module, x: Tensor, plan: CapturePlan, calls: tuple[AttentionCall, ...], cancelled: Cancelled = never
) -> tuple[TokenNorms, ...]:
    """The length of every token after every block; patches above median + 8 x MAD are outliers. Registers are kept apart.

    Raises as `capture` does.
    """
    taps = block_taps(plan, calls)
    if not taps:
        return ()
    seen = capture(module, x, plan, [tap.name for tap in taps], cancelled=cancelled)
    return tuple(_norms(seen.tensors[tap.name], tap) for tap in taps)


def _norms(tensor: Tensor, tap: Tap) -> TokenNorms:
    assert tap.grid is not None
    norms = cells(wide(tensor.detach()), tap, 1)[0].double().norm(dim=0).cpu().numpy().reshape(tap.grid)
    prefix = np.zeros(0)
    if tap.layout is Layout.NLC and tap.prefix:
        prefix = wide(tensor.detach()).reshape(-1, tensor.shape[-1])[: tap.prefix].double().norm(dim=1).cpu().numpy()
    marked, limit = outliers(norms)
    return TokenNorms(tap.name, norms, prefix, marked, limit)
