"""rollout and relevance: attention through all blocks."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from explorer.api.attention_tiles import tiles, write
from explorer.api.class_names import class_of
from explorer.cli.given import query_of, tell
from explorer.cli.reading import class_vector
from explorer.core.attention import AttentionCall, Flow
from explorer.core.attention_queries import Query
from explorer.core.progress import Progress
from explorer.core.target import Target
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.cli.engine import Engine
    from explorer.engine.attention.record import ForwardAttention
    from explorer.engine.studies import Given


def run(args: argparse.Namespace) -> int:
    """Computes one of the two and writes it."""
    from explorer.cli.engine import Engine, picture_named
    from explorer.engine.attention import attention_export

    with Engine() as engine:
        loaded, picture = engine.open(args), picture_named(args.input)
        x, found = engine.attention(loaded, picture)
        query = query_of(args.query) if args.query else None
        asked: dict[str, Any] = {"query": list(query) if isinstance(query, tuple) else query, "start": args.start}
        if args.command == "rollout":
            flow = _rollout(args, engine, found, query)
            asked["fusion"] = args.fusion
        else:
            given = engine.bench.given(loaded.card.digest, picture, engine.job)
            args.class_ = class_of(args.class_, loaded.card)
            flow = _relevance(args, engine, given, found.calls, query)
            labels = loaded.card.labels
            asked |= {"class": args.class_, "label": labels[args.class_] if args.class_ < len(labels) else ""}
            asked |= {"value": flow.value, "class_vector": class_vector(given[2].scores)}
        said = engine.flags(loaded, "map", x, args.command == "relevance")
    keys = found.calls[args.start].keys
    told = {
        "method": flow.method,
        **asked,
        "blocks": list(flow.blocks),
        "grid": list(flow.map.shape),
        "on_patches": float(flow.map.sum()),
        "on_prefix": dict(zip(found.calls[args.start].prefix_names, map(float, flow.prefix), strict=True)),
        "maximum": float(flow.map.max()),
        "notes": [*said, *flow.notes],
    }
    manifest = attention_export.manifest(loaded.card, picture, flow.method, told)
    write(
        args.out,
        attention_export.flow_arrays(flow),
        manifest,
        lambda: tiles([flow.map], keys, picture, loaded.card.preprocess),
    )
    if args.json:
        print(json.dumps({"model": loaded.card.spec.id, "input": picture.digest, "out": args.out, **told}, indent=1))
        return 0
    print(
        tr(
            "{method} through {count} blocks: {told:.4g} on patches",
            method=flow.method,
            count=len(flow.blocks),
            told=told["on_patches"],
        ),
        end="",
    )
    print("".join(tr(", {value:.4g} on {name}", value=value, name=name) for name, value in told["on_prefix"].items()))
    for note in told["notes"]:
        print(note)
    return 0


def _rollout(args: argparse.Namespace, engine: Engine, found: ForwardAttention, query: Query | None) -> Flow:
    from explorer.engine.attention.flow import rollout_steps

    records, token = [found.of(call.name) for call in found.calls], 0 if query is None else query
    steps = rollout_steps(records, token, args.fusion, args.start, engine.job.cancelled)
    return engine.last(engine.studies.streamed(lambda: steps), _share)


def _relevance(
    args: argparse.Namespace, engine: Engine, given: Given, calls: tuple[AttentionCall, ...], query: Query | None
) -> Flow:
    from explorer.engine.attention.flow import relevance_steps

    loaded, x, plan = given
    target, cancelled = Target("", args.class_), engine.job.cancelled
    steps = relevance_steps(loaded.module, x, target, plan, calls, query, args.start, cancelled)
    return engine.last(engine.studies.streamed(lambda: steps), _share)


def _share(done: float) -> None:
    tell(Progress(tr("Attention"), done))
