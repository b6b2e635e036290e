"""Where models can come from: a table of what is built in, and extensions under the entry point group `explorer.models`.

Built-in sources are a table because a frozen build has no entry point metadata. An extension is imported when it is first
used; one that fails stays in the list with its failure and harms nothing.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from explorer.core.errors import ExplorerError, Failure
from explorer.engine.models.base import ModelSource

GROUP = "explorer.models"
BUILT_IN = {
    "demo": "explorer.engine.models.demo.source:DemoSource",
    "torchvision": "explorer.engine.models.torchvision_source:TorchvisionSource",
    "timm": "explorer.engine.models.timm_source:TimmSource",
    "hf": "explorer.engine.models.hf_source:HfSource",
    "file": "explorer.engine.models.python_file:FileSource",
    "card": "explorer.engine.models.card_source:CardSource",
}


@dataclass(frozen=True, slots=True)
class Extensions:
    """Installed extensions by prefix, and those that cannot be used."""

    points: dict[str, EntryPoint]
    failures: tuple[Failure, ...] = ()


def source(prefix: str) -> ModelSource:
    """The source for a prefix, imported now. Raises ExplorerError for one that is unknown or broken."""
    if prefix in BUILT_IN:
        return _built_in(prefix)
    found = extensions()
    if prefix in found.points:
        return load(found.points[prefix])
    known = ", ".join(f"{name}:" for name in (*BUILT_IN, *found.points))
    raise ExplorerError(f"“{prefix}:” is not a source of models.", "", f"There are {known}")


def extensions(points: Iterable[EntryPoint] | None = None) -> Extensions:
    """What is installed; reads names only and imports nothing."""
    usable: dict[str, EntryPoint] = {}
    failures = []
    for point in entry_points(group=GROUP) if points is None else points:
        name = point.name.lower()
        if name in BUILT_IN or name in usable:
            failures.append(Failure(f"The extension {point.value} is not used.", f"The name “{name}” is taken."))
        else:
            usable[name] = point
    return Extensions(usable, tuple(failures))


def load(point: EntryPoint) -> ModelSource:
    """Import an extension. Raises ExplorerError; the traceback is in its note."""
    try:
        made = point.load()()
    except Exception as error:  # noqa: BLE001 - an extension may fail in any way
        failed = ExplorerError(
            f"The extension “{point.name}” does not work.",
            f"{type(error).__name__}: {error}.",
            f"Update or remove the package that provides {point.value}.",
        )
        failed.add_note(traceback.format_exc())
        raise failed from None
    if not (callable(getattr(made, "open", None)) and callable(getattr(made, "entries", None))):
        raise ExplorerError(
            f"The extension “{point.name}” does not work.", f"{point.value} offers no open and entries."
        )
    return made  # type: ignore[no-any-return]


@lru_cache(maxsize=8)
def _built_in(prefix: str) -> ModelSource:
    module, _, name = BUILT_IN[prefix].partition(":")
    made: ModelSource = getattr(importlib.import_module(module), name)()
    return made
