"""Data sets of the demo models' world, drawn on this machine when they are first asked for: "demo:NAME"."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from explorer.core.data_sets import TEST
from explorer.core.errors import ExplorerError
from explorer.core.system import paths
from explorer.core.translation import tr
from explorer.engine.data_sets import digits
from explorer.engine.data_sets.world import materials, shapes
from explorer.engine.data_sets.world.sample import CHUNK, HELD_OUT_SEED, Pictures, draw
from explorer.engine.jobs.job import Job

Drawn = tuple[Tensor, Tensor]  # pictures (N, 3, S, S) in 0..1, class of each


@dataclass(frozen=True, slots=True)
class DemoSet:
    """`each` pictures of every class to learn from, the first that a seed gives, and `tested` others."""

    name: str  # one of `core.ready_sets`
    labels: tuple[str, ...]
    seed: int
    each: int
    tested: int
    make: Callable[[int, int], Drawn]  # of a seed and a count


def _material(pictures: Pictures) -> Tensor:
    return pictures.material


def _shape(pictures: Pictures) -> Tensor:
    return pictures.shape


def _of_world(answer: Callable[[Pictures], Tensor]) -> Callable[[int, int], Drawn]:
    def make(seed: int, count: int) -> Drawn:
        pictures = draw(seed, count)
        return pictures.images, answer(pictures)

    return make


# The first draws the very pictures of the figures on the demo models' cards.
SETS = (
    DemoSet(
        "materials",
        materials.NAMES,
        10_000_000,
        20,
        500,
        _of_world(_material),
    ),
    DemoSet(
        "shapes",
        shapes.NAMES,
        20_000_000,
        5,
        300,
        _of_world(_shape),
    ),
    DemoSet(
        "digits",
        digits.NAMES,
        30_000_000,
        20,
        500,
        digits.digits,
    ),
)


def named(name: str) -> DemoSet:
    """Raises ExplorerError for a name that there is not."""
    for each in SETS:
        if each.name == name:
            return each
    raise ExplorerError(
        tr("There is no data set demo:{name}.", name=name[:40]),
        "",
        tr("There are: {list}.", list=", ".join(s.name for s in SETS)),
    )


def folder_of(name: str) -> Path:
    """Where its pictures are, or will be."""
    return paths.data_dir() / "data sets" / named(name).name


def make(name: str, job: Job) -> Generator[None, None, Path]:
    """Draws it, where it is not there yet; its folder. A part of it is never there. Raises ExplorerError."""
    wanted, folder = named(name), folder_of(name)
    if folder.is_dir():
        return folder
    beside = ""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = tempfile.mkdtemp(prefix=".drawing-", dir=folder.parent)
        yield from _write(wanted, Path(beside), job)
        with_mode = os.stat(folder.parent).st_mode
        os.chmod(beside, with_mode)
        if not folder.is_dir():  # another program may have been faster
            os.replace(beside, folder)
    except OSError as error:
        raise ExplorerError(
            tr("demo:{name} could not be drawn.", name=name), f"{folder}: {error.strerror}.", tr("Free some space.")
        ) from None
    finally:
        if beside:
            shutil.rmtree(beside, ignore_errors=True)
    return folder


def _write(wanted: DemoSet, folder: Path, job: Job) -> Generator[None]:
    job.progress(tr("Drawing demo:{wanted}", wanted=wanted.name), 0.0)
    images, labels = wanted.make(wanted.seed, len(wanted.labels) * wanted.each * 3)
    yield
    rows = torch.cat([(labels == label).nonzero()[: wanted.each, 0] for label in range(len(wanted.labels))])
    _save(folder, wanted.labels, images[rows], labels[rows])
    for begun in range(0, wanted.tested, CHUNK):
        job.progress(tr("Drawing demo:{wanted}", wanted=wanted.name), 0.5 + begun / wanted.tested / 2)
        yield
        images, labels = wanted.make(HELD_OUT_SEED + begun, min(CHUNK, wanted.tested - begun))
        _save(folder / TEST, wanted.labels, images, labels, begun)


def _save(folder: Path, names: tuple[str, ...], images: Tensor, labels: Tensor, begun: int = 0) -> None:
    pixels = (images.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    for number, (picture, label) in enumerate(zip(pixels, labels.tolist(), strict=True), begun):
        place = folder / names[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(place / f"{number:04}.png")
