"""Where the layers of two models that go together stand in the layer strips of the columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from explorer.core.pairs import LayerRoute
from explorer.core.session import cka_path as paths
from explorer.ui.compare.view import ColumnView


def lay(views: Sequence[ColumnView], route_of: Callable[[ColumnView, ColumnView], LayerRoute | None]) -> None:
    """Tells every column where the routes lead from it: directly, or by way of the first column."""
    for view in views:
        view.routes = {}
    for at, one in enumerate(views):
        for other in views[at + 1 :]:
            route = route_of(one, other)
            if route is not None:
                _join(one, other, route)
    for one in views[1:]:
        for other in views[1:]:
            there, on = one.routes.get(views[0].key), views[0].routes.get(other.key)
            if one is not other and other.key not in one.routes and there and on:
                one.routes[other.key] = tuple(on[place] for place in there)


def _join(one: ColumnView, other: ColumnView, route: LayerRoute) -> None:
    rows, columns = (
        [one.layers.index(name) for name in route.rows],
        [other.layers.index(name) for name in route.columns],
    )
    one.routes[other.key] = paths.along(rows, columns, route.there, len(one.film))
    other.routes[one.key] = paths.along(columns, rows, route.back, len(other.film))
