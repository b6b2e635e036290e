"""From what a checkpoint file holds to the weights in it: wrappers opened, everything that is no tensor left out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from explorer.core.types import ExplorerError

# In this order: the plain weights come before averaged ones.
WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
    "module",
    "weights",
    "params",
    "state_dict_ema",
    "model_ema",
    "ema_state_dict",
    "ema",
    "params_ema",
)
AVERAGED = tuple(name for name in WRAPPERS if "ema" in name)
DEPTH = 5


class State(dict[str, Tensor]):
    """A state dict with the format version of each layer, which some layers need to read older files. torch's convention."""

    def __init__(self, tensors: Mapping[str, Tensor], versions: Mapping[str, Any] | None = None) -> None:
        super().__init__(tensors)
        if versions:
            self._metadata = OrderedDict(versions)


def unwrap(held: Any, file: str) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """(tensors by name, notes). `file` is the name for messages. Raises ExplorerError when there are no weights."""
    trail: list[str] = []
    notes: list[str] = []
    while (inner := _inside(held)) is not None and len(trail) < DEPTH:
        notes += _others(held, inner)
        trail.append(inner)
        held = held[inner]
    if not _is_state(held):
        raise _nothing(held, file)
    tensors = {key: value.detach() for key, value in held.items() if isinstance(value, Tensor)}
    if trail:
        notes.insert(0, f"Weights taken from “{'/'.join(trail)}” in the file.")
    return State(tensors, getattr(held, "_metadata", {})), tuple(notes)


def _inside(held: Any) -> str | None:
    """The key that leads on towards the weights, None when `held` is where they are, or a dead end."""
    if not isinstance(held, Mapping):
        return None
    for key in WRAPPERS:
        if key in held and _leads_on(held[key], DEPTH):
            return key
    if _is_state(held):
        return None
    # No name that is known, but a single way to tensors: that must be it.
    ways = [
        key for key, value in held.items() if isinstance(key, str) and _leads_on(value, DEPTH) and key != "optimizer"
    ]
    return ways[0] if len(ways) == 1 else None


def _leads_on(value: Any, depth: int) -> bool:
    if not isinstance(value, Mapping) or not depth:
        return False
    return _is_state(value) or any(_leads_on(value[key], depth - 1) for key in WRAPPERS if key in value)


def _is_state(value: Any) -> bool:
    """A mapping from names to tensors. A lone scalar beside other things (`best_loss`) does not make one."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        return False
    return any(isinstance(entry, Tensor) and entry.ndim for entry in value.values())


def _others(held: Mapping[str, Any], chosen: str) -> list[str]:
    averaged = [key for key in AVERAGED if key != chosen and key in held and _leads_on(held[key], DEPTH)]
    return [f"The file also holds averaged weights (“{averaged[0]}”), which are not used."] if averaged else []


def _nothing(held: Any, file: str) -> ExplorerError:
    if isinstance(held, Mapping):
        keys = ", ".join(str(key) for key in list(held)[:8]) or "nothing"
        why = f"It holds {keys}{', …' if len(held) > 8 else ''}, and none of these is a set of named tensors."
    else:
        why = f"It holds a {type(held).__name__} in the place of named tensors."
    todo = "Save the weights alone, torch.save(model.state_dict(), FILE), and open that file."
    return ExplorerError(f"{file} holds no weights that can be recognised.", why, todo)
