"""The document of the Dataset workspace: which index, and what is looked at. Small, immutable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DatasetPage(StrEnum):
    """What stands in the middle."""

    PICTURES = "pictures"
    CHANNELS = "channels"
    SCATTER = "scatter"


NEAR = ("chosen", "input", "cell")  # the chosen picture, the input of Explore, the cell that is selected there
STATES = ("", "done", "waiting", "failed")  # of the pictures that are shown; "": all


@dataclass(frozen=True, slots=True)
class DatasetPlace:
    """`store` is the file of an index ("": that of the open model); `data` what is indexed next (a folder, a text file, "gallery"), with
    `taps`, `features` and `cells` as `MakeIndex` has them. `tap` and `channel` count where the index is of another model than Explore's, or
    lacks the layer that is open there. `label` None: pictures of every class. `near`: what neighbours are of ("chosen", "input",
    "cell"). `picture` is the name of the chosen one; `lasso` a polygon around points of the scatter."""

    store: str = ""
    data: str = ""
    taps: str = "blocks"
    features: str = ""
    page: DatasetPage = DatasetPage.PICTURES
    tap: str = ""
    channel: int = 0
    label: str | None = None
    state: str = ""
    text: str = ""
    picture: str = ""
    near: str = "chosen"
    lasso: tuple[tuple[float, float], ...] = ()
    cells: str = ""
