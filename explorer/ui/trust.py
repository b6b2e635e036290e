"""Which Python files may run without a question."""

from __future__ import annotations

from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec


class Trust:
    """Files that were named on the command line with --trust-code; those they import go along."""

    def __init__(self) -> None:
        self._files: set[Path] = set()

    def trust(self, *specs: ModelSpec) -> None:
        """The Python files of these models may run as long as the window is open."""
        self._files |= {path for spec in specs if (path := _python_file(spec)) is not None}

    def trusts(self, spec: ModelSpec) -> bool:
        """Whether a model is of a Python file that may run without a question. What a session file names is not, unless it
        is the very same."""
        return bool(self._files) and _python_file(spec) in self._files


def _python_file(spec: ModelSpec) -> Path | None:
    """The one path of the Python file that a model is of; None for other models."""
    from explorer.engine.models.base import parse_file
    from explorer.engine.models.card_file import running
    from explorer.engine.models.own_code import resolved

    try:
        named = running(spec.id)
        return resolved(parse_file(named.name)[0]) if named.source == "file" else None
    except ExplorerError:
        return None
