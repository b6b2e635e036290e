"""attention --matrix: every weight of a block with the names of its tokens, as .npz, JSON or a figure."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.api.figure_saving import is_figure, save_figure
from explorer.cli.reading import say
from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.input_notes import notes_of
from explorer.core.models import ModelCard
from explorer.core.seen_input import Seen
from explorer.core.selection import Selection
from explorer.core.token_labels import TokenLabel, token_labels
from explorer.core.token_weights import MOST
from explorer.core.translation import tr
from explorer.engine.models.base import LoadedModel

if TYPE_CHECKING:
    from explorer.cli.engine import Engine
    from explorer.engine.attention.record import RecordedAttention

_MOST = 1 << 27  # weights of a file: 512 MB
_STRONGEST = 3  # keys that are printed of a query


def run_matrix(
    args: argparse.Namespace,
    engine: Engine,
    loaded: LoadedModel,
    picture: Input,
    record: RecordedAttention,
    heads: list[int],
) -> int:
    """Writes what `--out` names, prints JSON or the strongest keys of every query."""
    from explorer.engine import export
    from explorer.engine.attention import attention_export
    from explorer.engine.attention.between_tokens import weight_steps
    from explorer.engine.inputs.input_tensor import read_text

    call = record.call
    if call.heads * call.queries.count * call.keys.count > _MOST:
        why = tr(
            "It has {heads} heads of {count:,} × {count2:,} weights.",
            heads=call.heads,
            count=call.queries.count,
            count2=call.keys.count,
        )
        raise ExplorerError(
            tr("{call} has too many weights for one file.", call=call.name), why, tr("Give a --query instead.")
        )
    most = max(call.queries.count, call.keys.count)
    found = engine.last(weight_steps(record, most, engine.job.cancelled))
    x, pre = engine.bench.given(loaded.card.digest, picture, engine.job)[1], loaded.card.preprocess
    said = (*engine.flags(loaded, "matrix", x), *notes_of(picture, pre))
    weights = found.weights[heads]
    row = read_text(picture, pre)
    seen = Seen(picture, pre, row.tokens if row is not None else ())
    queries, keys = (token_labels(side, call.prefix_names, seen) for side in (call.queries, call.keys))
    told = {
        "block": attention_export.described(call),
        "warnings": list(said),
        "heads": heads,
        "queries": _labels(queries),
        "keys": _labels(keys),
        "unseen_keys": np.flatnonzero(found.unseen).tolist(),  # exactly 0 from everywhere: masked
        "empty_queries": np.flatnonzero(found.empty).tolist(),
    }
    if args.out:
        arrays = {"weights": weights, "received": found.received[heads], "unseen": found.unseen, "empty": found.empty}
        manifest = attention_export.manifest(loaded.card, picture, "attention", told)
        if is_figure(args.out):
            _, capture = engine.named(args)
            head = heads[0] if len(heads) == 1 else None
            save_figure(matrix_figure(engine, loaded.card, capture, record, head), args.out)
        else:
            export.write(args.out, attention_export.values_file(arrays, manifest))
    if args.json:
        about = {"model": loaded.card.spec.id, "input": picture.digest, "out": args.out}
        rows = [[[attention_export.number(float(v)) for v in row] for row in head] for head in weights]
        print(json.dumps({**about, **told, "weights": rows}))
        return 0
    say(said)
    whose = tr("head {heads}", heads=heads[0]) if len(heads) == 1 else tr("mean of {count} heads", count=len(heads))
    print(tr("{call}, {whose}; reconstruction error {error:.1e}", call=call.name, whose=whose, error=call.error))
    _print(weights, queries, keys)
    return 0


def _labels(labels: tuple[TokenLabel, ...]) -> list[dict[str, Any]]:
    return [{"token": label.text, "kind": label.kind} for label in labels]


def _print(weights: Array, queries: tuple[TokenLabel, ...], keys: tuple[TokenLabel, ...]) -> None:
    mean = weights.mean(0, dtype=np.float64)
    padding = sum(query.kind == "padding" for query in queries)
    for row, query in zip(mean, queries, strict=True):
        if query.kind == "padding":
            continue
        order = np.argsort(-row, kind="stable")[:_STRONGEST]
        print(f"{query.text:>16}  " + ", ".join(f"{keys[at].text} {row[at]:.4f}" for at in order if row[at]))
    if padding:
        print(tr("{padding} rows of padding are left out.", padding=padding))


def matrix_figure(
    engine: Engine, card: ModelCard, capture: Capture, record: RecordedAttention, head: int | None
) -> FigureDescription:
    """The weights of a head (None: the mean of all) with the names of the tokens, as the page of the window draws them."""
    from explorer.core.attention_queries import Attending
    from explorer.engine.attention.between_tokens import weight_steps
    from explorer.methods.attention.figure import WeighedHeads, figure

    call = record.call
    if call.reason:
        raise ExplorerError(tr("The weights of {call} cannot be shown.", call=call.name), f"{call.reason}.")
    weights = engine.last(weight_steps(record, MOST, engine.job.cancelled))
    about = FigureSubject(Selection(card, capture, capture.taps[0], 0, None), further=WeighedHeads(call, weights, head))
    return figure(Attending((call,)), about)
