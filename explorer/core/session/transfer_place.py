"""The document of the Transfer workspace: which data set, and what is looked at. Small, immutable.

The model, the layer and the input are those of Explore; how a probe and a training are made stands in `Session.methods`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TransferPage(StrEnum):
    """What stands in the middle."""

    LAYERS = "layers"  # accuracy by layer
    PICTURES = "pictures"  # accuracy by number of pictures
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class TransferPlace:
    """`data` names a data set ("": none is open); `test` another folder with the test pictures; `confused` is the cell of the
    confusion matrix whose pictures are shown: the class and what it is taken for."""

    data: str = ""
    groups: str = "none"
    test: str = ""
    page: TransferPage = TransferPage.LAYERS
    confused: tuple[str, str] | None = None
