"""Networks whose forward goes through torch.func, the compiler, an exported, traced or scripted program."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, func, nn
from torch.nn.attention.flex_attention import create_block_mask, flex_attention


class _Parts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.linear, self.fc = nn.Conv2d(3, 6, 3, padding=1), nn.Linear(12, 12), nn.Linear(6, 4)

    def end(self, y: Tensor) -> Tensor:
        result: Tensor = self.fc(y.mean((2, 3)))
        return result


class Vmap(_Parts):
    """A layer for every channel apart."""

    def forward(self, x: Tensor) -> Tensor:
        return self.end(func.vmap(self.linear)(self.conv(x)[0])[None])


class NestedVmap(_Parts):
    def forward(self, x: Tensor) -> Tensor:
        return self.end(func.vmap(func.vmap(self.linear))(self.conv(x)[0])[None].relu())


class Views(_Parts):
    """The mean answer on flipped pictures, by one call of everything under vmap."""

    def forward(self, x: Tensor) -> Tensor:
        return func.vmap(lambda v: self.end(self.conv(v).relu()))(torch.stack([x, x.flip(-1)])).mean(0)


class Grad(_Parts):
    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.end(y + func.grad(lambda t: self.linear(t).tanh().sum())(y))


class Jvp(_Parts):
    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        value, tangent = func.jvp(lambda t: self.linear(t).tanh(), (y,), (torch.ones_like(y),))
        return self.end(value + tangent)


class Vjp(_Parts):
    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        value, back = func.vjp(self.linear, y)
        return self.end(value + back(torch.ones_like(value))[0])


class Jacobian(_Parts):
    """Rows of a Jacobian: vmap around a derivative."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.end(y + func.jacrev(self.linear)(y[0, 0, 0]).mean())


class Forwards(_Parts):
    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.end(y + func.jacfwd(self.linear)(y[0, 0, 0]).mean())


class Functional(_Parts):
    """functional_call with other weights: an ordinary forward of the part."""

    def forward(self, x: Tensor) -> Tensor:
        weights = {name: value * 2 for name, value in self.conv.named_parameters()}
        return self.end(func.functional_call(self.conv, weights, (x,)))


class Ensemble(_Parts):
    """Many sets of weights of one part at once."""

    def __init__(self) -> None:
        super().__init__()
        self.stacked = nn.Parameter(torch.randn(5, 6, 3, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        def run(weight: Tensor) -> Tensor:
            result: Tensor = func.functional_call(self.conv, {"weight": weight}, (x,))
            return result

        return self.end(func.vmap(run)(self.stacked).mean(0))


class Functionalized(_Parts):
    def forward(self, x: Tensor) -> Tensor:
        return self.end(func.functionalize(lambda t: self.linear(t).relu_())(self.conv(x)))


class Cond(_Parts):
    """A branch that torch's compiler takes."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.end(torch.cond(torch.tensor(True), lambda t: self.linear(t).relu(), lambda t: t.sin(), (y,)))


FUNC: tuple[type[nn.Module], ...] = (
    Vmap, NestedVmap, Views, Grad, Jvp, Vjp, Jacobian, Forwards, Functional, Ensemble, Functionalized, Cond,
)  # fmt: skip


class Flex(nn.Module):
    """flex_attention: the kinds of changes of its scores, masks, grouped heads."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.patch, self.qkv, self.head = nn.Conv2d(3, 16, 3, 3), nn.Linear(16, 48), nn.Linear(16, 4)
        self.kv, self.bias = nn.Linear(16, 16), nn.Parameter(torch.randn(4, 31))

    def forward(self, x: Tensor) -> Tensor:
        t = self.patch(x).flatten(2).transpose(1, 2)
        q, k, v = self.qkv(t).view(1, 16, 3, 4, 4).permute(2, 0, 3, 1, 4)
        more: dict[str, Any] = {}
        if self.kind == "biased":
            more["score_mod"] = lambda s, _b, h, i, j: s + self.bias[h, i - j + 15]
        elif self.kind == "capped":
            more["score_mod"] = lambda s, _b, _h, _i, _j: 2 * torch.tanh(s / 2)
        elif self.kind == "empty rows":
            more["block_mask"] = create_block_mask(lambda _b, _h, i, j: (i >= j) & (i > 2), None, None, 16, 16, "cpu")
        elif self.kind == "grouped":
            k, v = self.kv(t).view(1, 16, 2, 2, 4).permute(2, 0, 3, 1, 4)
            more["enable_gqa"] = True
        result: Tensor = self.head(
            flex_attention(q, k, v, scale=0.3, **more).transpose(1, 2).reshape(1, 16, 16).mean(1)
        )
        return result


FLEX = ("plain", "biased", "capped", "empty rows", "grouped")


def plain() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.BatchNorm2d(6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)
    ).eval()


def _quietly(make: Callable[[nn.Module, Tensor], Any]) -> Callable[[], nn.Module]:
    def made() -> nn.Module:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TorchScript grows old
            module: nn.Module = make(plain(), torch.zeros(1, 3, 12, 12))
            return module

    return made


PROGRAMS: dict[str, Callable[[], nn.Module]] = {
    "exported": _quietly(lambda net, x: torch.export.export(net, (x,)).module()),
    "exported part": _quietly(lambda net, x: nn.Sequential(nn.Identity(), torch.export.export(net, (x,)).module())),
    "unflattened": _quietly(lambda net, x: torch.export.unflatten(torch.export.export(net, (x,)))),
    "traced": _quietly(torch.jit.trace),
    "frozen": _quietly(lambda net, x: torch.jit.freeze(torch.jit.trace(net, x))),
    "scripted": _quietly(lambda net, _x: torch.jit.script(net)),
    "symbolic": _quietly(lambda net, _x: torch.fx.symbolic_trace(net)),
    "compiled": _quietly(lambda net, _x: torch.compile(net, backend="eager")),
    "compiled inside": _quietly(lambda net, _x: nn.Sequential(torch.compile(net, backend="eager", fullgraph=True))),
}
