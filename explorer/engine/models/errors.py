"""What opening a model can end in, besides a model."""

from __future__ import annotations

from pathlib import Path

from explorer.core.types import ExplorerError


class Cancelled(ExplorerError):
    """The person no longer wants it. Nothing needs to be shown."""


class ConsentNeeded(ExplorerError):
    """A Python file would run: ask, then `Consent().grant(path, sha256)` and open again."""

    def __init__(self, path: Path, sha256: str) -> None:
        super().__init__(
            f"{path.name} is a program, and opening it runs it.",
            "It, and whatever it imports, can do everything that you can do on this computer.",
            "Say yes to this file only if you know what is in it; on the command line: --trust-code.",
        )
        self.path, self.sha256 = path, sha256
