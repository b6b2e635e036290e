"""cka: how alike the layers of two models are, as values (.npz) or as a picture (.png)."""

from __future__ import annotations

import argparse
import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.cli import alike_files
from explorer.cli.given import about, naming, tap_named
from explorer.cli.reading import say
from explorer.core.dataset import Over
from explorer.core.representations import Cka

if TYPE_CHECKING:
    from explorer.cli.engine import Engine
    from explorer.engine.representations.paired_stream import ComparedModel


def run(args: argparse.Namespace) -> int:
    from explorer.cli.engine import Engine
    from explorer.engine.comparison_jobs import grown_cka

    with Engine() as engine:
        first = side_of(engine, args, args.taps)
        second = side_of(engine, naming(args, args.second, args.weights2), args.taps2 or args.taps)
        steps = engine.studies.streamed(lambda: grown_cka(first, second, over(args), engine.job, pool=args.pool))
        found = engine.last(steps)
        told = _told(args, found) | {"warnings": list(sides_flags(engine, first, second))}
    if args.out:
        _write(args.out, found, {**told, "cards": [about(first.loaded.card), about(second.loaded.card)]})
    if args.json:
        print(json.dumps({"out": args.out, **told}, indent=1, allow_nan=False))
    else:
        say(told["warnings"])
        _print(found, told)
    return 0


def over(args: argparse.Namespace) -> Over:
    """The pictures that a command line compares over."""
    return Over("folder", args.inputs) if args.inputs else Over("gallery")


def sides_flags(engine: Engine, *sides: ComparedModel) -> tuple[str, ...]:
    """What must be said of either model, by its name."""
    return tuple(
        f"{side.loaded.card.name}: {line}" for side in sides for line in engine.flags(side.loaded, "comparison")
    )


def side_of(engine: Engine, args: argparse.Namespace, patterns: str) -> ComparedModel:
    """The model and the taps that any of the names or patterns fits; all worth comparing when there are none."""
    from explorer.engine.representations.paired_stream import ComparedModel, worth

    loaded = engine.open(args)
    plan = engine.plan(loaded)
    usable = worth(plan.taps)
    chosen = set() if patterns else set(usable)
    for part in filter(None, (part.strip() for part in patterns.split(","))):
        fitting = {name for name in usable if fnmatchcase(name, part)}
        chosen |= fitting or {tap_named(plan.taps, part).name}
    return ComparedModel(loaded, tuple(tap.name for tap in plan.taps if tap.name in chosen), plan, engine.bench.device)


def _told(args: argparse.Namespace, found: Cka) -> dict[str, Any]:
    from explorer.core.session.cka_path import by_path
    from explorer.core.session.layer_links import by_depth, by_stride

    values = [
        [float(v) if known else None for v, known in zip(row, mask, strict=True)]
        for row, mask in zip(found.values, found.known, strict=True)
    ]
    links = {
        "path": by_path(found.values),
        "depth": by_depth(len(found.rows), len(found.columns)),
        "stride": by_stride(*found.taps),
    }
    return {
        "models": [args.model, args.second],
        "pool": args.pool,
        "inputs": found.count,
        "batch": found.batch,
        "too_few": found.weak,
        "rows": list(found.rows),
        "columns": list(found.columns),
        "cka": values,
        "links": {how: [found.columns[j] if j >= 0 else None for j in js] for how, js in links.items()},
        "skipped": [list(pair) for pair in found.skipped],
    }


def _write(path: str, found: Cka, told: dict[str, Any]) -> None:
    from explorer import __version__
    from explorer.cli.attention_files import write
    from explorer.core.session.cka_path import by_path

    arrays = {
        "cka": found.values,
        "known": found.known,
        "rows": np.array(found.rows),
        "columns": np.array(found.columns),
        "count": np.array(found.count),
    }
    manifest = {"application": f"feature-map-explorer {__version__}", "cka": told}
    write(path, arrays, manifest, lambda: alike_files.matrix(found, by_path(found.values)))


def _print(found: Cka, told: dict[str, Any]) -> None:
    print(f"debiased linear CKA over {found.count} pictures" + (": too few to trust" if found.weak else ""))
    print(f"{'tap':<40} {'most similar on the path':<40} {'cka':>8}")
    for i, (name, other) in enumerate(zip(found.rows, told["links"]["path"], strict=True)):
        value = told["cka"][i][found.columns.index(other)]
        print(f"{name:<40} {other:<40} {'unknown' if value is None else f'{value:.4f}':>8}")
    for name, why in found.skipped:
        print(f"skipped {name}: {why}")
