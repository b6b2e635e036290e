"""From one element back to the sum that made it, and on to what is made of it next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from explorer.core.activations import Tap
from explorer.core.arithmetic import Step
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.arithmetic.attention_values import AttentionCalls
from explorer.engine.arithmetic.elementwise import JOINS, broadcast_index, join
from explorer.engine.arithmetic.nonlinearities import value_at
from explorer.engine.arithmetic.normalisation import POINTS
from explorer.engine.arithmetic.pools import WINDOWS
from explorer.engine.arithmetic.rearrangement import MOVES, came_from, goes_to, moves
from explorer.engine.arithmetic.recorded import CallNode, Links, RecordedCall, TensorSource
from explorer.engine.arithmetic.windows import Index

_FAR = 400  # operations a chain may be long; a network that only moves and scales values has no sum to start from


class Chain:
    """Walks from a tensor to what it was made of, and on to what is made of it."""

    def __init__(self, links: Links, names: Mapping[TensorSource, str]) -> None:
        self.links, self.names = links, names
        self.calls: dict[int, RecordedCall] = {}
        self.attentions = AttentionCalls(links)

    # --- which calls are needed, before anything is known of their elements ---

    def behind(self, source: TensorSource, path: str) -> set[int]:
        """Serials of the calls between a tensor of the module `path` and the sums it starts from."""
        found: set[int] = set()
        open_ = [source.serial]
        while open_ and len(found) < _FAR:
            serial = open_.pop()
            if serial < 0 or serial in found:
                continue
            found.add(serial)
            node = self.links.nodes[serial]
            if node.name in MOVES or self._one(node) is not None:
                open_ += [maker.serial for maker in node.makers if maker is not None]
            elif (padding := self._padding(node)) is not None:
                found.add(padding)
            elif (route := self.attentions.route(serial, path)) is not None:
                found.update(route)
        return found

    def ahead(self, source: TensorSource) -> list[int]:
        """Serials of the one line of normalisations, activations and moves that take a tensor next."""
        found: list[int] = []
        while len(found) < _FAR:
            takers = self.links.takers(source)
            if len(takers) != 1:
                break
            node = self.links.nodes[takers[0]]
            if node.name not in MOVES and (self._one(node) is None or any(node.lost)):
                break
            found.append(takers[0])
            source = TensorSource(takers[0])
        return found

    def _one(self, node: CallNode) -> int | None:
        """Which argument a function of one value takes it from; None where it takes many or joins two."""
        living = [i for i, maker in enumerate(node.makers) if maker is not None]
        return living[0] if len(living) == 1 and (node.name in POINTS or node.name in JOINS) else None

    def _padding(self, node: CallNode) -> int | None:
        maker = node.makers[0] if node.name in WINDOWS and node.makers else None
        if maker is None or maker.serial < 0 or self.links.nodes[maker.serial].name != "pad":
            return None
        return maker.serial

    # --- the steps themselves ---

    def steps(self, source: TensorSource, index: Index, tap: Tap, x: Tensor) -> tuple[tuple[Step, ...], str]:
        """(steps from a sum to this element, what the first of them takes), for the model's input x."""
        found: list[Step] = []
        at: tuple[TensorSource, Index] | None = (source, index)
        before = tr("the input")
        taken = value_at(x, index) if source.serial < 0 else math.nan
        while at is not None and at[0].serial in self.calls:
            node, call = self.links.nodes[at[0].serial], self.calls[at[0].serial]
            if moves(call):
                taken = value_at(call.outs[at[0].position], at[1])
                at, before = self._origin(node, call, *at)
                continue
            weighed = self.attentions.step(self.calls, at[0].serial, at[1], tap.path)
            step = self._step(node, call, at[1]) if weighed is None else weighed[0]
            if step is None and not found:
                raise _unknown(tap.name, node, call, at[1])
            if step is None:
                before = self._title_of(at[0])
                break
            stored = value_at(call.outs[at[0].position], at[1])
            found.append(replace(step, stored=stored, tap=self.names.get(at[0], "")))
            if weighed is not None:
                before = self._title_of(weighed[1])
                break
            at, before = self._taken(node, call, at[1])
        if not found:
            found.append(Step("taken", tr("the value of {before}", before=before), taken, stored=taken))
        return tuple(reversed(found)), before

    def _origin(
        self, node: CallNode, call: RecordedCall, source: TensorSource, index: Index
    ) -> tuple[tuple[TensorSource, Index] | None, str]:
        """Where a move took this element from (None: not from an activation), and the name of that."""
        origin = came_from(call, source.position, index)
        if origin is None:
            return None, "padding"
        maker = node.makers[origin[0]]
        if maker is None:
            return None, tr("what was written to it later") if node.lost[origin[0]] else tr("a weight or constant")
        return (maker, origin[1]), self._title_of(maker)

    def _taken(self, node: CallNode, call: RecordedCall, index: Index) -> tuple[tuple[TensorSource, Index] | None, str]:
        """The one element that a normalisation or activation takes (None: many), and the name of what is taken."""
        position = self._one(node)
        maker = node.makers[0 if position is None else position] if node.makers else None
        if position is None or maker is None:
            return None, self._title_of(maker)
        return (maker, broadcast_index(call.operands[position], index)), self._title_of(maker)

    def following(self, source: TensorSource, index: Index) -> tuple[Step, ...]:
        """What is done next with this very element."""
        found: list[Step] = []
        for serial in self.ahead(source):
            node, call = self.links.nodes[serial], self.calls[serial]
            operand = next(i for i, maker in enumerate(node.makers) if maker == source)
            if moves(call):
                target = goes_to(call, operand, index)
                if target is None or target[0] != 0:
                    break
                source, index = TensorSource(serial), target[1]
                continue
            if tuple(call.operands[operand].shape) != tuple(call.outs[0].shape):
                break  # broadcast: it goes to many elements
            step = self._step(node, call, index)
            if step is None:
                break
            source = TensorSource(serial)
            found.append(replace(step, stored=value_at(call.outs[0], index), tap=self.names.get(source, "")))
        return tuple(found)

    def _step(self, node: CallNode, call: RecordedCall, index: Index) -> Step | None:
        try:
            if node.name in WINDOWS:
                padding = self._padding(node)
                return WINDOWS[node.name](call, index, None if padding is None else self.calls.get(padding))
            if node.name in POINTS:
                return POINTS[node.name](call, index)
            if node.name in JOINS:
                return join(call, index, [self._title_of(maker) if maker else "" for maker in node.makers])
        except (TypeError, ValueError, IndexError, AttributeError):
            return None  # an unusual way of calling it: as unknown as a function without arithmetic
        return None

    def _title(self, node: CallNode) -> str:
        return tr("a result of the function {node}", node=node.name)

    def _title_of(self, source: TensorSource | None) -> str:
        """A tap's name where a module returned it, also when it was only moved since; else what made it."""
        if source is None:
            return tr("what was written to it later")
        for _ in range(_FAR):
            if source.serial < 0:
                return tr("the input")
            if source in self.names:
                return self.names[source]
            node = self.links.nodes[source.serial]
            living = [maker for maker in node.makers if maker is not None]
            if node.name not in MOVES or len(living) != 1:
                return self._title(node)
            source = living[0]
        return ""


def _unknown(tap: str, node: CallNode, call: RecordedCall, index: Index) -> ExplorerError:
    what = tr("The value of {tap} cannot be decomposed.", tap=tap)
    if node.name == "embedding":
        row, value = int(call.arg(0, "input")[tuple(index[:-1])]), value_at(call.outs[0], index)
        place = tr("row {row}, column {index} holds {value:.7g}", row=row, index=index[-1], value=value)
        why = tr("It is looked up in a table by the number of the token: {place}. Nothing is computed.", place=place)
        return ExplorerError(what, why, tr("The command tokens lists the numbers, which are the rows of the table."))
    return ExplorerError(what, tr("It is computed by the function {node}, which is not supported.", node=node.name))
