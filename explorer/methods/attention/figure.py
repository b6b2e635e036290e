"""The figure of attention: what one token attends to in every head, a flow through all blocks, or the blocks there are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, AttentionMaps, Flow, TokenNorms, Tokens
from explorer.core.attention_queries import Attending, Looked, Overview, Query
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import (
    ColourScale,
    FigureDescription,
    FigurePart,
    MatrixPart,
    PicturePart,
    TablePart,
    TilesPart,
)
from explorer.core.figure.figure_subject import FigureSubject, input_part
from explorer.core.figure.layer_figures import file_name
from explorer.core.figure.panel_parts import ATTENTION, weights_part
from explorer.core.render import colormaps
from explorer.core.seen_input import seen_of
from explorer.core.token_labels import TokenLabel, token_labels
from explorer.core.token_weights import TokenWeights
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True, eq=False)
class LookedHeads:
    """A token's attention in a block. `head`: the one that is chosen, None: all."""

    call: AttentionCall
    looked: Looked
    head: int | None = None
    one_scale: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class WeighedHeads:
    """All weights between the tokens of a block. `head`: the one that is chosen, None: their mean."""

    call: AttentionCall
    weights: TokenWeights
    head: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LookedBlocks:
    """The attention of the token at one place in every block that has one there."""

    calls: tuple[AttentionCall, ...]
    overview: Overview
    to: bool = False  # attention to the token


def figure(found: Attending, about: FigureSubject) -> FigureDescription:
    """`about.further`: LookedHeads, LookedBlocks, WeighedHeads, a Flow, or a tuple of TokenNorms; without one a table of all blocks."""
    shown = about.further
    if isinstance(shown, LookedHeads):
        return _heads(shown, about)
    if isinstance(shown, LookedBlocks):
        return _blocks(shown, about)
    if isinstance(shown, Flow):
        return _flow(shown, about)
    if isinstance(shown, WeighedHeads):
        return _weights(shown, about)
    if isinstance(shown, tuple) and shown:
        return _norms(shown, about)
    header = (tr("block"), tr("kind"), tr("heads"), tr("queries"), tr("keys"))
    rows = tuple(
        (call.name, str(call.kind), str(call.heads), str(call.queries.count), str(call.keys.count))
        for call in found.calls
    )
    return FigureDescription(
        tr("Attention"), ((TablePart("", header, rows),),), about.caption(layer=False), "attention"
    )


def _token(query: Query, tokens: Tokens, call: AttentionCall, about: FigureSubject) -> str:
    """By its name: a word with its number, a time, a patch of a picture."""
    if isinstance(query, int):
        return call.prefix_names[query] if query < len(call.prefix_names) else tr("token {query}", query=query)
    if tokens.grid is not None and min(tokens.grid) == 1:
        number = tokens.find(query)[1]
        return tr("token {number} “{text}”", number=number, text=_labels(tokens, call, about)[number].text)
    return tr("patch ({query}, {query2})", query=query[0], query2=query[1])


def _labels(tokens: Tokens, call: AttentionCall, about: FigureSubject) -> tuple[TokenLabel, ...]:
    """Of every token, where they are known; else numbers."""
    found: tuple[TokenLabel, ...] = ()
    if about.selection is not None:
        s = about.selection
        found = token_labels(tokens, call.prefix_names, seen_of(s.capture, s.card.preprocess))
    return found if len(found) == tokens.count else tuple(TokenLabel(str(at)) for at in range(tokens.count))


def _heads(shown: LookedHeads, about: FigureSubject) -> FigureDescription:
    call, looked = shown.call, shown.looked
    which = list(range(call.heads)) if shown.head is None else [shown.head]
    asking, answering = (call.keys, call.queries) if looked.to else (call.queries, call.keys)
    token = _token(looked.query, asking, call, about)
    title = tr("Attention {to} {token} in {call}", to=tr("to") if looked.to else tr("of"), token=token, call=call.name)
    rows: list[tuple[FigurePart, ...]] = []
    if looked.maps is not None and _in_a_row(answering):
        rows = [(_row_of_tokens(looked.maps, shown, which, answering, about),)]
    elif looked.maps is not None:
        tiles = _tiles(looked.maps.maps, which, shown.one_scale)
        beside = (input_part(about.selection.capture),) if about.selection is not None else ()
        rows = [(*beside, tiles)] if len(which) == 1 else [*((part,) for part in beside), (tiles,)]
        if looked.maps.prefix.shape[1]:
            names = call.prefix_names[: looked.maps.prefix.shape[1]]
            table = [
                (
                    str(h),
                    written(float(looked.maps.maps[h].sum()), 3),
                    *(written(float(v), 3) for v in looked.maps.prefix[h]),
                )
                for h in which
            ]
            rows.append((TablePart(tr("Weight of each head"), (tr("head"), tr("patches"), *names), tuple(table)),))
    elif looked.matrix is not None:
        rows = [tuple(_matrix(looked.matrix[h], tr("Head {h}", h=h), call, about) for h in which)]
    error = tr(
        "Recomputed from queries and keys; relative error against the model {written}", written=written(call.error, 2)
    )
    return FigureDescription(
        title, tuple(rows), about.caption(error, call.note, layer=False), file_name(call.name, "attention")
    )


def _blocks(shown: LookedBlocks, about: FigureSubject) -> FigureDescription:
    """A row of heads for each block; every head on its own scale."""
    rows: list[tuple[FigurePart, ...]] = [(input_part(about.selection.capture),)] if about.selection is not None else []
    looks = [(call, shown.overview.looks[call.name]) for call in shown.calls if call.name in shown.overview.looks]
    for call, maps in looks:
        tokens, heads = call.queries if shown.to else call.keys, list(range(call.heads))
        if _in_a_row(tokens):
            looked = LookedHeads(call, Looked(call.name, 0, shown.to, maps))
            part: TilesPart | MatrixPart = _row_of_tokens(maps, looked, heads, tokens, about)
        else:
            part = replace(_tiles(maps.maps, heads, False), columns=call.heads)
        last = call is looks[-1][0]
        rows.append((replace(part, title=call.name, scale=part.scale if last else None),))
    return FigureDescription(
        tr("Attention {to} one place in all blocks", to=tr("to") if shown.to else tr("of")),
        tuple(rows),
        about.caption(layer=False),
        "attention-blocks",
    )


def _tiles(maps: Array, which: list[int], one_scale: bool) -> TilesPart:
    """Heads side by side, from 0 to the largest weight of each, or of all."""
    chosen = maps[which].astype(np.float64)
    limits = render.limits(chosen, render.ScaleMode.PER_LAYER if one_scale else render.ScaleMode.PER_MAP)
    rgb = render.rgb_of(render.colorize(chosen, limits, ATTENTION))
    top = float(limits.hi.max(initial=0.0))
    ends = None if one_scale or len(which) == 1 else ("0", tr("largest of each head"))
    scale = ColourScale(colormaps.table(ATTENTION), 0.0, top, tr("attention weight"), "", ends)
    measures = tuple((float(m.sum()), float(m.max())) for m in chosen)
    names = tuple(tr("head {h}", h=h) for h in which)
    return TilesPart("", tuple(rgb), names, scale, (tr("sum over patches"), tr("largest")), measures)


def _in_a_row(tokens: Tokens) -> bool:
    """Whether they are words or moments, all in one window."""
    return tokens.grid is not None and min(tokens.grid) == 1 and tokens.cells is not None and len(tokens.cells) == 1


def _row_of_tokens(
    maps: AttentionMaps, shown: LookedHeads, which: list[int], tokens: Tokens, about: FigureSubject
) -> MatrixPart:
    """Heads down, tokens across with their names; padding that gets nothing is left out."""
    assert tokens.cells is not None
    labels, cells = _labels(tokens, shown.call, about), tokens.cells[0]
    flat = maps.maps.reshape(len(maps.maps), -1).astype(np.float64)
    values = np.zeros((len(flat), tokens.count))
    values[:, cells >= 0] = flat[:, cells[cells >= 0]]
    values[:, : maps.prefix.shape[1]] = maps.prefix
    values = values[which]
    used = [at for at, label in enumerate(labels) if label.kind != "padding" or values[:, at].any()]
    values, names = values[:, used], tuple(labels[at].text for at in used)
    tops = np.full(len(which), values.max(initial=0.0)) if shown.one_scale else values.max(axis=1, initial=0.0)
    table = colormaps.table(ATTENTION)
    share = values / np.maximum(tops, np.finfo(float).tiny)[:, None]
    ends = None if shown.one_scale or len(which) == 1 else ("0", tr("largest of each head"))
    scale = ColourScale(table, 0.0, float(tops.max(initial=0.0)), tr("attention weight"), "", ends)
    rgb = colormaps.looked_up(table, share, np.isfinite(values))
    across = tr("query") if shown.looked.to else tr("key")
    return MatrixPart("", values, rgb, tuple(str(h) for h in which), names, tr("head"), across, scale)


def _matrix(values: Array, title: str, call: AttentionCall, about: FigureSubject) -> MatrixPart:
    """Rows are queries, columns keys, with the tokens' names where they are known."""
    names: list[tuple[str, ...]] = []
    for tokens, count in zip((call.queries, call.keys), values.shape, strict=True):
        found = tuple(label.text for label in _labels(tokens, call, about))
        names.append(found if len(found) == count else tuple(str(at) for at in range(count)))
    return weights_part(values, names[0], names[1], title)


def _weights(shown: WeighedHeads, about: FigureSubject) -> FigureDescription:
    call, weights = shown.call, shown.weights
    title = tr("Mean of all heads") if shown.head is None else tr("Head {head}", head=shown.head)
    part = _matrix(weights.of_head(shown.head), title, call, about)
    down, across = weights.steps
    note = (
        ""
        if weights.whole
        else tr("A cell is the largest weight of {down} queries and {across} keys", down=down, across=across)
    )
    return FigureDescription(
        tr("Attention between all tokens in {call}", call=call.name),
        ((part,),),
        about.caption(note, call.note, layer=False),
        file_name(call.name, "weights"),
    )


def _norms(found: tuple[TokenNorms, ...], about: FigureSubject) -> FigureDescription:
    """Those blocks that have the grid of the last one."""
    shown = [each for each in found if each.norms.shape == found[-1].norms.shape]
    values = np.stack([each.norms for each in shown])
    limits = render.limits(values, render.ScaleMode.PER_MAP)
    rgb = render.rgb_of(render.colorize(values, limits, ATTENTION))
    scale = ColourScale(
        colormaps.table(ATTENTION), 0.0, float(values.max(initial=0.0)), tr("norm"), "", ("0", tr("largest of each"))
    )
    measures = tuple(
        (float(v.min()), float(v.max()), float(e.outliers.sum())) for v, e in zip(values, shown, strict=True)
    )
    names = tuple(each.tap for each in shown)
    part = TilesPart(
        "", tuple(rgb), names, scale, (tr("minimum"), tr("maximum"), tr("outliers")), measures, numbers=False
    )
    return FigureDescription(
        tr("Norms of the tokens after each block"), ((part,),), about.caption(layer=False), "norms"
    )


def _flow(flow: Flow, about: FigureSubject) -> FigureDescription:
    top = float(flow.map.max(initial=0.0))
    limits = render.limits(flow.map[None], render.ScaleMode.PER_LAYER)
    rgb = render.rgb_of(render.colorize(flow.map, limits, ATTENTION))
    scale = ColourScale(colormaps.table(ATTENTION), *limits.of(0), flow.method)
    beside = (input_part(about.selection.capture),) if about.selection is not None else ()
    part = PicturePart(flow.method.capitalize(), rgb, scale, flow.map)
    through = tr(
        "Through {count} blocks, {blocks} to {blocks2}; largest {written}",
        count=len(flow.blocks),
        blocks=flow.blocks[0],
        blocks2=flow.blocks[-1],
        written=written(top),
    )
    return FigureDescription(
        tr("{method} of attention", method=flow.method.capitalize()),
        ((*beside, part),),
        about.caption(through, *flow.notes, layer=False),
        flow.method,
    )
