"""The weights in a module that was saved as a whole: from the attributes that its pickle names, with no class of it made.

What `torch.nn.Module.state_dict` would give: parameters and buffers that are kept, under the paths of their modules.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from explorer.core.translation import tr
from explorer.engine.models.weights.inert import Name, PickledCall, Stored, TooMuch
from explorer.engine.models.weights.plan import TensorPlan
from explorer.engine.models.weights.rebuild import Shelf, plan_of

DEPTH = 64  # of modules within modules
MODULES = 100_000
PATH = 1000  # characters
_PARTS = ("_parameters", "_buffers", "_modules")


@dataclass(frozen=True, slots=True, eq=False)
class SavedModule:
    """One module as a pickle describes it. `key`: what it is called in the file, "" where it is all of it."""

    key: str
    call: PickledCall

    @property
    def kind(self) -> str:
        """The dotted name of its class."""
        return class_of(self.call)


def class_of(value: Any) -> str:
    """The dotted name of an object's class, "" where it has none."""
    if not isinstance(value, PickledCall):
        return ""
    if value.path == "copyreg._reconstructor" and isinstance(value.args, tuple) and value.args:
        return value.args[0].path if isinstance(value.args[0], Name) else ""
    if isinstance(value.what, Stored):  # files before torch 1.6 keep the source of the class beside its name
        key = value.what.key
        return key[1].path if isinstance(key, tuple) and len(key) > 1 and isinstance(key[1], Name) else ""
    return value.path


def is_module(value: Any) -> bool:
    """Whether a pickled object has the attributes of a torch.nn.Module."""
    return (
        isinstance(value, PickledCall) and isinstance(value.state, dict) and all(part in value.state for part in _PARTS)
    )


def saved_modules(held: Any) -> tuple[SavedModule, ...]:
    """The modules in a file, the whole of it or entries of its tables, in their order."""
    return tuple(_saved(held, "", 3, set()))


def _saved(held: Any, key: str, depth: int, seen: set[int]) -> Iterator[SavedModule]:
    if is_module(held):
        yield SavedModule(key, held)
    elif isinstance(held, Mapping) and depth and id(held) not in seen:  # one table may stand in many places
        seen.add(id(held))
        for name, value in held.items():
            if isinstance(name, str) and (is_module(value) or isinstance(value, Mapping)):
                yield from _saved(value, _path(key, name, "/"), depth - 1, seen)


def modules_of(module: SavedModule) -> Iterator[tuple[str, PickledCall]]:
    """(path, module) of it and of all that is in it; one that stands in two places under both. Raises TooMuch."""
    open_ones = [iter([("", module.call)])]
    count = 0
    while open_ones:
        found = next(open_ones[-1], None)
        if found is None:
            open_ones.pop()
            continue
        count += 1
        if len(open_ones) > DEPTH or count > MODULES:
            raise TooMuch(tr("its modules are nested without end"))
        yield found
        open_ones.append(_children(*found))


def _children(path: str, call: PickledCall) -> Iterator[tuple[str, PickledCall]]:
    held = call.state["_modules"]
    for name, child in held.items() if isinstance(held, dict) else ():
        if isinstance(name, str) and is_module(child):
            yield _path(path, name), child


def _path(above: str, name: str, between: str = ".") -> str:
    """Raises TooMuch: one long name may stand in every module."""
    if len(above) + len(name) > PATH:
        raise TooMuch(tr("a name in it has more than {count:,} characters", count=PATH))
    return f"{above}{between}{name}" if above else name


def plans_of(module: SavedModule, shelf: Shelf) -> dict[str, TensorPlan]:
    """Planned tensors under the names of its state dict. Raises Broken, TooMuch."""
    found: dict[str, TensorPlan] = OrderedDict()
    made: dict[int, TensorPlan | None] = {}
    for path, call in modules_of(module):
        left_out = set(_listed(call.state.get("_non_persistent_buffers_set")))
        for part in ("_parameters", "_buffers"):
            held = call.state[part]
            for name, value in held.items() if isinstance(held, dict) else ():
                if not isinstance(name, str) or (part == "_buffers" and name in left_out):
                    continue
                if id(value) not in made:
                    made[id(value)] = plan_of(value, shelf)
                plan = made[id(value)]
                if plan is not None:
                    found[_path(path, name)] = plan
        if len(found) > MODULES:
            raise TooMuch(tr("it holds more than {modules:,} tensors", modules=MODULES))
    return found


def _listed(given: Any) -> tuple[str, ...]:
    """The texts of a set, which a pickle makes by a call with a list."""
    if isinstance(given, PickledCall) and isinstance(given.args, tuple) and given.args:
        given = given.args[0]
    return tuple(each for each in given if isinstance(each, str)) if isinstance(given, (list, tuple, set, dict)) else ()
