"""A model in the mode in which it is looked at: evaluation, layer by layer, nothing compiled; afterwards as it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from torch import nn

from explorer.engine.capture.module_walk import modules_of


def to_eval(module: nn.Module) -> nn.Module:
    """`module.eval()`, also where a part is an exported program: it cannot be switched, and runs as it was exported."""
    try:
        module.eval()
    except NotImplementedError:
        for part in module.modules():
            part.training = False
    return module


def exported(module: nn.Module) -> bool:
    """Whether a part of it is an exported program (`torch.export.export(...).module()`)."""
    return any("range_constraints" in vars(part) for part in module.modules())


@contextmanager
def evaluating(module: nn.Module, found: Sequence[tuple[str, nn.Module]] = ()) -> Iterator[None]:
    """Evaluation mode; afterwards every module's training flag is as it was. `found`: `modules_of(module)` where it is known."""
    # frozen TorchScript has no flag
    training = [part for _, part in found or modules_of(module) if getattr(part, "training", False)]
    if training:
        to_eval(module)
    try:
        with eagerly():
            yield
    finally:
        for part in training:
            part.training = True


def may_compile() -> bool:
    """Whether torch's compiler is there; it is imported when it is first needed."""
    return hasattr(sys.modules.get("torch._dynamo"), "set_stance")


def eagerly() -> Any:
    """Within, what would be compiled (torch.compile, flex_attention, torch.cond) runs operation by operation.

    Compiled code calls no hooks, and torch cannot compile while functions are watched. The compiler is not imported for it.
    """
    return sys.modules["torch._dynamo"].set_stance("force_eager") if may_compile() else nullcontext()
