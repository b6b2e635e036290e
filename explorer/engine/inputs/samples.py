"""The pictures that ship with the application, drawn by the project itself: single ones, and those of the demo models' world."""

from __future__ import annotations

from dataclasses import replace

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.system import paths
from explorer.core.translation import tr
from explorer.engine.inputs.gallery import Sample, gallery_samples
from explorer.engine.inputs.pictures import open_picture

PICTURES = "Pictures"
# A picture of the world for a first look: one star on two grounds, and another thing.
START = "world-14-star-checks"
_NAMED = 8
_TITLES = {
    "house": tr("House, sun and tree"),
    "cat": tr("Tabby cat"),
    "mountains": tr("Mountains at dusk"),
    "balls": tr("Three balls"),
    "shapes": tr("Textured shapes"),
    "letters": tr("Eye chart"),
    "colours": tr("Colour wheel"),
    "gratings": tr("Gratings and zone plate"),
}


def sample_pictures() -> tuple[Sample, ...]:
    """The samples that are there, group by group: the most lifelike first, then the world's pictures and its scenes."""
    folder = paths.resources() / "samples"
    single = (Sample(name, title, folder / f"{name}.png", PICTURES) for name, title in _TITLES.items())
    return tuple(sample for sample in (*single, *gallery_samples()) if sample.path.is_file())


def find_sample(name: str) -> Sample:
    """The sample of that name. Raises ExplorerError when there is none."""
    samples = sample_pictures()
    for sample in samples:
        if sample.name == name:
            return sample
    known = "; ".join(
        _listed([sample.name for sample in samples if sample.group == group]) for group in _groups(samples)
    )
    raise ExplorerError(
        tr("There is no sample picture “{name}”.", name=name),
        tr("The samples are: {known}.", known=known) if known else tr("The samples are not part of this installation."),
        tr("Choose another picture."),
    )


def _groups(samples: tuple[Sample, ...]) -> list[str]:
    return list(dict.fromkeys(sample.group for sample in samples))


def _listed(names: list[str]) -> str:
    """All names of a small group, the ends of a large one."""
    return ", ".join(names) if len(names) <= _NAMED else f"{names[0]} … {names[-1]}"


def open_sample(name: str) -> Picture:
    """A sample picture by its name. Raises ExplorerError when there is none of that name."""
    sample = find_sample(name)
    return replace(open_picture(sample.path), ref=InputRef("sample", name), name=sample.title)


def sample_mask(name: str) -> Array | None:
    """(H, W) uint8 over the sample's own pixels: 0 background, n the visible part of the thing with that number.

    None for a sample whose objects nobody knows. Raises ExplorerError for an unknown name and a mask that cannot be read.
    """
    mask = find_sample(name).mask
    return None if mask is None else open_picture(mask).pixels[..., 0]


def start_sample() -> InputRef:
    """A picture of the demo models' world; the cat where the gallery is not there."""
    return InputRef("sample", START if any(sample.name == START for sample in gallery_samples()) else "cat")
