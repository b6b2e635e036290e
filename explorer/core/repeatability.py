"""Whether a model gives the same answer to the same input twice, and by how much its answers differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.core.translation import tr

_LEAST = 0.005  # points that are written; where probabilities differ by less, other numbers say more
Cause = Literal["", "random", "state"]
_CAUSES: dict[Cause, str] = {
    "": "",
    "random": tr("the model draws random numbers (dropout, noise)"),
    "state": tr("the model keeps a state from one forward to the next"),
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
        size = (
            tr("up to ±{most:.3g} pp", most=self.most)
            if seen
            else tr("numbers up to ±{values:.3g}", values=self.values)
            if self.values
            else ""
        )
        said = tr("Answers differ from run to run{size}", size=tr(", {size} by chance", size=size) if size else "")
        why = ", ".join(part for part in (_CAUSES[self.cause], self.why) if part)
        return tr(
            "{said} ({runs} runs of the same input){why}.", said=said, runs=self.runs, why=f": {why}" if why else ""
        )
