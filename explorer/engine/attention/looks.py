"""What one token attends to, and who attends to it, in every head."""

from __future__ import annotations

import torch

from explorer.core.arrays import Array
from explorer.core.attention import AttentionKind, AttentionMaps, Tokens, lay_out
from explorer.core.errors import ExplorerError
from explorer.core.translation import ntr, tr
from explorer.engine.attention.record import ForwardAttention, RecordedAttention
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

Query = int | tuple[int, int]  # a token before the grid by its number (0: CLS), or a cell (y, x)


def token_of(tokens: Tokens, query: Query) -> tuple[int, int]:
    """(window, number) of a token. ExplorerError where there is none."""
    if isinstance(query, tuple):
        return tokens.find(query)
    known = tokens.prefix if tokens.cells is not None else tokens.count
    if not 0 <= query < known:
        what = (
            tr("There is no token {query} before the grid.", query=query)
            if query
            else tr("This attention has no class token.")
        )
        why = ntr("It has {known} such token.", "It has {known} such tokens.", known, known=known)
        raise ExplorerError(what, why, tr("Give a cell as row and column."))
    return 0, query


def looks_at(found: RecordedAttention, query: Query) -> AttentionMaps:
    """The row of one query in every head, over the grid of the keys. ExplorerError for channels and tokens without a place."""
    _check(found)
    window, token = token_of(found.call.queries, query)
    rows = found.rows(torch.tensor([token]))[window, :, 0]
    return lay_out(found.call.keys, _array(rows), window)


def seen_by(found: RecordedAttention, key: Query, cancelled: Cancelled = never) -> AttentionMaps:
    """The column of one key: how much every query attends to it, over the grid of the queries. These do not sum to 1."""
    _check(found)
    window, token = token_of(found.call.keys, key)
    return lay_out(found.call.queries, _array(found.column(token, cancelled)[window]), window)


def overview(attention: ForwardAttention, query: Query, cancelled: Cancelled = never) -> dict[str, AttentionMaps]:
    """All blocks × heads for one query, by the name of the attention; those where it has no token or no map are left out."""
    maps = {}
    for name, found in attention.records.items():
        if cancelled():
            raise CancelledError
        try:
            maps[name] = looks_at(found, query)
        except ExplorerError:
            continue
    return maps


def _check(found: RecordedAttention) -> None:
    if found.call.kind is AttentionKind.CHANNELS:
        what = tr("{call} has no map over the picture.", call=found.call.name)
        raise ExplorerError(
            what, tr("Its channels attend to channels, not locations to locations."), tr("Choose another block.")
        )


def _array(tensor: torch.Tensor) -> Array:
    array: Array = tensor.detach().cpu().numpy()
    return array
