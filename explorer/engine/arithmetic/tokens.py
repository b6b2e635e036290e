"""What the tokens and heads of an attention are called in its terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import prod

import numpy as np

from explorer.core.arithmetic import Keys, Patch
from explorer.core.attention import AttentionCall
from explorer.core.translation import tr
from explorer.engine.arithmetic.windows import Index


def matched(places: Mapping[int, str], calls: Iterable[AttentionCall]) -> dict[int, AttentionCall]:
    """The attention of each call of a function, by its serial. `places`: serials in order, with the path of their module.

    Left out where a module has not as many of the one as of the other: then nobody knows which is which.
    """
    serials, known = defaultdict(list), defaultdict(list)
    for serial, path in places.items():
        serials[path].append(serial)
    for call in calls:
        known[call.path].append(call)
    pairs = ((s, known[path]) for path, s in serials.items() if len(s) == len(known[path]))
    return {serial: call for found, these in pairs for serial, call in zip(found, these, strict=True)}


def named(patch: Patch, rows: tuple[Index, ...], call: AttentionCall | None) -> Patch:
    """The same patch with names. `rows`: (..., query) of each head."""
    count = patch.values.shape[1]
    placed = [_place(key[:-1], call) for key in rows]
    heads = np.array([head for _, head in placed])
    windows = {window for window, _ in placed}
    plain = Keys(tuple(tr("token {i}", i=i) for i in range(count)))
    keys = _keys(call, windows.pop()) if call is not None and len(windows) == 1 else plain
    return replace(patch, channels=heads, keys=keys if len(keys.names) == count else plain)


def _place(lead: Index, call: AttentionCall | None) -> tuple[int, int]:
    """(window, head) of the leading index of a row of weights."""
    if call is None:
        return 0, lead[-1] if lead else 0
    sizes = [size for size, _ in call.leads]
    if len(lead) == 1 < len(sizes):  # windows and heads in one dimension
        lead = tuple(int(i) for i in np.unravel_index(lead[0], sizes))
    found = []
    for wanted in (True, False):
        at = [(size, i) for (size, windows), i in zip(call.leads, lead, strict=True) if windows is wanted]
        number = 0
        for size, i in at:
            number = number * size + i
        found.append(number if prod(size for size, _ in at) else 0)
    return found[0], found[1]


def _keys(call: AttentionCall, window: int) -> Keys:
    tokens, names = call.keys, call.prefix_names
    if tokens.cells is None or tokens.grid is None:
        return Keys(tuple(tr("token {i}", i=i) for i in range(tokens.count)))
    cells = tokens.cells[window if len(tokens.cells) > 1 else 0]
    said = []
    for i, cell in enumerate(cells):
        y, x = divmod(int(cell), tokens.grid[1])
        said.append(f"({y}, {x})" if cell >= 0 else names[i] if i < len(names) else "padding")
    return Keys(tuple(said), cells, tokens.grid)
