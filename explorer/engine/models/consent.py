"""Which Python files the person has allowed to run: by path and content, remembered between starts."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from explorer.core.paths import config_dir
from explorer.core.types import ExplorerError

FILE = "consent.json"
_unwritten: set[tuple[str, ...]] = set()  # (store, path, sha256) of a yes that could not be written down


class Consent:
    """The store. A changed file needs a new yes; so does the same content elsewhere."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or config_dir() / FILE

    def needs_consent(self, path: Path) -> str | None:
        """sha256 of the file's content when it may not run yet, None when it may. Raises ExplorerError if unreadable."""
        sha256 = content_hash(read_source(path))
        return None if self.granted(path, sha256) else sha256

    def granted(self, path: Path, sha256: str) -> bool:
        """Whether this very content at this path may run."""
        entry = [str(path.resolve()), sha256]
        return entry in self._read() or (str(self.file), *entry) in _unwritten

    def grant(self, path: Path, sha256: str) -> None:
        """Remember a yes. Raises ExplorerError when it cannot be written down; it then holds until the application ends."""
        entry = [str(path.resolve()), sha256]
        # One content a path: a yes to the old version does not outlive the new one.
        entries = [other for other in self._read() if other[0] != entry[0]] + [entry]
        part = self.file.with_name(self.file.name + ".part")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps({"version": 1, "granted": entries}, indent=1), encoding="utf-8")
            os.replace(part, self.file)
        except OSError as error:
            _unwritten.add((str(self.file), *entry))
            what = f"The yes to {path.name} could not be remembered."
            todo = f"You will be asked again at the next start; make {self.file.parent} writable to end that."
            raise ExplorerError(what, f"{error.strerror or error}.", todo) from None

    def _read(self) -> list[list[str]]:
        # Unreadable or damaged means that nothing was allowed.
        try:
            held = json.loads(self.file.read_text(encoding="utf-8"))["granted"]
            return [[str(path), str(sha256)] for path, sha256 in held]
        except (OSError, ValueError, KeyError, TypeError):
            return []


def read_source(path: Path) -> bytes:
    """The file's bytes. Raises ExplorerError."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, without end
            raise ExplorerError(f"{path} is no file.", "", "Choose the Python file itself.")
        return path.read_bytes()
    except FileNotFoundError:
        raise ExplorerError(f"There is no file {path}.", "", "Check the name, or choose the file again.") from None
    except OSError as error:
        raise ExplorerError(
            f"{path} cannot be read.", f"{error.strerror or error}.", "Check its permissions."
        ) from None


def content_hash(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()
