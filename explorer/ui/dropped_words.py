"""What letting files go over the window will do, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from explorer.core.translation import ntr, tr
from explorer.ui.incoming import classify


def dropped_words(paths: Sequence[str], workspace: str) -> str:
    """As `Opening.open_dropped` does it; `workspace`: the one in front, as far as it takes what is let go over it."""
    found = classify(paths)
    first = Path(paths[0])
    if workspace == "transfer" and classify(paths[:1]).folders:
        return tr("Open “{first}” as a data set: each folder in it is a class", first=first.name)
    if workspace == "dataset" and (first.is_dir() or first.suffix.lower() == ".txt"):
        return tr("Choose “{first}” for a new index", first=first.name)
    for kind, what in (
        (found.lessons, tr("Start the lesson “{}”")),
        (found.sessions, tr("Open the session “{}”")),
        (found.indexes, tr("Open the index “{}” in Dataset")),
        (found.python, tr("Choose a model from the Python file “{}”")),
        (found.weights, tr("Find the model that the weights “{}” fit")),
        (found.models, tr("Open the model “{}”")),
        (found.pictures + found.videos, tr("Open “{}” as the input")),
        (found.folders, tr("Open the folder “{}” and its first picture")),
        (found.unknown, tr("Try “{}” as a picture: its name does not say what it is")),
    ):
        if kind:
            return what.format(Path(kind[0]).name) + _left_out(paths)
    return ""


def _left_out(paths: Sequence[str]) -> str:
    left = len(paths) - 1
    return ntr("; {left} more is left out", "; {left} more are left out", left, left=left) if left else ""


def words_of_column(paths: Sequence[str]) -> str:
    """As `Opening.open_in_column` does it: models and inputs are for the column alone."""
    found = classify(paths)
    if found.sessions or found.indexes:
        return dropped_words(paths, "compare")
    for kind, what in (
        (found.python, tr("Choose a model from the Python file “{}” for this column")),
        (found.weights, tr("Find the model that the weights “{}” fit, for this column")),
        (found.models, tr("Open the model “{}” in this column")),
        (found.pictures + found.videos, tr("Open “{}” as the input of this column")),
        (found.folders, tr("Open the first picture of the folder “{}” in this column")),
        (found.unknown, tr("Try “{}” as a picture for this column: its name does not say what it is")),
    ):
        if kind:
            return what.format(Path(kind[0]).name) + _left_out(paths)
    return ""


def words_of_class(paths: Sequence[str], label: str) -> str:
    """Of pictures that are let go over a class of Transfer."""
    what = f"“{Path(paths[0]).name}”" if len(paths) == 1 else tr("{count} files", count=len(paths))
    return tr("Copy {what} into the class “{label}”", what=what, label=label)
