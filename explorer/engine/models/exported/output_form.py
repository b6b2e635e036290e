"""How the outputs of an exported program are nested: from the text of its pytree, read as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from explorer.core.untrusted_json import parsed
from explorer.engine.models.exported.program import Argument

_DEPTH = 20
_TABLES = ("dict", "OrderedDict", "defaultdict")


def form_of(spec: str, outputs: list[Argument]) -> Argument:
    """A single value, a tuple, or a table by name. What is nested in an unknown way is a tuple of all values."""
    flat: Argument = outputs[0] if len(outputs) == 1 else tuple(outputs)
    try:
        version, tree = parsed(spec)
        values = iter(outputs)
        made = _built(tree, values, _DEPTH)
        return made if version == 1 and next(values, _END) is _END else flat
    except (ValueError, KeyError, TypeError, StopIteration):
        return flat


_END = object()


def _built(tree: Any, values: Iterator[Argument], depth: int) -> Argument:
    kind, children = tree["type"], tree["children_spec"]
    if not depth:
        raise ValueError
    if kind is None:
        return next(values)
    made = tuple(_built(child, values, depth - 1) for child in children)
    names = _names(tree["context"]) if kind.rpartition(".")[2] in _TABLES or "Output" in kind else None
    if names is not None and len(names) == len(made):
        return dict(zip(names, made, strict=True))
    return made


def _names(context: Any) -> list[str] | None:
    """The keys of a table: a list of texts, in some kinds nested in another one."""
    held = parsed(context) if isinstance(context, str) else context
    for _ in range(3):
        if isinstance(held, list) and held and all(isinstance(each, str) for each in held):
            return held
        held = next((each for each in held if isinstance(each, list)), None) if isinstance(held, list) else None
    return None
