"""Results of a method over two models, kept for both directions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from explorer.core.method import MethodSpec, PairRequest
from explorer.core.pairs import LayerRoute, Side

R = TypeVar("R")
Sides = tuple[Side, Side]


@dataclass(frozen=True, slots=True, eq=False)
class KeptPair(Generic[R]):
    """A result, the parameters that it was computed with, and which layers it says go together."""

    result: R
    params: Any
    route: LayerRoute | None = None


class PairResults(Generic[R]):
    """The newest result of two sides, whatever its parameters; seen from the other side it is turned."""

    def __init__(self, spec: MethodSpec[Any, R]) -> None:
        self._spec = spec
        self._kept: dict[Sides, KeptPair[R]] = {}

    def keep(self, request: PairRequest[Any, R], result: R) -> None:
        """Takes the place of what was known of these sides, in both directions."""
        self._kept.pop((request.second, request.first), None)
        self._put((request.first, request.second), result, request.params)

    def of(self, sides: Sides | None) -> KeptPair[R] | None:
        """What is known of two sides."""
        if sides is None:
            return None
        back, pair = self._kept.get(sides[::-1]), self._spec.pair
        if sides not in self._kept and back is not None and pair is not None and pair.turned is not None:
            self._put(sides, pair.turned(back.result), back.params)
        return self._kept.get(sides)

    def forget(self, still_open: Collection[str]) -> None:
        """Those of models that are open no more."""
        self._kept = {
            sides: kept for sides, kept in self._kept.items() if {side.model for side in sides} <= set(still_open)
        }

    def _put(self, sides: Sides, result: R, params: Any) -> None:
        self._kept.pop(sides, None)
        pair = self._spec.pair
        route = pair.route(result) if pair is not None and pair.route is not None else None
        self._kept[sides] = KeptPair(result, params, route)
        for old in list(self._kept)[: -self._spec.kept]:
            del self._kept[old]
