"""Where objects stand, how large and how turned. Coordinates: -1..1 across the picture, y down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.engine.data_sets.world.dice import Dice

SUBJECT = (0.36, 0.62)  # radius of the subject: 17 to 30 px of 96
OTHER = (0.34, 0.5)  # radius of the others, in subject radii: the subject is the largest by far


@dataclass(frozen=True)
class Pose:
    """All (N, K); `order` says which object is painted when, from back to front."""

    x: Tensor
    y: Tensor
    scale: Tensor  # radius
    rotation: Tensor  # radians
    stretch: Tensor  # wider by this factor, lower by it: a slight change of viewing angle
    order: Tensor  # int64


def subject_poses(dice: Dice, count: int, slots: int) -> Pose:
    """One large subject; the others beside it, some of them biting off a part of its rim."""
    scale = torch.empty(count, slots, device=dice.device)
    scale[:, 0] = dice.uniform(*SUBJECT, count)
    scale[:, 1:] = scale[:, :1] * dice.uniform(*OTHER, count, slots - 1)
    room = (0.92 - 0.85 * scale[:, 0]).clamp_min(0)
    x, y = (dice.uniform(-1, 1, count, slots) * room[:, None] for _ in range(2))
    # Opposite sides for the second and the third, so that they never hide the same part together.
    side = dice.angle(count, 1) + torch.linspace(0, math.pi, max(slots - 1, 1), device=dice.device)
    away = dice.uniform(0.95, 1.9, count, slots - 1) * scale[:, :1]
    x[:, 1:] = x[:, :1] + torch.cos(side) * away
    y[:, 1:] = y[:, :1] + torch.sin(side) * away
    order = dice.uniform(0, 1, count, slots).argsort(1)
    return Pose(x, y, scale, dice.angle(count, slots), dice.log_uniform(0.88, 1.14, count, slots), order)


def scattered_poses(dice: Dice, count: int, slots: int, scale: tuple[float, float] = (0.13, 0.26)) -> Pose:
    """Many objects over one large picture, kept apart as well as a few tries can."""
    radius = dice.uniform(*scale, count, slots)
    place = dice.uniform(-0.78, 0.78, count, slots, 2)
    for slot in range(1, slots):
        tries = dice.uniform(-0.78, 0.78, count, 24, 2)
        gap = (tries[:, :, None] - place[:, None, :slot]).norm(dim=-1) - radius[:, None, :slot]
        best = gap.amin(2).argmax(1)
        place[:, slot] = tries[torch.arange(count, device=dice.device), best]
    order = place[..., 1].argsort(1)  # the lower one stands in front
    turn = dice.angle(count, slots)
    return Pose(place[..., 0], place[..., 1], radius, turn, dice.log_uniform(0.9, 1.1, count, slots), order)
