"""What opening a model can end in, besides a model."""

from __future__ import annotations

from pathlib import Path

from explorer.core.types import ExplorerError


class Cancelled(ExplorerError):
    """The person no longer wants it. Nothing needs to be shown."""


class ConsentNeeded(ExplorerError):
    """A Python file would run: ask, then `Consent().grant(path, sha256)` and open again. `sha256` is of all that would run."""

    def __init__(self, path: Path, sha256: str) -> None:
        super().__init__(
            f"{path.name} is a program, and opening it runs it.",
            "It, and whatever it imports, can do everything that you can do on this computer.",
            "Say yes to this file only if you know what is in it; on the command line: --trust-code.",
        )
        self.path, self.sha256 = path, sha256


class MoreConsentNeeded(ConsentNeeded):
    """While it ran, the file tried to import others that nobody was asked about; they were not run."""

    def __init__(self, path: Path, sha256: str, others: tuple[str, ...]) -> None:
        super().__init__(path, sha256)
        named = ", ".join(others[:4]) + (" …" if len(others) > 4 else "")
        self.what = f"{path.name} was stopped: it wants to run {named} too."
        self.why = "Nobody was asked about that, for its imports do not name it."
        self.todo = "Open it again to be asked about all of it; on the command line: --trust-code."
