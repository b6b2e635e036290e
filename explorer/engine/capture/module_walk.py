"""The modules of a network, found quickly: what runs at each capture may cost no more than a small network's forward."""

from __future__ import annotations

import torch
from torch import nn


def modules_of(module: nn.Module) -> list[tuple[str, nn.Module]]:
    """`list(module.named_modules())`: every module once, under its first path, each before its children."""
    found: list[tuple[str, nn.Module]] = []
    if type(module).named_modules is not nn.Module.named_modules:
        return list(module.named_modules())
    _collect(module, "", set(), found)
    return found


def _collect(module: nn.Module, path: str, seen: set[nn.Module], found: list[tuple[str, nn.Module]]) -> None:
    seen.add(module)
    found.append((path, module))
    if isinstance(module, torch.jit.ScriptModule):
        for name, part in list(module.named_modules())[1:]:
            if part not in seen:
                seen.add(part)
                found.append((f"{path}.{name}" if path else name, part))
        return
    for name, child in module._modules.items():
        if child is not None and child not in seen:
            _collect(child, f"{path}.{name}" if path else name, seen, found)
