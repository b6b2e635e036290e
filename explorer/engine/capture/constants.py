"""Tensors that are there before a forward and in which no input has a part: weights, and what modules and their files hold besides."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from explorer.engine.capture.calls import tensors


def constants_of(module: nn.Module) -> Iterator[Tensor]:
    """Parameters, buffers, tensors among the attributes of all modules and of their classes, and in the files that define them."""
    places: list[Mapping[str, Any]] = []
    for m in module.modules():
        yield from (t for t in (*m._parameters.values(), *m._buffers.values()) if t is not None)
        places.append(vars(m))
        places += [vars(kind) for kind in type(m).__mro__ if issubclass(kind, nn.Module) and kind is not nn.Module]
    names = {kind.__module__ for m in module.modules() for kind in type(m).__mro__}
    places += [vars(sys.modules[name]) for name in names if name in sys.modules and not name.startswith("torch.")]
    seen: set[int] = set()
    for attributes in places:
        if id(attributes) not in seen:
            seen.add(id(attributes))
            yield from tensors(
                value for name, value in list(attributes.items()) if name not in ("_parameters", "_buffers")
            )
