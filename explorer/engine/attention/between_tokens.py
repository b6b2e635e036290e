"""Every weight of an attention, some rows at a time, reduced to a matrix that can be looked at."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
import torch.nn.functional as F

from explorer.core.errors import ExplorerError
from explorer.core.token_weights import TokenWeights
from explorer.core.translation import tr
from explorer.engine.attention.record import RecordedAttention
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

_CHUNK = 1 << 22  # weights at a time: 16 MB


def weight_steps(
    found: RecordedAttention, most: int, cancelled: Cancelled = never
) -> Generator[float, None, TokenWeights]:
    """The share that is done, then the weights in at most `most` rows and columns, cells by their maximum.

    Raises ExplorerError for attention within windows, whose tokens do not see each other, and CancelledError.
    """
    call = found.call
    if call.windows > 1:
        why = tr("Tokens attend within {windows} windows of {count}.", windows=call.windows, count=call.keys.count)
        raise ExplorerError(
            tr("{call} has no matrix of all tokens.", call=call.name), why, tr("Look at the heads for one token.")
        )
    queries, keys = call.queries.count, call.keys.count
    down, across = (-(-count // most) for count in (queries, keys))
    rows_at_once = max(_CHUNK // max(call.heads * keys, 1) // down, 1) * down
    parts, total = [], torch.zeros(call.heads, keys, dtype=torch.float64)
    seen, empty = torch.zeros(keys, dtype=torch.bool), []
    for begin in range(0, queries, rows_at_once):
        if cancelled():
            raise CancelledError
        rows = found.rows(torch.arange(begin, min(begin + rows_at_once, queries)))[0]
        whole = down == across == 1
        parts.append((rows if whole else F.max_pool2d(rows, (down, across), ceil_mode=True)).float().cpu())
        some = (rows != 0).cpu()
        seen |= some.any(1).any(0)
        empty.append(~some.any(2).any(0))
        total += rows.sum(1, dtype=torch.float32).cpu().double()
        yield min(begin + rows_at_once, queries) / queries
    return TokenWeights(
        call.name,
        torch.cat(parts, 1).numpy(),
        queries,
        keys,
        (down, across),
        (total / queries).numpy().astype(np.float32),
        (~seen).numpy(),
        torch.cat(empty).numpy(),
    )
