"""Exports models with torch's own exporter and holds the reopened ones against the originals, module by module."""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.models import ModelSpec
from explorer.engine.capture.outputs import parts
from explorer.engine.models import LoadedModel, open_model

Outputs = dict[tuple[str, int, str], Tensor]


def exported(net: nn.Module, x: Tensor, path: Path, **more: Any) -> Path:
    """`net` in evaluation mode as a file of torch.export."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            torch.export.save(torch.export.export(net, (x,), **more), path)
        finally:
            logging.disable(logging.NOTSET)
    return path


def reopened(path: Path) -> LoadedModel:
    return open_model(ModelSpec(f"pt2:{path}"))


def outputs_of(net: nn.Module, x: Tensor) -> Outputs:
    """What every module returned, copied in its hook, by path, number of the call and part."""
    found: Outputs = {}
    counts: Counter[str] = Counter()
    running: list[tuple[str, int]] = []

    def before(path: str) -> Any:
        def hook(_m: nn.Module, _a: object) -> None:
            running.append((path, counts[path]))
            counts[path] += 1

        return hook

    def after(_m: nn.Module, _a: object, output: object) -> None:
        path, call = running.pop()
        found.update({(path, call, key): v.clone() for key, v in parts(output) if isinstance(v, Tensor)})

    handles = []
    for path, m in net.named_modules():
        handles += [m.register_forward_pre_hook(before(path)), m.register_forward_hook(after)]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return found


def compared(net: nn.Module, other: nn.Module, x: Tensor) -> tuple[list[str], int, list[str], float]:
    """(outputs that differ, how many are the same bit by bit, outputs that the other model lacks, largest difference in
    parts of the largest value of its layer)."""
    own, seen = outputs_of(net, x.clone()), outputs_of(other, x.clone())
    same, differ, worst = 0, [], 0.0
    for key, value in own.items():
        if key not in seen:
            continue
        if torch.equal(value, seen[key]) or torch.equal(value.nan_to_num(), seen[key].nan_to_num()):
            same += 1
        else:
            differ.append(f"{key[0]}#{key[1]}{key[2]}")
            if value.shape == seen[key].shape:
                worst = max(worst, float((value - seen[key]).abs().max() / value.abs().max().clamp(min=1e-12)))
            else:
                worst = float("inf")
    return differ, same, [f"{path}#{call}{part}" for path, call, part in own if (path, call, part) not in seen], worst
