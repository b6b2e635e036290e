"""The attention between all tokens as the lines that its page shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.attention import AttentionCall
from explorer.core.token_labels import TokenLabel
from explorer.core.token_weights import TokenWeights
from explorer.core.translation import tr
from explorer.ui.attention.words import proof_row, sums_row
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row

SAVE = tr("Every weight of this block: head, query, key, with the names of the tokens")
REDUCED = tr("Cells of this matrix stand for several weights. The command attention --matrix writes all of them")

MOST = tr("most attended")


def headline(found: TokenWeights, named: tuple[bool, str] | None, head: int | None, locked: bool) -> str:
    """Whose weights are shown: "“came” attends to  ·  head 2"; all of them where no token is looked at."""
    heads = len(found.weights)
    whose = (
        tr("head {head}", head=head)
        if head is not None
        else tr("its head")
        if heads == 1
        else tr("mean of {heads} heads", heads=heads)
    )
    if named is None:
        return tr("{queries:,} queries, {keys:,} keys  ·  {whose}", queries=found.queries, keys=found.keys, whose=whose)
    said = f"“{named[1]}” {(tr('attended by') if named[0] else tr('attends to'))}  ·  {whose}"
    return tr("{said}  ·  locked", said=said) if locked else said


def numbers(call: AttentionCall, found: TokenWeights, keys: Sequence[TokenLabel], head: int | None) -> list[Row]:
    """The checks, the token that gets most, and what goes to padding."""
    received = found.received.mean(0) if head is None else found.received[head]
    rows = [sums_row(*call.sums, call.note), proof_row(call)]
    best = int(np.argmax(received))
    rows.append(Row(MOST, f"{keys[best].text}  {text.percent(float(received[best]))}", tr("Mean over all queries")))
    padding = [at for at, label in enumerate(keys) if label.kind == "padding"]
    if padding:
        share = float(received[padding].sum())
        rows.append(
            Row(
                tr("on padding"),
                tr("masked") if _masked(found, padding) else text.percent(share),
                tr("Mean over all queries"),
            )
        )
    return rows


def note(found: TokenWeights, keys: Sequence[TokenLabel], drawn: bool = True) -> str:
    """What must be known of the picture: reduced, masked, padded; whether padding that is masked is `drawn`."""
    said = []
    if not found.whole:
        down, across = found.steps
        said.append(
            tr(
                "Each cell is the largest of {down} × {across} weights: point at a row for its own weights.",
                down=down,
                across=across,
            )
        )
    padding = [at for at, label in enumerate(keys) if label.kind == "padding"]
    if padding:
        all_masked = _masked(found, padding)
        seen = tr("no token attends to them") if drawn else tr("not drawn")
        how = tr("masked: {seen}", seen=seen) if all_masked else tr("not all masked: tokens attend to them")
        said.append(tr("{count} keys are padding, {how}.", count=len(padding), how=how))
    other = int(found.unseen.sum()) - sum(bool(found.unseen[at]) for at in padding)
    if other:
        said.append(tr("{other} more keys get exactly 0 from every token.", other=other))
    if found.empty.any():
        said.append(tr("{sum} queries attend to nothing: all their keys are masked.", sum=int(found.empty.sum())))
    return " ".join(said)


def _masked(found: TokenWeights, padding: Sequence[int]) -> bool:
    return bool(found.unseen[list(padding)].all())


def too_many(queries: int, keys: int, most: int) -> str:
    """Why there are no lines."""
    return tr(
        "Lines are drawn for up to {most} tokens on a side. This attention has {queries:,} queries "
        "and {keys:,} keys. The matrix shows them all.",
        most=most,
        queries=queries,
        keys=keys,
    )
