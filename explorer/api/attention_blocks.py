"""Blocks and heads of attention by name or number."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.core.attention import AttentionCall
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr


def block_named(text: str, calls: Sequence[AttentionCall]) -> str:
    """The name of a block given by name or number."""
    if text.isascii() and text.isdigit() and text not in {call.name for call in calls}:
        if int(text) >= len(calls):
            raise ExplorerError(
                tr("There is no block {text}.", text=text), tr("The model has 0 to {count}.", count=len(calls) - 1)
            )
        return calls[int(text)].name
    return text


def heads_named(head: int | None, count: int) -> list[int]:
    """One head, or all. Raises ExplorerError."""
    if head is None:
        return list(range(count))
    if not 0 <= head < count:
        raise ExplorerError(
            tr("There is no head {head}.", head=head), tr("This attention has heads 0 to {count}.", count=count - 1)
        )
    return [head]
