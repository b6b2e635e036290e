"""Where models can come from: the sources of the catalogue, each imported when it is first used."""

from __future__ import annotations

import traceback
from functools import lru_cache

from explorer import catalogue
from explorer.core.errors import ExplorerError
from explorer.core.registry import Entry, UnusableError
from explorer.core.translation import tr
from explorer.engine.models.base import ModelSource


def source(prefix: str) -> ModelSource:
    """The source for a prefix, imported now. Raises ExplorerError for one that is unknown or broken."""
    known = catalogue.models.targets
    if prefix not in known:
        names = ", ".join(f"{name}:" for name in known)
        raise ExplorerError(
            tr("“{prefix}:” is not a source of models.", prefix=prefix), "", tr("There are {names}", names=names)
        )
    return added(known[prefix]) if known[prefix].package else _built_in(prefix)


def extensions() -> tuple[Entry[str], ...]:
    """What installed packages bring; reads names only and imports nothing."""
    return tuple(entry for entry in catalogue.models.targets.values() if entry.package)


def added(entry: Entry[str]) -> ModelSource:
    """Import an extension. Raises ExplorerError; the traceback is in its note."""
    try:
        made: ModelSource = catalogue.models.get(entry.name)
    except UnusableError as error:
        todo = tr("Update or remove the package that provides {entry}.", entry=entry.value)
        failed = ExplorerError(tr("The extension “{entry}” does not work.", entry=entry.name), f"{error}.", todo)
        failed.add_note(traceback.format_exc())
        raise failed from None
    return made


@lru_cache(maxsize=8)
def _built_in(prefix: str) -> ModelSource:
    made: ModelSource = catalogue.models.get(prefix)
    return made
