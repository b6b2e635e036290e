"""What the objects stand on: five kinds of natural-looking surroundings, all in muted colours of one palette."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.fields import hsv, line, noise, plane

KINDS = ("clouds", "leaves", "gradient", "grating", "horizon")
LEAVES = 56


def palette(dice: Dice, hue: Tensor, colours: int) -> Tensor:
    """(N, colours, 3): neighbours and one opposite of each hue (N,), mostly muted, spread from dark to light."""
    count = len(hue)
    near = hue[:, None] + dice.uniform(-0.09, 0.09, count, colours) + 0.5 * dice.chance(0.18, count, colours)
    value = dice.uniform(0.12, 0.95, count, colours)
    return hsv(near, dice.uniform(0.02, 0.62, count, colours), value)


def _mix(low: Tensor, high: Tensor, amount: Tensor) -> Tensor:
    """(N, 3, P) between two colours (N, 3) by (N, P)."""
    return torch.lerp(low[:, :, None], high[:, :, None], amount[:, None])


def clouds(dice: Dice, colours: Tensor, size: int) -> Tensor:
    """1/f^beta noise between three colours."""
    count = len(colours)
    first = noise(dice, dice.uniform(0.7, 1.9, count), size).reshape(count, -1)
    second = noise(dice, dice.uniform(1.2, 2.2, count), size).reshape(count, -1)
    base = _mix(colours[:, 0], colours[:, 1], torch.sigmoid(1.7 * first))
    return torch.lerp(base, colours[:, 2, :, None], torch.sigmoid(2.5 * second - 1.2)[:, None])


def leaves(dice: Dice, colours: Tensor, size: int) -> Tensor:
    """Dead leaves: ellipses of many sizes that cover each other; each pixel shows the topmost."""
    count = len(colours)
    top = _topmost(dice, count, size)
    pick = dice.integers(colours.shape[1], count, LEAVES)
    tint = torch.gather(colours, 1, pick[..., None].expand(-1, -1, 3)) * dice.uniform(0.7, 1.15, count, LEAVES, 1)
    flat = torch.gather(tint.transpose(1, 2), 2, top.reshape(count, 1, -1).expand(-1, 3, -1))
    grain = noise(dice, dice.uniform(0.5, 1.3, count), size).reshape(count, 1, -1)
    return soften((flat * (1 + 0.08 * grain)).reshape(count, 3, size, size)).reshape(count, 3, -1)


def _topmost(dice: Dice, count: int, size: int) -> Tensor:
    """(N, size, size) int64: the number of the last of LEAVES ellipses that covers each pixel; number 0 covers all."""
    cx, cy = dice.uniform(-1.1, 1.1, 2, LEAVES, count)
    long = dice.log_uniform(0.1, 0.7, LEAVES, count)
    short = long * dice.uniform(0.35, 1.0, LEAVES, count)
    turn = dice.angle(LEAVES, count)
    cos, sin = torch.cos(turn), torch.sin(turn)
    # a x² + b y² + c x y about the centre, below 1 inside; all but the last term is a sum of a row and a column.
    a, b = cos**2 / long**2 + sin**2 / short**2, sin**2 / long**2 + cos**2 / short**2
    c = 2 * cos * sin * (1 / long**2 - 1 / short**2)
    at = line(size, dice.device)
    dx, dy = at - cx[..., None], at - cy[..., None]
    columns, rows, mixed = a[..., None] * dx**2, b[..., None] * dy**2 - 1, c[..., None] * dy
    top = torch.zeros(count, size, size, device=dice.device)
    for leaf in range(1, LEAVES):
        form = torch.addcmul(rows[leaf, :, :, None], mixed[leaf, :, :, None], dx[leaf, :, None])
        top.masked_fill_(form.add_(columns[leaf, :, None]) < 0, leaf)
    return top.long()


def gradient(dice: Dice, colours: Tensor, size: int) -> Tensor:
    """A smooth passage between colours, straight or round, with a little texture."""
    count = len(colours)
    x, y = plane(size, dice.device)
    turn = dice.angle(count, 1)
    straight = x * torch.cos(turn) + y * torch.sin(turn)
    centre = dice.uniform(-0.9, 0.9, 2, count, 1)
    spread = torch.hypot(x - centre[0], y - centre[1]) - 0.9
    along = torch.where(dice.chance(0.4, count, 1), spread, straight)
    texture = noise(dice, dice.uniform(0.2, 1.4, count), size).reshape(count, -1)
    amount = 0.5 + 0.55 * along + texture * dice.uniform(0.0, 0.1, count, 1)
    return _mix(colours[:, 0], colours[:, 1], amount.clamp(0, 1))


def grating(dice: Dice, colours: Tensor, size: int) -> Tensor:
    """Waves of one direction, like cloth, boards or water, bent by slow noise."""
    count = len(colours)
    x, y = plane(size, dice.device)
    turn = dice.angle(count, 1)
    bend = noise(dice, dice.uniform(1.8, 2.4, count), size).reshape(count, -1)
    rough = noise(dice, dice.uniform(0.3, 1.2, count), size).reshape(count, -1)
    per = dice.log_uniform(9, 48, count, 1)
    phase = (x * torch.cos(turn) + y * torch.sin(turn)) * per + bend * dice.uniform(0, 1.6, count, 1)
    wave = torch.sigmoid(dice.log_uniform(1, 6, count, 1) * torch.sin(phase))
    amount = 0.5 + (wave - 0.5) * dice.uniform(0.35, 1.0, count, 1) + 0.1 * rough
    return _mix(colours[:, 0], colours[:, 1], amount.clamp(0, 1))


def horizon(dice: Dice, colours: Tensor, size: int) -> Tensor:
    """A plain sky above textured ground."""
    count = len(colours)
    x, y = plane(size, dice.device)
    ridge = noise(dice, dice.uniform(1.4, 2.0, count), size)[:, 0].repeat(1, size)
    height = dice.uniform(-0.5, 0.6, count, 1) + dice.uniform(-0.3, 0.3, count, 1) * x
    above = torch.sigmoid((height + ridge * dice.uniform(0, 0.12, count, 1) - y) * size * 0.5)
    texture = noise(dice, dice.uniform(0.5, 1.5, count), size).reshape(count, -1)
    ground = _mix(colours[:, 0], colours[:, 1], torch.sigmoid(1.5 * texture))
    light = hsv(dice.uniform(0.5, 0.68, count), dice.uniform(0.02, 0.5, count), dice.uniform(0.6, 1.0, count))
    sky = _mix(colours[:, 2], light, (0.75 + 0.3 * y).expand(count, -1))
    return torch.lerp(ground, sky, above[:, None])


PAINTERS = {"clouds": clouds, "leaves": leaves, "gradient": gradient, "grating": grating, "horizon": horizon}


def background(dice: Dice, kind: Tensor, hue: Tensor, size: int) -> Tensor:
    """(N, 3, size, size) in 0..1: surroundings of each kind (N,) around each hue (N,)."""
    colours = palette(dice, hue, 4)
    out = torch.empty(len(kind), 3, size * size, device=dice.device)
    for number, name in enumerate(KINDS):
        rows = (kind == number).nonzero()[:, 0]
        if len(rows):
            out[rows] = PAINTERS[name](dice, colours[rows], size)
    return out.reshape(-1, 3, size, size).clamp_(0, 1)


def soften(images: Tensor) -> Tensor:
    """A 1-2-1 blur in both directions; the border repeats its last pixel."""
    for axis in (2, 3):
        size = images.shape[axis]
        middle = images.narrow(axis, 1, size - 2) * 0.5
        middle += images.narrow(axis, 0, size - 2) * 0.25
        middle += images.narrow(axis, 2, size - 2) * 0.25
        images = torch.cat([images.narrow(axis, 0, 1), middle, images.narrow(axis, size - 1, 1)], axis)
    return images
