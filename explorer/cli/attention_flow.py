"""rollout and relevance: attention through all blocks."""

from __future__ import annotations

import argparse
import json
from typing import Any

from explorer.cli.attention_files import tiles, write
from explorer.cli.given import found_in, opened, query_of
from explorer.cli.reading import class_vector, flags_of


def run(args: argparse.Namespace) -> int:
    """Computes one of the two and writes it."""
    from explorer.core.target import Target
    from explorer.engine.attention import files
    from explorer.engine.attention.flow import relevance, rollout
    from explorer.engine.reading import watched

    loaded, picture, x = opened(args)
    found = found_in(loaded, x)
    query = query_of(args.query) if args.query else None
    asked: dict[str, Any] = {"query": list(query) if isinstance(query, tuple) else query, "start": args.start}
    if args.command == "rollout":
        records = [found.of(call.name) for call in found.calls]
        flow = rollout(records, 0 if query is None else query, args.fusion, args.start)
        asked["fusion"] = args.fusion
    else:
        plan = watched(loaded.module, x, loaded.card).plan
        flow = relevance(loaded.module, x, Target("", args.class_), plan, found.calls, query, args.start)
        labels = loaded.card.labels
        asked |= {"class": args.class_, "label": labels[args.class_] if args.class_ < len(labels) else ""}
        asked |= {"value": flow.value, "class_vector": class_vector(plan.scores)}
    keys = found.calls[args.start].keys
    told = {
        "method": flow.method,
        **asked,
        "blocks": list(flow.blocks),
        "grid": list(flow.map.shape),
        "on_patches": float(flow.map.sum()),
        "on_prefix": dict(zip(found.calls[args.start].prefix_names, map(float, flow.prefix), strict=True)),
        "maximum": float(flow.map.max()),
        "notes": [*flags_of(loaded, "map", x, args.command == "relevance"), *flow.notes],
    }
    manifest = files.manifest(loaded.card, picture, flow.method, told)
    write(args.out, files.flow_arrays(flow), manifest, lambda: tiles([flow.map], keys, picture, loaded.card.preprocess))
    if args.json:
        print(json.dumps({"model": loaded.card.spec.id, "input": picture.digest, "out": args.out, **told}, indent=1))
        return 0
    print(f"{flow.method} through {len(flow.blocks)} blocks: {told['on_patches']:.4g} on patches", end="")
    print("".join(f", {value:.4g} on {name}" for name, value in told["on_prefix"].items()))
    for note in told["notes"]:
        print(note)
    return 0
