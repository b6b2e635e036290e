"""The data sets that this program draws by itself, in words; `engine.data_sets.demo_sets` makes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from explorer.core.data_index import GALLERY
from explorer.core.data_sets import DEMO
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class ReadySet:
    """A data set that is drawn on this machine when it is first opened."""

    name: str
    title: str
    about: str

    @property
    def data(self) -> str:
        """As a session names it: "demo:materials"."""
        return DEMO + self.name


READY = (
    ReadySet(
        "materials",
        tr("Materials"),
        tr("What objects are made of, from 20 pictures of each: a task that the demo models were not trained for."),
    ),
    ReadySet(
        "shapes",
        tr("Shapes, five of each"),
        tr("Ten shapes from five pictures of each: enough for a network that has learnt them."),
    ),
    ReadySet(
        "digits",
        tr("Digits"),
        tr("Small digits from 20 pictures of each: no layer is better than the pixels, so nothing is transferred."),
    ),
)


DRAWN = (
    ReadySet(
        "world:1000",
        tr("Drawn world, 1,000 pictures"),
        tr("Pictures that the demo models have not seen, drawn while they are indexed."),
    ),
    ReadySet(
        "world", tr("Drawn world, 10,000 pictures"), tr("As many as tell how selective a channel is; some minutes.")
    ),
)


GALLERY_TITLE = tr("Sample gallery")
_WORLD = f"{DEMO}world:"
_TITLES = {GALLERY: GALLERY_TITLE, **{each.data: each.title for each in (*READY, *DRAWN)}}


def data_title(data: str) -> str:
    """What a data set is called: `data` as an index or a session names it, a path, "gallery" or "demo:NAME"."""
    if data.startswith(_WORLD) and data.removeprefix(_WORLD).isdecimal():
        return tr("Drawn world, {data:,} pictures", data=int(data.removeprefix(_WORLD)))
    return _TITLES.get(data) or re.split(r"[/\\]", data.rstrip("/\\"))[-1] or data


def short_title(data: str) -> str:
    """As `data_title`, beside a number of pictures."""
    return tr("Drawn world") if data == _WORLD[:-1] or data.startswith(_WORLD) else data_title(data)
