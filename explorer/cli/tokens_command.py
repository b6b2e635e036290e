"""tokens: what a model makes of a text, before anything is computed."""

from __future__ import annotations

import argparse
import json

from explorer.core.errors import ExplorerError
from explorer.core.inputs import Text
from explorer.core.texts import TextPreprocess, left_out, tokenised
from explorer.core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The text."""
    parser.add_argument("--input", required=True, metavar="text:WORDS|FILE.txt")
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def run(args: argparse.Namespace) -> int:
    """A line a token: its number in the input, its id, its kind, its characters in the text."""
    from explorer.cli.engine import Engine, picture_named

    with Engine() as engine:
        card = engine.open(args).card
    pre, given = card.preprocess, picture_named(args.input)
    if not isinstance(pre, TextPreprocess):
        raise ExplorerError(tr("{card} has no tokens.", card=card.name), pre.says, tr("Open a model of texts."))
    if not isinstance(given, Text):
        raise ExplorerError(
            tr("“{given}” is no text.", given=given.name), "", tr("Give text:WORDS, or a file that ends in .txt.")
        )
    tokens, lost = tokenised(given.text, pre), left_out(given.text, pre)
    if args.json:
        rows = [{"id": t.id, "piece": t.piece, "span": [t.start, t.end], "kind": t.kind} for t in tokens]
        print(json.dumps({"text": given.text, "tokens": rows, "left_out": lost}, indent=1))
        return 0
    print(f"{tr('token'):>5} {tr('id'):>7} {tr('kind'):<8} {tr('span'):>9}  {tr('piece')}")
    for number, t in enumerate(tokens):
        span = f"{t.start}–{t.end}" if t.end else ""
        print(f"{number:>5} {t.id:>7} {t.kind:<8} {span:>9}  {t.piece}")
    if lost:
        print(tr("({lost:,} more are left out: the model takes {count:,})", lost=lost, count=len(tokens)))
    return 0
