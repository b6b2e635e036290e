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
            left = len(paths) - 1
            more = f"; {left} more {'is' if left == 1 else 'are'} left out" if left else ""
            return what.format(Path(kind[0]).name) + more
    return ""
