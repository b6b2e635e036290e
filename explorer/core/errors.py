"""Errors a person can act on, and errors as text."""

from __future__ import annotations

from dataclasses import dataclass


class ExplorerError(Exception):
    """An error a person can act on: what happened, why, and the way out. Never carries tensors."""

    def __init__(self, what: str, why: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.todo = what, why, todo

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.todo) if part)


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as text, safe to hand across threads."""

    what: str
    why: str = ""
    todo: str = ""
    details: str = ""  # traceback, for "copy details"
    type: str = ""

    @property
    def text(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.todo) if part)
