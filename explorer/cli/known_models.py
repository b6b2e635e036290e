"""models: models that can be opened by name, and whether their weights are here."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from explorer.cli.parser import Commands
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.models import catalogue, more
from explorer.engine.models.base import CatalogueEntry

_ALL = 1 << 20


def add_parsers(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "models", help=tr("models that can be opened by name, and whether their weights are here")
    )
    parser.add_argument(
        "pattern", nargs="*", metavar="WORD", help=tr("only names that hold all of these, of all of timm's models too")
    )
    parser.add_argument("--ready", action="store_true", help=tr("only those that open without a download"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def run(args: argparse.Namespace) -> int:
    found = [entry for entry in listed(args.pattern) if entry.ready or not args.ready]
    if args.json:
        print(json.dumps([_row(entry) for entry in found], indent=1))
        return 0
    if not found:
        raise ExplorerError(
            tr("No model has such a name."), "", tr("The command models without a word lists what is offered.")
        )
    wide = max(len(_shown(entry).id) for entry in found)
    for entry in found:
        print(f"{_shown(entry).id:<{wide}}  {_state(entry):<9}  {entry.says or entry.group}")
    return 0


def listed(words: list[str]) -> list[CatalogueEntry]:
    """Lines of the menu; with words, those that hold them all, and of timm all that it has."""
    entries = list(catalogue())
    if words:
        known = {entry.id for entry in entries}
        entries += [entry for entry in more(" ".join(words), _ALL) if entry.id not in known]
    wanted = [word.lower() for word in words]
    found = [entry for entry in entries if all(word in f"{entry.id} {entry.says}".lower() for word in wanted)]
    # what is not installed may have it
    return found or [entry for entry in entries if entry.lacks]


def _shown(entry: CatalogueEntry) -> CatalogueEntry:
    return replace(entry, id=f"{entry.id}…") if entry.lacks else entry


def _state(entry: CatalogueEntry) -> str:
    return tr("not there") if entry.lacks else "ready" if entry.ready else tr("no file")


def _row(entry: CatalogueEntry) -> dict[str, object]:
    weights = None if entry.weights is None else str(entry.weights)
    return {
        "id": entry.id,
        "ready": entry.ready,
        "weights": weights,
        "says": entry.says,
        "group": entry.group,
        "lacks": entry.lacks,
    }
