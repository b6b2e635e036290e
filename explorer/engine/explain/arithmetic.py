"""How one cell is computed: the terms of its sum, and the normalisation and activation between them and its value.

Everything is recomputed in float64 from the very tensors that went into each operation, and compared with what came out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor, nn

from explorer.core.arithmetic import TOLERANCE, Arithmetic, Step
from explorer.core.cells import Cell, index_of
from explorer.core.types import ExplorerError, Tap
from explorer.engine.cancel import Cancelled, never
from explorer.engine.capture import Plan
from explorer.engine.explain.curves import value_at
from explorer.engine.explain.doubts import Where, why
from explorer.engine.explain.joins import JOINS, broadcast_index, join
from explorer.engine.explain.moves import MOVES, came_from, goes_to, moves
from explorer.engine.explain.points import POINTS
from explorer.engine.explain.pools import WINDOWS
from explorer.engine.explain.recorded import Links, Node, Recorded, Source, record, trace

Index = tuple[int, ...]

_FAR = 400  # operations a chain may be long; a network that only moves and scales values has no sum to start from
_ATTENTION = frozenset("matmul bmm baddbmm einsum scaled_dot_product_attention multi_head_attention_forward".split())


def explain_cell(
    module: nn.Module,
    x: Tensor,
    plan: Plan,
    name: str,
    channel: int,
    cell: Cell,
    cancelled: Cancelled = never,
    links: Links | None = None,
) -> Arithmetic:
    """The arithmetic of one channel of the tap `name` at one cell (as `core.cells.index_of` counts them), for input x (1, C, H, W).

    Runs the model twice, the second time only up to the last operation that matters; `links` of an earlier `trace` of the
    same model and input size saves the first. Raises ExplorerError when the tap, channel or cell does not exist, when its
    value was made in a way that cannot be followed, and when the forward raises; CancelledError when cancelled.
    """
    plan.key_of(name)
    tap = next(t for t in plan.taps if t.name == name)
    index = index_of(tap, channel, cell)
    known = trace(module, x, cancelled) if links is None else links
    source = known.outputs.get((tap.path, tap.call, tap.key))
    if source is None:
        raise _unseen(tap)
    chain = _Chain(known, _names(plan, known))
    wanted = chain.behind(source) | set(chain.ahead(source))
    chain.calls = record(module, x, known, wanted, cancelled) if wanted else {}
    steps, before = chain.steps(source, index, tap, value_at(x, index) if source.serial < 0 else 0.0)
    following = chain.following(source, index)
    on = Where(x.device.type, tap.dtype)
    doubt = next((why(step, on) for step in (*steps, *following) if step.relative > TOLERANCE), "")
    return Arithmetic(name, channel, cell, steps, following, doubt, before)


def _names(plan: Plan, links: Links) -> dict[Source, str]:
    """The first tap that shows what a call made."""
    found: dict[Source, str] = {}
    for tap in plan.taps:
        source = links.outputs.get((tap.path, tap.call, tap.key)) if tap.observable else None
        if source is not None:
            found.setdefault(source, tap.name)
    return found


def _unseen(tap: Tap) -> ExplorerError:
    what = f"The value of {tap.name} cannot be taken apart."
    return ExplorerError(
        what, f"{tap.type} makes it where no torch function is called: TorchScript, inference mode or code of its own."
    )


def _unknown(tap: str, node: Node) -> ExplorerError:
    what = f"The value of {tap} cannot be taken apart."
    if node.name in _ATTENTION:
        return ExplorerError(what, f"Not available: the weighted values of {node.name} need the attention recorder.")
    return ExplorerError(what, f"The function {node.name} made it, for which there is no arithmetic here.")


class _Chain:
    """Walks from a tensor to what it was made of, and on to what is made of it."""

    def __init__(self, links: Links, names: Mapping[Source, str]) -> None:
        self.links, self.names = links, names
        self.calls: dict[int, Recorded] = {}

    # --- which calls are needed, before anything is known of their elements ---

    def behind(self, source: Source) -> set[int]:
        """Serials of the calls between a tensor and the sums it starts from."""
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
        return found

    def ahead(self, source: Source) -> list[int]:
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
            source = Source(takers[0])
        return found

    def _one(self, node: Node) -> int | None:
        """Which argument a function of one value takes it from; None where it takes many or joins two."""
        living = [i for i, maker in enumerate(node.makers) if maker is not None]
        return living[0] if len(living) == 1 and (node.name in POINTS or node.name in JOINS) else None

    def _padding(self, node: Node) -> int | None:
        maker = node.makers[0] if node.name in WINDOWS and node.makers else None
        if maker is None or maker.serial < 0 or self.links.nodes[maker.serial].name != "pad":
            return None
        return maker.serial

    # --- the steps themselves ---

    def steps(self, source: Source, index: Index, tap: Tap, entered: float) -> tuple[tuple[Step, ...], str]:
        """(steps from a sum to this element, what the first of them takes). `entered`: the element of the model's input."""
        found: list[Step] = []
        at: tuple[Source, Index] | None = (source, index)
        before = "the input"
        while at is not None and at[0].serial in self.calls:
            node, call = self.links.nodes[at[0].serial], self.calls[at[0].serial]
            if moves(call):
                at, before = self._origin(node, call, *at)
                continue
            step = self._step(node, call, at[1])
            if step is None and not found:
                raise _unknown(tap.name, node)
            if step is None:
                before = self._title_of(at[0])
                break
            stored = value_at(call.outs[at[0].position], at[1])
            found.append(replace(step, stored=stored, tap=self.names.get(at[0], "")))
            at, before = self._taken(node, call, at[1])
        if not found:
            found.append(Step("taken", f"the value of {before}", entered, stored=entered))
        return tuple(reversed(found)), before

    def _origin(
        self, node: Node, call: Recorded, source: Source, index: Index
    ) -> tuple[tuple[Source, Index] | None, str]:
        """Where a move took this element from (None: not from an activation), and the name of that."""
        origin = came_from(call, source.position, index)
        if origin is None:
            return None, "padding"
        maker = node.makers[origin[0]]
        if maker is None:
            return None, "what was written to it later" if node.lost[origin[0]] else "a weight or constant"
        return (maker, origin[1]), self._title_of(maker)

    def _taken(self, node: Node, call: Recorded, index: Index) -> tuple[tuple[Source, Index] | None, str]:
        """The one element that a normalisation or activation takes (None: many), and the name of what is taken."""
        position = self._one(node)
        maker = node.makers[0 if position is None else position] if node.makers else None
        if position is None or maker is None:
            return None, self._title_of(maker)
        return (maker, broadcast_index(call.operands[position], index)), self._title_of(maker)

    def following(self, source: Source, index: Index) -> tuple[Step, ...]:
        """What is done next with this very element."""
        found: list[Step] = []
        for serial in self.ahead(source):
            node, call = self.links.nodes[serial], self.calls[serial]
            operand = next(i for i, maker in enumerate(node.makers) if maker == source)
            if moves(call):
                target = goes_to(call, operand, index)
                if target is None or target[0] != 0:
                    break
                source, index = Source(serial), target[1]
                continue
            if tuple(call.operands[operand].shape) != tuple(call.outs[0].shape):
                break  # broadcast: it goes to many elements
            step = self._step(node, call, index)
            if step is None:
                break
            source = Source(serial)
            found.append(replace(step, stored=value_at(call.outs[0], index), tap=self.names.get(source, "")))
        return tuple(found)

    def _step(self, node: Node, call: Recorded, index: Index) -> Step | None:
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

    def _title(self, node: Node) -> str:
        return f"a result of the function {node.name}"

    def _title_of(self, source: Source | None) -> str:
        """A tap's name where a module returned it, also when it was only moved since; else what made it."""
        if source is None:
            return "what was written to it later"
        for _ in range(_FAR):
            if source.serial < 0:
                return "the input"
            if source in self.names:
                return self.names[source]
            node = self.links.nodes[source.serial]
            living = [maker for maker in node.makers if maker is not None]
            if node.name not in MOVES or len(living) != 1:
                return self._title(node)
            source = living[0]
        return ""
