"""Eight materials: patterns of 0..1 that mix an object's two colours. They stick to the object and turn with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.fields import noise

NAMES = ("plain", "stripes", "checks", "dots", "rings", "grain", "clouds", "gradient")


@dataclass(frozen=True)
class Cloth:
    """Where a pattern is evaluated: p, q (M, P) along and across it, in its own periods; u, v (M, P) object units."""

    p: Tensor
    q: Tensor
    u: Tensor
    v: Tensor
    period: Tensor  # (M, 1)


def _soft(wave: Tensor, sharp: float = 5.0) -> Tensor:
    return torch.sigmoid(sharp * wave)


def plain(cloth: Cloth) -> Tensor:
    return torch.zeros_like(cloth.u)


def stripes(cloth: Cloth) -> Tensor:
    return _soft(torch.sin(cloth.p))


def checks(cloth: Cloth) -> Tensor:
    return _soft(torch.sin(0.72 * cloth.p) * torch.sin(0.72 * cloth.q), 8.0)


def dots(cloth: Cloth) -> Tensor:
    return _soft(torch.cos(cloth.p) + torch.cos(cloth.q) - 0.75)


def rings(cloth: Cloth) -> Tensor:
    return _soft(torch.cos(torch.hypot(cloth.u, cloth.v) * (6.2832 / cloth.period)))


def gradient(cloth: Cloth) -> Tensor:
    return (0.5 + 0.55 * cloth.p * (cloth.period / 6.2832)).clamp(0, 1)


DRAWN: dict[str, Callable[[Cloth], Tensor]] = {
    "plain": plain,
    "stripes": stripes,
    "checks": checks,
    "dots": dots,
    "rings": rings,
    "gradient": gradient,
}
# exponent of the noise, sharpness of the border between the two colours
NOISES = {"grain": ((0.0, 0.35), 2.0), "clouds": ((1.5, 2.0), 3.0)}


def pattern(dice: Dice, material: Tensor, uv: Tensor, period: Tensor) -> Tensor:
    """(M, P): how much of the second colour; `uv` (M, 2, P) object units, `period` (M,) in object units."""
    count, _, points = uv.shape
    out = torch.empty(count, points, device=uv.device)
    turn, shift = dice.angle(count, 1), dice.angle(count, 2, 1)
    cos, sin = torch.cos(turn), torch.sin(turn)
    for number, name in enumerate(NAMES):
        rows = (material == number).nonzero()[:, 0]
        if not len(rows):
            continue
        if name in NOISES:
            (low, high), sharp = NOISES[name]
            field = noise(dice, dice.uniform(low, high, len(rows)), round(points**0.5))
            out[rows] = _soft(field.reshape(len(rows), -1), sharp)
            continue
        u, v = uv[rows].unbind(1)
        per = 6.2832 / period[rows, None]
        p = (u * cos[rows] + v * sin[rows]) * per
        q = (v * cos[rows] - u * sin[rows]) * per
        if name not in ("gradient", "rings"):
            p, q = p + shift[rows, 0], q + shift[rows, 1]
        out[rows] = DRAWN[name](Cloth(p, q, u, v, period[rows, None]))
    return out
