"""Words for a file or folder that was named as a model and is none that can be opened: what it is, and the way out. No torch."""

from __future__ import annotations

import zipfile
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.models.hf_folder import holds_model
from explorer.engine.models.weights import formats
from explorer.engine.models.weights.locate import OPENED


def refusal_of(text: str) -> ExplorerError | None:
    """Why the file that a name is cannot be opened as a model; None where the name is of no file."""
    try:
        path = Path(text).expanduser()
        there = path.exists()
    except (OSError, ValueError, RuntimeError):
        return None
    if not there:
        return None
    is_folder = path.is_dir()
    like_a_model = not path.parts[1:] and (is_folder or not path.suffix)  # a file or folder may be called as a model is
    if like_a_model and not (is_folder and (holds_model(path) or formats.of_folder(path))):
        return None
    return _of_folder(path) if is_folder else _of_file(path)


def other_program(path: Path) -> ExplorerError | None:
    """Why a model of another program cannot be opened; None for what is none."""
    what = formats.of_folder(path) if path.is_dir() else formats.of_file(path)
    if what is None or not what.is_model:
        return None
    return ExplorerError(tr("{path} is {what}.", path=path.name, what=what.name), "", what.todo)


def _of_folder(path: Path) -> ExplorerError:
    if holds_model(path):
        return ExplorerError(
            tr("{path} is a folder of transformers.", path=path), "", tr("Open it as hf:{path}", path=path)
        )
    known = formats.of_folder(path)
    if known is not None:
        return ExplorerError(tr("{path} is {known}.", path=path.name, known=known.name), "", known.todo)
    return ExplorerError(tr("{path} is a folder, not a model.", path=path), "", tr("Name a model, or a file in it."))


def _of_file(path: Path) -> ExplorerError:
    weights = path.name.lower().endswith(OPENED)
    known = formats.of_file(path) or (None if weights else _of_archive(path))
    if known is not None:
        return ExplorerError(tr("{path} is {known}.", path=path.name, known=known.name), "", known.todo)
    if weights:
        todo = tr("Name its architecture: NAME --weights {path}; “weights match {path}” finds it.", path=path)
        return ExplorerError(tr("{path} is a file of weights, which needs an architecture.", path=path.name), "", todo)
    return ExplorerError(
        tr("{path} is not a model that opens.", path=path.name), "", tr("Models are named as in torchvision:resnet18.")
    )


def _of_archive(path: Path) -> formats.Format | None:
    try:
        with zipfile.ZipFile(path) as archive:
            return formats.of_archive(archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
