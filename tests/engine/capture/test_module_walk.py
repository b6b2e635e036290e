"""The quick walk over modules, beside torch's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

from explorer.engine.capture.module_walk import modules_of


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
        self.b = nn.ModuleDict({"again": self.a[0], "own": nn.Sequential(nn.ReLU(), self.a)})
        self.none: nn.Module | None
        self.register_module("none", None)
        self.b["loop"] = self  # torch allows it


class Named(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = nn.ReLU()

    def named_modules(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, nn.Module]]:  # type: ignore[override]
        yield "", self


@pytest.mark.filterwarnings("ignore:.*torch.jit.script")
def test_it_gives_what_torch_gives() -> None:
    scripted = torch.jit.script(nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU())))
    nets = (
        Shared(),
        Named(),
        nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)),
        scripted,
        nn.Sequential(scripted),
    )
    for net in nets:
        expected = list(net.named_modules())
        found = modules_of(net)
        assert [name for name, _ in found] == [name for name, _ in expected]
        assert all(a is b for (_, a), (_, b) in zip(found, expected, strict=True))
