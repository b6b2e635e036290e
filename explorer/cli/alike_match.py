"""match: which channels of two layers answer alike, as a table, as values (.npz) or as a picture (.png)."""

from __future__ import annotations

import argparse
import json
from typing import Any

from explorer.cli import alike_files
from explorer.cli.alike_cka import over, side_of, sides_flags
from explorer.cli.given import about, naming
from explorer.cli.reading import say
from explorer.core.channel_matching import Partner, assigned_to, best_of
from explorer.core.errors import ExplorerError
from explorer.core.layer_views import coloured
from explorer.core.render import colormaps
from explorer.core.representations import Matches


def run(args: argparse.Namespace) -> int:
    from explorer.cli.engine import Engine
    from explorer.engine.comparison_jobs import matched_channels

    with Engine() as engine:
        first = side_of(engine, args, args.tap)
        second = side_of(engine, naming(args, args.second, args.weights2), args.tap2 or args.tap)
        for side, named in ((first, args.tap), (second, args.tap2 or args.tap)):
            if len(side.names) != 1:
                raise ExplorerError(f"“{named}” names {len(side.names)} layers.", "", "Name one layer of each model.")
        steps = engine.studies.streamed(lambda: matched_channels(first, second, over(args), engine.job))
        found, warnings = engine.last(steps), list(sides_flags(engine, first, second))
    told = _told(args, found, first.names[0], second.names[0]) | {"warnings": warnings}
    if args.out:
        _write(args.out, found, {**told, "cards": [about(first.loaded.card), about(second.loaded.card)]})
    if args.json:
        print(json.dumps({"out": args.out, **told}, indent=1, allow_nan=False))
    else:
        say(told["warnings"])
        _print(told)
    return 0


def _told(args: argparse.Namespace, found: Matches, tap: str, other: str) -> dict[str, Any]:
    channels = range(found.correlation.shape[0])
    return {
        "models": [args.model, args.second],
        "taps": [tap, other],
        "inputs": found.count,
        "places": found.points,
        "channels": list(found.correlation.shape),
        "best": [_partner(best_of(found, c)) for c in channels],
        "paired": [_partner(assigned_to(found, c)) for c in channels],
        "skipped": [list(pair) for pair in found.skipped],
    }


def _partner(partner: Partner | None) -> dict[str, Any] | None:
    return None if partner is None else {"channel": partner.channel, "correlation": partner.correlation}


def _write(path: str, found: Matches, told: dict[str, Any]) -> None:
    from explorer import __version__
    from explorer.cli.attention_files import write

    arrays = {"correlation": found.correlation, "best": found.best, "paired": found.assigned}
    manifest = {"application": f"feature-map-explorer {__version__}", "match": told}
    live = (found.best >= 0)[:, None] & found.correlation.any(0)
    drawn = coloured((found.correlation + 1) / 2, live, colormaps.diverging_for(dark=False))
    write(path, arrays, manifest, lambda: alike_files.enlarged(drawn))


def _print(told: dict[str, Any]) -> None:
    print(
        f"channels of {told['taps'][0]} and of {told['taps'][1]} over {told['inputs']} pictures, {told['places']} locations"
    )
    print(f"{'channel':>7} {'best':>7} {'r':>8} {'1-to-1':>7} {'r':>8}")
    for channel, pair in enumerate(zip(told["best"], told["paired"], strict=True)):
        cells = [f"{p['channel']:>7} {p['correlation']:>8.4f}" if p else f"{'none':>7} {'':>8}" for p in pair]
        print(f"{channel:>7} {' '.join(cells)}".rstrip())
    for name, why in told["skipped"]:
        print(f"skipped {name}: {why}")
