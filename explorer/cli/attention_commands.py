"""attention, rollout and relevance: what tokens attend to, as values (.npz) or over the picture (.png)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from explorer.api.attention_blocks import block_named, heads_named
from explorer.api.figure_saving import is_figure
from explorer.cli import attention_flow
from explorer.cli.attention_matrix import run_matrix
from explorer.cli.given import query_of, suffix_of
from explorer.cli.parser import Commands
from explorer.cli.reading import say
from explorer.core.any_input import Input
from explorer.core.errors import ExplorerError
from explorer.core.input_notes import notes_of
from explorer.core.translation import tr
from explorer.engine.models.base import LoadedModel

if TYPE_CHECKING:
    from explorer.engine.attention.record import ForwardAttention


def add_parsers(commands: Commands, model: Callable[[argparse.ArgumentParser], None]) -> None:
    """The three commands; `model` adds the arguments that name a model."""
    attention = commands.add_parser("attention", help=tr("what a token attends to, in every head of a block"))
    model(attention)
    attention.add_argument("--input", required=True, metavar="INPUT")
    attention.add_argument("--block", default="", metavar="B", help=tr("number or name; without it: a table of all"))
    attention.add_argument("--head", type=int, metavar="H", help=tr("one head instead of all"))
    attention.add_argument("--query", default="cls", metavar="Y,X|cls|N", help=tr("a cell, or a token before the grid"))
    attention.add_argument("--to", action="store_true", help=tr("attention to the token instead of from it"))
    attention.add_argument(
        "--matrix", action="store_true", help=tr("all weights of the block between its tokens, by name")
    )
    attention.add_argument("--mass", type=float, default=0.6, metavar="SHARE", help=tr("of the mask (default 0.6)"))
    attention.add_argument(
        "--out",
        default="",
        metavar="FILE",
        help=tr(".npz: values; .png: over the picture; --matrix: also .svg, .pdf"),
    )
    attention.add_argument("--json", action="store_true", help=tr("print JSON only"))

    rollout = commands.add_parser("rollout", help=tr("what reaches a token through all blocks"))
    _flow(rollout, model)
    rollout.add_argument("--query", default="cls", metavar="Y,X|cls|N")
    rollout.add_argument("--fusion", default="mean", choices=["mean", "max", "min"], help=tr("of the heads"))

    relevance = commands.add_parser("relevance", help=tr("what raises a class, through all blocks"))
    _flow(relevance, model)
    relevance.add_argument("--class", dest="class_", required=True, metavar="N|NAME")
    relevance.add_argument(
        "--query", default="", metavar="Y,X|cls|N", help=tr("of this row (default: the class token, else all)")
    )


def _flow(parser: argparse.ArgumentParser, model: Callable[[argparse.ArgumentParser], None]) -> None:
    model(parser)
    parser.add_argument("--input", required=True, metavar="INPUT")
    parser.add_argument("--start", type=int, default=0, metavar="N", help=tr("the first block that counts (default 0)"))
    parser.add_argument("--out", required=True, metavar="FILE", help=tr(".npz: values; .png: drawn over the picture"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def run(args: argparse.Namespace) -> int:
    if args.out and not (getattr(args, "matrix", False) and is_figure(args.out)):
        suffix_of(args.out)
    if args.command == "attention":
        return _attention(args)
    return attention_flow.run(args)


# --- one block ----------------------------------------------------------------------------------------------------------


def _attention(args: argparse.Namespace) -> int:
    from explorer.api.attending import of_block
    from explorer.cli.engine import Engine, picture_named

    with Engine() as engine:
        loaded, picture = engine.open(args), picture_named(args.input)
        x, found = engine.attention(loaded, picture)
        said = (*engine.flags(loaded, "map" if args.block else "table", x), *notes_of(picture, loaded.card.preprocess))
        if not args.block:
            if args.out or args.matrix:
                what = tr("An --out") if args.out else tr("A --matrix")
                raise ExplorerError(
                    tr("{what} needs a --block.", what=what),
                    "",
                    tr("Give a number from 0 to {count}.", count=len(found.calls) - 1),
                )
            return _table(args, loaded, picture, found, said)
        if args.matrix:
            record = found.of(block_named(args.block, found.calls))
            return run_matrix(args, engine, loaded, picture, record, heads_named(args.head, record.call.heads))
        query = query_of(args.query)
        made = of_block(engine, loaded, picture, found, args.block, args.head, query, args.to, args.mass, said)
    told = made.to_dict()
    if args.out:
        made.save(args.out)
    if args.json:
        print(json.dumps({"model": loaded.card.spec.id, "input": picture.digest, "out": args.out, **told}, indent=1))
        return 0
    say(told["warnings"])
    _print_block(told)
    return 0


def _print_block(told: dict[str, Any]) -> None:
    block = told["block"]
    proof = block["proof"]["error"]
    print(
        tr(
            "{block}: {block2}, {block3} heads; reconstruction error {proof:.1e}; {block4}",
            block=block["name"],
            block2=block["kind"],
            block3=block["heads"],
            proof=proof,
            block4=block["note"],
        ).rstrip("; ")
    )
    names = "".join(f" {name:>12}" for name in block["prefix_tokens"])
    print(
        f"{tr('head'):>4} {tr('sum'):>9} {tr('patches'):>9} {tr('mask'):>6} {tr('entropy'):>8} {tr('distance'):>9}{names}"
    )
    summary = told["summary"]
    for i, head in enumerate(told["heads"]):
        prefix = "".join(f" {value:>12.4f}" for value in told["on_prefix"][i])
        numbers = [_short(summary[key][head]) for key in ("entropy", "distance")]
        print(
            f"{head:>4} {told['sums'][i]:>9.6f} {told['on_patches'][i]:>9.4f} {told['mask']['cells'][i]:>6} "
            f"{numbers[0]:>8} {numbers[1]:>9}{prefix}"
        )


def _short(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


def _table(
    args: argparse.Namespace, loaded: LoadedModel, picture: Input, found: ForwardAttention, said: tuple[str, ...]
) -> int:
    """All attentions of the model."""
    from explorer.engine.attention import attention_export

    rows = [attention_export.described(call) for call in found.calls]
    if args.json:
        about = {"model": loaded.card.spec.id, "input": picture.digest, "warnings": list(said)}
        print(json.dumps({**about, "attentions": rows}, indent=1))
        return 0
    say(said)
    print(
        f"{tr('block'):>5} {tr('name'):<40} {tr('kind'):<9} {tr('heads'):>5} {tr('windows'):>7} "
        f"{tr('queries'):>12} {tr('keys'):>12}  {tr('proof')}"
    )
    for number, row in enumerate(rows):
        sides = [_side(row[side]) for side in ("queries", "keys")]
        proof = row["reason"] or f"{row['proof']['error']:.1e}"
        print(
            f"{number:>5} {row['name']:<40} {row['kind']:<9} {row['heads']:>5} {row['windows']:>7} {sides[0]:>12} {sides[1]:>12}  "
            f"{' '.join((proof, row['note'])).strip()}"
        )
    return 0


def _side(tokens: dict[str, Any]) -> str:
    if tokens["grid"] is None:
        return str(tokens["count"])
    grid = "×".join(str(side) for side in tokens["grid"])
    return f"{tokens['prefix']}+{grid}" if tokens["prefix"] else grid
