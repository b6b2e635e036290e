"""What a window shows of the pictures in the list of a channel: the part that a cell sees, and the whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar

from explorer.core.arrays import Array
from explorer.core.boxes import Box, ReceptiveField
from explorer.core.geometry.affine import original_box
from explorer.core.geometry.cells import Cell
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess
from explorer.core.requests import Request
from explorer.core.translation import tr

SIDE, WHOLE = 192, 320  # px of the longer side of a crop and of a whole picture


class FileState(StrEnum):
    """How a file is compared with what was indexed."""

    SAME = "same"
    CHANGED = "changed"  # another size or time of change
    GONE = "gone"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ExampleAsked:
    """A picture by what opens it, and the cell whose part of it is wanted (None: all of it). `size` in bytes and `changed` in
    nanoseconds are those of the file when it was indexed; 0: not known."""

    ref: InputRef
    cell: Cell | None
    size: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class ExamplePicture:
    """`crop` and `whole` are (h, w, 3) uint8, None where there is nothing to show; `why` says it then. `box`: the crop in shares of the
    whole, or of a cell that sees everything the place that it stands over; None: all of it. `samples` (channels, T) float32 at `rate`
    Hz: what a cell hears of a sound."""

    asked: ExampleAsked
    state: FileState = FileState.SAME
    why: str = ""
    crop: Array | None = field(default=None, repr=False)
    whole: Array | None = field(default=None, repr=False)
    box: Box | None = None
    samples: Array | None = field(default=None, repr=False)
    rate: int = 0
    folder_gone: bool = False


@dataclass(frozen=True)
class ReadExamples(Request[tuple[ExamplePicture, ...]]):
    """The parts that cells of a tap see of some pictures or sounds: no forward. Partial answers bring what is new, the whole
    one all. `receptive` None: cells of the tap see everything. `folder`: where the data set lies, "" for samples."""

    handler: ClassVar[str] = "explorer.engine.data_index.example_crops:read_examples"
    answer: ClassVar[type] = tuple
    saying: ClassVar[str] = tr("Pictures are being read")

    asked: tuple[ExampleAsked, ...]
    receptive: ReceptiveField | None = None
    preprocess: AnyPreprocess | None = None  # needed with `receptive`; a spectrogram is drawn by it
    folder: str = ""
    side: int = SIDE


def place_box(
    receptive: ReceptiveField | None, preprocess: AnyPreprocess | None, size: tuple[int, int], cell: Cell | None
) -> Box | None:
    """As `seen_box`; of a cell that sees everything the pixels that it stands over."""
    over = replace(receptive, whole=False, causal=False) if receptive is not None else None
    return seen_box(over, preprocess, size, cell)


def seen_box(
    receptive: ReceptiveField | None, preprocess: AnyPreprocess | None, size: tuple[int, int], cell: Cell | None
) -> Box | None:
    """What a cell sees of an input of `size`, in its own units and not past its sides. None: all of it, or no certain part."""
    if receptive is None or preprocess is None or cell is None or cell[0] < 0:
        return None
    seen = receptive.seen(*cell)
    if seen is None:
        return None
    whole = Box(0.0, 0.0, float(size[0]), float(size[1]))
    box = original_box(size, preprocess, seen).cut(whole)
    empty = box.y1 - box.y0 <= 0 or box.x1 - box.x0 <= 0
    return None if empty or box == whole else box
