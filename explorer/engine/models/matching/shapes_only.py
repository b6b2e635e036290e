"""Modules built with shapes and without values: a large one takes no memory and no time for initial values."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_buffer_registration_hook,
    register_module_parameter_registration_hook,
)

from explorer.core.errors import ExplorerError
from explorer.engine.models.weights.load_state import WeightsMismatch

Made = TypeVar("Made")


def without_values(make: Callable[[], Made]) -> Made:
    """What `make` builds, with shapes alone. A constructor that runs a part of itself needs all tensors to be without values, one
    that computes with tensors of its own needs those: both are tried. Raises what the first of them raises."""
    try:
        with shapes_only():
            return make()
    except WeightsMismatch:
        raise
    except (ExplorerError, RuntimeError, NotImplementedError) as error:
        try:
            with torch.device("meta"):
                return make()
        except WeightsMismatch:
            raise
        except (ExplorerError, RuntimeError, NotImplementedError):
            raise error from None


@contextmanager
def shapes_only() -> Iterator[None]:
    """Parameters and buffers that this thread registers meanwhile go to the meta device.

    `torch.device("meta")` would do the same for every tensor: RegNet's and others' constructors compute with some.
    """
    thread = threading.get_ident()

    def parameter(_module: nn.Module, _name: str, value: Tensor | None) -> nn.Parameter | None:
        if value is None or value.is_meta or threading.get_ident() != thread:
            return None
        return nn.Parameter(value.detach().to("meta"), requires_grad=value.requires_grad)

    def buffer(_module: nn.Module, _name: str, value: Tensor | None) -> Tensor | None:
        if value is None or value.is_meta or threading.get_ident() != thread:
            return None
        return value.detach().to("meta")

    hooks = (
        register_module_parameter_registration_hook(cast("Any", parameter)),  # torch's types forget that it may answer
        register_module_buffer_registration_hook(cast("Any", buffer)),
    )
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
