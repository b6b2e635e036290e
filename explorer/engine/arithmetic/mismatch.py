"""Why a recomputed number differs from the tensor's, as far as it can be told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from explorer.core.arithmetic import Step
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class Where:
    device: str
    dtype: str


def why(step: Step, on: Where) -> str:
    """The reason why a recomputed value is not the tensor's, as far as it can be told."""
    by = tr(
        "{operation}: {gives:.7g} recomputed, {stored:.7g} in the tensor, {relative:.2g} relative. ",
        operation=step.operation,
        gives=step.gives,
        stored=step.stored,
        relative=step.relative,
    )
    if not (np.isfinite(step.gives) and np.isfinite(step.stored)):
        return tr("{by}What goes in is not finite, or too large for its number format.", by=by)
    if on.dtype in ("bfloat16", "float16"):
        bits = 8 if on.dtype == "bfloat16" else 11
        return tr(
            "{by}The tensor is {dtype}, which keeps {bits} bits of a number: steps of {bits2:.1g}.",
            by=by,
            dtype=on.dtype,
            bits=bits,
            bits2=2.0 ** (-bits),
        )
    if on.device == "cuda" and step.patch is not None and _tf32():
        return tr("{by}The GPU multiplies with TF32 here, which keeps 11 bits of a factor.", by=by)
    size = _size(step)
    if abs(step.difference) <= 2.0**-20 * size:
        return tr("{by}Terms of {size:.3g} in size cancel each other; float32 keeps 24 bits of them.", by=by, size=size)
    return tr("{by}The reason is unknown: the operation may do more than its formula says.", by=by)


def _size(step: Step) -> float:
    """Sum of the sizes of what is added up."""
    if step.patch is not None:
        return float(np.abs(step.patch.products).sum()) + abs(step.bias or 0.0)
    numbers = [abs(v) for _, v in step.numbers] + [abs(step.takes or 0.0)] + [abs(o.value) for o in step.operands]
    scale = dict(step.numbers)
    spread = (scale["variance"] + scale["eps"]) ** -0.5 * abs(scale.get("weight", 1.0)) if "variance" in scale else 1.0
    return sum(numbers) * max(1.0, spread)


def _tf32() -> bool:
    return bool(torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32)
