"""The inputs of a measurement: the current one, the sample gallery, or a folder of pictures, whose sub-folders are classes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import Tensor

from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.input_files import unreadable
from explorer.core.inputs import Picture
from explorer.core.models import Preprocess
from explorer.core.translation import tr
from explorer.engine.inputs.folder import list_folder, natural_key
from explorer.engine.inputs.gallery import gallery_samples
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor


@dataclass(frozen=True, slots=True, eq=False)
class DatasetItem:
    """One input. `load` gives its tensor (1, C, H, W), or raises ExplorerError saying why it cannot be had."""

    name: str
    load: Callable[[], Tensor]
    label: str = ""  # its class


def samples_of(over: Over, picture: Picture, preprocess: Preprocess) -> tuple[DatasetItem, ...]:
    """The inputs that `over` names, `picture` being the current one. Raises ExplorerError when there are none."""
    if over.kind == "picture":
        return (of_picture(picture, preprocess),)
    return of_gallery(preprocess) if over.kind == "gallery" else of_folder(over.path, preprocess)


def of_picture(picture: Picture, preprocess: Preprocess) -> DatasetItem:
    """The current input."""
    return DatasetItem(picture.name or picture.digest, partial(to_tensor, picture, preprocess))


def of_gallery(preprocess: Preprocess) -> tuple[DatasetItem, ...]:
    """The pictures of the demo models' world; the class of those with one subject is its shape."""
    found = tuple(DatasetItem(s.title, partial(_load, s.path, preprocess), s.label) for s in gallery_samples())
    if not found:
        raise ExplorerError(
            tr("The sample gallery is missing."), tr("It is not part of this installation."), tr("Choose a folder.")
        )
    return found


def of_folder(folder: str | Path, preprocess: Preprocess) -> tuple[DatasetItem, ...]:
    """The pictures directly in a folder, without a class, then those of its sub-folders, whose names are the classes.

    Nothing is opened yet. Raises ExplorerError when the folder is missing, may not be read, or holds no picture.
    """
    folder = Path(folder)
    return tuple(
        DatasetItem(path.relative_to(folder).as_posix(), partial(_load, path, preprocess), label)
        for path, label in pictures_of(folder)
    )


def pictures_of(folder: Path) -> list[tuple[Path, str]]:
    """(file, class) of every picture of a folder, in the order and with the errors of `of_folder`."""
    found = [(path, "") for path in list_folder(folder, videos=False)]
    for name in _folders(folder):
        found += [(path, name) for path in list_folder(folder / name, videos=False)]
    if not found:
        what = tr("There is no picture in “{folder}”.", folder=folder.name)
        raise ExplorerError(what, str(folder), tr("Choose a folder of pictures, or of folders of pictures."))
    return found


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    except OSError as error:
        raise unreadable(folder, "folder", error) from error
    return sorted(names, key=natural_key)


def _load(path: Path, preprocess: Preprocess) -> Tensor:
    return to_tensor(open_picture(path), preprocess)
