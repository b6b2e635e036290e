"""What is said of the attention in a column. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, Flow, HeadSummary, TokenNorms
from explorer.core.attention_queries import AttentionMode, FlowAsked, Looked
from explorer.core.models import AnyPreprocess
from explorer.core.seen_input import Seen
from explorer.core.translation import tr
from explorer.ui.attention import words
from explorer.ui.features.words import LET_GO
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row

Fact = str | Row  # a sentence, or a number with its name
RECORDING = tr("Recording the attention of this input …")
LIVE = tr("Attention is not shown while the input plays: pause it.")
UNEDITED_ONLY = tr(
    "Relevance and token norms need a model without edits: choose “Without edits” for this column, "
    "or show its heads or the rollout."
)
ALL_BLOCKS = tr("Computing what one location attends to in all blocks …")
_GOING = {
    AttentionMode.ROLLOUT: tr("Computing what reaches one token through all blocks"),
    AttentionMode.RELEVANCE: tr("Computing what raises the top class through all blocks"),
    AttentionMode.NORMS: tr("Computing the token norms after every block"),
}
MASS = 0.6  # of the weight that the line round cells on the picture holds


def subtitle(number: int, calls: tuple[AttentionCall, ...], how: str, edited: bool) -> str:
    """Which block, and who attends to whom in it."""
    parts = [words.where(number, calls, how), *[tr("edited")] * edited, words.who(calls[number])]
    return "  ·  ".join(parts)


def unsure(call: AttentionCall) -> str:
    """Why the weights of a block cannot be had."""
    return tr("The attention weights of this block cannot be shown: {reason}.", reason=call.reason)


def no_map(call: AttentionCall) -> str:
    """Why nothing of a block lies over the picture."""
    return tr("{call} has no map over the input, or no token at this location.", call=call.name)


def note(
    call: AttentionCall,
    looked: Looked,
    head: int | None,
    mask: Array | None,
    counted: Sequence[Fact],
    kept: bool,
    found: HeadSummary | None,
    seen: Seen | None = None,
) -> list[Fact]:
    """The token that asks and the head, what they see, and the numbers of all queries (`counted`, as far as it is)."""
    parts: list[Fact] = [*words.headline(call, looked, head, seen).split("  ·  ")]
    parts += _massed(mask, tr("tokens") if words.is_row(call.keys) else tr("patches"))
    parts += [Row(*named) for named in zip(call.prefix_names, words.shares(looked, head), strict=False)]
    parts += [*counted, words.checked(call, looked, found), LET_GO if kept else ""]
    return [part for part in parts if part]


def _massed(mask: Array | None, noun: str = "") -> list[Row]:
    noun = noun or tr("patches")
    tip = tr("The fewest {noun} that hold this fraction of the attention on {noun} (Caron et al. 2021)", noun=noun)
    return (
        [Row(tr("{mass:.0f}\xa0% on", mass=100 * MASS), f"{int(mask.sum()):,} {noun}", tip)] if mask is not None else []
    )


def through(mode: AttentionMode, number: int, calls: tuple[AttentionCall, ...], how: str, edited: bool) -> str:
    """Which blocks, and how heads are taken together."""
    if mode is AttentionMode.NORMS:
        return words.where(number, calls, how)
    heads = tr("mean of the heads") if mode is AttentionMode.ROLLOUT else tr("gradient × weight")
    return "  ·  ".join([tr("All blocks, 0–{count}", count=len(calls) - 1), *[tr("edited")] * edited, heads])


def going(mode: AttentionMode, progress: str) -> str:
    """What is computed, and how far it is."""
    return ", ".join(part for part in (_GOING[mode], progress) if part) + " …"


def flow_note(
    last: AttentionCall, asked: FlowAsked, found: Flow, labels: Sequence[str], mask: Array | None, kept: bool
) -> list[Fact]:
    """What a rollout or a relevance is of, and its numbers; `last` is the last block."""
    parts: list[Fact] = [words.flow_title(last, asked, labels), *_massed(mask), *_prefix(last, found.prefix)]
    parts += [*words.flow_rows(found), *found.notes, LET_GO if kept else ""]
    return [part for part in parts if part]


def norms_note(call: AttentionCall, here: TokenNorms, left: int) -> list[Fact]:
    """How long the tokens of a block are; so many blocks (`left`) have no tile."""
    parts: list[Fact] = [
        words.norms_title(here),
        *words.norm_rows(here),
        *_prefix(call, here.prefix),
        words.other_grids(left),
    ]
    return [part for part in parts if part]


def _prefix(call: AttentionCall, values: Array) -> list[Row]:
    return [Row(name, text.number(float(value))) for name, value in zip(call.prefix_names, values, strict=False)]


def counted(
    found: HeadSummary | None, progress: str, failure: str, size: tuple[int, int], pre: AnyPreprocess
) -> tuple[list[Fact], list[Fact]]:
    """The numbers of a block's heads, in brief and with their ranges; or how far they are."""
    if found is not None:
        scale, unit = words.unit_of(size, pre)
        return [*words.found_heads(found, scale, unit, brief=True)], [*words.found_heads(found, scale, unit)]
    return [
        failure or tr("entropy and distance, {progress} …", progress=progress)
        if progress
        else failure or tr("entropy and distance …")
    ], []


def waiting(drawn: str, wanted: str) -> str:
    """Another block is on its way; what is drawn is still of one."""
    return (
        tr("showing {drawn}, computing {wanted} …", drawn=drawn, wanted=wanted)
        if drawn
        else tr("Computing {wanted} …", wanted=wanted)
    )
