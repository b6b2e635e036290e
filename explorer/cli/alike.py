"""pca and similarity: what the cells of layers have in common, as values (.npz) or as a picture (.png)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from explorer.cli import alike_files
from explorer.cli.given import naming, suffix_of
from explorer.cli.parser import Commands
from explorer.cli.reading import say
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.caveats import flags
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard
from explorer.core.representations import Basis, Colours, Vectors
from explorer.core.translation import tr


def add_parsers(commands: Commands, model: Callable[[argparse.ArgumentParser], None]) -> None:
    """Both commands; `model` adds the arguments that name a model."""
    pca = commands.add_parser("pca", help=tr("PCA colours of a layer; MODEL,MODEL: aligned (Procrustes)"))
    model(pca)
    pca.add_argument("--input", required=True, action="append", metavar="INPUT", help=tr("several: one joint PCA"))
    _taps(pca)
    pca.add_argument(
        "--foreground", default="none", choices=["none", "first"], help=tr("where the first component is positive")
    )

    similarity = commands.add_parser(
        "similarity", help=tr("cosine of every cell with one; MODEL,MODEL: the same location")
    )
    model(similarity)
    similarity.add_argument("--input", required=True, metavar="INPUT")
    similarity.add_argument("--input2", default="", metavar="INPUT", help=tr("compare with the cells of this one too"))
    _taps(similarity)
    similarity.add_argument("--cell", required=True, metavar="Y,X", help=tr("row and column, counted from 0"))


def _taps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights2", default="", metavar="FILE", help=tr("weights of the second model"))
    parser.add_argument("--tap", required=True, metavar="NAME[,NAME]", help=tr("one for each model, or one for both"))
    parser.add_argument("--out", required=True, metavar="FILE", help=tr(".npz: values; .png: a picture"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def run(args: argparse.Namespace) -> int:
    suffix_of(args.out)
    return (_pca if args.command == "pca" else _similarity)(args)


def _models(args: argparse.Namespace) -> list[tuple[argparse.Namespace, str]]:
    """(arguments that name one model, its tap) of MODEL or MODEL,MODEL."""
    names, taps = args.model.split(","), args.tap.split(",")
    if len(names) > 2 or len(taps) not in (1, len(names)):
        why = tr("There are {count} models and {count2} taps.", count=len(names), count2=len(taps))
        raise ExplorerError(tr("One or two models are shown, with one tap each or one for both."), why)
    weights = (args.weights, args.weights2)
    return [(naming(args, name, weights[i]), taps[i % len(taps)]) for i, name in enumerate(names)]


def _cells(
    args: argparse.Namespace, tap: str, inputs: list[str], said: list[str]
) -> tuple[ModelCard, list[Vectors], list[Input]]:
    """(card, the cells of the tap for each input, the inputs); what must be said of the model comes to `said`."""
    from explorer.cli import headless
    from explorer.engine.representations.cell_vectors import vectors_of

    card, captures = headless.captures(args, inputs, [tap])
    said += [line for line in flags(card, captures[0].repeat, "picture") if line not in said]
    return card, [vectors_of(c, tap, card.preprocess) for c in captures], [c.picture for c in captures]


def _finish(
    args: argparse.Namespace,
    card: ModelCard,
    picture: Input,
    told: dict[str, Any],
    arrays: dict[str, Array],
    tiles: list[Array],
    said: list[str],
) -> int:
    from explorer.api.attention_tiles import write
    from explorer.engine.attention import attention_export

    told["warnings"] = said
    manifest = attention_export.manifest(card, picture, args.command, told)
    write(args.out, arrays, manifest, lambda: alike_files.sheet(tiles))
    if args.json:
        print(json.dumps({"out": args.out, **told}, indent=1, allow_nan=False))
    return 0


# --- principal components -----------------------------------------------------------------------------------------------


def _pca(args: argparse.Namespace) -> int:
    """A row of tiles: every picture by the first model, then every picture by the second in its colours."""
    from explorer.engine.representations import components as pca

    arrays: dict[str, Array] = {}
    rows: list[dict[str, Any]] = []
    tiles: list[Array] = []
    said: list[str] = []
    reference: list[tuple[Vectors, Colours]] = []
    shown: list[tuple[ModelCard, Input]] = []  # that the manifest names: the first
    for number, (named, tap) in enumerate(_models(args)):
        card, cells, pictures = _cells(named, tap, args.input, said)
        basis = pca.fit(cells)
        masks: list[Array | None] = [None] * len(cells)
        if args.foreground == "first":
            keep = [pca.foreground(basis, c) for c in cells]
            basis, masks = pca.fit(cells, keep=keep), [*keep]
        if reference:
            painted = pca.aligned(basis, cells, reference, masks)
        else:
            painted = [pca.colours(basis, c, mask) for c, mask in zip(cells, masks, strict=True)]
            reference = list(zip(cells, painted, strict=True))
        arrays |= _pca_arrays(number, basis, painted)
        shown.append((card, pictures[0]))
        tiles += [p.rgb for p in painted]
        rows.append(_pca_row(named.model, tap, basis, cells, painted))
    if not args.json:
        say(said)
        _print_pca(rows)
    return _finish(args, *shown[0], {"models": rows}, arrays, tiles, said)


def _pca_arrays(number: int, basis: Basis, painted: list[Colours]) -> dict[str, Array]:
    found = {f"mean_{number}": basis.mean, f"axes_{number}": basis.axes, f"std_{number}": basis.std}
    for i, colour in enumerate(painted):
        found |= {
            f"rgb_{number}_{i}": colour.rgb,
            f"scores_{number}_{i}": colour.scores,
            f"shown_{number}_{i}": colour.shown,
        }
    return found


def _pca_row(model: str, tap: str, basis: Basis, cells: list[Vectors], painted: list[Colours]) -> dict[str, Any]:
    return {
        "model": model,
        "tap": tap,
        "channels": len(basis.mean),
        "grids": [list(c.grid) for c in cells],
        "share": [float(s) for s in basis.share],
        "cells": basis.cells,
        "comparable": painted[0].comparable,
        "residual": painted[0].residual,
    }


def _print_pca(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        shares = ", ".join(f"{share:.1%}" for share in row["share"][:3])
        print(
            tr(
                "{row} {row2}: {row3} cells of {row4} channels; red, green, blue {shares}",
                row=row["model"],
                row2=row["tap"],
                row3=row["cells"],
                row4=row["channels"],
                shares=shares,
            )
        )
        if row["comparable"] is not None:
            print(tr("colour agreement {row:.2f} (residual {row2:.2f})", row=row["comparable"], row2=row["residual"]))


# --- similarity ---------------------------------------------------------------------------------------------------------


def _similarity(args: argparse.Namespace) -> int:
    from explorer.core.geometry.cells import cell_named
    from explorer.engine.representations.similarity import across, similar

    cell = cell_named(args.cell)
    models = _models(args)
    named, tap = models[0]
    said: list[str] = []
    card, (cells, *more), pictures = _cells(named, tap, [args.input, *filter(None, [args.input2])], said)
    found = [("same", named.model, tap, cell, similar(cells, cell))]
    found += [("second picture", named.model, tap, cell, similar(cells, cell, other)) for other in more]
    for model, name in models[1:]:
        there, answer = across(cells, cell, _cells(model, name, [args.input], said)[1][0])
        found.append((tr("second model"), model.model, name, there, answer))
    rows = [
        {
            "what": what,
            "model": model,
            "tap": name,
            "cell": list(at),
            "grid": list(answer.values.shape),
            "best": list(answer.best),
            "cosine": float(answer.values[answer.best]),
            "range": [float(answer.values.min()), float(answer.values.max())],
            "unknown_cells": int((~answer.known).sum()),
        }
        for what, model, name, at, answer in found
    ]
    arrays: dict[str, Array] = {}
    for i, (*_, answer) in enumerate(found):
        arrays |= {f"similarity_{i}": answer.values, f"known_{i}": answer.known}
    if not args.json:
        say(said)
        for row in rows:
            print(
                tr(
                    "{row}: {row2}, cell {row3}; nearest {row4}, cosine {row5:.4f}",
                    row=row["what"],
                    row2=row["tap"],
                    row3=row["cell"],
                    row4=row["best"],
                    row5=row["cosine"],
                )
            )
    signed = any(answer.values.min() < 0 for *_, answer in found)
    tiles = [
        alike_files.similarity(answer, None if what == "second picture" else at, signed)
        for what, _, _, at, answer in found
    ]
    return _finish(args, card, pictures[0], {"maps": rows}, arrays, tiles, said)
