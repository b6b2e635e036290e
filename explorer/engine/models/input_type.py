"""In which floating-point type a network of several types takes its picture: tried, since no parameter says it."""

from __future__ import annotations

from collections import Counter

import torch
from torch import Tensor, nn

from explorer.core.models import Preprocess
from explorer.engine.capture.describe import COMPUTES, set_input_dtype
from explorer.engine.capture.modes import evaluating
from explorer.engine.jobs.failures import is_about_types
from explorer.engine.jobs.prints import Prints, caught_prints


def settle(module: nn.Module, preprocess: Preprocess) -> None:
    """Notes it for `describe.input_dtype`. Networks of one type, which are nearly all, are not run.

    float32 comes first, which says most of a picture; then the types by how many numbers the network has of them.
    """
    counts: Counter[torch.dtype] = Counter()
    for parameter in module.parameters():
        if parameter.dtype in COMPUTES:
            counts[parameter.dtype] += parameter.numel()
    if len(counts) < 2:
        return
    candidates = dict.fromkeys((torch.float32, *(dtype for dtype, _ in counts.most_common())))
    x = torch.zeros(1, preprocess.channels, preprocess.height, preprocess.width)
    fitting = next((dtype for dtype in candidates if _takes(module, x.to(dtype))), None)
    if fitting is not None:
        set_input_dtype(module, fitting)


def _takes(module: nn.Module, x: Tensor) -> bool:
    """Whether a forward fails for no reason that is about types."""
    cpu = next(module.parameters()).device
    try:
        with evaluating(module), torch.no_grad(), torch.random.fork_rng(devices=[]), caught_prints(Prints()):
            module(x.to(cpu))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - sys.exit() too; the first real forward will tell it
        return not is_about_types(error)
    return True
