"""Which layer of a strip feeds which: the connections of a network between the layers that are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from explorer.core.activations import Tap

INPUT = ""  # stands for the model's input among the names of layers


@dataclass(frozen=True, slots=True)
class LayerGraph:
    """By place in a row of layers: which places feed it and which it feeds, in ascending order. `known`: whether what feeds it
    could be followed; `from_input`: whether the model's input does."""

    feeds: tuple[tuple[int, ...], ...] = ()  # what feeds each
    fed: tuple[tuple[int, ...], ...] = ()  # what each feeds
    known: tuple[bool, ...] = ()
    from_input: tuple[bool, ...] = ()

    @property
    def arcs(self) -> tuple[tuple[int, int], ...]:
        """(from, to) of every connection that does not lead from a layer to the next one in the row."""
        return tuple((a, b) for b, sources in enumerate(self.feeds) for a in sources if b != a + 1)

    def linked(self, at: int) -> bool:
        """Whether a layer is fed by the one before it in the row."""
        return at - 1 in self.feeds[at]


def layer_graph(taps: Sequence[Tap], shown: Sequence[Tap]) -> LayerGraph:
    """`taps`: all of a capture, `shown`: those of the row. What is not shown is passed over: its own sources stand for it; a layer that
    hands on another one's values is that other one."""
    by_name, places = {tap.name: tap for tap in taps}, {tap.name: at for at, tap in enumerate(shown)}
    known, from_input, feeds = [], [], []
    for at, tap in enumerate(shown):
        found = _sources(tap, by_name, places)
        inside = () if found is None else (places[name] for name in found if name != INPUT)
        feeds.append(tuple(sorted(place for place in inside if place != at)))
        known.append(found is not None)
        from_input.append(found is not None and INPUT in found)
    return LayerGraph(tuple(feeds), _turned(feeds), tuple(known), tuple(from_input))


def _sources(tap: Tap, by_name: Mapping[str, Tap], places: Mapping[str, int]) -> frozenset[str] | None:
    """The shown layers that feed one; None where that could not be followed."""
    found: set[str] = set()
    waiting, seen = list((tap.alias,) if tap.alias else _fed_by(tap)), {tap.name}
    if not tap.alias and tap.fed_by is None:
        return None
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name == INPUT or name in places:
            found.add(name)
            continue
        behind = by_name.get(name)
        if behind is None or behind.fed_by is None:
            return None
        waiting.extend(behind.fed_by)
    return frozenset(found)


def _fed_by(tap: Tap) -> tuple[str, ...]:
    return tap.fed_by or ()


def _turned(feeds: Iterable[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    every = list(feeds)
    out: list[list[int]] = [[] for _ in every]
    for at, sources in enumerate(every):
        for source in sources:
            out[source].append(at)
    return tuple(tuple(row) for row in out)
