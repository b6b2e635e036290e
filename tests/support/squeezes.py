"""Networks in which a cell sees more, or less, than its convolutions say: squeezes by functions, writes into parts, odd borders."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Between(nn.Module):
    """conv, a function of its map, conv: what the second one sees depends on the function."""

    def __init__(self, function: Callable[[Tensor], Tensor], **second: Any) -> None:
        super().__init__()
        self.function = function
        self.a = nn.Conv2d(3, 4, 3, padding=1)
        self.mid = nn.Identity()
        self.b = nn.Conv2d(second.pop("channels", 4), 4, second.pop("kernel", 3), **{"padding": 1, **second})

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.mid(self.function(self.a(x)) * 1))


def _scatter(y: Tensor) -> Tensor:
    at = y.flatten(2).argsort(-1)
    return y + torch.zeros_like(y).flatten(2).scatter(2, at, y.flatten(2)).view_as(y)


def _gathered(y: Tensor) -> Tensor:
    flat = y.flatten(2)
    return flat.gather(2, flat.argsort(-1)).view_as(y) + y


def _set_part(y: Tensor) -> Tensor:
    y = y * 1
    y[:, :2] = y[:, :2].clone() * y.clone().mean((2, 3), keepdim=True)[:, :2]
    return y


def _write_view(y: Tensor) -> Tensor:
    y = y.clone()
    y[:, :1].mul_(y.clone().amax((2, 3), keepdim=True)[:, :1])
    return y


def _write_base(y: Tensor) -> Tensor:
    y = y.clone()
    view = y[:, :, :]
    y.mul_(y.sum())
    return view


def _write_data(y: Tensor) -> Tensor:
    y = y.clone()
    y.data.add_(y.data.mean((2, 3), keepdim=True))
    return y + y.mean((2, 3), keepdim=True) * 0.1


def _out(y: Tensor) -> Tensor:
    into = torch.empty_like(y)
    torch.mul(y, y.std((2, 3), keepdim=True), out=into)
    return into + y.norm(dim=(2, 3), keepdim=True)


def _foreach(y: Tensor) -> Tensor:
    one, two = y.chunk(2, 1)
    scaled = torch._foreach_mul([one, two], [y.mean((2, 3), keepdim=True)[:, :2], y.mean((2, 3), keepdim=True)[:, 2:]])
    return torch.cat(scaled, 1)


class _Through(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.mean((2, 3), keepdim=True).expand_as(x).clone()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # type: ignore[override]
        return grad.mean((2, 3), keepdim=True).expand_as(grad)


def _mean(x: Tensor) -> Tensor:
    return x.mean((2, 3), keepdim=True)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that scripts grow old
    _scripted = torch.jit.script(_mean)


def _dynamic(y: Tensor) -> Tensor:
    weight = y.mean((0, 2, 3)).view(1, 4, 1, 1).expand(4, 4, 1, 1)
    return F.conv2d(y, weight) + F.linear(y.permute(0, 2, 3, 1), weight[:, :, 0, 0]).permute(0, 3, 1, 2)


def _sampled(y: Tensor) -> Tensor:
    at = y.mean((2, 3))[:, None, None, :2].expand(1, *y.shape[-2:], 2).tanh()
    return F.grid_sample(y, at, align_corners=True)


# every one sees the whole map
WHOLE: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": lambda y: y * y.mean((2, 3), keepdim=True),
    "mean_vector": lambda y: y * y.mean((2, 3))[:, :, None, None],
    "mean_method_twice": lambda y: y * y.mean(2, keepdim=True).mean(3, keepdim=True),
    "flat_mean": lambda y: y + y.flatten(2).mean(-1).view(1, 4, 1, 1),
    "sum_of_all": lambda y: y * y.sum(),
    "amax": lambda y: y + y.amax((2, 3), keepdim=True),
    "max_of_max": lambda y: y + y.max(3, keepdim=True)[0].max(2, keepdim=True).values,
    "minus_mean_over_std": lambda y: (y - y.mean((2, 3), keepdim=True)) / (y.var((2, 3), keepdim=True) + 1).sqrt(),
    "var_mean": lambda y: y * torch.var_mean(y, (2, 3), keepdim=True)[0],
    "grn": lambda y: y * (y.norm(p=2, dim=(2, 3), keepdim=True) / (y.norm(p=2, dim=(2, 3), keepdim=True).mean(1, keepdim=True) + 1)),
    "squeeze": lambda y: y * F.adaptive_avg_pool2d(y, 1).sigmoid(),
    "eca": lambda y: y * F.conv1d(y.mean((2, 3))[:, None], torch.ones(1, 1, 3), padding=1)[0, 0].view(1, 4, 1, 1).sigmoid(),
    "global_context": lambda y: y + (y.flatten(2) @ y.mean(1).flatten(1).softmax(-1)[:, :, None])[..., None],
    "einsum": lambda y: torch.einsum("bchw,bcij->bcij", y, y),
    "einsum_scores": lambda y: y * torch.einsum("bchw->bc", y)[:, :, None, None],
    "matmul": lambda y: y + (y.flatten(2).transpose(1, 2) @ (y.flatten(2) @ y.flatten(2).transpose(1, 2))).transpose(1, 2).view_as(y),
    "fft": lambda y: torch.fft.ifft2(torch.fft.fft2(y) * torch.arange(1, y.shape[-1] + 1)).real,
    "rfft": lambda y: y + torch.fft.irfft2(torch.fft.rfft2(y).mul(2).pow(2), s=y.shape[-2:]),
    "cumsum": lambda y: y.cumsum(-1).cumsum(-2).flip(2, 3).cumsum(-1).cumsum(-2).flip(2, 3),
    "sort": lambda y: y.flatten(2).sort(-1)[0].view_as(y),
    "gather": _gathered,
    "index_by_values": lambda y: y + y.flatten(2)[:, :, y.mean(1).flatten().argsort()].view_as(y),
    "scatter": _scatter,
    "top": lambda y: y * y.flatten(2).topk(3, -1)[0].sum(-1)[:, :, None, None],
    "normalise_map": lambda y: F.normalize(y.flatten(2), dim=-1).view_as(y),
    "layer_norm_map": lambda y: F.layer_norm(y, y.shape[1:]),
    "layer_norm_sides": lambda y: F.layer_norm(y, y.shape[2:]),
    "batch_norm_of_this_batch": lambda y: F.batch_norm(y, None, None, training=True),
    "softmax_map": lambda y: y * y.flatten(2).softmax(-1).view_as(y),
    "set_part": _set_part,
    "write_view": _write_view,
    "write_base": _write_base,
    "write_data": _write_data,
    "out": _out,
    "foreach": _foreach,
    "own_function": lambda y: y * _Through.apply(y),
    "scripted": lambda y: y * _scripted(y),
    "dynamic_weights": _dynamic,
    "where": lambda y: torch.where(y > 0, y, y.mean()),
    "lerp": lambda y: torch.lerp(y, y * 2, y.mean((2, 3), keepdim=True)),
    "transposed": lambda y: y + y.transpose(2, 3),
    "flipped": lambda y: y + y.flip(3).flip(2) + y.flip(2) + y.flip(3),
    "rolled": lambda y: sum((y.roll((i, j), (2, 3)) for i in range(14) for j in range(14)), torch.zeros(())),
    "ops": lambda y: torch.ops.aten.mul(y, torch.ops.aten.mean(y)),
    "stacked": lambda y: torch.stack([y, y.mean((2, 3), keepdim=True).expand_as(y)], 1).sum(1),
    "concatenated": lambda y: torch.cat([y[:, :2], y.mean((2, 3), keepdim=True).expand_as(y)[:, 2:]], 1),
    "unfolded": lambda y: y + F.fold(F.unfold(y, 3, padding=1).softmax(-1), y.shape[-2:], 3, padding=1),
    "cdist": lambda y: y * torch.cdist(y.flatten(2), y.flatten(2)).sum(-1)[:, :, None, None],
    "grid_sample": lambda y: y + _sampled(y) + y.mean(),
}  # fmt: skip

LRN = nn.LocalResponseNorm(2)

# every one leaves the cells where they are
OWN: dict[str, Callable[[Tensor], Tensor]] = {
    "channel_mean": lambda y: y - y.mean(1, keepdim=True),
    "channel_norm": lambda y: (y - y.mean(1, keepdim=True)) / (y.var(1, keepdim=True, unbiased=False) + 1).sqrt(),
    "channel_max": lambda y: y * torch.cat([y.amax(1, keepdim=True), y.mean(1, keepdim=True)], 1).sum(1, keepdim=True),
    "channel_softmax": lambda y: y.softmax(1),
    "normalize": lambda y: F.normalize(y, dim=1),
    "channels_last": lambda y: F.layer_norm(y.permute(0, 2, 3, 1), (4,)).permute(0, 3, 1, 2),
    "glu": lambda y: F.glu(torch.cat([y, y], 1), 1),
    "split": lambda y: torch.cat([part * 2 for part in y.chunk(2, 1)], 1),
    "stack_sum": lambda y: torch.stack([y, y * 2], 1).sum(1),
    "copy": lambda y: torch.empty_like(y).copy_(y),
    "repeat": lambda y: y.repeat(1, 1, 1, 1),
    "tile": lambda y: y.tile((1, 2, 1, 1))[:, :4],
    "shuffle": lambda y: torch.channel_shuffle(y, 2),
    "setitem": lambda y: (z := torch.zeros_like(y), z.__setitem__((slice(None), slice(0, 2)), y[:, :2]),
                          z.__setitem__((slice(None), slice(2, 4)), y[:, 2:]))[0],
    "views": lambda y: (z := y.clone(), z[:, :2].mul_(2), z[:, 2:].add_(y[:, :2]))[0],
    "data": lambda y: (z := y.clone(), z.data.mul_(2))[0],
    "lrn": lambda y: LRN(y),
    "foreach": lambda y: torch.cat(torch._foreach_add(list(y.chunk(2, 1)), 1.0), 1),
    "loop": lambda y: torch.stack([part * 2 for part in y[0]])[None],
    "where": lambda y: torch.where(y > 0, y, 0.1 * y),
    "constants": lambda y: y * torch.linspace(1, 2, y.shape[-1]) + torch.arange(y.shape[-2]).view(-1, 1),
}  # fmt: skip
