"""Reads a session file or a bundle, and looks which of the files that it names are there."""

from __future__ import annotations

from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.session.bundle_requests import OpenedBundle
from explorer.core.session.named_files import (
    NamedFile,
    asked_for,
    beside_first,
    is_absolute,
    located,
    moved,
    relative_in,
)
from explorer.core.session.session import Session, from_json
from explorer.core.translation import tr

_MOST = 32 << 20  # bytes of a session file


def read_session(path: Path) -> tuple[Session, dict[str, str]]:
    """(the session as it is written, its table of relative paths). Raises ExplorerError."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST:  # a pipe would be waited for
            raise ExplorerError(
                tr("{path} is not a session file.", path=path.name),
                "",
                tr("Choose a file that this application has saved."),
            )
        text = path.read_text(encoding="utf-8")
        return from_json(text), relative_in(text)
    except (OSError, ValueError) as error:
        raise ExplorerError(
            tr("{path} could not be read.", path=path.name), f"{error}.", tr("Choose another file.")
        ) from None


def unpacked(opened: OpenedBundle) -> tuple[Session, dict[str, str]]:
    """As `read_session`, of a bundle whose files lie in a folder now; what was left out may lie beside the bundle."""
    folder = Path(opened.folder)
    inside = {name: str(folder / name) for entry in opened.names for name in (entry, *_folders(entry))}
    session = located(opened.session, inside)
    beside: dict[str, str] = {}

    def named(file: NamedFile) -> str:
        beside.setdefault(file.path, file.name)
        return file.path

    moved(session, named)
    return session, beside


def found(path: Path, session: Session, relative: dict[str, str]) -> tuple[Session, tuple[NamedFile, ...]]:
    """(the session with the files that are there, what is missing and used): as seen from its own folder first, else where they were."""
    session, missing = beside_first(session, str(path.absolute().parent), relative, there)
    return session, asked_for(session, missing)


def there(path: str) -> bool:
    """Whether a path leads to a file or a folder. A place in the network is not asked for: a session may name any."""
    if path.startswith(("\\\\", "//")):
        return False
    try:
        return Path(path).is_file() or Path(path).is_dir()
    except (OSError, ValueError):  # a NUL, too long a name, a circle of links
        return False


def whole_paths(session: Session) -> Session:
    """With absolute paths: what a command line names is meant from the folder in which it was typed."""

    def whole(path: str) -> str:
        try:
            return path if is_absolute(path) else str(Path(path).expanduser().absolute())
        except (OSError, RuntimeError, ValueError):  # ~nobody, a NUL
            return path

    return moved(session, lambda file: whole(file.path))


def _folders(name: str) -> list[str]:
    """The folders above an entry of a bundle."""
    parts = name.split("/")
    return ["/".join(parts[:at]) for at in range(2, len(parts))]
