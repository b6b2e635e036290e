"""What a measurement hands back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Settings:
    """How to measure. `quick`: short runs, to try the commands; their figures mean little."""

    threads: int
    quick: bool = False

    def pick(self, usual: int, quick: int) -> int:
        return quick if self.quick else usual


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `bar` is what it must reach, None where it only informs; `detail` says what else was seen."""

    what: str
    value: float | None  # None: could not be measured, `detail` says why
    unit: str = "×"
    bar: float | None = None
    sense: Literal["<=", ">="] = "<="
    detail: str = ""
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """None where there is no bar."""
        if self.bar is None:
            return None
        if self.value is None:
            return False
        return self.value <= self.bar if self.sense == "<=" else self.value >= self.bar


Measure = Callable[[Settings], list[Row]]
