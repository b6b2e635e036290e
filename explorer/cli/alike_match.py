"""match: which channels of two layers answer alike, as a table, as values (.npz) or as a picture (.png)."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from explorer.cli import alike_files
from explorer.cli.alike_cka import card_of, side_of, sides_flags
from explorer.cli.given import naming
from explorer.cli.reading import say
from explorer.core import colormaps
from explorer.core.alike import Matches
from explorer.core.features import coloured
from explorer.core.partners import Partner, assigned_to, best_of
from explorer.core.types import ExplorerError


def run(args: argparse.Namespace) -> int:
    from explorer.engine.compare import stream
    from explorer.engine.compare.channels import match_channels

    shots = stream.of_folder(args.inputs) if args.inputs else stream.of_gallery()
    first, second = side_of(args, args.tap), side_of(naming(args, args.second, args.weights2), args.tap2 or args.tap)
    for side, named in ((first, args.tap), (second, args.tap2 or args.tap)):
        if len(side.names) != 1:
            raise ExplorerError(f"“{named}” names {len(side.names)} layers.", "", "Name one layer of each model.")
    found = _drained(match_channels(first, second, shots), len(shots))
    told = _told(args, found, first.names[0], second.names[0]) | {"warnings": list(sides_flags(first, second))}
    if args.out:
        _write(args.out, found, {**told, "cards": [card_of(first), card_of(second)]})
    if args.json:
        print(json.dumps({"out": args.out, **told}, indent=1, allow_nan=False))
    else:
        say(told["warnings"])
        _print(told)
    return 0


def _drained(steps: Any, total: int) -> Matches:
    """The result; says on a terminal how far it is."""
    done = 0
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            if sys.stderr.isatty():
                sys.stderr.write("\r\033[K")
            found: Matches = stop.value
            return found
        done += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{done} of {total} pictures")


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
