"""The pictures that ship with the application, drawn by the project itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from explorer.core.paths import resources
from explorer.core.types import ExplorerError, InputRef, Picture
from explorer.engine.inputs.pictures import open_picture

_TITLES = {
    "house": "House, sun and tree",
    "cat": "Tabby cat",
    "mountains": "Mountains at dusk",
    "balls": "Three balls",
    "shapes": "Textured shapes",
    "letters": "Eye chart",
    "colours": "Colour wheel",
    "gratings": "Gratings and zone plate",
}


class Sample(NamedTuple):
    """One sample picture; `name` is what an InputRef of kind "sample" carries as its path."""

    name: str
    title: str
    path: Path


def sample_pictures() -> tuple[Sample, ...]:
    """The sample pictures that are there, the most lifelike first."""
    folder = resources() / "samples"
    samples = (Sample(name, title, folder / f"{name}.png") for name, title in _TITLES.items())
    return tuple(sample for sample in samples if sample.path.is_file())


def open_sample(name: str) -> Picture:
    """A sample picture by its name. Raises ExplorerError when there is none of that name."""
    for sample in sample_pictures():
        if sample.name == name:
            return replace(open_picture(sample.path), ref=InputRef("sample", name), name=sample.title)
    known = ", ".join(sample.name for sample in sample_pictures())
    raise ExplorerError(
        f"There is no sample picture “{name}”.",
        f"The samples are: {known}." if known else "The samples did not come with this installation.",
        "Choose another picture.",
    )
