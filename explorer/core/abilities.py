"""What can be done with an open model besides looking at its values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Abilities:
    """Each field says why something cannot be had of a model, "" where it can."""

    no_gradients: str = ""  # of its outputs and values with respect to its input and its weights


EVERYTHING = Abilities()
