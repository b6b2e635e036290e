"""Requests for what a pane shows: models, inputs, captures, files. Answered by `engine/pane_answers.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from explorer.core.activations import Capture, Kernel
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.inputs import InputRef, Picture, Text
from explorer.core.interventions import Ablation, Edits, Frozen, Thawed
from explorer.core.models import AnyPreprocess, ModelCard, ModelSpec
from explorer.core.requests import Lane, Request
from explorer.core.scores import Probabilities
from explorer.core.sounds import Sound
from explorer.core.translation import tr

_HERE = "explorer.engine.pane_answers"


@dataclass(frozen=True, slots=True)
class Opened:
    """An open model as the user interface knows it; kernels by module path, read-only."""

    card: ModelCard
    kernels: Mapping[str, Kernel] = field(repr=False)


@dataclass(frozen=True)
class OpenModel(Request["Opened | Capture"]):
    """Opens a model; with a `picture` it also captures that: answers with an Opened, then with a Capture.

    `spec` None: what the weights at hand allow, else the network that needs none.
    """

    handler: ClassVar[str] = f"{_HERE}:open_model"
    answer: ClassVar[tuple[type, ...]] = (Opened, Capture)
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The model is being opened")

    spec: ModelSpec | None
    trust_code: bool = False
    allow_download: bool = False
    picture: Input | None = field(default=None, compare=False, repr=False)

    def displaces(self, key: str) -> Callable[[str], bool]:
        """Explore's model goes for another one; a column's may go on."""

        def gives_way(running: str) -> bool:
            return running not in ("save", "device") and key.startswith("compare") == running.startswith("compare")

        return gives_way


@dataclass(frozen=True)
class Reopen(Request["Opened | Capture"]):
    """An open model under another preprocessing, or with its class vector read another way; answers as OpenModel does."""

    handler: ClassVar[str] = f"{_HERE}:reopen"
    answer: ClassVar[tuple[type, ...]] = (Opened, Capture)
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The model is being opened")

    model: str  # ModelCard.digest
    preprocess: AnyPreprocess | None = None
    output: str = ""
    probabilities: Probabilities = "auto"
    picture: Input | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class OpenInput(Request["Input | Capture"]):
    """Opens an input; with a `model` it also captures it: answers with a Picture, then with a Capture. `pixels`: of a picture
    that is in no file."""

    handler: ClassVar[str] = f"{_HERE}:open_input"
    answer: ClassVar[tuple[type, ...]] = (Picture, Sound, Text, Capture)
    lane: ClassVar[Lane] = Lane.FORWARD  # while one is captured the newest waits: going through a folder shows pictures
    saying: ClassVar[str] = tr("The input is being opened")

    ref: InputRef
    model: str = ""
    pixels: Array | None = field(default=None, compare=False, repr=False)
    name: str = ""


@dataclass(frozen=True)
class CapturePicture(Request[Capture]):
    """A forward of a picture, from the store where it is there; under `edits` with the taps `names` among its values."""

    handler: ClassVar[str] = f"{_HERE}:capture_picture"
    answer: ClassVar[type] = Capture
    lane: ClassVar[Lane] = Lane.FORWARD

    model: str
    picture: Input = field(compare=False, repr=False)
    seen: str  # Picture.digest
    edits: Edits = ()
    names: tuple[str, ...] = ()
    frozen: Frozen | None = field(default=None, compare=False, repr=False)
    model_name: str = field(default="", compare=False)

    @property
    def says(self) -> str:
        return tr("A forward of {model_name}", model_name=self.model_name) if self.model_name else tr("A forward")


@dataclass(frozen=True)
class Recompute(Request[Capture]):
    """The capture with the taps `names` computed again."""

    handler: ClassVar[str] = f"{_HERE}:recompute"
    answer: ClassVar[type] = Capture
    lane: ClassVar[Lane] = Lane.FORWARD
    saying: ClassVar[str] = tr("A forward")

    capture: Capture = field(compare=False, repr=False)
    number: int  # Capture.number
    names: tuple[str, ...]


@dataclass(frozen=True)
class ApplyEdits(Request[Ablation]):
    """What edits do to a capture that has none, the taps `names` among the values."""

    handler: ClassVar[str] = f"{_HERE}:apply_edits"
    answer: ClassVar[type] = Ablation
    saying: ClassVar[str] = tr("A forward under edits")

    capture: Capture = field(compare=False, repr=False)
    number: int  # Capture.number
    edits: Edits
    names: frozenset[str]
    frozen: Frozen = field(compare=False, repr=False)


@dataclass(frozen=True)
class Thaw(Request[Thawed]):
    """What edits of a session file freeze."""

    handler: ClassVar[str] = f"{_HERE}:thaw"
    answer: ClassVar[type] = Thawed
    lane: ClassVar[Lane] = Lane.FORWARD

    model: str
    edits: Edits


@dataclass(frozen=True, slots=True)
class Saved:
    """A file was written."""

    path: str


@dataclass(frozen=True)
class SaveFile(Request[Saved]):
    """Makes bytes and writes them whole or not at all."""

    handler: ClassVar[str] = f"{_HERE}:save_file"
    answer: ClassVar[type] = Saved
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The file is being written")

    path: str
    make: Callable[[], bytes] = field(compare=False, repr=False)


@dataclass(frozen=True)
class SaveValues(Request[Saved]):
    """Writes an .npz of taps; those that the capture does not hold are computed again."""

    handler: ClassVar[str] = f"{_HERE}:save_values"
    answer: ClassVar[type] = Saved
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The file is being written")

    path: str
    card: ModelCard
    capture: Capture = field(compare=False, repr=False)
    names: tuple[str, ...]
