"""What letting files go over the window will do, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from explorer.ui.incoming import classify


def dropped_words(paths: Sequence[str], workspace: str) -> str:
    """As `Opening.open_dropped` does it; `workspace`: the one in front, as far as it takes what is let go over it."""
    found = classify(paths)
    first = Path(paths[0])
    if workspace == "transfer" and classify(paths[:1]).folders:
        return f"Open “{first.name}” as a data set: each folder in it is a class"
    if workspace == "dataset" and (first.is_dir() or first.suffix.lower() == ".txt"):
        return f"Choose “{first.name}” for a new index"
    for kind, what in (
        (found.lessons, "Start the lesson “{}”"),
        (found.sessions, "Open the session “{}”"),
        (found.indexes, "Open the index “{}” in Dataset"),
        (found.python, "Choose a model from the Python file “{}”"),
        (found.weights, "Find the model that the weights “{}” fit"),
        (found.models, "Open the model “{}”"),
        (found.pictures + found.videos, "Open “{}” as the input"),
        (found.folders, "Open the folder “{}” and its first picture"),
        (found.unknown, "Try “{}” as a picture: its name does not say what it is"),
    ):
        if kind:
            return what.format(Path(kind[0]).name) + _left_out(paths)
    return ""


def _left_out(paths: Sequence[str]) -> str:
    left = len(paths) - 1
    return f"; {left} more {'is' if left == 1 else 'are'} left out" if left else ""


def words_of_column(paths: Sequence[str]) -> str:
    """As `Opening.open_in_column` does it: models and inputs are for the column alone."""
    found = classify(paths)
    if found.sessions or found.indexes:
        return dropped_words(paths, "compare")
    for kind, what in (
        (found.python, "Choose a model from the Python file “{}” for this column"),
        (found.weights, "Find the model that the weights “{}” fit, for this column"),
        (found.models, "Open the model “{}” in this column"),
        (found.pictures + found.videos, "Open “{}” as the input of this column"),
        (found.folders, "Open the first picture of the folder “{}” in this column"),
        (found.unknown, "Try “{}” as a picture for this column: its name does not say what it is"),
    ):
        if kind:
            return what.format(Path(kind[0]).name) + _left_out(paths)
    return ""


def words_of_class(paths: Sequence[str], label: str) -> str:
    """Of pictures that are let go over a class of Transfer."""
    what = f"“{Path(paths[0]).name}”" if len(paths) == 1 else f"{len(paths)} files"
    return f"Copy {what} into the class “{label}”"
