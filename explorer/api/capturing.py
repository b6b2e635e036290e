"""True values of every layer of one forward, of an open model or of any module."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from explorer.api.named_taps import tap_named
from explorer.api.opened_models import AnyModel, Shown, busy, opened, workbench
from explorer.api.values_read_late import ValuesReadLate
from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.model_output import Guess
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.translation import tr
from explorer.engine import export
from explorer.engine.capture.forward import CapturePlan, Discovery, discover
from explorer.engine.capture.forward import capture as captured_again
from explorer.engine.capture.module_walk import modules_of
from explorer.engine.capture.trace import version
from explorer.engine.inputs.given_tensor import picture_of_tensor
from explorer.engine.models.handed_over import PREFIX
from explorer.engine.models.module_state import parameter_count, state_digest


@dataclass(frozen=True, eq=False)
class _Given:
    """A module and a copy of its input. `state`: of its weights before the forward, as torch counts writes to them."""

    module: nn.Module
    x: Tensor
    state: list[tuple[int, int]]


@dataclass(frozen=True, eq=False, repr=False)
class Captured(Mapping[str, Array]):
    """Values by tap name: read-only arrays without the batch dimension, in the layer's own type (half types as float32).

    taps: all places of the forward in the order of execution, also those that cannot be seen, with the reason. output: what the
    module returned; None of an open model. prediction: the best classes of an open model, best first. seconds: of the forward.
    """

    taps: tuple[Tap, ...]
    values_by_tap: Mapping[str, Array]
    seconds: float
    output: Any = None
    prediction: tuple[Guess, ...] = ()
    capture: Capture | None = None
    card: ModelCard | None = None
    given: _Given | None = field(default=None)
    _limit: ClassVar[int] = 500  # rows of a table in a notebook

    def __getitem__(self, name: str) -> Array:
        try:
            return self.values_by_tap[name]
        except KeyError:
            pass
        tap_named(self.taps, name)  # says why not
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return name in self.values_by_tap

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_tap)

    def __len__(self) -> int:
        return len(self.values_by_tap)

    def tap(self, name: str) -> Tap:
        """What is known of a place: type, layout, shape, receptive field. Raises ExplorerError for a name that there is not."""
        return tap_named(self.taps, name)

    def manifest(self, names: Sequence[str] = ()) -> dict[str, Any]:
        """What the values need to be had again: model, checksum of the weights, preprocessing, input, taps, versions. The checksum is
        empty where the weights of a module of one's own have been written to since, as by training."""
        card, capture = self._whole()
        return export.manifest(card, capture, [capture.tap(name) for name in names or self])

    def save(self, path: str | Path, names: Sequence[str] = ()) -> Path:
        """Writes an .npz as the command maps does: one float32 array a tap, and `manifest`, a JSON text; all taps without names."""
        path = Path(path)
        if path.suffix.lower() != ".npz":
            raise ExplorerError(
                tr("{path} does not end in .npz.", path=path.name), "", tr("Pictures are saved by mosaic(...).save.")
            )
        for name in names:
            tap_named(self.taps, name)
        export.write(str(path), export.values_file(*self._whole(), names or list(self)))
        return path

    def __repr__(self) -> str:
        return f"<explorer.Captured: {len(self)} of {len(self.taps)} taps, {1000 * self.seconds:.1f} ms>"

    def _repr_html_(self) -> str:
        from explorer.api.notebook import table

        head = (tr("tap"), tr("type"), tr("shape"), tr("layout"), tr("least"), tr("largest"), tr("mean"))
        shown = [self._row(tap) for tap in self.taps[: self._limit]]
        left = len(self.taps) - len(shown)
        return table("", head, shown, [tr("and {count:,} more", count=left)] if left > 0 else ())

    def _row(self, tap: Tap) -> tuple[str, ...]:
        if tap.name not in self:
            return tap.name, tap.type, tap.reason or tr("not kept"), "", "", "", ""
        values = self[tap.name]
        numbers = (values.min(), values.max(), values.mean(dtype=np.float64)) if values.size else ()
        shape = " × ".join(map(str, values.shape))
        return tap.name, tap.type, shape, str(tap.layout), *(f"{float(number):.4g}" for number in numbers)

    def _whole(self) -> tuple[ModelCard, Capture]:
        if self.capture is not None and self.card is not None:
            return self.card, self.capture
        assert self.given is not None  # one of both is there
        card = _card_of(self.given)
        return card, Capture(
            card.digest, _picture_of(self.given.x), self.taps, self.values_by_tap, seconds=self.seconds
        )


def capture(model: AnyModel, input: Shown, taps: str | Sequence[str] = ()) -> Captured:
    """True values of every layer: a mapping of tap names to numpy arrays without the batch dimension.

    model: a module of one's own, or what `open` takes. input: of a module its input tensor, one input with the batch dimension
    (1, ...), on the module's device; of an open model any input. taps: names or patterns ("layer1.*"), all without any.

    The first forward of a module and a shape is watched, which takes some times as long; what was learnt is kept as long as the
    module is. Afterwards the module is as it was: hooks are gone, flags restored, also where it raises.

    Raises ExplorerError where the forward raises (naming the layer), for several inputs at once, and for unknown taps.
    """
    wanted = (taps,) if isinstance(taps, str) else tuple(taps)
    if isinstance(model, nn.Module):
        return _of_module(model, input, wanted)
    with busy():
        loaded, seen = opened(model, input)
        assert seen is not None  # it was given
        bench = workbench()
        plan_taps = bench.look(loaded, seen).taps
        names = chosen(plan_taps, wanted)
        found = bench.capture(loaded, seen, names)
    values = {name: found.values[name] for name in names}
    return Captured(found.taps, values, found.seconds, None, found.prediction, found, loaded.card)


def chosen(taps: Sequence[Tap], wanted: Sequence[str]) -> list[str]:
    """The names of the observable taps that some names or patterns fit, in the order of execution; of all without any."""
    there = [tap.name for tap in taps if tap.observable]
    if not wanted:
        return there
    fitting: set[str] = set()
    for pattern in wanted:
        named = {pattern} if pattern in there else {name for name in there if fnmatchcase(name, pattern)}
        fitting |= named or {tap_named(taps, pattern).name}
    return [name for name in there if name in fitting]


# --- a module of one's own ---

_Modules = list[tuple[str, nn.Module]]
_Key = tuple[tuple[int, ...], torch.dtype, torch.device]


@dataclass(slots=True)
class _Known:
    """What was learnt of a module: its parts when it was watched, and the plan of each kind of input."""

    parts: list[tuple[str, int]]
    plans: dict[_Key, CapturePlan]


_known: weakref.WeakKeyDictionary[nn.Module, _Known] = weakref.WeakKeyDictionary()


def _of_module(module: nn.Module, given: Shown, wanted: tuple[str, ...]) -> Captured:
    x = _one_input(given)
    found = modules_of(module)
    before = _Given(module, x.clone(), _state_of(found))
    parts = [(name, id(part)) for name, part in found]
    known = _known.get(module)
    if known is None or known.parts != parts:
        known = _known[module] = _Known(parts, {})
    key = tuple(x.shape), x.dtype, x.device
    plan = known.plans.get(key)
    begun = time.perf_counter()
    seen = _watched(module, x) if plan is None or plan.decides else _again(module, x, plan, wanted, found)
    seconds = time.perf_counter() - begun
    known.plans[key] = seen.plan
    if wanted:
        names = chosen(seen.plan.taps, wanted)
        seen = Discovery(seen.plan, {name: seen.tensors[name] for name in names}, seen.output)
    return Captured(seen.plan.taps, ValuesReadLate(seen.plan.taps, seen.tensors), seconds, seen.output, given=before)


def _watched(module: nn.Module, x: Tensor) -> Discovery:
    return discover(module, x.clone())


def _again(module: nn.Module, x: Tensor, plan: CapturePlan, wanted: tuple[str, ...], found: _Modules) -> Discovery:
    names = chosen(plan.taps, wanted) if wanted else None
    return captured_again(module, x.clone(), plan, names, early=False, found=found)


def _one_input(given: Shown) -> Tensor:
    x = torch.from_numpy(np.ascontiguousarray(given)) if isinstance(given, np.ndarray) else given
    if not isinstance(x, Tensor):
        raise ExplorerError(
            tr("A module is given its input tensor."),
            tr("This is a {kind}.", kind=type(given).__name__),
            tr("For files and pictures, open the module first: explorer.open(module, size=224)."),
        )
    if x.ndim < 2 or len(x) != 1:
        raise ExplorerError(
            tr("One input is captured at a time."),
            tr("The shape is {shape}; the first dimension is the batch, and must be 1.", shape=tuple(x.shape)),
            tr("Give x[:1], or x[None] where the batch is missing."),
        )
    return x.detach()


def _state_of(found: _Modules) -> list[tuple[int, int]]:
    """Which tensors the parameters and buffers of modules are, and how often each was written to."""
    there = [tensor for _, part in found for own in (part._parameters, part._buffers) for tensor in own.values()]
    try:
        return [(id(tensor), tensor._version) for tensor in there if tensor is not None]
    except RuntimeError:  # inference tensors among them
        return [(id(tensor), version(tensor)) for tensor in there if tensor is not None]


def _card_of(given: _Given) -> ModelCard:
    """Of weights that have been written to since, the checksum is not known."""
    module, x = given.module, given.x
    same = _state_of(modules_of(module)) == given.state
    name = type(module).__name__
    size = (x.shape[2], x.shape[3]) if x.ndim == 4 else (1, 1)
    pre = Preprocess(*size, "stretch", min(size), (0.0,), (1.0,), x.shape[1] if x.ndim == 4 else 1)
    weights = WeightsInfo(False, sha256=state_digest(module) if same else "", in_memory=True)
    spec = ModelSpec(f"{PREFIX}:{name}")
    return ModelCard(spec, name, PREFIX, weights, pre, parameters=parameter_count(module))


def _picture_of(x: Tensor) -> Picture:
    """For a manifest: the digest of the numbers, whatever they are."""
    values = x.detach().cpu().float().numpy()
    return picture_of_tensor(values.reshape(values.shape[1:] if values.ndim == 4 else (1, 1, -1)))
