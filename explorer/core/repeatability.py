"""Whether a model gives the same answer to the same input twice, and by how much its answers differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_LEAST = 0.005  # points that are written; where probabilities differ by less, other numbers say more
Cause = Literal["", "random", "state"]
_CAUSES: dict[Cause, str] = {
    "": "",
    "random": "the model draws random numbers (dropout, noise)",
    "state": "the model keeps a state from one forward to the next",
}


@dataclass(frozen=True, slots=True)
class Repeat:
    """What came of clean forwards of one input. `points` of each class: differences of its probability up to this are chance,
    in percentage points; () where the output is no class vector."""

    runs: int = 0
    same: bool = True
    cause: Cause = ""
    why: str = ""  # beyond the numbers: "its output has another shape each time"
    points: tuple[float, ...] = ()
    values: float = 0.0  # the largest difference of any number of the output

    @property
    def most(self) -> float:
        """The largest of `points`, 0 without any."""
        return max(self.points, default=0.0)

    def of(self, index: int) -> float:
        """The repeatability of one class in percentage points; 0 where answers are the same."""
        return self.points[index] if index < len(self.points) else self.most

    @property
    def text(self) -> str:
        """What is said wherever a result of this model is shown; "" where answers are the same."""
        if self.same:
            return ""
        seen = self.most >= _LEAST
        size = f"up to ±{self.most:.3g} pp" if seen else f"numbers up to ±{self.values:.3g}" if self.values else ""
        said = "Answers differ from run to run" + (f", {size} by chance" if size else "")
        why = ", ".join(part for part in (_CAUSES[self.cause], self.why) if part)
        return f"{said} ({self.runs} runs of the same input){f': {why}' if why else ''}."
