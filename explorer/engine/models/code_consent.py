"""Which Python files the person has allowed to run: by path and by all that runs, remembered between starts."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.system.paths import config_dir
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine.models.own_code import Code, content_hash, read_code, read_source, resolved

FILE = "consent.json"
_unwritten: dict[tuple[str, str], tuple[str, list[str]]] = {}  # (store, path) of a yes that could not be written down
_wanted: defaultdict[str, set[str]] = defaultdict(
    set
)  # by path: files it tried to import by names that no import tells

__all__ = ["Consent", "content_hash", "read_source"]


class Consent:
    """The store. A changed file needs a new yes, be it the file itself or one beside it that it imports; so does the same
    content elsewhere."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or config_dir() / FILE

    def code(self, path: Path) -> Code:
        """All that runs when the file does, read now. Raises ExplorerError if it is unreadable."""
        name = str(resolved(path))
        _, also = self._entry(name)
        return read_code(path, [Path(each) for each in (*also, *_wanted[name])])

    def needs_consent(self, path: Path) -> str | None:
        """The digest of all that would run when it may not run yet, None when it may. Raises ExplorerError if unreadable."""
        code = self.code(path)
        return None if self.granted(code.path, code.digest) else code.digest

    def granted(self, path: Path, digest: str) -> bool:
        """Whether exactly this may run."""
        return self._entry(str(resolved(path)))[0] == digest

    def wanted(self, path: Path, files: Iterable[Path]) -> None:
        """The file has tried to import these too: they are part of the next question."""
        _wanted[str(resolved(path))].update(str(file) for file in files)

    def grant(self, path: Path, digest: str) -> None:
        """Remember a yes. Raises ExplorerError when it cannot be written down; it then holds until the application ends."""
        name = str(resolved(path))
        also = sorted({*self._entry(name)[1], *_wanted[name]})
        # One content a path: a yes to the old version does not outlive the new one.
        entries = {**self._read(), name: (digest, also)}
        part = self.file.with_name(self.file.name + ".part")
        told = [[each, digest, also] for each, (digest, also) in entries.items()]
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps({"version": 2, "granted": told}, indent=1), encoding="utf-8")
            os.replace(part, self.file)
            _unwritten.pop((str(self.file), name), None)
        except OSError as error:
            _unwritten[str(self.file), name] = digest, also
            what = tr("The permission for {path} could not be saved.", path=path.name)
            todo = tr(
                "You are asked again at the next start; make {parent} writable to avoid this.", parent=self.file.parent
            )
            raise ExplorerError(what, f"{error.strerror or error}.", todo) from None

    def _entry(self, name: str) -> tuple[str, list[str]]:
        """What was agreed to for a path: a digest, and files that the imports do not tell; ("", []) for nothing."""
        return _unwritten.get((str(self.file), name)) or self._read().get(name, ("", []))

    def _read(self) -> dict[str, tuple[str, list[str]]]:
        # Unreadable or damaged means that nothing was allowed. Version 1 had no third value.
        try:
            held = parsed(self.file.read_text(encoding="utf-8"))["granted"]
            return {str(path): (str(digest), [str(each) for each in _first(also)]) for path, digest, *also in held}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}


def _first(also: list[object]) -> list[object]:
    return also[0] if also and isinstance(also[0], list) else []
