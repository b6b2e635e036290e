"""Attention: what tokens attend to, in the heads of a block."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer.api.attention_blocks import block_named, heads_named
from explorer.api.attention_tiles import tiles
from explorer.api.drawn_values import DrawnValues
from explorer.api.opened_models import AnyModel, Shown, busy, opened, workbench
from explorer.api.workbench import Workbench
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, AttentionMaps, HeadSummary, mass_mask
from explorer.core.attention_queries import Query
from explorer.core.errors import ExplorerError
from explorer.core.input_notes import notes_of
from explorer.core.models import ModelCard
from explorer.core.translation import tr
from explorer.engine import export
from explorer.engine.attention import attention_export
from explorer.engine.attention.heads import summary_steps
from explorer.engine.attention.looks import looks_at, seen_by
from explorer.engine.attention.record import ForwardAttention
from explorer.engine.models.base import LoadedModel


@dataclass(frozen=True, eq=False, repr=False)
class AttentionTable:
    """Every attention of a forward. calls: in the order of execution, each with heads, tokens and the error of its proof."""

    calls: tuple[AttentionCall, ...]
    card: ModelCard
    given: Input
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """What is known of each, as the command attention prints it without a block."""
        return {"attentions": [attention_export.described(call) for call in self.calls]}

    def __repr__(self) -> str:
        return f"<explorer.AttentionTable: {len(self.calls)} of {self.card.name}>"

    def _repr_html_(self) -> str:
        from explorer.api.notebook import table

        head = (tr("block"), tr("name"), tr("kind"), tr("heads"), tr("proof"))
        rows = [
            (number, call.name, str(call.kind), call.heads, call.reason or f"{call.error:.1e}")
            for number, call in enumerate(self.calls)
        ]
        return table("", head, rows, self.warnings)


@dataclass(frozen=True, eq=False, repr=False)
class AttentionOfBlock:
    """What a token attends to, or is attended to by, in the heads of one block.

    maps: `maps.maps` (heads, h, w), `maps.prefix` (heads, prefix tokens), `maps.sums` (heads,); mask: (heads, h, w) bool, the cells
    that hold `mass` of it; heads: those that were asked for; summary: entropy and distance of every head.
    """

    call: AttentionCall
    query: Query
    to: bool
    heads: tuple[int, ...]
    maps: AttentionMaps
    mask: Array
    mass: float
    summary: HeadSummary
    card: ModelCard
    given: Input
    warnings: tuple[str, ...] = ()

    @property
    def values(self) -> Array:
        """(heads, h, w) float32: the weights of the heads that were asked for, over the grid."""
        return self.maps.maps[list(self.heads)]

    def to_dict(self) -> dict[str, Any]:
        """Its numbers, as the command attention prints them."""
        maps, heads = self.maps, self.heads
        return {
            "block": attention_export.described(self.call),
            "query": list(self.query) if isinstance(self.query, tuple) else self.query,
            "warnings": list(self.warnings),
            "direction": "to" if self.to else "from",
            "heads": list(heads),
            "sums": [float(maps.sums[head]) for head in heads],  # of a whole row, or of a whole column with `to`
            "on_patches": [float(maps.maps[head].sum(dtype=np.float64)) for head in heads],
            "on_prefix": [[float(v) for v in maps.prefix[head]] for head in heads],
            "on_padding": [float(maps.rest[head]) for head in heads],
            "mask": {"share": self.mass, "cells": [int(self.mask[head].sum()) for head in heads]},
            "summary": attention_export.summarised(self.summary, self.call.prefix_names),
        }

    def manifest(self) -> dict[str, Any]:
        """What it needs to be had again, with the numbers."""
        return attention_export.manifest(self.card, self.given, "attention", self.to_dict())

    def drawing(self) -> DrawnValues:
        """The heads over the picture, each on its own scale. Raises ExplorerError for a sound or a text."""
        tokens = self.call.queries if self.to else self.call.keys
        rgb = tiles([self.maps.maps[head] for head in self.heads], tokens, self.given, self.card.preprocess)
        return DrawnValues(rgb, self.manifest())

    def save(self, path: str | Path) -> Path:
        """Writes an .npz (values) or a .png (`drawing`) with the manifest that the command writes."""
        if Path(path).suffix.lower() != ".npz":
            return self.drawing().save(path)
        arrays = attention_export.arrays_of(self.maps, self.mask)
        chosen = {name: array if name == "seen" else array[list(self.heads)] for name, array in arrays.items()}
        export.write(str(path), attention_export.values_file(chosen, self.manifest()))
        return Path(path)

    def __repr__(self) -> str:
        return f"<explorer.AttentionOfBlock: {self.call.name}, {len(self.heads)} heads, {self.card.name}>"

    def _repr_html_(self) -> str:
        from explorer.api.notebook import table

        told = self.to_dict()
        head = (tr("head"), tr("sum"), tr("patches"), tr("entropy"))
        entropy = told["summary"]["entropy"]
        rows = [
            (number, f"{told['sums'][at]:.6f}", f"{told['on_patches'][at]:.4f}", f"{entropy[number]:.4g}")
            for at, number in enumerate(self.heads)
        ]
        return table(self.call.name, head, rows, self.warnings)


def attention(
    model: AnyModel,
    input: Shown,
    block: int | str | None = None,
    *,
    head: int | None = None,
    query: Query | str = "cls",
    to: bool = False,
    mass: float = 0.6,
) -> AttentionTable | AttentionOfBlock:
    """What a token attends to in the heads of a block, as the command attention computes it; without a block, all attentions.

    block: number or name. head: one instead of all. query: a cell (row, column), "cls", or the number of a token before the grid.
    to: attention to that token instead of from it. mass: of the mask, 0 to 1.

    Raises ExplorerError where there is no attention that can be followed, and for an unknown block, head or token.
    """
    with busy():
        loaded, seen = opened(model, input)
        assert seen is not None  # it was given
        bench = workbench()
        x, found = bench.attention(loaded, seen)
        said = (*bench.flags(loaded, "table" if block is None else "map", x), *notes_of(seen, loaded.card.preprocess))
        if block is None:
            return AttentionTable(tuple(found.calls), loaded.card, seen, said)
        asked = 0 if query == "cls" else query
        if isinstance(asked, str):
            raise ExplorerError(tr("{text!r} is not a token.", text=asked[:20]), "", tr("Give (row, column) or cls."))
        return of_block(bench, loaded, seen, found, str(block), head, asked, to, mass, said)


def of_block(
    bench: Workbench,
    loaded: LoadedModel,
    given: Input,
    found: ForwardAttention,
    block: str,
    head: int | None,
    query: Query,
    to: bool,
    mass: float,
    said: tuple[str, ...],
) -> AttentionOfBlock:
    """One block of a recorded forward."""
    record = found.of(block_named(block, found.calls))
    cancelled = bench.job.cancelled
    maps = seen_by(record, query, cancelled) if to else looks_at(record, query)
    heads = tuple(heads_named(head, record.call.heads))
    summary = bench.last(summary_steps(record, cancelled))
    mask = mass_mask(maps.maps, mass)
    return AttentionOfBlock(record.call, query, to, heads, maps, mask, mass, summary, loaded.card, given, said)
