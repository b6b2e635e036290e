"""Attention as it leaves the application: arrays with a manifest that says what they are and how they were proved."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, AttentionMaps, Flow, HeadSummary, Tokens
from explorer.core.models import ModelCard
from explorer.engine import export


def described(call: AttentionCall) -> dict[str, Any]:
    """What is known of an attention, as JSON."""
    return {
        "name": call.name,
        "type": call.type,
        "kind": str(call.kind),
        "heads": call.heads,
        "windows": call.windows,
        "queries": _tokens(call.queries),
        "keys": _tokens(call.keys),
        "prefix_tokens": list(call.prefix_names),
        "fused": call.fused,
        "proof": {"error": number(call.error), "row_sums": [number(s) for s in call.sums]},
        "reason": call.reason,
        "note": call.note,
    }


def _tokens(tokens: Tokens) -> dict[str, Any]:
    return {"count": tokens.count, "grid": None if tokens.grid is None else list(tokens.grid), "prefix": tokens.prefix}


def number(value: float) -> float | None:
    """JSON knows no NaN."""
    return float(value) if math.isfinite(value) else None


def summarised(summary: HeadSummary, names: tuple[str, ...]) -> dict[str, Any]:
    """Numbers of the heads, as JSON."""
    return {
        "entropy": [number(value) for value in summary.entropy],
        "distance": [number(value) for value in summary.distance],
        "prefix": {name: [float(v) for v in summary.prefix[:, i]] for i, name in enumerate(names)},
        "queries": summary.queries,
        "largest_sum_error": number(summary.sum_error),
    }


def manifest(card: ModelCard, picture: Input, key: str, told: dict[str, Any]) -> dict[str, Any]:
    """The manifest of the model and the input, with `told` under `key`."""
    return {**export.manifest(card, Capture(card.digest, picture, (), {}), ()), key: told}


def arrays_of(maps: AttentionMaps, mask: Array) -> dict[str, Array]:
    """`maps` (heads, h, w), `seen` (h, w), `prefix` (heads, prefix tokens), `rest` and `sums` (heads,), `mask` (heads, h, w) bool."""
    return {
        "maps": maps.maps,
        "seen": maps.seen,
        "prefix": maps.prefix,
        "rest": maps.rest,
        "sums": maps.sums,
        "mask": mask,
    }


def flow_arrays(flow: Flow) -> dict[str, Array]:
    """`map` (h, w) and `prefix` (prefix tokens,), float64."""
    return {"map": flow.map, "prefix": flow.prefix}


def values_file(arrays: Mapping[str, Array], told: dict[str, Any]) -> bytes:
    """An .npz of these arrays and `manifest` (a JSON string)."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, manifest=np.array(json.dumps(told)), **arrays)
    return buffer.getvalue()
