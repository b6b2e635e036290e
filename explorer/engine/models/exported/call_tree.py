"""From the row of operators to calls of modules within calls of modules: which values go into each, and which come out. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from explorer.engine.models.exported.program import Argument, Bound, Program, ProgramNode, ValueName


@dataclass(slots=True, eq=False)
class ProgramCall:
    """One call of the module at `path`: what ran in it, in order, and the names of what it took and returned."""

    key: str
    path: str
    kind: str
    items: list[ProgramNode | ProgramCall] = field(default_factory=list)
    start: int = 0  # numbers of the first operator in it, and of the one behind the last
    stop: int = 0
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


def call_tree(program: Program) -> ProgramCall:
    """The call of the whole model."""
    root = _nested(program.nodes)
    _flatten_split(root)
    _join(root, program)
    return root


def calls_by_path(root: ProgramCall) -> dict[str, list[ProgramCall]]:
    """All calls of each module, in the order in which they begin."""
    found: dict[str, list[ProgramCall]] = defaultdict(list)
    waiting = [root]
    while waiting:
        call = waiting.pop()
        found[call.path].append(call)
        waiting += [item for item in reversed(call.items) if isinstance(item, ProgramCall)]
    return dict(found)


def names_in(given: Argument) -> Iterator[str]:
    """The values that an argument is made of."""
    if isinstance(given, ValueName):
        yield given.name
    elif isinstance(given, (tuple, dict)):
        for each in given.values() if isinstance(given, dict) else given:
            yield from names_in(each)


def bound_in(bound: Bound) -> Iterator[str]:
    """The names that a result gets."""
    if isinstance(bound, str):
        yield bound
    elif bound is not None:
        for each in bound:
            yield from bound_in(each)


def used_by(node: ProgramNode) -> Iterator[str]:
    """The values that an operator takes."""
    for _, given in node.args:
        yield from names_in(given)


def said_of(call: ProgramCall, kept: Collection[str]) -> tuple[Any, ...]:
    """What a call does, whatever its values are called: equal for two calls that do the same. `kept`: names that stay."""
    numbers: dict[str, int] = {}

    def renamed(given: Any) -> Any:
        if isinstance(given, ValueName):
            return given if given.name in kept else numbers.setdefault(given.name, len(numbers))
        if isinstance(given, dict):
            return tuple((key, renamed(each)) for key, each in given.items())
        if isinstance(given, tuple):
            return tuple(renamed(each) for each in given)
        return (type(given).__name__, given)

    def bound(given: Bound) -> Any:
        return renamed(ValueName(given)) if isinstance(given, str) else given and tuple(bound(each) for each in given)

    def said(within: ProgramCall) -> tuple[Any, ...]:
        found: list[Any] = [within.path, tuple(renamed(ValueName(name)) for name in within.inputs)]
        for item in within.items:
            if isinstance(item, ProgramCall):
                found.append(said(item))
            else:
                args = tuple((name, renamed(given)) for name, given in item.args)
                found.append((item.target, args, tuple(bound(out) for out in item.outputs)))
        return (*found, tuple(renamed(ValueName(name)) for name in within.outputs))

    return said(call)


def _nested(nodes: tuple[ProgramNode, ...]) -> ProgramCall:
    root = ProgramCall("", "", nodes[0].stack[0].kind if nodes and nodes[0].stack else "")
    open_calls = [root]
    for number, node in enumerate(nodes):
        frames = [frame for frame in node.stack if frame.path]
        if not node.stack:  # a pass of the exporter has made it
            frames = []
            depth = len(open_calls)
        else:
            depth = 1
            while depth < len(open_calls) and depth <= len(frames) and open_calls[depth].key == frames[depth - 1].key:
                depth += 1
        del open_calls[depth:]
        for frame in frames[depth - 1 :]:
            call = ProgramCall(frame.key, frame.path, frame.kind, start=number)
            open_calls[-1].items.append(call)
            open_calls.append(call)
        open_calls[-1].items.append(node)
        for call in open_calls:
            call.stop = number + 1
    return root


def _flatten_split(root: ProgramCall) -> None:
    """A call in the middle of which something else ran is none that can be made again: its operators go into the one around it."""
    counts: Counter[str] = Counter(call.key for calls in calls_by_path(root).values() for call in calls)
    waiting = [root]
    while waiting:
        call = waiting.pop()
        while any(isinstance(item, ProgramCall) and counts[item.key] > 1 for item in call.items):
            items: list[ProgramNode | ProgramCall] = []
            for item in call.items:
                split = isinstance(item, ProgramCall) and counts[item.key] > 1
                items += item.items if split and isinstance(item, ProgramCall) else [item]
            call.items = items
        waiting += [item for item in call.items if isinstance(item, ProgramCall)]


def _join(root: ProgramCall, program: Program) -> None:
    """Fills in `inputs` and `outputs`. What is state of the model, or a constant, is no input of a call."""
    made: dict[str, int] = {}
    users: dict[str, list[int]] = defaultdict(list)
    for number, node in enumerate(program.nodes):
        for name in used_by(node):
            users[name].append(number)
        for name in (name for bound in node.outputs for name in bound_in(bound)):
            made[name] = number
    end = len(program.nodes)
    for name in names_in(program.outputs):
        users[name].append(end)
    last = {name: numbers[-1] for name, numbers in users.items()}
    given = {name for name, _ in program.inputs}
    for calls in calls_by_path(root).values():
        for call in calls:
            if call is root:
                call.inputs, call.outputs = tuple(name for name, _ in program.inputs), ()
                continue
            nodes = program.nodes[call.start : call.stop]
            taken = dict.fromkeys(name for node in nodes for name in used_by(node))
            own = [name for node in nodes for bound in node.outputs for name in bound_in(bound)]
            inside = set(own)
            call.inputs = tuple(name for name in taken if name not in inside and (name in made or name in given))
            out = tuple(name for name in own if last.get(name, -1) >= call.stop)
            # nobody uses what an in-place operator returned: what the module returned is what was made last
            call.outputs = out or tuple(own[-1:])
