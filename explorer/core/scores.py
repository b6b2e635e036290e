"""Which output of a model is its class vector, and how its numbers become probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from explorer.core.translation import tr

Scale = Literal["softmax", "sigmoid", "as-is", "exp"]
Probabilities = Literal["auto", "softmax", "sigmoid", "as-is"]
PROBABILITIES: tuple[Probabilities, ...] = get_args(Probabilities)
OutputKind = Literal["auto", "classes", "class map", "boxes", "other"]  # what an output is taken for
OUTPUT_KINDS: tuple[OutputKind, ...] = get_args(OutputKind)
_QUANTITIES: dict[Scale, str] = {
    "softmax": "logit",
    "sigmoid": "logit",
    "as-is": "probability",
    "exp": "log-probability",
}


@dataclass(frozen=True, slots=True)
class Scores:
    """How the class vector is read from what a model returns.

    `scale` turns its numbers into probabilities: "softmax" over them, "sigmoid" or "exp" of each, "as-is" for numbers that are
    probabilities already.
    """

    output: str = ""  # key of the output that holds it, "" where the model returns one tensor
    classes: int = 0
    scale: Scale = "softmax"
    why: str = ""  # how the scale was recognised, or that it was chosen
    outputs: tuple[str, ...] = ()  # keys of all outputs that are class vectors; one can be chosen
    asked: Probabilities = "auto"  # what was asked for

    @property
    def quantity(self) -> str:
        """What one of its numbers is: "logit", "probability", "log-probability"."""
        return "score" if self.scale == "as-is" and self.asked == "as-is" else _QUANTITIES[self.scale]

    @property
    def text(self) -> str:
        """For a card or a panel: "output logits · probabilities already (softmax), shown as they are"."""
        named = tr("output “{output}”", output=self.output) if self.output or len(self.outputs) > 1 else ""
        return " · ".join(part for part in (named, self.why) if part)
