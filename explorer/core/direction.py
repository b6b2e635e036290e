"""A set of channels as a person types it: "3, 7, 12", "3, -7", "0.5*3 + 2*9"."""

from __future__ import annotations

import math

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

_TODO = tr("Write channels like 3, 7 or, with weights, like 0.5*3, -7.")


def parse_direction(text: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """(channels, weights) of an Objective: weights are () when all are 1. A minus before a channel is the weight −1.

    Raises ExplorerError when the text is no such list, or names a channel twice.
    """
    pairs = [_pair(word) for word in text.replace("−", "-").replace("+", " ").replace(",", " ").split()]
    channels, weights = tuple(c for c, _ in pairs), tuple(w for _, w in pairs)
    if not channels:
        raise ExplorerError(tr("No channel is named."), "", _TODO)
    twice = next((c for c in channels if channels.count(c) > 1), None)
    if twice is not None:
        raise ExplorerError(tr("Channel {twice} is named twice.", twice=twice), "", tr("Give it one weight."))
    return channels, () if all(w == 1 for w in weights) else weights


def _pair(word: str) -> tuple[int, float]:
    """One entry: "7", "-7", "0.5*7"."""
    factor, times, number = word.rpartition("*")
    if not times:
        factor, number = ("-1", number[1:]) if number.startswith("-") else ("1", number)
    try:
        weight = float(factor)
    except ValueError:
        weight = math.nan
    if not (number.isascii() and number.isdigit() and len(number) < 9) or not math.isfinite(weight) or not weight:
        raise ExplorerError(tr("“{word}” is not a channel.", word=word[:20]), "", _TODO)
    return int(number), weight
