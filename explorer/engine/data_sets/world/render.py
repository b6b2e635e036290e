"""Objects, surroundings and light become pixels: anti-aliased, shaded, occluding each other, blurred, noisy."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.engine.data_sets.world.backgrounds import soften
from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.fields import affine
from explorer.engine.data_sets.world.materials import pattern
from explorer.engine.data_sets.world.pose import Pose
from explorer.engine.data_sets.world.shapes import distance
from explorer.engine.data_sets.world.things import Things


@dataclass(frozen=True)
class Light:
    """One lamp for a whole picture; (N,) each. x, y point towards it."""

    x: Tensor
    y: Tensor
    shading: Tensor  # how much lighter an object is on its lit side
    rim: Tensor  # how much darker it is towards its outline
    shadow: Tensor  # how dark its cast shadow


def lights(dice: Dice, count: int) -> Light:
    turn = dice.angle(count)
    strength = dice.uniform(0, 0.45, count), dice.uniform(0, 0.5, count), dice.uniform(0, 0.7, count)
    return Light(torch.cos(turn), torch.sin(turn), *strength)


def render(dice: Dice, images: Tensor, things: Things, pose: Pose, light: Light) -> tuple[Tensor, Tensor]:
    """Paints onto `images` (N, 3, S, S), which it uses up; gives the pictures and (N, K, S, S) bool: what is visible."""
    count, slots = things.shape.shape
    size = images.shape[-1]
    images = images.reshape(count, 3, -1)
    masks = torch.zeros(count, slots, size * size, dtype=torch.bool, device=images.device)
    everyone = torch.arange(count, device=images.device)
    for step in range(slots):
        slot = pose.order[:, step]
        rows = things.present[everyone, slot].nonzero()[:, 0]
        if len(rows):
            paint(dice, images, masks, things, pose, light, rows, slot[rows])
    images = finish(dice, images.reshape(count, 3, size, size), light)
    return images, masks.reshape(count, slots, size, size)


def placement(pose: Pose, rows: Tensor, slot: Tensor, dx: Tensor | float = 0.0, dy: Tensor | float = 0.0) -> Tensor:
    """(M, 2, 3): from the picture's plane to object units, for objects moved by (dx, dy)."""
    turn, scale, stretch = pose.rotation[rows, slot], pose.scale[rows, slot], pose.stretch[rows, slot]
    x, y = pose.x[rows, slot] + dx, pose.y[rows, slot] + dy
    cos, sin = torch.cos(turn), torch.sin(turn)
    u = torch.stack([cos, sin, -cos * x - sin * y], -1) / (scale * stretch)[:, None]
    v = torch.stack([-sin, cos, sin * x - cos * y], -1) / (scale / stretch)[:, None]
    return torch.stack([u, v], 1)


def paint(
    dice: Dice, images: Tensor, masks: Tensor, things: Things, pose: Pose, light: Light, rows: Tensor, slot: Tensor
) -> None:
    """One object into each of the pictures `rows`, in place: its shadow, then itself; it hides what was there."""
    size = round(images.shape[-1] ** 0.5)
    radius = pose.scale[rows, slot][:, None]
    pixels = radius * (size / 2)
    uv = affine(placement(pose, rows, slot), size)
    away = distance(things.shape[rows, slot], uv)
    cover = (0.5 - away * pixels).clamp_(0, 1)
    mix = pattern(dice, things.material[rows, slot], uv, things.period[rows, slot])
    first, second = things.first[rows, slot], things.second[rows, slot]
    body = torch.lerp(first[:, :, None], second[:, :, None], mix[:, None])
    body *= shade(pose, light, rows, slot, size, away)[:, None]
    lx, ly = light.x[rows], light.y[rows]
    throw = -0.16 * radius[:, 0]
    cast = distance(things.shape[rows, slot], affine(placement(pose, rows, slot, lx * throw, ly * throw), size))
    dark = (0.5 - cast * 3).clamp_(0, 1).mul_(light.shadow[rows, None]).neg_().add_(1)
    ground = images.index_select(0, rows) * dark[:, None]
    images.index_copy_(0, rows, torch.lerp(ground, body, cover[:, None]))
    solid = cover > 0.5
    masks[rows] &= ~solid[:, None]
    masks[rows, slot] = solid


def shade(pose: Pose, light: Light, rows: Tensor, slot: Tensor, size: int, away: Tensor) -> Tensor:
    """(M, P): lighter towards the lamp, darker at the rim: a hint of volume."""
    radius = pose.scale[rows, slot]
    lx, ly = light.x[rows] / radius, light.y[rows] / radius
    facing = affine(torch.stack([lx, ly, -lx * pose.x[rows, slot] - ly * pose.y[rows, slot]], -1), size)
    rim = (1 + away * 3.5).clamp_(0, 1).square_()
    return (1 + light.shading[rows, None] * facing - light.rim[rows, None] * rim).clamp_min_(0.15)


def finish(dice: Dice, images: Tensor, light: Light) -> Tensor:
    """The camera: uneven light, exposure and tint, blur in some pictures, noise in all."""
    count, _, size, _ = images.shape
    slope = dice.uniform(0, 0.3, count)
    uneven = affine(torch.stack([light.x * slope, light.y * slope, torch.ones_like(slope)], -1), size)
    gain = dice.uniform(0.8, 1.15, count, 1) * dice.uniform(0.92, 1.08, count, 3)
    images = images * uneven.reshape(count, 1, size, size) * gain[:, :, None, None]
    strength = dice.uniform(0.3, 1, count) * dice.chance(0.4, count)
    rows = (strength > 0).nonzero()[:, 0]
    if len(rows):
        sharp = images[rows]
        images[rows] = torch.lerp(sharp, soften(soften(sharp)), strength[rows, None, None, None])
    images += dice.white(*images.shape) * dice.uniform(0.0, 0.035, count, 1, 1, 1)
    return images.clamp_(0, 1)
