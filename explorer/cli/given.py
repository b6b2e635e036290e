"""What a command is given: a model, taps, tokens and numbers; and how progress and result are told."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from explorer.api.about_model import about
from explorer.core.attention_queries import Query
from explorer.core.errors import ExplorerError
from explorer.core.input_sizes import size_from
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.other_inputs import argument_from
from explorer.core.progress import Progress
from explorer.core.translation import tr


def spec_of(args: argparse.Namespace) -> ModelSpec:
    """The model a command line names."""
    return ModelSpec(
        args.model,
        weights=args.weights,
        untrained=args.untrained,
        seed=args.seed,
        size=size_from(args.size),
        output=getattr(args, "output", ""),
        probabilities=getattr(args, "probabilities", "auto"),
        arguments=tuple(argument_from(text) for text in args.argument),
    )


def check_out(file: str) -> None:
    """Raises ExplorerError where a file could not be written, before the work whose result it is to hold."""
    target = Path(file).expanduser().absolute()
    what, folder = tr("{target} could not be saved.", target=target.name), target.parent
    if not folder.is_dir():
        raise ExplorerError(what, tr("The folder {folder} is not there.", folder=folder), tr("Choose another folder."))
    if not os.access(folder, os.W_OK):
        raise ExplorerError(
            what, tr("Writing in {folder} is not allowed.", folder=folder), tr("Choose another folder.")
        )


def tell(progress: Progress) -> None:
    """Progress of a long download, on one line of a terminal; silent elsewhere."""
    if sys.stderr.isatty():
        share = "" if progress.fraction is None else f" {progress.fraction:4.0%}"
        sys.stderr.write(f"\r\033[K{progress.text}{share}")


def clear_line() -> None:
    """What `tell` has written goes."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


def naming(args: argparse.Namespace, model: str, weights: str) -> argparse.Namespace:
    """The same command line for another model."""
    return argparse.Namespace(**{**vars(args), "model": model, "weights": weights})


def numbers_of(text: str, what: str, count: int = 0) -> tuple[int, ...]:
    parts = text.split(",")
    try:
        found = tuple(int(part) for part in parts)
    except ValueError:
        found = ()
    if not found or (count and len(found) != count):
        wanted = {1: tr("a whole number"), 2: tr("two whole numbers, as in 3,5")}.get(
            count, tr("whole numbers, as in 3,5,8")
        )
        raise ExplorerError(
            tr("{text!r} is not {what}.", text=text[:40], what=what), tr("It must be {wanted}.", wanted=wanted)
        )
    return found


def suffix_of(path: str) -> str:
    """.npz or .png, whichever a result is written as. Raises ExplorerError for another."""
    suffix = Path(path).suffix.lower()
    if suffix not in (".npz", ".png"):
        todo = tr("Name the file FILE.npz for values or FILE.png for a picture.")
        raise ExplorerError(tr("{path} ends neither in .npz nor in .png.", path=path), "", todo)
    return suffix


def query_of(text: str) -> Query:
    """A cell (y, x), or the number of a token before the grid; 'cls' is 0."""
    if text.lower() == "cls":
        return 0
    parts = text.split(",")
    if len(parts) > 2 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        why = tr("It is a row and a column, cls, or the number of a token before the grid.")
        raise ExplorerError(tr("{text!r} is not a token.", text=text[:20]), why, tr("Give it as in --query 4,7."))
    first, *second = (int(part) for part in parts)
    return (first, second[0]) if second else first


def told(card: ModelCard, rows: Mapping[str, object], said: tuple[str, ...] = ()) -> int:
    """Prints JSON; `said` is what must be known of the result."""
    print(json.dumps({"model": about(card), "warnings": list(said), **rows}, indent=1, allow_nan=False))
    return 0
