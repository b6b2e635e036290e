"""Plain values of this package. Light: imports neither torch nor torchvision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.progress import Progress
from explorer.core.session.named_files import PYTHON_FILE, program_named
from explorer.core.translation import tr
from explorer.engine.models.open_errors import Cancelled

if TYPE_CHECKING:
    from torch import nn

FACTORY = "make_model"


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A module in eval mode, on the CPU unless its own factory put it elsewhere, and what is known of it."""

    module: nn.Module
    card: ModelCard
    pure: bool = False  # its forward is known to depend on the input and the weights alone


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One line of the model menu. `weights` is the file that would be opened, None when there is none yet."""

    id: str
    title: str
    group: str
    weights: Path | None = None
    ready: bool = False  # opens now, without a download and without --untrained
    says: str = ""  # what it is good for, in one line
    lacks: str = ""  # how to install what it needs first; such a line opens nothing


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """How a model is opened: what may be done, and whom to tell. `progress` is called on the opening thread."""

    trust_code: bool = False
    allow_download: bool = False
    progress: Callable[[Progress], None] | None = None
    cancelled: Callable[[], bool] | None = None

    def say(self, text: str, fraction: float | None = None) -> None:
        """Report progress; raises Cancelled when the person no longer wants the model."""
        if self.cancelled is not None and self.cancelled():
            raise Cancelled(tr("Opening the model was cancelled."))
        if self.progress is not None:
            self.progress(Progress(text, fraction))


class ModelSource(Protocol):
    """Where models come from. An extension offers one under the entry point group `explorer.models`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        """Open `name` (the id without the source's own prefix). Raises ExplorerError."""

    def entries(self) -> tuple[CatalogueEntry, ...]:
        """The lines of the model menu; cheap."""


@dataclass(frozen=True, slots=True)
class ModelId:
    """An id taken apart: source prefix and the rest."""

    source: str
    name: str
    text: str = field(default="", compare=False)


def parse_id(text: str) -> ModelId:
    """`torchvision:resnet50`, `demo:seeded`, `file:PATH.py:FACTORY`; a bare name is torchvision's, a bare PATH.py a file,
    a bare PATH.pt2 a program of torch.export, a bare PATH.onnx an ONNX model."""
    text = text.strip()
    if not text:
        raise ExplorerError(
            tr("No model was named."), "", tr("Give a name such as torchvision:resnet18 or file:net.py:make_model.")
        )
    if text.lower().startswith("file:"):
        return ModelId("file", text[5:], text)
    if PYTHON_FILE.match(text):  # before the colon is looked at: C:\net.py
        return ModelId("file", text, text)
    if program := program_named(text):
        return ModelId(program, text, text)
    prefix, colon, name = text.partition(":")
    return ModelId(prefix.strip().lower(), name.strip(), text) if colon else ModelId("torchvision", text, text)


def parse_file(name: str) -> tuple[Path, str]:
    """`PATH.py:FACTORY` (also with a Windows drive) to path and factory; without a factory it is `make_model`."""
    match = PYTHON_FILE.match(name.strip())
    if match is None:
        raise ExplorerError(
            tr("“{name}” names no Python file.", name=name),
            "",
            tr("Write file:PATH.py:FACTORY, as in file:net.py:{factory}.", factory=FACTORY),
        )
    return Path(match["path"]).expanduser(), match["factory"] or FACTORY
