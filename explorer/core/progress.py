"""What long work says while it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """What long work says while it runs. `fraction` None: not known."""

    text: str
    fraction: float | None = None
