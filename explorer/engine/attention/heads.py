"""Numbers by which heads are told apart: how sharply they look, how far, and how much goes to the tokens before the grid."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor

from explorer.core.attention import HeadSummary, Tokens
from explorer.engine.attention.attention_weights import exact
from explorer.engine.attention.record import RecordedAttention
from explorer.engine.jobs.cancel import Cancelled, never
from explorer.engine.jobs.steps import ended


def summarise(found: RecordedAttention, cancelled: Cancelled = never) -> HeadSummary:
    """Entropy, distance and prefix mass of every head, streamed over the queries.

    The distance is that of Dosovitskiy and others 2021 (An image is worth 16 × 16 words, figure 7), a mean over patch queries.
    Padding is left out. Entropy is NaN where rows are no distributions (heads mixed after the softmax).
    """
    return ended(summary_steps(found, cancelled))


def summary_steps(found: RecordedAttention, cancelled: Cancelled = never) -> Generator[float, None, HeadSummary]:
    """The same in steps: the share of the queries that has been counted, then the summary."""
    call, device = found.call, exact(found.weights.q.new_zeros(1)).device
    real = _real(call.queries, call.windows).to(device)
    centres = [_centres(tokens, device) for tokens in (call.queries, call.keys)]
    entropy = torch.zeros(call.heads, dtype=torch.float64, device=device)
    distance, prefix = torch.zeros_like(entropy), entropy.new_zeros(call.heads, call.keys.prefix)
    error = 0.0
    for index, rows in found.blocks(cancelled):
        index, rows = index.to(device), exact(rows)
        counted = real[:, None, index]  # (windows, 1, queries)
        rows = rows * counted[..., None]
        error = max(error, float((rows.sum(-1) - counted.double()).abs().max()))
        entropy += torch.special.entr(rows).sum((0, 2, 3))
        prefix += rows[..., : call.keys.prefix].sum((0, 2))
        if centres[0] is not None and centres[1] is not None:
            apart = torch.cdist(centres[0][:, index], centres[1]).nan_to_num(0)
            distance += (rows * apart[:, None]).sum((0, 2, 3))
        yield (int(index[-1]) + 1) / call.queries.count
    count, placed = int(real.sum()), 0 if centres[0] is None else int((~centres[0][..., 0].isnan()).sum())
    apart_mean = distance / placed if placed and centres[1] is not None else distance * np.nan
    numbers = (entropy / count if not call.note else entropy * np.nan, apart_mean, prefix / count)
    arrays = [t.cpu().numpy() for t in numbers]
    return HeadSummary(call.name, arrays[0], arrays[1], arrays[2], count, error)


def _real(tokens: Tokens, windows: int) -> Tensor:
    """(windows, count) bool: no padding."""
    if tokens.cells is None:
        return torch.ones(windows, tokens.count, dtype=torch.bool)
    real = torch.from_numpy(tokens.cells >= 0)
    real[:, : tokens.prefix] = True
    return real.expand(windows, tokens.count)


def _centres(tokens: Tokens, device: torch.device) -> Tensor | None:
    if tokens.cells is None or tokens.field is None:
        return None
    return torch.from_numpy(tokens.centres()).to(device)
