"""What opening a model can end in, besides a model."""

from __future__ import annotations

from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr


class Cancelled(ExplorerError):
    """The person no longer wants it. Nothing needs to be shown."""


class ConsentNeeded(ExplorerError):
    """A Python file would run: ask, then `Consent().grant(path, sha256)` and open again. `sha256` is of all that would run."""

    def __init__(self, path: Path, sha256: str) -> None:
        super().__init__(
            tr("{path} is a program, and opening it runs it.", path=path.name),
            tr("It and everything it imports can do all that you can do on this computer."),
            tr("Allow it only if you trust its content; on the command line: --trust-code."),
        )
        self.path, self.sha256 = path, sha256


class MoreConsentNeeded(ConsentNeeded):
    """While it ran, the file tried to import others that nobody was asked about; they were not run."""

    def __init__(self, path: Path, sha256: str, others: tuple[str, ...]) -> None:
        super().__init__(path, sha256)
        named = ", ".join(others[:4]) + (" …" if len(others) > 4 else "")
        self.what = tr("{path} was stopped: it wants to run {named} too.", path=path.name, named=named)
        self.why = tr("Its imports do not name that file, so you were not asked.")
        self.todo = tr("Open it again to confirm all files; on the command line: --trust-code.")
