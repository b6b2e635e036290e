"""arithmetic: how one cell is computed, as JSON or as a table."""

from __future__ import annotations

import argparse

from explorer.api.named_taps import tap_named
from explorer.cli.given import numbers_of, told
from explorer.cli.reading import say
from explorer.core.geometry.cells import cell_named
from explorer.core.translation import tr
from explorer.methods.arithmetic.report import arithmetic_json, arithmetic_table


def run(args: argparse.Namespace) -> int:
    """The terms of a cell's sum, what follows, and how near the recomputation comes."""
    from explorer.cli.engine import Engine

    cell, channel = cell_named(args.cell), numbers_of(args.channel, "channel", 1)[0]
    count = numbers_of(args.terms, tr("number of terms"), 1)[0]
    with Engine() as engine:
        loaded, capture = engine.named(args)
        tap_named(capture.taps, args.tap)
        found = engine.studies.explain_cell(capture, args.tap, channel, cell, engine.job)
    repeat = capture.repeat  # how a number is computed is true of untrained weights as well
    said = (repeat.text,) if repeat is not None and not repeat.same else ()
    if args.json:
        return told(loaded.card, {"input": capture.picture.digest, **arithmetic_json(found, count)}, said)
    say(said)
    print(arithmetic_table(found, count))
    return 0
