"""Put weights into a module: prefixes taken off, every value in its place, or an error that says which is not."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from explorer.core.types import ExplorerError
from explorer.engine.models.unwrap import State

# What wrappers around a model (DataParallel, torch.compile, Lightning, detectors) put before its names.
PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "net.", "network.", "encoder.", "ema.")
LISTED = 8


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How weights and a module differ: names, with shapes where there are two."""

    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.shapes)

    @property
    def text(self) -> str:
        titles = ("missing from the file", "in the file without a place", "of another shape")
        parts = []
        for title, names in zip(titles, (self.missing, self.unexpected, self.shapes), strict=True):
            if names:
                more = ", …" if len(names) > LISTED else ""
                parts.append(f"{len(names)} {title}: {', '.join(names[:LISTED])}{more}")
        return "; ".join(parts) + "."


def match_names(state: dict[str, Tensor], expected: Set[str]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """(the state under the names that fit `expected` best, notes). Unchanged when no prefix makes more names fit."""
    candidates = [(state, ""), *_shortened(state, expected)]
    added = next((p for p in PREFIXES if all(name.startswith(p) for name in expected)), "")
    if added:
        candidates.append(
            (_renamed(state, lambda name: added + name), f"Prefix “{added}” added to the names in the file.")
        )
    # max keeps the first of equals: as little is changed as possible.
    best, note = max(candidates, key=lambda candidate: len(expected & candidate[0].keys()))
    return best, (note,) if note else ()


def load_into(module: nn.Module, state: dict[str, Tensor], file: str, name: str) -> tuple[str, ...]:
    """Copy every value into the module and return notes. ExplorerError listing what does not fit; the module is then spoilt.

    `file` and `name` (of the model) are for the message. Values are converted to the module's own precision.
    """
    expected = module.state_dict()
    fitted, notes = match_names(state, expected.keys())
    misfits = {key: _shapes(expected[key], value) for key, value in fitted.items() if key in expected}
    shapes = {key: text for key, text in misfits.items() if text}
    missing, unexpected = _load(module, _filtered(fitted, shapes.keys()), file, name)
    mismatch = Mismatch(
        # The batch counter is not used in eval mode, and many converters leave it out.
        tuple(key for key in missing if key not in shapes and not key.endswith("num_batches_tracked")),
        tuple(unexpected),
        tuple(f"{key} {text}" for key, text in shapes.items()),
    )
    if mismatch:
        todo = "Open it with the architecture it was trained with."
        raise ExplorerError(f"The weights in {file} do not fit {name}.", mismatch.text, todo)
    return (*notes, *_precision(fitted, expected))


def class_count(state: Mapping[str, Tensor], module: nn.Module, classes: int) -> int:
    """Number of classes the weights were trained for, seen from the only layers that differ; `classes` when none differ."""
    counts = set()
    for key, have in module.state_dict().items():
        given = state.get(key)
        if given is None or given.shape == have.shape:
            continue
        if have.ndim == 0 or given.ndim != have.ndim or have.shape[0] != classes or given.shape[1:] != have.shape[1:]:
            return classes  # something else differs: the message about shapes will say what
        counts.add(int(given.shape[0]))
    return counts.pop() if len(counts) == 1 else classes


def _load(module: nn.Module, state: dict[str, Tensor], file: str, name: str) -> tuple[list[str], list[str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice about old file formats, for the author of the file
            result = module.load_state_dict(state, strict=False)
    except (RuntimeError, ValueError, TypeError, KeyError) as error:
        why = str(error).strip().splitlines()[-1].strip()
        raise ExplorerError(f"The weights in {file} could not be put into {name}.", why) from None
    return list(result.missing_keys), list(result.unexpected_keys)


def _shapes(have: Tensor, given: Tensor) -> str:
    if torch.nn.parameter.is_lazy(have) or have.shape == given.shape:
        return ""
    return f"{tuple(given.shape)} in the file, {tuple(have.shape)} in the model"


def _shortened(state: dict[str, Tensor], expected: Set[str]) -> list[tuple[dict[str, Tensor], str]]:
    """The state with one, two, ... prefixes taken off, outermost first."""
    steps: list[tuple[dict[str, Tensor], str]] = []
    taken: list[str] = []
    while len(taken) < len(PREFIXES) and not expected <= state.keys():
        prefix = max(PREFIXES, key=lambda p: sum(_has(name, p) for name in state))
        if not any(_has(name, prefix) for name in state):
            break
        state = _renamed(state, partial(_without, prefix=prefix))
        taken.append(prefix)
        steps.append((state, f"Prefix “{''.join(taken)}” taken off the names in the file."))
    return steps


def _has(name: str, prefix: str) -> bool:
    # torch.compile marks every compiled part, not only the outermost.
    return prefix in name if prefix == "_orig_mod." else name.startswith(prefix)


def _without(name: str, prefix: str) -> str:
    return name.replace(prefix, "") if prefix == "_orig_mod." else name.removeprefix(prefix)


def _renamed(state: dict[str, Tensor], rename: Callable[[str], str]) -> dict[str, Tensor]:
    versions = {rename(path + ".").rstrip("."): value for path, value in getattr(state, "_metadata", {}).items()}
    return State({rename(name): value for name, value in state.items()}, versions)


def _filtered(state: dict[str, Tensor], without: Set[str]) -> dict[str, Tensor]:
    versions = getattr(state, "_metadata", {})
    return State({name: value for name, value in state.items() if name not in without}, versions)


def _precision(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> tuple[str, ...]:
    stored = {value.dtype for key, value in state.items() if value.is_floating_point() and key in expected}
    used = {value.dtype for value in expected.values() if isinstance(value, Tensor) and value.is_floating_point()}
    if stored <= used:
        return ()
    names = ", ".join(sorted(str(dtype).removeprefix("torch.") for dtype in stored - used))
    return (f"Weights stored as {names} are computed in the model's own precision.",)
