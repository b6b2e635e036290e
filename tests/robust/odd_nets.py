"""Networks that do what networks should not."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)


class TwoParts(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x + 1, x + 2


class Names(nn.Module):
    """Modules called like the names that second calls, parts of tuples, the model itself and the manifest would get."""

    def __init__(self) -> None:
        super().__init__()
        self.output, self.relu, self.relu_1 = conv(3, 4), nn.ReLU(), conv(4, 4)
        self.manifest, self.file, self.parts = conv(4, 4), conv(4, 4), TwoParts()
        self.add_module("parts[0]", conv(4, 4))

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.relu(self.output(x)) * 2 - 1)
        y = self.get_submodule("parts[0]")(self.file(self.manifest(self.relu_1(y))))
        return self.parts(y)[0]


class Recursive(nn.Module):
    """Calls itself: the outermost call begins first and returns last."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 3)

    def forward(self, x: Tensor, depth: int = 2) -> Tensor:
        return self.conv(x) if depth == 0 else self(x * 2, depth - 1) + depth


class Holds(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x)


class Tries(nn.Module):
    """Goes on without a part that raises."""

    def __init__(self) -> None:
        super().__init__()
        self.bad = nn.Sequential(conv(3, 4), nn.Linear(5, 5))
        self.good, self.last = conv(3, 4), conv(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        try:
            y = self.bad(x)
        except RuntimeError:
            y = self.good(x)
        return self.last(y)


class HandsOnChanged(nn.Module):
    """Returns its child's tensor after a write that torch does not count."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        y.data.clamp_(min=0)
        return y


class MaxPoolOwn(nn.Module):
    """Called a pool, and has no kernel size."""

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, 2)


class Kinds(nn.Module):
    """One module for every kind of result."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 4)
        for name in RESULTS:
            self.add_module(name, _Makes(name))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        for name in RESULTS:
            self.get_submodule(name)(y)
        return y


RESULTS: dict[str, Any] = {
    "truth": lambda y: y > 0,
    "whole": lambda y: (y * 10).long(),
    "bytes": lambda y: (y * 10).clamp(0, 255).byte(),
    "as_double": lambda y: y.double(),
    "as_half": lambda y: y.half(),
    "tiny": lambda y: y.to(torch.float8_e4m3fn),
    "number": lambda y: y.mean(),
    "volume": lambda y: y.unsqueeze(2).repeat(1, 1, 3, 1, 1),
    "no_channels": lambda y: y[:, :0],
    "no_rows": lambda y: y[:, :, :0],
    "no_batch": lambda y: y[:0],
    "complex": lambda y: torch.complex(y, y),
    "sparse": lambda y: y.flatten(1).to_sparse(),
    "text": lambda y: "words",
    "nothing": lambda y: None,
}
UNSEEN = {"complex", "sparse", "text", "nothing"}


class _Makes(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, y: Tensor) -> Any:
        return RESULTS[self.name](y)


class Exits(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        self.conv(x)
        sys.exit(3)


class Talks(Holds):
    """Prints and warns in its forward."""

    def forward(self, x: Tensor) -> Tensor:
        print("loud")
        print("louder", file=sys.stderr)
        warnings.warn("loudest", stacklevel=1)
        return self.inner(x)


class Differentiates(Holds):
    def forward(self, x: Tensor) -> Tensor:
        with torch.enable_grad():
            return self.inner(x.requires_grad_())


class Repeats(nn.Module):
    """Calls its layer once for dark inputs and twice for bright ones."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.conv(y) if x.mean() > 0.5 else y
