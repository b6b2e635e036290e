"""What is in a file and not in the model, or in the model and not in the file: what may be left out, and what would be untrue."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

COUNTERS = ("total_ops", "total_params", "num_batches_tracked", "n_averaged")  # of thop, batch norm, averaging
HEAD = 4  # layers that a head has at most


def may_be_left(name: str, value: Tensor, module: nn.Module, untrained: Collection[str]) -> bool:
    """Whether the model computes what it was trained to without this value of the file.

    True for parts that the model has not (a loss, another head), for what follows after its end, for counters, indices and
    masks, and for what it makes for itself. False for a value inside one of its layers or blocks, and for one more in a row of
    blocks: those took part in what was trained.
    """
    path, _, leaf = name.rpartition(".")
    if leaf in COUNTERS or not (value.is_floating_point() or value.is_complex()):
        return True
    if any(path == layer or path.startswith(f"{layer}.") for layer in untrained):
        return True  # another layer in the place of one that is told as untrained
    nearest, way, inner = _nearest(module, path)
    if isinstance(nearest, nn.Identity):  # a part that was taken out on purpose
        return True
    if inner:
        return not _numbered(way) and _beside(module, nearest, way, inner.partition(".")[0])
    own = dict(nearest.named_buffers(recurse=False)).get(leaf)
    if own is not None:  # not part of its state: made when the model is
        return own.shape == value.shape
    return nearest is module and any(True for _ in module.children())


def _nearest(module: nn.Module, path: str) -> tuple[nn.Module, str, str]:
    """The innermost module on the way to a path, its own path, and what is left."""
    parts = path.split(".") if path else []
    for index, part in enumerate(parts):
        child = dict(module.named_children()).get(part)
        if child is None:
            return module, ".".join(parts[:index]), ".".join(parts[index:])
        module = child
    return module, path, ""


def _numbered(path: str) -> bool:
    """Inside one of many blocks."""
    return any(part[-1:].isdigit() for part in path.split("."))


def _beside(module: nn.Module, nearest: nn.Module, way: str, name: str) -> bool:
    """Whether a part of this name is no further one in a row of numbered parts, or one after the model's end."""
    stem = re.sub(r"\d+$", "", name)
    row = [child for child, _ in nearest.named_children() if child != stem and re.sub(r"\d+$", "", child) == stem]
    if stem == name or not row:
        return True
    last = list(module.state_dict())[-1]
    return any(last.startswith(f"{way}.{child}." if way else f"{child}.") for child in row)


def head(module: nn.Module, missing: Collection[str], present: Collection[str]) -> tuple[str, ...]:
    """The layers at the end that the file has no values for; () where that is not all that is missing.

    The last layers in the order in which they were made, whole, few, and linear at every place, as heads are.
    """
    gone, there = set(missing), set(present) - set(missing)
    layers = [path for path, layer in module.named_modules() if path and _own(layer)]
    without = [path for path in layers if _names(module, path) & gone]
    covered: set[str] = set().union(*(_names(module, path) for path in without))
    if not without or gone - covered or covered & there or layers[-len(without) :] != without:
        return ()
    values = module.state_dict()
    weights = [values[name] for name in covered if values[name].ndim > 1]
    linear = all(value.ndim == 2 or set(value.shape[2:]) == {1} for value in weights)
    return tuple(without) if linear and 0 < len(weights) <= HEAD and len(covered) < len(there) else ()


def _own(layer: nn.Module) -> bool:
    return bool(layer._parameters) or bool(layer._buffers)


def _names(module: nn.Module, path: str) -> set[str]:
    layer = module.get_submodule(path)
    own = [name for name, value in layer._parameters.items() if value is not None]
    own += [
        name
        for name, value in layer._buffers.items()
        if value is not None and name not in layer._non_persistent_buffers_set
    ]
    return {f"{path}.{name}" for name in own if name != "num_batches_tracked"}


def tied(state: Mapping[str, Tensor]) -> dict[str, str]:
    """Names of a module's state that are the same memory as one before them: {"dec.weight": "enc.weight"}."""
    first: dict[object, str] = {}
    found: dict[str, str] = {}
    for name, value in state.items():
        if not isinstance(value, Tensor) or value.is_meta or value.layout != torch.strided or not value.numel():
            continue
        key = value.data_ptr(), value.shape, value.stride(), value.dtype
        if key in first:
            found[name] = first[key]
        else:
            first[key] = name
    return found
