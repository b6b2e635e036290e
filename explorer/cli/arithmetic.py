"""arithmetic: how one cell is computed, as JSON or as a table."""

from __future__ import annotations

import argparse

from explorer.cli.given import numbers_of, told, watched
from explorer.cli.reading import say
from explorer.core.cells import cell_named
from explorer.methods.arithmetic.report import arithmetic_json, arithmetic_table


def run(args: argparse.Namespace) -> int:
    """The terms of a cell's sum, what follows, and how near the recomputation comes."""
    from explorer.engine.explain.arithmetic.cell import explain_cell

    cell, channel = cell_named(args.cell), numbers_of(args.channel, "channel", 1)[0]
    count = numbers_of(args.terms, "number of terms", 1)[0]
    loaded, picture, x, seen = watched(args)
    found = explain_cell(loaded.module, x, seen.plan, args.tap, channel, cell)
    repeat = seen.plan.repeat  # how a number is computed is true of untrained weights as well
    said = (repeat.text,) if repeat is not None and not repeat.same else ()
    if args.json:
        return told(loaded.card, {"input": picture.digest, **arithmetic_json(found, count)}, said)
    say(said)
    print(arithmetic_table(found, count))
    return 0
