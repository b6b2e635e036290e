"""One watched forward: which functions ran inside which module, what they cost, and where their cells stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdRef, WeakTensorKeyDictionary

from explorer.engine.capture.aliases import memory_of, uncounted
from explorer.engine.capture.calls import Call, Known, TensorOrigin, getter, in_order, tensors
from explorer.engine.capture.channel_axes import Axes, AxesOf, Rule, axes_or_none, follow_axes, kept, start_axes
from explorer.engine.capture.constants import constants_of
from explorer.engine.capture.cost import multiply_adds
from explorer.engine.capture.function_rules import POINTWISE, REINDEX
from explorer.engine.capture.layer_feeds import NOTHING, Feeds, LayerFeeds, fed, merged, overlap
from explorer.engine.capture.provenance import Provenance, input_place, shown, whole
from explorer.engine.capture.quantised import plain_call
from explorer.engine.capture.sequence_rules import place_of, start_place
from explorer.engine.capture.torchscript_axes import scripted_axes
from explorer.engine.capture.transforms import copies, is_wrapped
from explorer.engine.capture.writes import assigned, overlaid
from explorer.engine.capture.written_axes import assigned_axes

CallKey = tuple[str, int]  # module path, call index

# bookkeeping that makes no activation a person would look for
_QUIET = REINDEX | frozenset(
    "size dim numel contiguous to float half clone detach dropout type_as ones zeros empty full tensor arange stack type "
    "new_zeros new_ones new_full multi_head_attention_forward requires_grad".split()
)

# what hands values, not shapes, to Python
READS = frozenset(
    "__bool__ __int__ __float__ __complex__ __index__ __contains__ __array__ __format__ __repr__ item tolist numpy equal "
    "allclose is_nonzero".split()
)
# of those, what only decides: no number gets into a tensor by them
_DECIDES = frozenset("__bool__ __contains__ __format__ __repr__ equal allclose is_nonzero".split())

# what takes numbers of Python
_NUMBERS = POINTWISE | frozenset(
    "tensor as_tensor asarray scalar_tensor full full_like fill_ new_tensor new_full linspace arange __setitem__".split()
)

_SPECTRA = frozenset("stft fft rfft fft_fft fft_rfft".split())

# what only takes shapes and types of its arguments
_SHAPES = frozenset(
    """zeros_like ones_like empty_like full_like rand_like randn_like randint_like new_zeros new_ones new_empty new_full new_empty_strided
    zero_ normal_ uniform_ random_ exponential_ geometric_ cauchy_ log_normal_""".split()
)


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """An activation that a function made, not a module."""

    inside: CallKey
    name: str
    shape: tuple[int, ...]
    dtype: str
    order: int  # number of modules that had returned before it


class Watch(TorchFunctionMode):
    """Follows cells through functions while it is entered; tell it which module runs with `enter` and `leave`.

    `look` is called at every function with the paths of the modules that run; `turned`: x is (1, time, bands), and its cells
    stand as those of (1, bands, time).
    """

    def __init__(
        self,
        x: Tensor,
        module: nn.Module,
        look: Callable[[Iterable[str]], None] | None = None,
        turned: bool = False,
    ) -> None:
        super().__init__()
        self.look = look
        self.size = x.shape[:-2] + x.shape[-2:][::-1] if turned else x.shape
        self.places: Any = WeakTensorKeyDictionary()  # what is known of each tensor
        self.uncounted: set[int] = set()  # memory that somebody may write to without torch counting it
        self._sharing: defaultdict[int, list[WeakIdRef]] = defaultdict(list)  # tensors by their memory
        self._read = False  # numbers that the input has a part in went to Python, and may come back as constants
        self.costs: Counter[CallKey] = Counter()
        self.stack: list[CallKey] = []
        self.returned = 0
        self.spectrum = False  # whether a Fourier transform of what came in has run: its frames are not followed
        self.decides = False  # whether a value has been read in Python
        self._functions: list[tuple[FunctionResult, WeakIdRef, int]] = []
        self._axes: Any = WeakTensorKeyDictionary()
        self._axes[x] = start_axes(x.shape)
        self._feeds = LayerFeeds(x)
        for tensor in constants_of(module):
            self.places[tensor] = TensorOrigin.CONSTANT
        self._know(x, (input_place(x.shape) if x.dim() == 4 else start_place(x.shape, turned)) or TensorOrigin.LOST)

    def enter(self, key: CallKey) -> None:
        self.stack.append(key)

    def leave(self, outputs: Iterable[Tensor]) -> None:
        """The innermost module returned `outputs`: a function's result that is one of them is seen there."""
        self.stack.pop()
        self.returned += 1
        for tensor in outputs:
            seen = [e for e in self._functions if e[1]() is tensor and e[2] == version(tensor)]
            for entry in seen:
                self._functions.remove(entry)

    def place(self, tensor: Tensor) -> Provenance | None:
        """Where the cells of a tensor stand; None where they are not known."""
        found = self.places.get(tensor)
        return shown(found, self.size) if isinstance(found, Provenance) else None

    def _known(self, tensor: Tensor) -> Known:
        """What is known of a tensor; nothing of one that nobody saw being made: the input may have a part in it."""
        found: Known = self.places.get(tensor, TensorOrigin.LOST)
        return found

    def _know(self, tensor: Tensor, known: Known) -> None:
        self.places[tensor] = known
        if memory := memory_of(tensor):
            alive = [ref for ref in self._sharing[memory] if ref() is not None and ref() is not tensor]
            self._sharing[memory] = [*alive, WeakIdRef(tensor)]

    def axes(self, tensor: Tensor) -> Axes | None:
        """Which dimensions are channels and which positions, None where that could not be followed."""
        found = self._axes.get(tensor)
        return found if isinstance(found, Axes) else None

    def feeds(self, tensor: Tensor) -> Feeds:
        """The layers that a tensor is made of, with no layer in between."""
        return NOTHING if self._known(tensor) is TensorOrigin.CONSTANT else self._feeds.of(tensor)

    def returned_by(self, name: str, tensor: Tensor) -> None:
        """A layer of that name returned a tensor of its own."""
        self._feeds.layer(tensor, name)

    def unseen(self, module: nn.Module, given: Any, outputs: Iterable[Tensor]) -> None:
        """A module returned what no watched function made: a TorchScript program, or code that goes past them."""
        for out in outputs:
            if out not in self.places:
                known = [self.feeds(tensor) for tensor in tensors((given,))]
                self._feeds.put(out, merged(known) if known else None)
            if self.axes(out) is None:
                found = kept(given, out, self.axes)
                if found is None and isinstance(module, torch.jit.ScriptModule):
                    found = scripted_axes(module, given, out, self.axes)
                if found is not None:
                    self._axes[out] = found

    def hidden(self) -> list[FunctionResult]:
        """Activations that no module returned."""
        return [entry[0] for entry in self._functions]

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = in_order(kwargs)
        if self.look is not None:
            self.look(path for path, _ in self.stack)
        operands = list(tensors((*args, *kwargs.values())))
        # looked up before the call: an in-place function returns the very tensor it was given
        before = {id(t): self._known(t) for t in operands}
        axes = {id(t): self.axes(t) for t in operands}
        sources = {id(t): self.feeds(t) for t in operands}
        counts = [version(t) for t in operands]
        name = getattr(func, "__name__", str(func)).partition(".")[0]  # of an exported program: conv2d.default
        self.uncounted.update(uncounted(name, func, operands))
        out = func(*args, **kwargs)
        self.uncounted.update(uncounted(name, func, operands))
        derived = any(known is not TensorOrigin.CONSTANT for known in before.values())
        self.decides = self.decides or name in READS
        self.spectrum = self.spectrum or (derived and name in _SPECTRA)
        self._read = self._read or (derived and name in READS - _DECIDES)

        def call(result: Tensor, position: int = 0) -> Call:
            place = lambda t: _place(before.get(id(t)))  # noqa: E731
            return Call(
                name, func, args, kwargs, result, place, position, lambda t: before.get(id(t)) is TensorOrigin.CONSTANT
            )

        name, args = plain_call(name, func, args)
        results = list(tensors((out,)))
        for position, result in enumerate(results):
            made = call(result, position)
            self._know(result, self._follow(made, derived))
            self._turn(made, lambda t: axes.get(id(t)))
            self._feeds.put(result, self._sources(name, operands, sources))
            self._note(made, derived)
        for tensor, count in zip(operands, counts, strict=True):
            if not (count != version(tensor) or (count < 0 and _writes(name, kwargs)) or name == "__set__"):
                continue
            if not any(tensor is result for result in results):
                self._know(tensor, self._after_write(call(tensor), tensor, before[id(tensor)]))
                self._feeds.put(tensor, fed(name, operands, sources))
                if name == "__setitem__":
                    self._turn(call(tensor), lambda t: axes.get(id(t)), assigned_axes)
            self._spread(tensor)
        return out

    def _sources(self, name: str, operands: list[Tensor], before: dict[int, Feeds]) -> Feeds:
        """What feeds a result: nothing where only shapes count, not known where it is made of numbers that were read."""
        if self._read and not operands:
            return None
        return NOTHING if name in _SHAPES else fed(name, operands, before)

    def _turn(self, call: Call, known: AxesOf, rule: Rule = follow_axes) -> None:
        found = axes_or_none(call, known, rule)
        if found is not None:
            self._axes[call.out] = found
        elif call.out in self._axes:
            del self._axes[call.out]

    def _follow(self, call: Call, derived: bool) -> Known:
        """What is known of a result. A rule that fails on an unusual call loses the cells; it never stops the forward."""
        numbers = self._read and call.name in _NUMBERS
        if call.name in _SHAPES or not derived:
            return TensorOrigin.LOST if numbers else TensorOrigin.CONSTANT
        try:
            place = place_of(call)
        except (TypeError, ValueError, IndexError, RuntimeError, AttributeError, AssertionError):
            place = None
        if place is None:
            return TensorOrigin.LOST
        return whole(place) if numbers else place

    def _after_write(self, call: Call, tensor: Tensor, own: Known) -> Known:
        """What is known of an argument that a function has written to, without returning it."""
        try:
            if call.name == "__setitem__":
                return assigned(call, tensor, own)
            if getter(call.func) == "data":
                return call.place(call.args[1]) or TensorOrigin.LOST
        except (TypeError, ValueError, IndexError, RuntimeError, AttributeError):
            pass
        return whole(own) if isinstance(own, Provenance) else TensorOrigin.LOST

    def _spread(self, written: Tensor) -> None:
        """Carries a write over to the other tensors that look at the same memory."""
        known, memory = self._known(written), memory_of(written)
        alive = [ref for ref in self._sharing.get(memory, ()) if ref() is not None]
        for other in [ref() for ref in alive]:
            if other is None or other is written or memory_of(other) != memory:
                continue
            if overlap(other, written):
                self._feeds.add(other, self.feeds(written))
            own = self._known(other)
            try:
                self.places[other] = overlaid(other, own, written, known)
            except (ValueError, RuntimeError, IndexError):
                self.places[other] = whole(own) if isinstance(own, Provenance) else TensorOrigin.LOST

    def _note(self, call: Call, derived: bool) -> None:
        try:
            cost = multiply_adds(call) if call.position == 0 else 0
        except (TypeError, ValueError, IndexError, AttributeError):
            cost = 0
        if is_wrapped(call.out):
            cost *= copies(call.out)
        for key in set(self.stack) if cost else ():
            self.costs[key] += cost
        # what is made of weights alone is no activation
        if derived and self.stack and call.name not in _QUIET and call.out.dim() >= 2 and call.out.is_floating_point():
            dtype = str(call.out.dtype).removeprefix("torch.")
            result = FunctionResult(self.stack[-1], call.name.strip("_"), tuple(call.out.shape), dtype, self.returned)
            self._functions.append((result, WeakIdRef(call.out), version(call.out)))


def version(tensor: Tensor) -> int:
    """Counts the in-place writes to a tensor; -1 for inference tensors, which do not count them."""
    return -1 if tensor.is_inference() else tensor._version


def _place(known: Known | None) -> Provenance | None:
    return known if isinstance(known, Provenance) else None


def _writes(name: str, kwargs: dict[str, Any]) -> bool:
    """Whether a function may write to its arguments, by its name."""
    return "out" in kwargs or name.startswith(("__i", "__set")) or (name.endswith("_") and not name.startswith("__"))
