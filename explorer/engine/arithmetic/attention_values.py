"""Which calls of a forward are attentions, and the weighted values of their cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from explorer.core.arithmetic import Step
from explorer.core.attention import AttentionCall
from explorer.engine.arithmetic.rearrangement import MOVES, moves
from explorer.engine.arithmetic.recorded import Links, RecordedCall, TensorSource
from explorer.engine.arithmetic.tokens import matched, named
from explorer.engine.arithmetic.weighted import FUSED, PRODUCTS, projected, weighted
from explorer.engine.arithmetic.windows import Index


class AttentionCalls:
    """Attention is one function, or a softmax that a product takes. Its terms are weights times values.

    The tap of the module in which it happens returns a projection of them, and is taken apart into tokens too; the projection's
    own tap is explained like any linear layer.
    """

    def __init__(self, links: Links) -> None:
        self._links = links
        self._calls: dict[int, AttentionCall] = {}
        self._serials = {i: node.inside for i, node in enumerate(links.nodes) if self._attends(i)}

    def name(self, calls: Iterable[AttentionCall]) -> None:
        """Says where the tokens stand."""
        self._calls = matched(self._serials, calls)

    def among(self, serials: Collection[int]) -> bool:
        return any(serial in self._serials for serial in serials)

    def route(self, serial: int, path: str) -> tuple[int, ...] | None:
        """From a projection back to the attention that the module `path` holds: serials of the moves, then of the attention."""
        node = self._links.nodes[serial]
        source = node.makers[0] if node.name == "linear" and node.makers else None
        found: list[int] = []
        while source is not None and source.serial >= 0:
            found.append(source.serial)
            if source.serial in self._serials:
                inside = self._serials[source.serial]
                return tuple(found) if not path or f"{inside}.".startswith(f"{path}.") else None
            source = self._moved(source)
        return None

    def step(
        self, calls: Mapping[int, RecordedCall], serial: int, index: Index, path: str
    ) -> tuple[Step, TensorSource | None] | None:
        """(the weighted values of an element, who made the values); None where it is no attention or an unusual one."""
        try:
            if serial in self._serials:
                at, found = serial, weighted(calls[serial], index)
            else:
                route = self.route(serial, path)
                if route is None or not all(moves(calls[move]) for move in route[:-1]):
                    return None
                at, between = route[-1], [calls[move] for move in route[:-1]]
                found = projected(calls[at], between, calls[serial], index)
        except (TypeError, ValueError, IndexError, AttributeError, KeyError):
            return None
        assert found.step.patch is not None
        patch = named(found.step.patch, found.rows, self._calls.get(at))
        return replace(found.step, patch=patch), self._links.nodes[at].makers[found.values]

    def _attends(self, serial: int) -> bool:
        node = self._links.nodes[serial]
        if node.name == FUSED or node.name not in PRODUCTS or len(node.makers) != 2:
            return node.name == FUSED
        source = node.makers[0]
        while source is not None and source.serial >= 0:
            if self._links.nodes[source.serial].name == "softmax":
                return node.makers[1] is not None
            source = self._moved(source)
        return False

    def _moved(self, source: TensorSource) -> TensorSource | None:
        """What the only maker of a moved tensor was."""
        node = self._links.nodes[source.serial]
        makers = [maker for maker in node.makers if maker is not None]
        return makers[0] if node.name in MOVES and len(makers) == 1 else None
