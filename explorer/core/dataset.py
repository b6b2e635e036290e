"""Which inputs something is computed over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

KINDS = ("picture", "gallery", "folder")


@dataclass(frozen=True, slots=True)
class Over:
    """The current input, the samples, or the inputs of a folder or a file (`path`)."""

    kind: Literal["picture", "gallery", "folder"] = "picture"
    path: str = ""  # of the folder

    @property
    def text(self) -> str:
        """As a setting or an argument: "picture", "gallery", or the path of the folder."""
        return self.path if self.kind == "folder" else self.kind

    @property
    def named(self) -> str:
        """In a sentence."""
        named = {"picture": tr("this input"), "gallery": tr("the gallery")}
        return named.get(self.kind) or f"“{PurePath(self.path).name}”"


def over_from(text: str) -> Over:
    """The inverse of `Over.text`. A folder named as one of the kinds is given with its path ("./gallery")."""
    if not text or "\0" in text:
        raise ExplorerError(tr("No inputs were named."), "", tr("Name a folder, or: gallery."))
    if text == "gallery":
        return Over("gallery")
    return Over() if text == "picture" else Over("folder", text)
