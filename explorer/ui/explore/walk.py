"""Going through the pictures of a folder, or the samples."""

from __future__ import annotations

from collections.abc import Callable

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard
from explorer.engine.desk import Desk
from explorer.engine.inputs import file_ref


class FolderWalk:
    """Knows which way a person goes, so that the next picture can be captured while this one is looked at."""

    def __init__(
        self, desk: Desk, open_input: Callable[[InputRef], None], fail: Callable[[ExplorerError], None]
    ) -> None:
        self._desk, self._open, self._fail = desk, open_input, fail
        self._direction = 0

    def end(self) -> None:
        """Something else was opened."""
        self._direction = 0

    def step(self, ref: InputRef | None, step: int) -> None:
        """The next or previous file of the folder, or sample."""
        if ref is None:
            return
        try:
            following = neighbour(ref, step)
        except ExplorerError as error:
            self._fail(error)
            return
        if following is not None:
            self._open(following)
            self._direction = step

    def look_ahead(self, ref: InputRef, card: ModelCard | None) -> None:
        """Captures what comes next when nothing else is to be done."""
        if not self._direction or card is None:
            return
        try:
            following = neighbour(ref, self._direction)
        except ExplorerError:
            return  # it will be said when the person goes there
        if following is not None and following != ref and following.kind != "video":
            self._desk.prefetch(card, following)


def neighbour(ref: InputRef, step: int) -> InputRef | None:
    """What comes so many places after an input; None where it stands in no row. Raises ExplorerError."""
    if ref.kind == "sample":
        from explorer.engine.inputs.samples import sample_pictures

        names = [sample.name for sample in sample_pictures()]
        at = names.index(ref.path) if ref.path in names else 0
        return InputRef("sample", names[(at + step) % len(names)])
    if ref.kind in ("picture", "video"):
        from explorer.engine.inputs import folder

        return file_ref(folder.neighbour(ref.path, step))
    return None
