"""From what a checkpoint file holds to the weights in it: wrappers opened, everything that is no tensor left out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.models.weights import names
from explorer.engine.models.weights.inert import Broken, OddKey, PickledCall, Table
from explorer.engine.models.weights.plan import TensorPlan, unknown
from explorer.engine.models.weights.rebuild import Shelf, plan_of

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
    "model_weights",
    "online_network",
    "online_encoder",
    "encoder_q",
    "state_dict_ema",
    "model_ema",
    "module_ema",
    "ema_model",
    "ema_state_dict",
    "ema",
    "params_ema",
    # a teacher is the mean of its students, and what is used after training
    "teacher",
    "student",
    "target_network",
    "target_encoder",
    "encoder_k",
)
_AVERAGED = tr("The file also holds averaged weights")
_KINDS = {name: _AVERAGED for name in WRAPPERS if "ema" in name}
DEPTH = 5
EXTRACT = tr("Its weights can be read without running anything: “weights extract FILE”.")
Value = TypeVar("Value")


class WholeModelError(ExplorerError):
    """A module was saved as a whole. Its weights can be read by `read_checkpoint(..., objects=True)`."""


class State(dict[str, Value], Generic[Value]):
    """A state dict with the format version of each layer, which some layers need to read older files. torch's convention."""

    def __init__(self, tensors: Mapping[str, Value], versions: Mapping[str, Any] | None = None) -> None:
        super().__init__(tensors)
        if versions:
            self._metadata = OrderedDict(versions)


def planned(value: Any, shelf: Shelf, depth: int = DEPTH + 1) -> Any:
    """The same tables with every tensor in them planned; what is no tensor stays inert."""
    return _planned(value, shelf, depth, {})


def _planned(value: Any, shelf: Shelf, depth: int, seen: dict[tuple[int, int], Any]) -> Any:
    key = id(value), depth  # one table may stand in many places, also within itself
    if key in seen:
        return seen[key]
    if not isinstance(value, dict):
        try:
            made: Any = plan_of(value, shelf) or value
        except Broken as error:
            made = unknown(str(error), damaged=True)
    elif depth:
        made = Table(getattr(value, "state", None))
        made.update((name, _planned(entry, shelf, depth - 1, seen)) for name, entry in value.items())
    else:
        made = value
    seen[key] = made
    return made


def unwrap(held: Any, file: str, named: tuple[str, ...] = ()) -> tuple[dict[str, TensorPlan], tuple[str, ...]]:
    """(planned tensors by name, notes). `file` is the name for messages, `named`: dotted names of all Python objects in it.

    Raises ExplorerError when there are no weights.
    """
    trail: list[str] = []
    notes: list[str] = []
    while (inner := _inside(held)) is not None and len(trail) < DEPTH:
        notes += _others(held, inner)
        trail.append(inner)
        held = held[inner]
    several = () if _is_state(held) else _ways(held)
    if several:  # the one that fits the model is found by its names
        notes.append(tr("The file holds several sets of weights: {listed}.", listed=names.listed(several, 8)))
        held = {f"{way}.{name}": value for way in several for name, value in _state_of(held[way]).items()}
    if not _is_state(held):
        raise _nothing(held, file, named)
    tensors = State({key: value for key, value in held.items() if isinstance(value, TensorPlan)}, _versions(held))
    if trail:
        notes.insert(0, tr("Weights taken from “{shown}” in the file.", shown=names.shown("/".join(trail))))
    return tensors, tuple(notes)


def _versions(held: Any) -> dict[str, Any]:
    """The versions of layers that torch keeps with a state dict, only what is plain in them."""
    state = getattr(held, "state", None)
    told = state.get("_metadata") if isinstance(state, dict) else None
    if not isinstance(told, dict):
        return {}
    plain = {
        path: entry.get("version") for path, entry in told.items() if isinstance(path, str) and isinstance(entry, dict)
    }
    return {path: {"version": version} for path, version in plain.items() if type(version) is int}


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
    ways = _ways(held)
    return ways[0] if len(ways) == 1 else None


def _ways(held: Any) -> tuple[str, ...]:
    """Keys that lead to tensors, the optimiser's not among them."""
    if not isinstance(held, Mapping):
        return ()
    named = [key for key in held if isinstance(key, str) and not key.startswith("optim")]
    return tuple(key for key in named if _leads_on(held[key], DEPTH))


def _state_of(value: Any) -> Any:
    """Where a way ends."""
    for _ in range(DEPTH):
        inner = None if _is_state(value) else _inside(value)
        if inner is None:
            break
        value = value[inner]
    return value


def _leads_on(value: Any, depth: int) -> bool:
    if not isinstance(value, Mapping) or not depth:
        return False
    return _is_state(value) or any(_leads_on(value[key], depth - 1) for key in WRAPPERS if key in value)


def _is_state(value: Any) -> bool:
    """A mapping from names to tensors. A lone scalar beside other things (`best_loss`) does not make one."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        return False
    return any(isinstance(entry, TensorPlan) and (entry.shape or entry.wrong) for entry in value.values())


def _others(held: Mapping[str, Any], chosen: str) -> list[str]:
    """Other sets of weights beside the chosen one, which somebody may have meant."""
    named = [key for key in WRAPPERS if key != chosen and key in held and _leads_on(held[key], DEPTH)]
    return [
        tr("{kinds} (“{key}”), which are not used.", kinds=_KINDS.get(key, tr("The file also holds weights")), key=key)
        for key in named[:1]
    ]


def _nothing(held: Any, file: str, named: tuple[str, ...]) -> ExplorerError:
    todo = tr("Save the weights alone, torch.save(model.state_dict(), FILE), and open that file.")
    if names.whole_model(named):
        own = tuple(name.rpartition(".")[2] for name in names.strange(named) if not name.startswith("torch."))
        what = tr(
            "{file} holds a whole model as Python objects{listed}, not only its weights.",
            file=file,
            listed=f" ({names.listed(own)})" if own else "",
        )
        why = tr("Making it again would run the code of its classes, so it was not opened.")
        return WholeModelError(what, why, f"{EXTRACT} {todo}")
    if isinstance(held, Mapping):
        keys = (
            ", ".join(names.shown(str(key), 60) for key in list(held)[:8] if not isinstance(key, OddKey)) or "nothing"
        )
        why = tr(
            "It holds {keys}{part}, and none of these is a set of named tensors.",
            keys=keys,
            part=", …" if len(held) > 8 else "",
        )
    else:
        why = tr("It holds {kind} in the place of named tensors.", kind=_kind(held))
    odd = names.strange(named)
    if odd:
        why += tr(
            " It names {listed}, which would have to run to be made, so it was not opened.", listed=names.listed(odd)
        )
    return ExplorerError(tr("{file} holds no weights that can be recognised.", file=file), why, todo)


def _kind(held: Any) -> str:
    if isinstance(held, TensorPlan):
        return tr("a single tensor")
    if isinstance(held, PickledCall):
        return tr("an object of {shown}", shown=names.shown(held.path) or tr("an unknown class"))
    return f"a {type(held).__name__}"
