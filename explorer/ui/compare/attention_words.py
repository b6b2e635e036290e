"""What is said of the attention in a column. Pure."""

from __future__ import annotations

from explorer.core.attending import Looked
from explorer.core.attention import AttentionCall, HeadSummary
from explorer.core.types import Array, Preprocess
from explorer.ui.features.words import LET_GO
from explorer.ui.understand import attention_words as words

RECORDING = "Recording the attention of this picture …"
LIVE = "The attention of what moves is shown when it stands still: pause it."
MASS = 0.6  # of the weight that the line round cells on the picture holds


def subtitle(number: int, calls: tuple[AttentionCall, ...], how: str, edited: bool) -> str:
    """Which block, and who attends to whom in it."""
    parts = [words.where(number, calls, how), *["under edits"] * edited, words.who(calls[number])]
    return "  ·  ".join(parts)


def unsure(call: AttentionCall) -> str:
    """Why the weights of a block cannot be had."""
    return f"The weights of this block cannot be shown: {call.reason}."


def note(
    call: AttentionCall,
    looked: Looked,
    head: int | None,
    mask: Array | None,
    counted: str,
    kept: bool,
    found: HeadSummary | None,
) -> list[str]:
    """The token that asks and the head, what they see, and the numbers of all queries (`counted`, as far as it is)."""
    parts = [words.headline(call, looked, head)]
    if mask is not None:
        parts.append(f"{100 * MASS:.0f}\u00a0% of it on {int(mask.sum()):,} patches")
    named = zip(call.prefix_names, words.shares(looked, head), strict=False)
    parts.append(", ".join(f"{name} {share}" for name, share in named))
    parts += [counted, words.checked(call, looked, found), LET_GO if kept else ""]
    return [part for part in parts if part]


def counted(found: HeadSummary | None, progress: str, failure: str, size: tuple[int, int], pre: Preprocess) -> str:
    """The numbers of a block's heads, or how far they are."""
    if found is not None:
        return words.found_heads(found, *words.unit_of(size, pre))
    return failure or f"entropy and distance, {progress} …" if progress else failure or "entropy and distance …"


def waiting(drawn: str, wanted: str) -> str:
    """Another block is on its way; what is drawn is still of one."""
    return f"still of {drawn}, computing {wanted} …" if drawn else f"Computing {wanted} …"
