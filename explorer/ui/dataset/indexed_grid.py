"""Pictures of an index as grids show them: names, tool tips, thumbnails that are asked for when they are in sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from explorer.core.arrays import Array
from explorer.core.data_index import IndexedPicture, PictureState
from explorer.core.example_pictures import ExampleAsked, ExamplePicture
from explorer.core.models import AnyPreprocess
from explorer.ui.data_index.picture_thumbs import PictureThumbs
from explorer.ui.dataset.index_lab import IndexLab
from explorer.ui.widgets.picture_grid import GridPicture

_STATES = {PictureState.WAITING: "still to be indexed", PictureState.DONE: "indexed", PictureState.FAILED: "failed"}


class IndexedGrid:
    """What stands behind one grid. `show` gives what the grid shows; `want`, `choose` and `leap` are for its signals: those in sight,
    a click, a double click."""

    def __init__(
        self,
        lab: IndexLab,
        name: str,
        side: int,
        set_thumbnails: Callable[[Mapping[str, Array]], None],
        told: Callable[[str, ExamplePicture], None] = lambda _name, _picture: None,
    ) -> None:
        self._lab = lab
        self.pictures: dict[str, IndexedPicture] = {}
        self.thumbs = PictureThumbs(lab.host.client, name, side, set_thumbnails, told)

    @property
    def waiting(self) -> bool:
        """Whether a thumbnail is still to come."""
        return self.thumbs.waiting

    def close(self) -> None:
        """Asks for nothing more."""
        self.thumbs.close()

    def show(
        self, pictures: Sequence[IndexedPicture], more: Mapping[int, str] | None = None
    ) -> tuple[GridPicture, ...]:
        """`more`: what else is said of a picture, by its id."""
        self.pictures = {picture.name: picture for picture in pictures}
        return tuple(
            GridPicture(name, name, tip_of(picture, (more or {}).get(picture.id, "")))
            for name, picture in self.pictures.items()
        )

    def want(self, names: tuple[str, ...]) -> None:
        """Thumbnails of those in sight."""
        facts = self._lab.facts
        if facts is None or facts.settings.kind == "text":
            return
        folder = self._lab.folder(facts)
        asked = {name: asked_for(self.pictures[name], folder) for name in names if name in self.pictures}
        self.thumbs.want(asked, folder, self.preprocess)

    def choose(self, name: str) -> None:
        """The picture that is shown beside the grid."""
        self._lab.move(picture=name)

    def leap(self, name: str) -> None:
        """A picture in Explore."""
        if name in self.pictures:
            self._lab.open_picture(self.pictures[name])

    @property
    def preprocess(self) -> AnyPreprocess | None:
        """Of the model where it is open: sounds are drawn as it sees them."""
        card = self._lab.card
        return card.preprocess if card is not None and self._lab.own else None


def asked_for(picture: IndexedPicture, folder: str) -> ExampleAsked:
    """All of a picture."""
    return ExampleAsked(picture.ref(folder), None, picture.size, picture.changed)


def tip_of(picture: IndexedPicture, more: str = "") -> str:
    """What is known of a picture, in lines."""
    state = _STATES[picture.state] if picture.state is not PictureState.DONE else ""
    lines = picture.name, picture.label, more, f"{state}: {picture.why}" if picture.why else state
    return "\n".join(line for line in lines if line)


def when(picture: IndexedPicture) -> str:
    """The day of the file that was indexed; "" where it is not known."""
    return f"{datetime.fromtimestamp(picture.changed / 1e9):%d %B %Y}" if picture.changed else ""
