"""Pictures of the demo models' world with known answers: what is on them, where, and of which material."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from explorer.core.system import paths
from explorer.core.translation import tr

WORLD, SHORTCUT, SCENES = tr("World"), tr("World, for shapes-shortcut"), tr("Scenes")
_GROUPS = {"world": WORLD, "shortcut": SHORTCUT, "scene": SCENES}
_GROUNDS = {"there": tr(": where it met stars"), "elsewhere": tr(": where it met none")}


@dataclass(frozen=True, slots=True)
class Thing:
    """One object. `number` is its value in the mask; x and y in -1..1 across the picture, y down; `scale` its radius in half
    picture widths; `rotation` in radians; `hue` 0..1."""

    number: int
    shape: str
    material: str
    hue: float
    x: float
    y: float
    scale: float
    rotation: float


class Sample(NamedTuple):
    """One sample picture; `name` is what an InputRef of kind "sample" carries as its path."""

    name: str
    title: str
    path: Path
    group: str
    mask: Path | None = None  # of its things; None where nobody knows them
    things: tuple[Thing, ...] = ()
    background: str = ""

    @property
    def label(self) -> str:
        """The class that a model trained on the world should say, "" where no object is the subject."""
        return self.things[0].shape if self.group != SCENES and self.things else ""


def gallery_samples() -> tuple[Sample, ...]:
    """All of the gallery in its own order; () when it is not there or its list cannot be read."""
    folder = paths.resources() / "samples" / "gallery"
    try:
        listed = json.loads((folder / "gallery.json").read_text(encoding="utf-8"))
        samples = tuple(_sample(folder, entry) for entry in listed)
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(sample for sample in samples if sample.path.is_file())


def _sample(folder: Path, entry: dict[str, Any]) -> Sample:
    things = tuple(Thing(**{field.name: thing[field.name] for field in fields(Thing)}) for thing in entry["objects"])
    name, mask = str(entry["name"]), folder / entry["mask"]
    group = _GROUPS[name.partition("-")[0]]
    title = _plain(name)
    if things and group != SCENES:
        title = f"{things[0].shape.capitalize()}, {things[0].material}{_GROUNDS.get(name.rpartition('-')[2], '')}"
    return Sample(
        name, title, folder / entry["picture"], group, mask if mask.is_file() else None, things, entry["background"]
    )


def _plain(name: str) -> str:
    return name.replace("-", " ").capitalize()
