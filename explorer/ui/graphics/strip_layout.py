"""Where the thumbnails of a layer strip are: plain arithmetic, so that 300 layers cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

GAP = 1.0


@dataclass(frozen=True)
class StripLayout:
    """`count` thumbnails in a row. They shrink to fit `width` down to `least`; below that the row scrolls."""

    count: int
    width: float
    least: float
    most: float
    current: int = 0

    @cached_property
    def pitch(self) -> float:
        """From one thumbnail's left edge to the next one's."""
        if not self.count:
            return self.most
        return min(max((self.width + GAP) / self.count, self.least), self.most)

    @cached_property
    def offset(self) -> float:
        """How far the row is scrolled: the current one is in the middle, except near the ends."""
        free = self.count * self.pitch - GAP - self.width
        if free <= 0:
            return 0.0
        return min(max((self.current + 0.5) * self.pitch - self.width / 2, 0.0), free)

    def left(self, index: int) -> float:
        return index * self.pitch - self.offset

    def at(self, x: float) -> int | None:
        """The thumbnail at x, None past the last one."""
        index = int((x + self.offset) / self.pitch)
        return index if 0 <= index < self.count and x + self.offset >= 0 else None

    def visible(self) -> range:
        first = max(int(self.offset / self.pitch), 0)
        return range(first, min(int((self.offset + self.width) / self.pitch) + 1, self.count))
