"""Put weights into a module: names made to fit, every value in its place, or an error that says which is not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.models.weights import leftover
from explorer.engine.models.weights.names import listed as short
from explorer.engine.models.weights.prefixes import match_names
from explorer.engine.models.weights.unwrap import State

LISTED = 5


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was done to make weights fit. `untrained`: paths of the layers at the end that the file has no values for."""

    notes: tuple[str, ...] = ()
    untrained: tuple[str, ...] = ()


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
        titles = (tr("missing from the file"), tr("in the file without a place"), tr("of another shape"))
        parts = []
        for title, names in zip(titles, (self.missing, self.unexpected, self.shapes), strict=True):
            if names:
                parts.append(f"{len(names)} {title}: {listed(names)}")
        return "; ".join(parts) + "."

    @property
    def whole(self) -> str:
        """All names, one a line."""
        titles = (tr("Missing from the file"), tr("In the file without a place"), tr("Of another shape"))
        parts = zip(titles, (self.missing, self.unexpected, self.shapes), strict=True)
        return "\n\n".join("\n".join((f"{title} ({len(names)}):", *names)) for title, names in parts if names)


class WeightsMismatch(ExplorerError):
    """Weights that do not fit a model: the message names some of what differs, `mismatch` all of it."""

    def __init__(self, what: str, mismatch: Mismatch, todo: str) -> None:
        super().__init__(what, mismatch.text, todo)
        self.mismatch = mismatch
        self.add_note(mismatch.whole)


def listed(names: tuple[str, ...]) -> str:
    """The first of them."""
    return short(names, LISTED)


def load_into(module: nn.Module, state: dict[str, Tensor], file: str, name: str) -> Fitted:
    """Copy every value into the module. ExplorerError listing what does not fit; the module is then spoilt.

    `file` and `name` (of the model) are for the message. Values are converted to the module's own precision. Layers at the end
    may be missing or have another number of classes, and parts that the model has not may be there: both are told.
    """
    expected = module.state_dict()
    tensors = {key: value for key, value in expected.items() if isinstance(value, Tensor)}
    given, notes = match_names(state, tensors)
    same = leftover.tied(tensors)
    given = _tied_given(given, same, file, name)
    shapes = {key: text for key, value in given.items() if key in tensors and (text := _shapes(tensors[key], value))}
    _refuse_untrue(given, module, file, name)
    told, unknown = _load(module, _without(given, shapes.keys()), file, name)
    # The batch counter is not used in eval mode, and many converters leave it out.
    missing = tuple(key for key in told if key not in shapes and not key.endswith("num_batches_tracked"))
    head: tuple[str, ...] = ()
    if all(_other_classes(tensors[key], given[key]) for key in shapes):
        head = leftover.head(module, {*missing, *shapes}, tensors.keys() - told)
    left = tuple(key for key in unknown if leftover.may_be_left(key, given[key], module, head))
    mismatch = Mismatch(
        () if head else missing, (), () if head else tuple(f"{key} {text}" for key, text in shapes.items())
    )
    if mismatch or len(left) < len(unknown):
        mismatch = replace(mismatch, unexpected=tuple(unknown))
    if mismatch:
        todo = tr("Open it with the architecture it was trained with.")
        raise WeightsMismatch(tr("The weights in {file} do not fit {name}.", file=file, name=name), mismatch, todo)
    return Fitted((*notes, *_left_note(left), *_head_note(head, shapes), *_precision(given, expected)), head)


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


def _tied_given(given: dict[str, Tensor], same: Mapping[str, str], file: str, name: str) -> dict[str, Tensor]:
    """Values for both names of one tensor where the file has one of them. ExplorerError where it has two that differ."""
    more: dict[str, Tensor] = {}
    for second, first in same.items():
        one, two = given.get(first), given.get(second)
        if one is not None and two is not None and not _equal(one, two):
            why = tr(
                "{first} and {second} are one tensor in the model, and two that differ in the file.",
                first=first,
                second=second,
            )
            raise ExplorerError(
                tr("The weights in {file} do not fit {name}.", file=file, name=name),
                why,
                tr("Open it with the model that wrote it."),
            )
        if one is not None and two is None:
            more[second] = one
        if two is not None and one is None:
            more[first] = two
    return State(given | more, getattr(given, "_metadata", {})) if more else given


def _equal(one: Tensor, two: Tensor) -> bool:
    if one is two or one.shape != two.shape:
        return one is two
    return torch.allclose(one.double(), two.double(), rtol=0, atol=0, equal_nan=True)


def _refuse_untrue(given: Mapping[str, Tensor], module: nn.Module, file: str, name: str) -> None:
    """Numbers that would become others on their way into the model."""
    for key, have in module.named_parameters(remove_duplicate=False):
        value = given.get(key)
        if value is None or value.shape != have.shape or torch.nn.parameter.is_lazy(have):
            continue
        real = have.is_floating_point() or have.is_complex()
        what = ""
        if value.is_complex() and not have.is_complex():
            what = tr("holds complex numbers, and the model's are real")
        elif real and not (value.is_floating_point() or value.is_complex() or value.is_quantized):
            what = tr(
                "holds whole numbers ({dtype}), as quantised weights do", dtype=str(value.dtype).removeprefix("torch.")
            )
        if what:
            todo = tr("Save the weights in the precision that the model computes in.")
            raise ExplorerError(
                tr("The weights in {file} do not fit {name}.", file=file, name=name), f"{key} {what}.", todo
            )


def _load(module: nn.Module, state: dict[str, Tensor], file: str, name: str) -> tuple[list[str], list[str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice about old file formats, for the author of the file
            result = module.load_state_dict(state, strict=False)
    except Exception as error:  # noqa: BLE001  # a module's own reading of its state may raise anything
        why = (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()[:300]
        raise ExplorerError(
            tr("The weights in {file} could not be put into {name}.", file=file, name=name), why
        ) from None
    return list(result.missing_keys), list(result.unexpected_keys)


def _shapes(have: Tensor, given: Tensor) -> str:
    if torch.nn.parameter.is_lazy(have) or have.shape == given.shape:
        return ""
    return tr("{shape} in the file, {shape2} in the model", shape=tuple(given.shape), shape2=tuple(have.shape))


def _other_classes(have: Tensor, given: Tensor) -> bool:
    return have.ndim == given.ndim > 0 and have.shape[1:] == given.shape[1:]


def _without(state: dict[str, Tensor], names: Set[str]) -> dict[str, Tensor]:
    versions = getattr(state, "_metadata", {})
    return State({name: value for name, value in state.items() if name not in names}, versions)


def _left_note(left: tuple[str, ...]) -> tuple[str, ...]:
    return (
        (
            tr(
                "Left out: {count} tensors in the file without a place in the model: {listed}.",
                count=len(left),
                listed=listed(left),
            ),
        )
        if left
        else ()
    )


def _head_note(head: tuple[str, ...], shapes: Mapping[str, str]) -> tuple[str, ...]:
    if not head:
        return ()
    other = next((text for key, text in shapes.items() if key.rpartition(".")[0] in head), "")
    why = (
        tr("the file has them for another number of classes: {other}", other=other)
        if other
        else tr("the file has no values for them")
    )
    return (
        tr(
            "Untrained: {listed} ({why}). The scores mean nothing, the features before them do.",
            listed=listed(head),
            why=why,
        ),
    )


def _precision(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> tuple[str, ...]:
    stored = {value.dtype for key, value in state.items() if value.is_floating_point() and key in expected}
    used = {value.dtype for value in expected.values() if isinstance(value, Tensor) and value.is_floating_point()}
    if stored <= used:
        return ()
    names = ", ".join(sorted(str(dtype).removeprefix("torch.") for dtype in stored - used))
    return (tr("Weights stored as {names} are computed in the model's own precision.", names=names),)
