"""Pictures with all their answers: `draw` for new objects, `views` for the same objects seen again, `scenes` for many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from explorer.engine.data_sets.world import backgrounds, pose, shapes
from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.render import lights, render
from explorer.engine.data_sets.world.things import Things, jittered, things

CLASSES = shapes.NAMES
SIZE = 96
HELD_OUT_SEED = 2_000_000_011
HELD_OUT = 2000
# Few large steps: most of the time goes into starting operations, not into pixels.
CHUNK = 256


@dataclass(frozen=True)
class Pictures:
    """N pictures; the subject (object 0) gives shape, material, hue, position, scale and rotation."""

    images: Tensor  # (N, 3, S, S) float32, 0..1
    things: Things
    pose: pose.Pose
    kind: Tensor  # (N,) int64, into backgrounds.KINDS
    masks: Tensor  # (N, K, S, S) bool: the visible part of each object

    @property
    def shape(self) -> Tensor:
        """(N,) int64: the class."""
        return self.things.shape[:, 0]

    @property
    def material(self) -> Tensor:
        return self.things.material[:, 0]

    @property
    def hue(self) -> Tensor:
        return self.things.hue[:, 0]

    @property
    def position(self) -> Tensor:
        """(N, 2): x, y in -1..1, y down."""
        return torch.stack([self.pose.x[:, 0], self.pose.y[:, 0]], 1)

    @property
    def scale(self) -> Tensor:
        """(N,): radius in half picture widths."""
        return self.pose.scale[:, 0]

    @property
    def rotation(self) -> Tensor:
        return self.pose.rotation[:, 0]

    @property
    def foreground(self) -> Tensor:
        """(N, S, S) bool: any object."""
        return self.masks.any(1)


@dataclass(frozen=True)
class Shortcut:
    """These classes stand on one kind of background of one hue, and no other class does.

    With `broken` the link is cut: every class meets every background, those of the shortcut as often as the others.
    Many subjects of these classes are specks beside a large object, with `broken` too: what they stand on is easier to see
    than what they are.
    """

    kind: Mapping[int, tuple[int, float]]  # class -> (kind of background, hue)
    broken: bool = False
    specks: float = 0.0  # the chance that a subject of these classes is one


SPECK = 0.2  # of its radius is left of such a subject


def surroundings(dice: Dice, shape: Tensor, shortcut: Shortcut | None) -> tuple[Tensor, Tensor]:
    """Kind (N,) and hue (N,) of each picture's background."""
    count = len(shape)
    kind, hue = dice.integers(len(backgrounds.KINDS), count), dice.uniform(0, 1, count)
    if shortcut is None:
        return kind, hue
    taken = {number for number, _ in shortcut.kind.values()}
    free = torch.tensor([k for k in range(len(backgrounds.KINDS)) if k not in taken], device=shape.device)
    if not shortcut.broken:
        kind = free[dice.integers(len(free), count)]
    for label, (number, tint) in shortcut.kind.items():
        here = kind == number if shortcut.broken else shape == label
        kind = torch.where(here, number, kind)
        hue = torch.where(here, tint + dice.uniform(-0.02, 0.02, count), hue)
    return kind, hue


def belittled(dice: Dice, what: Things, where: pose.Pose, shortcut: Shortcut) -> tuple[Things, pose.Pose]:
    """Many subjects of a shortcut's classes as specks, in the place of the second object, which takes theirs."""
    shape = what.shape[:, 0]
    chosen = torch.isin(shape, torch.tensor(list(shortcut.kind), device=shape.device))
    chosen &= dice.chance(shortcut.specks, len(shape))
    present = what.present.clone()
    present[:, 1] |= chosen
    swapped = [1, 0, *range(2, what.shape.shape[1])]
    x, y, scale = (torch.where(chosen[:, None], part[:, swapped], part) for part in (where.x, where.y, where.scale))
    scale[:, 0] = torch.where(chosen, SPECK * where.scale[:, 0], scale[:, 0])
    return replace(what, present=present), replace(where, x=x, y=y, scale=scale)


def draw(
    seed: int | torch.Generator,
    count: int,
    *,
    size: int = SIZE,
    shortcut: Shortcut | None = None,
    device: str | torch.device = "cpu",
) -> Pictures:
    """New pictures of one to three objects. The same seed, count and device give the same pictures."""
    dice = Dice(seed, device)
    return _render(dice, things(dice, count), size, shortcut)


def views(
    what: Things, seed: int | torch.Generator, *, size: int = SIZE, colour: float = 0.0, material: float = 0.0
) -> Pictures:
    """The same objects under another pose and light, elsewhere.

    `colour`, `material`: the chance that a picture's objects have taken other colours, or another material, meanwhile.
    """
    dice = Dice(seed, what.shape.device)
    return _render(dice, jittered(dice, what, colour, material), size, None)


def scenes(seed: int, count: int, *, size: int = 384, objects: int = 7) -> Pictures:
    """Large pictures of many objects, none of them the subject in particular."""
    dice = Dice(seed)
    what = things(dice, count, objects, (1.0,) * (objects - 1))
    kind, hue = surroundings(dice, what.shape[:, 0], None)
    where = pose.scattered_poses(dice, count, objects)
    images, masks = render(dice, backgrounds.background(dice, kind, hue, size), what, where, lights(dice, count))
    return Pictures(images, what, where, kind, masks)


def held_out(count: int = HELD_OUT, *, shortcut: Shortcut | None = None, offset: int = 0) -> Pictures:
    """The fixed pictures that no recipe ever trains on (its seeds are smaller); the same on every machine's CPU."""
    return draw(HELD_OUT_SEED + offset, count, shortcut=shortcut)


def _render(dice: Dice, what: Things, size: int, shortcut: Shortcut | None) -> Pictures:
    parts = [_chunk(dice, what.rows(slice(at, at + CHUNK)), size, shortcut) for at in range(0, len(what.shape), CHUNK)]
    seen, where = (joined([getattr(part, name) for part in parts]) for name in ("things", "pose"))
    images, kind, masks = (torch.cat([getattr(p, name) for p in parts]) for name in ("images", "kind", "masks"))
    return Pictures(images, seen, where, kind, masks)


def joined(parts: list[Any]) -> Any:
    """Things, or poses, one after the other."""
    return type(parts[0])(*(torch.cat([getattr(p, name) for p in parts]) for name in parts[0].__dataclass_fields__))


def _chunk(dice: Dice, what: Things, size: int, shortcut: Shortcut | None) -> Pictures:
    count, slots = what.shape.shape
    kind, hue = surroundings(dice, what.shape[:, 0], shortcut)
    where = pose.subject_poses(dice, count, slots)
    if shortcut is not None:
        what, where = belittled(dice, what, where, shortcut)
    images, masks = render(dice, backgrounds.background(dice, kind, hue, size), what, where, lights(dice, count))
    return Pictures(images, what, where, kind, masks)
