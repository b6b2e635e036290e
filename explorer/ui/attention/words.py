"""Attention as the lines that its page shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, AttentionKind, Flow, HeadSummary, TokenNorms, Tokens
from explorer.core.attention_queries import FlowAsked, Looked, Query, has_map, query_of
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import input_affine
from explorer.core.models import AnyPreprocess, kind_of
from explorer.core.seen_input import Seen
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.texts import TextPreprocess
from explorer.core.token_labels import token_labels
from explorer.core.translation import ntr, tr
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row

NONE = tr(
    "No attention found in this model. It has none (like convolutional networks), computes it in a way that cannot be "
    "followed, or it is a traced program."
)
ROLLOUT_TIP = tr("What reaches the chosen token through all blocks: product of (A + 1) / 2 (Abnar and Zuidema 2020)")
RELEVANCE_TIP = tr("What raises a class, through all blocks: gradient × weight (Chefer, Gur and Wolf 2021)")
NORMS_TIP = tr("Norm of every token after each block, and outliers (Darcet et al. 2024)")
LINES_TIP = tr("Lines from every token to those that it attends to, as strong as the weights")
MATRIX_TIP = tr("Every weight of a head: rows are queries, columns are keys")
NO_CLASS = tr("This model has no class predictions to explain.")
PX = tr("pixels of the picture")
_SURE = 1e-3  # what a row's sum may be off by


def where(number: int, calls: Sequence[AttentionCall], how: str) -> str:
    """Which block is shown, and how it lies to the layer: "Block 3 of 0–11 (inside this layer)"."""
    lies = {"before this layer": tr("nearest preceding"), "after this layer": tr("nearest following")}.get(how, tr(how))
    return tr("Block {number} of 0–{count} ({lies})", number=number, count=len(calls) - 1, lies=lies)


def kind(call: AttentionCall) -> str:
    """Which attention it is, who attends to whom, and what must be known of it."""
    return f"{call.name}: {who(call)}"


def who(call: AttentionCall) -> str:
    """Who attends to whom, and what must be known of it."""
    said = ntr("{heads} head", "{heads} heads", call.heads, heads=call.heads)
    if call.kind is AttentionKind.TOKENS:
        said += tr(", every token to every token: {tokens}", tokens=_tokens(call.keys))
    elif call.kind is AttentionKind.WINDOWS:
        said += tr(
            ", within {windows} windows of {count} tokens: {tokens}",
            windows=call.windows,
            count=call.keys.count,
            tokens=_tokens(call.keys),
        )
    elif call.kind is AttentionKind.CROSS:
        said += tr(", {tokens} attend to {tokens2}", tokens=_tokens(call.queries), tokens2=_tokens(call.keys))
    elif call.kind is AttentionKind.CHANNELS:
        said += tr(", {count} channels attend to channels: no map over the input", count=call.queries.count)
    else:
        said += tr(
            ", {count} tokens attend to {count2} tokens of unknown position",
            count=call.queries.count,
            count2=call.keys.count,
        )
    return f"{said}. {call.note}".rstrip(". ") + "."


def _tokens(tokens: Tokens) -> str:
    if tokens.grid is None:
        return ntr("{count} token", "{count} tokens", tokens.count, count=tokens.count)
    patches = (
        tr("{grid} tokens", grid=max(tokens.grid))
        if is_row(tokens)
        else tr("{grid} × {grid2} patches", grid=tokens.grid[0], grid2=tokens.grid[1])
    )
    return tr("{patches} and {prefix} before them", patches=patches, prefix=tokens.prefix) if tokens.prefix else patches


def is_row(tokens: Tokens) -> bool:
    """Whether the cells are tokens of a text or a sequence, and no patches of a picture."""
    return tokens.grid is not None and min(tokens.grid) == 1 and max(tokens.grid) > 1


def query_name(call: AttentionCall, query: Query, seen: Seen | None = None) -> str:
    """The token that asks; with what the model has `seen` of which input by its word or time."""
    if isinstance(query, tuple):
        if not is_row(call.queries):
            return tr("Patch ({query}, {query2})", query=query[0], query2=query[1])
        label = "" if seen is None else _label(call, query, seen)
        return tr("Token {query} {label}", query=max(query), label=label).rstrip()
    return call.prefix_names[query] if query < len(call.prefix_names) else tr("Token {query}", query=query)


def _label(call: AttentionCall, query: tuple[int, int], seen: Seen) -> str:
    """Its word in quotes, or its time."""
    if kind_of(seen.pre) == "picture":
        return ""
    try:
        number = call.queries.find(query)[1]
    except ExplorerError:
        return ""
    text_ = token_labels(call.queries, call.prefix_names, seen)[number].text
    return f"“{text_}”" if kind_of(seen.pre) == "text" else text_


def headline(call: AttentionCall, looked: Looked, head: int | None, seen: Seen | None = None) -> str:
    """What the tiles and the picture show: "Patch (3, 4) attends to: mean of 6 heads"."""
    if looked.maps is None:
        return tr("Rows: queries. Columns: keys.")
    whose = (
        tr("head {head}", head=head)
        if head is not None
        else tr("its head")
        if call.heads == 1
        else tr("mean of {heads} heads", heads=call.heads)
    )
    return (
        f"{query_name(call, looked.query, seen)} {(tr('attended by') if looked.to else tr('attends to'))}  ·  {whose}"
    )


def numbers(call: AttentionCall, looked: Looked, head: int | None, mask: Array | None, mass: float) -> list[Row]:
    """The self-check of the rows, the proof, and where the weight lies. `mask` (h, w) bool."""
    rows = [_sums(call, looked), proof_row(call)]
    if looked.maps is None:
        return rows
    maps = looked.maps
    patches = maps.maps.sum((1, 2), dtype=np.float64)
    noun = tr("tokens") if is_row(call.keys) else tr("patches")
    rows.append(
        Row(
            tr("on {noun}", noun=noun),
            _of(patches, head, not looked.to),
            tr("Sum of the weights on the {noun}", noun=noun),
        )
    )
    if mask is not None:
        cells, most = int(mask.sum()), int(maps.seen.sum())
        tip = tr("The fewest {noun} that hold this fraction of the attention on {noun} (Caron et al. 2021)", noun=noun)
        rows.append(
            Row(
                tr("{mass:.0f} % of it on", mass=100 * mass),
                tr("{cells:,} of {most:,} {noun}", cells=cells, most=most, noun=noun),
                tip,
            )
        )
    if maps.rest.any():
        rows.append(Row(tr("on padding"), _of(maps.rest, head, not looked.to), tr("Weight on padding tokens")))
    return rows


def _of(values: Array, head: int | None, share: bool) -> str:
    value = float(values.mean() if head is None else values[head])
    return text.percent(value) if share else text.number(value)


def _sums(call: AttentionCall, looked: Looked) -> Row:
    sums = looked.maps.sums if looked.maps is not None else looked.matrix.sum(-1) if looked.matrix is not None else None
    low, high = (float(sums.min()), float(sums.max())) if sums is not None else call.sums
    if looked.to:
        said = f"{text.number(low)} … {text.number(high)}"
        return Row(tr("columns sum to"), said, tr("Of all heads; need not be 1"))
    return sums_row(low, high, call.note)


def sums_row(low: float, high: float, note: str) -> Row:
    """Between what the sums of rows lie; `note`: they are known to be no distributions."""
    wrong = max(abs(low - 1), abs(high - 1)) > _SURE and not note
    tip = tr("Check over all heads: a row of a softmax sums to 1")
    first, last = f"{low:.6f}", f"{high:.6f}"
    return Row(tr("rows sum to"), first if first == last else f"{first} … {last}", tip, warm=wrong)


def proof_row(call: AttentionCall) -> Row:
    """How far the recomputed weights are from what the model itself got."""
    tip = tr(
        "Rows of some queries are recomputed and multiplied with the values. Largest difference to the block's own result, "
        "relative to its largest value"
    )
    return Row(tr("reconstruction error"), text.number(call.error, 2), tip)


def unit_of(size: tuple[int, int], pre: AnyPreprocess) -> tuple[float, str]:
    """What a distance in places of the model's input is multiplied with, and what it counts then: pixels of the picture where these
    are square, tokens, milliseconds of a waveform."""
    if isinstance(pre, TextPreprocess):
        return 1.0, "tokens"
    if isinstance(pre, SoundPreprocess) and pre.bands == 1:
        return 1 / input_affine(size, pre).scale_x, "ms"
    affine = input_affine(size, pre)
    square = abs(affine.scale_y / affine.scale_x - 1) < 0.02  # sides are rounded to whole pixels
    return (1 / affine.scale_y, PX) if square else (1.0, tr("px of the model's input"))


def unavailable(call: AttentionCall) -> str:
    """Why a block shows no weights."""
    return tr("The attention weights of this block cannot be shown: {reason}.", reason=call.reason)


def shares(looked: Looked, head: int | None) -> tuple[str, ...]:
    """What each token before the grid gets, as text."""
    if looked.maps is None:
        return ()
    prefix = looked.maps.prefix.mean(0) if head is None else looked.maps.prefix[head]
    return tuple(text.number(float(v)) if looked.to else text.percent(float(v)) for v in prefix)


def flow_title(
    last: AttentionCall,
    asked: FlowAsked,
    labels: Sequence[str],
    seen: Seen | None = None,
) -> str:
    """What a rollout or a relevance is of; `last` is the last block."""
    if asked.method == "rollout":
        query = query_of(last.queries, asked.spot) if asked.spot is not None else 0
        return tr(
            "What reaches {query_name} through all blocks",
            query_name=query_name(last, query if query is not None else 0, seen),
        )
    name = labels[asked.class_] if asked.class_ < len(labels) else tr("class {value}", value=asked.class_)
    whose = last.prefix_names[0] if last.prefix_names else tr("mean of all tokens")
    return tr("What raises “{name}”, through all blocks ({whose})", name=name, whose=whose)


def norms_title(found: TokenNorms) -> str:
    return tr("Token norms after {tap}", tap=found.tap)


def other_grids(left: int) -> str:
    """So many blocks are not shown beside the one that is."""
    return tr("{left} blocks have another grid: select one of their layers to see them.", left=left) if left else ""


def flow_rows(flow: Flow) -> list[Row]:
    """What a rollout or a relevance is about."""
    total = float(flow.map.sum()) + float(flow.prefix.sum())
    rows = [Row(tr("blocks"), f"{len(flow.blocks)}", f"{flow.blocks[0]} … {flow.blocks[-1]}")]
    if flow.method == "rollout":
        rows.append(Row(tr("row sums to"), f"{total:.6f}", tr("Check: sums to 1")))
    rows.append(Row(tr("on patches"), text.number(float(flow.map.sum())), tr("Sum over the patches")))
    rows.append(Row(tr("largest"), text.number(float(flow.map.max())), tr("Of one patch")))
    if flow.value is not None:
        rows.append(Row(tr("score"), text.number(flow.value), tr("Of the class, before any softmax")))
    return rows


def norm_rows(found: TokenNorms) -> list[Row]:
    """How long the tokens of one block are."""
    count = int(found.outliers.sum())
    return [
        Row(tr("median"), text.number(float(np.median(found.norms))), tr("Median norm of the patch tokens")),
        Row(tr("largest"), text.number(float(found.norms.max())), tr("Largest norm of a patch token")),
        Row(tr("limit"), text.number(found.limit), tr("median + 8 × median absolute deviation, over the patches")),
        Row(
            tr("outliers"),
            tr("{count:,} of {size:,} patches", count=count, size=found.norms.size),
            tr("Norm above the limit: such tokens carry little local information (Darcet et al. 2024)"),
            warm=count > 0,
        ),
    ]


def found_heads(found: HeadSummary, scale: float, unit: str, brief: bool = False) -> list[Row]:
    """How wide a block's heads look over all queries: means over the heads, and their range unless `brief`."""
    short = "px" if unit == PX else unit
    nats, apart = _range(found.entropy, brief=brief), _range(found.distance * scale, 2, brief)
    # rows that are no softmax have no entropy
    told = (
        (tr("entropy"), nats, "nats", tr("Of the weights of a query, mean over the heads")),
        (tr("distance"), apart, short, tr("Between a query and what it attends to, by weight; mean over the heads")),
    )
    return [Row(name, f"{value} {unit_}", tip) for name, value, unit_, tip in told if value]


def checked(call: AttentionCall, looked: Looked, found: HeadSummary | None) -> Row:
    """What the rows add up to: all of them, once they have been counted, else those that are shown."""
    if call.note or found is None:
        return _sums(call, looked)
    wrong = found.sum_error > _SURE
    value = f"1 ± {text.number(found.sum_error, 2)}{(tr(', too far from 1') if wrong else '')}"
    return Row(tr("row sums"), value, tr("Check over all heads: a row of a softmax sums to 1"), warm=wrong)


def _range(values: Array, digits: int = 3, brief: bool = False) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return ""
    mean, low, high = (text.number(float(v), digits) for v in (finite.mean(), finite.min(), finite.max()))
    return f"{mean} ({low} … {high})" if len(finite) > 1 and not brief else mean


def has_query(call: AttentionCall) -> bool:
    """Whether there is a choice of tokens to look from."""
    return has_map(call) and call.queries.count > 1
