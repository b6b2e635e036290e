"""Pictures of the demo models' world by their number, drawn each time they are asked for: a data set of any size without files.

Its name is "demo:world", or "demo:world:COUNT". A picture is the sample "drawn-NUMBER". Pictures are drawn in groups, which takes
2 to 3 ms each; no recipe of the demo models has seen them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import torch

from explorer.core.arrays import Array
from explorer.core.data_sets import DEMO
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.translation import tr
from explorer.engine.data_sets.world import shapes
from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.sample import HELD_OUT_SEED, draw
from explorer.engine.data_sets.world.things import things
from explorer.engine.inputs.image_arrays import freeze

NAME = "world"
COUNT, MOST = 10_000, 1_000_000
_GROUP = 16
_SEED = HELD_OUT_SEED + 1_000_000
_PREFIX = "drawn-"
_NUMBERED = re.compile(rf"{_PREFIX}(\d{{6}})")


def is_drawn(data: str) -> bool:
    """Whether that names this data set, of whatever size."""
    return data.removeprefix(DEMO).partition(":")[0] == NAME and data.startswith(DEMO)


def drawn_pictures(data: str) -> Iterator[tuple[str, str]]:
    """(name of the sample, class) of each picture. Raises ExplorerError for a size that cannot be had, before the first."""
    _, colon, size = data.removeprefix(DEMO).partition(":")
    known = size.isascii() and size.isdigit() and len(size) < 9
    count = COUNT if not colon else int(size) if known else 0
    if not 1 <= count <= MOST:
        raise ExplorerError(
            tr("There is no data set {data}.", data=data[:40]),
            tr("Its size is a number from 1 to {most:,}.", most=MOST),
            f"{DEMO}{NAME}:2000",
        )
    return ((_name(number), _labels(number // _GROUP)[number % _GROUP]) for number in range(count))


def _name(number: int) -> str:
    return f"{_PREFIX}{number:06}"


def drawn_picture(name: str) -> Picture | None:
    """The picture of a sample's name; None where it names none of these."""
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return None
    group, place = divmod(int(found[1]), _GROUP)
    title = tr("Drawn picture {found}: {labels}", found=int(found[1]), labels=_labels(group)[place])
    return freeze(_pixels(group)[place].copy(), InputRef("sample", name), title, ())


@lru_cache(4)  # those of a batch, and of the one that is drawn ahead
def _pixels(group: int) -> Array:
    """(pictures, height, width, 3) uint8."""
    images = draw(_SEED + group, _GROUP).images
    pixels: Array = (images.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    return pixels


@lru_cache(4)
def _labels(group: int) -> tuple[str, ...]:
    """The shape of each subject; what draws the pictures begins with the very same objects."""
    return tuple(shapes.NAMES[n] for n in things(Dice(_SEED + group), _GROUP).shape[:, 0].tolist())
