"""Inputs: where they come from, and how they become a model's input tensor."""

from __future__ import annotations

import re
from pathlib import Path

from explorer import catalogue
from explorer.core.any_input import Input
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture, Text
from explorer.core.registry import load
from explorer.core.sounds import Sound
from explorer.core.translation import tr

_WINDOW = re.compile(r"(?P<file>.+)@(?P<start>\d+(\.\d+)?)(\+(?P<length>\d+(\.\d+)?))?")


def named_input(text: str) -> InputRef:
    """What a command line names: `sample:NAME`, `scene:SIZE` or another kind's `ID:NAME` (unless a file is called so), else a file;
    `FILE@START+SECONDS` is a window of a sound."""
    name, _, rest = text.partition(":")
    kind = catalogue.inputs.get(name)
    if kind is not None and kind.named and not _exists(text):
        ref = InputRef(name, rest)
        return _windowed(ref) if name == "sound" else ref
    return _windowed(file_ref(Path(text).absolute()))


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # a text that is too long for a file's name
        return False


def _windowed(ref: InputRef) -> InputRef:
    """With the window that stands behind the name of a sound, if there is no file of that very name."""
    found = _WINDOW.fullmatch(ref.path)
    if found is None or _exists(ref.path):
        return ref
    sound = file_ref(found["file"])
    if ref.kind != "sound" and sound.kind not in ("sound", "video"):
        return ref
    return InputRef("sound", found["file"], start=float(found["start"]), length=float(found["length"] or 0))


def file_ref(path: str | Path) -> InputRef:
    """The reference of a file, by its name: a picture, unless another kind opens files called so."""
    suffix = Path(path).suffix.lower()
    kind = next((kind for kind in catalogue.inputs if suffix in kind.suffixes), None)
    return InputRef(kind.id if kind is not None else "picture", str(path))


def file_suffixes() -> frozenset[str]:
    """Those of every file that some kind opens."""
    return frozenset(suffix for kind in catalogue.inputs for suffix in kind.suffixes)


def open_input(ref: InputRef) -> Input:
    """The input that a reference names: a picture file, a sample, a frame of a video or of the test scene, or of a kind that a
    package brings.

    Raises ExplorerError when it cannot be opened; what came from the clipboard or the camera is gone.
    """
    kind = catalogue.inputs.get(ref.kind)
    if kind is None:
        why = tr("The package that brought it is not installed, or does not work.")
        raise ExplorerError(
            tr("Inputs of the kind “{kind}” are unknown.", kind=ref.kind),
            why,
            tr("The command doctor says what is there."),
        )
    picture = load(kind.opener)(ref)
    if not isinstance(picture, Picture | Sound | Text):
        raise ExplorerError(
            tr("“{kind_title}” gave no input.", kind_title=kind.title),
            tr("{opener} answered {name}.", opener=kind.opener, name=type(picture).__name__),
        )
    found: Input = picture
    return found
