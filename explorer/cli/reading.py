"""How a command line says which output holds the class vector, and what must be said beside a result."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from explorer.core.scores import PROBABILITIES, Scores
from explorer.core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command takes that is about classes."""
    parser.add_argument(
        "--output",
        default="",
        metavar="NAME",
        help=tr("the output that holds the class vector (default: the likeliest)"),
    )
    parser.add_argument(
        "--probabilities",
        default="auto",
        choices=PROBABILITIES,
        help=tr("how its numbers become probabilities (default: recognised)"),
    )


def say(words: Iterable[str]) -> None:
    """Prints what must be known, a line each, before the result."""
    for line in words:
        print(f"({line.rstrip('.')})")


def class_vector(scores: Scores | None) -> dict[str, object] | None:
    """How the class vector was read, for JSON."""
    if scores is None:
        return None
    return {
        "output": scores.output,
        "outputs": list(scores.outputs),
        "classes": scores.classes,
        "quantity": scores.quantity,
        "scale": scores.scale,
        "read_as": scores.text,
    }


def say_reading(scores: Scores | None) -> None:
    """A line where the class vector is not simply the logits that a model returns."""
    if scores is not None and (scores.output or scores.scale != "softmax" or scores.asked != "auto"):
        print(f"({scores.text})")


def share(value: float, scores: Scores | None) -> str:
    """A probability in per cent; a number that is none as it is."""
    if scores is not None and scores.asked == "as-is" and not 0 <= value <= 1:
        return f"{value:7.4g}"
    return f"{value:7.2%}"
