"""What may be given to a model: a picture, a sound or a text."""

from __future__ import annotations

from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture, Text
from explorer.core.sounds import Sound
from explorer.core.translation import tr

Input = Picture | Sound | Text


def kind_of_input(given: Input) -> str:
    """One of "picture", "sound" and "text"."""
    return type(given).__name__.lower()


def as_picture(given: Input) -> Picture:
    """Raises ExplorerError for what is none."""
    if isinstance(given, Picture):
        return given
    raise ExplorerError(
        tr("This needs a picture."),
        tr("“{given}” is a {kind_of_input}.", given=given.name, kind_of_input=kind_of_input(given)),
        tr("Open a picture."),
    )


def nbytes_of(given: Input) -> int:
    """Bytes that an input holds."""
    if isinstance(given, Text):
        return len(given.text)
    if isinstance(given, Sound):
        return given.samples.nbytes + (0 if given.seen is None else given.seen.nbytes)
    more = (part.nbytes for part in (given.small, given.exact) if part is not None)
    return given.pixels.nbytes + sum(more)
