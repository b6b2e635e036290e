"""What a command is given: a model and a picture, cells, tokens and numbers; and how its result is told."""

from __future__ import annotations

import argparse
import json
from typing import Any

from explorer.core.types import ExplorerError, Picture


def opened(args: argparse.Namespace) -> tuple[Any, Picture, Any]:
    """(the loaded model, the picture, its input tensor)."""
    from explorer.cli import headless
    from explorer.engine.describe import input_dtype
    from explorer.engine.inputs import named_input, open_input
    from explorer.engine.inputs.preprocess import to_tensor

    loaded = headless.opened(args)
    picture = open_input(named_input(args.input))
    return loaded, picture, to_tensor(picture, loaded.card.preprocess).to(input_dtype(loaded.module))


def watched(args: argparse.Namespace) -> tuple[Any, Any, Any, Any]:
    """(loaded model, picture, input tensor, one watched forward of it that knows what its output is)."""
    from explorer.cli import headless
    from explorer.engine import reading as first_look

    loaded, picture, x = opened(args)
    seen = first_look.watched(loaded.module, x, loaded.card)
    headless.wanted(seen.plan, args.tap)
    return loaded, picture, x, seen


def naming(args: argparse.Namespace, model: str, weights: str) -> argparse.Namespace:
    """The same command line for another model."""
    return argparse.Namespace(**{**vars(args), "model": model, "weights": weights})


def found_in(loaded: Any, x: Any) -> Any:
    from explorer.engine.attention.record import find

    found = find(loaded.module, x)
    if not found.calls:
        why = "It has none, computes it in a way that cannot be followed, or is a traced program."
        raise ExplorerError("No attention found in this model.", why)
    return found


def numbers_of(text: str, what: str, count: int = 0) -> tuple[int, ...]:
    parts = text.split(",")
    try:
        found = tuple(int(part) for part in parts)
    except ValueError:
        found = ()
    if not found or (count and len(found) != count):
        wanted = {1: "a whole number", 2: "two whole numbers, as in 3,5"}.get(count, "whole numbers, as in 3,5,8")
        raise ExplorerError(f"{text[:40]!r} is not {what}.", f"It must be {wanted}.")
    return found


def query_of(text: str) -> Any:
    """A cell (y, x), or the number of a token before the grid; 'cls' is 0."""
    if text.lower() == "cls":
        return 0
    parts = text.split(",")
    if len(parts) > 2 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        why = "It is a row and a column, cls, or the number of a token before the grid."
        raise ExplorerError(f"{text[:20]!r} is not a token.", why, "Give it as in --query 4,7.")
    numbers = tuple(int(part) for part in parts)
    return numbers if len(numbers) == 2 else numbers[0]


def told(card: Any, rows: dict[str, Any], said: tuple[str, ...] = ()) -> int:
    """Prints JSON; `said` is what must be known of the result."""
    from explorer.cli import headless

    print(json.dumps({"model": headless._card(card), "warnings": list(said), **rows}, indent=1, allow_nan=False))
    return 0
