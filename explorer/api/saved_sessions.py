"""Session files and bundles, from Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.models import ModelSpec
from explorer.core.session.named_files import files_of
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.engine.session_bundle.read import is_bundle, open_bundle
from explorer.engine.session_bundle.session_file import found, read_session, unpacked

if TYPE_CHECKING:
    from explorer.api.showing import ShownWindow


@dataclass(frozen=True, eq=False, repr=False)
class SavedSession:
    """A session file or a bundle. session: the whole document; files: (what it is for, path) of each file that it names; missing: the
    paths of those that are not there."""

    path: Path
    session: Session
    files: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """Those of Explore and of the columns of Compare, each once; `explorer.open(spec.id, weights=spec.weights)` opens one."""
        specs = [self.session.model, *(column.model for column in self.session.comparison.columns)]
        return tuple(dict.fromkeys(spec for spec in specs if spec is not None))

    def show(self) -> ShownWindow:
        """Opens it in a window of its own process."""
        from explorer.api.showing import window

        return window(["--session", str(self.path)])

    def __repr__(self) -> str:
        return f"<explorer.SavedSession: {self.path.name}, {len(self.models)} models>"

    def _repr_html_(self) -> str:
        from explorer.api.notebook import table

        rows = [(tr("model"), spec.id) for spec in self.models]
        rows += [(tr(role), f"{path}{tr(' (missing)') if path in self.missing else ''}") for role, path in self.files]
        return table(self.path.name, (), rows)


def session(path: str | Path) -> SavedSession:
    """Reads a session (.fmx.json) or a session with pictures (.fmx); opens no model and runs no code.

    Raises ExplorerError for a file that is no session or is damaged; files that it names and are missing are listed, no error.
    """
    place = Path(path).expanduser().absolute()
    read, missing = found(place, *(unpacked(open_bundle(place)) if is_bundle(place) else read_session(place)))
    files = tuple((file.role.value, str(file.path)) for file in files_of(read))
    return SavedSession(place, read, files, tuple(str(file.path) for file in missing))
