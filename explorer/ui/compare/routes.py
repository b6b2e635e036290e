"""The matrices of CKA of open models, and where the best path through them leads from film to film."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from explorer.core.channel_matching import turned_cka
from explorer.core.dataset import Over
from explorer.core.representations import Cka
from explorer.core.session import cka_path as paths
from explorer.core.session.cka_path import by_path
from explorer.ui.compare.view import ColumnView

Pair = tuple[str, str]  # digests of two models


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A matrix with its best path (one column for each row) and the way back, and what it was made over."""

    cka: Cka
    path: tuple[int, ...]
    back: tuple[int, ...]  # one row for each column
    over: Over


class Matrices:
    """One for each pair of models, the newest; seen from the other side it is turned over."""

    def __init__(self) -> None:
        self._kept: dict[Pair, Kept] = {}

    def keep(self, pair: Pair, cka: Cka, over: Over) -> Kept:
        """Takes the place of what was known of the pair, in both directions."""
        self._kept.pop(pair[::-1], None)
        self._kept[pair] = kept = _kept(cka, over)
        return kept

    def of(self, pair: Pair) -> Kept | None:
        """Rows of the first model, columns of the second."""
        turned = self._kept.get(pair[::-1])
        if pair not in self._kept and turned is not None:
            self._kept[pair] = _kept(turned_cka(turned.cka), turned.over)
        return self._kept.get(pair)

    def forget(self, still_open: Collection[str]) -> None:
        """Those of models that are open no more."""
        self._kept = {pair: kept for pair, kept in self._kept.items() if set(pair) <= set(still_open)}

    def lay(self, views: Sequence[ColumnView]) -> None:
        """Tells every column where the paths lead from it: directly, or by way of the first column."""
        for view in views:
            view.routes = {}
        for at, one in enumerate(views):
            for other in views[at + 1 :]:
                self._join(one, other)
        for one in views[1:]:
            for other in views[1:]:
                there, on = one.routes.get(views[0].key), views[0].routes.get(other.key)
                if one is not other and other.key not in one.routes and there and on:
                    one.routes[other.key] = tuple(on[place] for place in there)

    def _join(self, one: ColumnView, other: ColumnView) -> None:
        kept = self.of(pair_of(one, other)) if one.of is not None and other.of is not None else None
        if kept is None:
            return
        rows, columns = places(one, kept.cka.rows), places(other, kept.cka.columns)
        one.routes[other.key] = paths.along(rows, columns, kept.path, len(one.film))
        other.routes[one.key] = paths.along(columns, rows, kept.back, len(other.film))


def _kept(cka: Cka, over: Over) -> Kept:
    path = by_path(cka.values)
    return Kept(cka, path, paths.back(path, cka.values), over)


def pair_of(one: ColumnView, other: ColumnView) -> Pair:
    """The models whose layers the columns show; "" where there is none yet."""
    return (one.of.digest if one.of is not None else "", other.of.digest if other.of is not None else "")


def places(view: ColumnView, names: Sequence[str]) -> tuple[int, ...]:
    """Where compared layers are in a column's film."""
    return tuple(view.layers.index(name) for name in names)
