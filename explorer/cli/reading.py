"""How a command line says which output holds the class vector, and what must be said beside a result."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from explorer.core.flags import flags
from explorer.core.scores import PROBABILITIES, Scores
from explorer.core.types import ExplorerError
from explorer.engine.models.values import LoadedModel

if TYPE_CHECKING:
    from torch import Tensor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command takes that is about classes."""
    parser.add_argument(
        "--output", default="", metavar="NAME", help="the output that holds the class vector (default: the likeliest)"
    )
    parser.add_argument(
        "--probabilities",
        default="auto",
        choices=PROBABILITIES,
        help="how its numbers become probabilities (default: recognised)",
    )


def flags_of(
    loaded: LoadedModel, result: str = "map", x: Tensor | None = None, classes: bool = False
) -> tuple[str, ...]:
    """What must be said beside a result of this model; runs it twice on the input x (1, ...), or on seeded noise."""
    import torch

    from explorer.engine.describe import input_dtype
    from explorer.engine.repeat import repeated

    pre = loaded.card.preprocess
    if x is None:
        x = torch.randn(1, pre.channels, pre.height, pre.width, generator=torch.Generator().manual_seed(0))
        x = x.to(input_dtype(loaded.module))
    try:
        repeat = repeated(loaded.module, x, None)
    except ExplorerError:  # the command itself says what a model cannot take
        repeat = None
    return flags(loaded.card, repeat, result, classes)


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
