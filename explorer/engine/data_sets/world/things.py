"""What the objects are, apart from how they are seen: shape, material, colours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.engine.data_sets.world import materials, shapes
from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.fields import hsv


@dataclass(frozen=True)
class Things:
    """N pictures of up to K objects; object 0 is the subject and always there."""

    shape: Tensor  # (N, K) int64, into shapes.NAMES
    material: Tensor  # (N, K) int64, into materials.NAMES
    hue: Tensor  # (N, K) 0..1, of the first colour
    first: Tensor  # (N, K, 3) colours, 0..1
    second: Tensor  # (N, K, 3)
    period: Tensor  # (N, K) of the material's pattern, object units
    present: Tensor  # (N, K) bool

    def rows(self, rows: Tensor | slice) -> Things:
        return Things(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def things(dice: Dice, count: int, slots: int = 3, more: tuple[float, ...] = (0.5, 0.5)) -> Things:
    """`more[k]`: the chance of object k + 1 being there if object k is."""
    shape = dice.integers(len(shapes.NAMES), count, slots)
    material = dice.integers(len(materials.NAMES), count, slots)
    hue, first, second = colours(dice, count, slots)
    present = torch.ones(count, slots, dtype=torch.bool, device=dice.device)
    for number, chance in enumerate(more, 1):
        present[:, number] = present[:, number - 1] & dice.chance(chance, count)
    return Things(shape, material, hue, first, second, dice.uniform(0.3, 0.55, count, slots), present)


def colours(dice: Dice, count: int, slots: int) -> tuple[Tensor, Tensor, Tensor]:
    """(hue, first, second) of objects; the two colours differ in lightness by at least 0.35, so patterns show."""
    hue = dice.uniform(0, 1, count, slots)
    swap = dice.chance(0.5, count, slots)
    light, dark = dice.uniform(0.75, 1.0, count, slots), dice.uniform(0.15, 0.4, count, slots)
    first = hsv(hue, dice.uniform(0.35, 0.95, count, slots), torch.where(swap, dark + 0.15, light))
    other = hue + dice.uniform(0.15, 0.85, count, slots)
    second = hsv(other, dice.uniform(0.1, 0.8, count, slots), torch.where(swap, light, dark))
    return hue, first, second


def jittered(dice: Dice, old: Things, colour: float, material: float) -> Things:
    """The same shapes; with these chances a picture's objects take other colours, or another material."""
    count, slots = old.shape.shape
    hue, first, second = colours(dice, count, slots)
    repaint, remake = dice.chance(colour, count, 1), dice.chance(material, count, 1)
    stuff = dice.integers(len(materials.NAMES), count, slots)
    return replace(
        old,
        hue=torch.where(repaint, hue, old.hue),
        first=torch.where(repaint[..., None], first, old.first),
        second=torch.where(repaint[..., None], second, old.second),
        material=torch.where(remake, stuff, old.material),
    )
