"""Pictures of an index of which only those that are looked at are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from explorer.core.arrays import Array
from explorer.core.data_index import IndexedPicture
from explorer.core.errors import ExplorerError
from explorer.ui.widgets.picture_grid import GridPicture

PAGE = 128


class PicturePages(Sequence[GridPicture]):
    """`ids` (n,) of pictures in their order; `read` gives those of some ids, `shown` how one of them is shown. The first page is read at
    once. Raises ExplorerError where that cannot be; pictures of a later page then have no name and say why."""

    def __init__(
        self,
        ids: Array,
        read: Callable[[Sequence[int]], Sequence[IndexedPicture]],
        shown: Callable[[IndexedPicture], GridPicture],
    ) -> None:
        self.ids, self._read, self._shown = ids, read, shown
        self._pages: dict[int, tuple[GridPicture, ...]] = {}
        self.renew()

    def renew(self) -> None:
        """The same pictures, of which something else may be known by now. Raises ExplorerError."""
        self._pages = {0: self._page(0)} if len(self.ids) else {}

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> GridPicture: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[GridPicture, ...]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return tuple(map(self._one, range(len(self.ids))[at]))
        return self._one(range(len(self.ids))[at])

    def _one(self, at: int) -> GridPicture:
        page, row = divmod(at, PAGE)
        if page not in self._pages:
            try:
                self._pages[page] = self._page(page)
            except ExplorerError as error:
                return GridPicture("", "", str(error))
        return self._pages[page][row]

    def _page(self, page: int) -> tuple[GridPicture, ...]:
        return tuple(map(self._shown, self._read(self.ids[page * PAGE : (page + 1) * PAGE].tolist())))
