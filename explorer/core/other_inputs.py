"""What a model takes besides the opened input: named numbers, tensors and pictures, each as a text that a person can change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

ArgumentKind = Literal["number", "tensor", "picture"]


@dataclass(frozen=True, slots=True)
class Argument:
    """`text`: its value as it is written: "0.5", "true", "[[1, 2], [3, 4]]", a path; "" for a tensor too large to be written."""

    name: str
    kind: ArgumentKind
    text: str
    says: str  # what it takes, in a few words
    chosen: bool = False  # whether a person has set it; else it is what the model's file gives


def argument_from(text: str) -> tuple[str, str]:
    """(name, value) of NAME=VALUE. Raises ExplorerError."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ExplorerError(
            tr("{text!r} names no argument with a value.", text=text[:40]),
            "",
            tr("Write it as in --argument threshold=0.5."),
        )
    return name.strip(), value.strip()
