"""The frozen part computed once: what it hands on to the rest of the network, picture by picture, and the rest on it.

As where edits are tried from a layer on, module calls that have ended return what they returned last time. It is trusted only
where the rest then gives what the whole network gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.ablation.route import Route
from explorer.engine.capture.forward import hooked, quiet
from explorer.engine.capture.outputs import same
from explorer.engine.capture.replaced_forwards import replaced_forwards
from explorer.engine.capture.trace import CallKey

Vectors = Callable[[Any, int], Tensor]  # (what the model returned, pictures) -> (pictures, K)
_INPUT: CallKey = ("", -1)  # the input where the rest looks at it


class _Ended(BaseException):
    """The frozen part has ended. No Exception: a model that catches those must not catch this."""


@dataclass(frozen=True, slots=True, eq=False)
class _Skipped:
    """A call that is not computed again: rows a picture and shape of one row of what it returns."""

    key: CallKey
    rows: int
    shape: tuple[int, ...]
    dtype: torch.dtype
    inside: Counter[str]


class FrozenPart:
    """Of a network that ends its frozen part with the call `at`. `needed` are the calls whose values the rest looks at."""

    def __init__(self, module: nn.Module, at: CallKey, skipped: Sequence[_Skipped], needed: Sequence[CallKey]) -> None:
        self.module, self.at = module, at
        self.skipped, self.needed = {each.key: each for each in skipped}, tuple(needed)

    def values(self, x: Tensor) -> tuple[Tensor, ...]:
        """What the frozen part hands on for pictures (N, ...): (N, rows, ...) for each of `needed`. The rest may write into it."""
        seen = _outputs(self.module, x, self.at, self.needed)
        return tuple(seen[key].reshape(len(x), -1, *seen[key].shape[1:]) for key in self.needed)

    def rest(self, values: Sequence[Tensor], like: Tensor) -> Any:
        """What the network returns on values of `values`; `like` is one picture's input (1, ...)."""
        count = len(values[0])
        known = {key: value.flatten(0, 1) for key, value in zip(self.needed, values, strict=True)}
        given = known.pop(_INPUT) if _INPUT in known else _nothing(like[:1], count)
        with _standing_in(self.module, self.skipped, known, count):
            return self.module(given)


def frozen_part(
    module: nn.Module, route: Route, at: CallKey, x: Tensor, vectors: Vectors
) -> tuple[FrozenPart | None, str]:
    """The frozen part of a network, tried on pictures (N, ...) of which there should be several; or None and the reason."""
    try:
        return _tried(module, route, at, x, vectors)
    except (ExplorerError, RuntimeError, TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return None, tr("the rest of the network does not run on its own ({lines})", lines=lines[0][:120].rstrip("."))


def _tried(module: nn.Module, route: Route, at: CallKey, x: Tensor, vectors: Vectors) -> tuple[FrozenPart | None, str]:
    skip = route.skippable(at, {call.key for call in route.calls})
    with quiet(module):
        whole = vectors(module(x.clone()), len(x))
        seen = _outputs(module, x, at, tuple(skip))
        skipped = [
            _Skipped(key, len(value) // len(x), tuple(value.shape[1:]), value.dtype, route.inside(skip[key]))
            for key, value in seen.items()
            if value.dim() and len(value) and not len(value) % len(x)
        ]
        every = [each.key for each in skipped]
        for needed in ([at] if at in seen else [], None):
            if needed is None:
                needed = _looked_at(module, at, skipped, x, vectors, whole)
            part = FrozenPart(module, at, skipped, needed)
            if needed and same(vectors(part.rest(part.values(x), x), len(x)), whole):
                return part, ""
    return None, tr("the rest of the network gives something else on its own") if every else tr(
        "no earlier values are kept"
    )


def _looked_at(
    module: nn.Module, at: CallKey, skipped: Sequence[_Skipped], x: Tensor, vectors: Vectors, whole: Tensor
) -> list[CallKey]:
    """The calls without whose values the network says something else."""
    every = [each.key for each in skipped] + [_INPUT]
    part = FrozenPart(module, at, skipped, every)
    values = dict(zip(every, part.values(x), strict=True))
    found = []
    for key in every:
        tried = [torch.zeros_like(value) if name == key else value.clone() for name, value in values.items()]
        if not torch.equal(vectors(part.rest(tried, x), len(x)), whole):
            found.append(key)
    return found


def _outputs(module: nn.Module, x: Tensor, at: CallKey, keys: Sequence[CallKey]) -> dict[CallKey, Tensor]:
    """What calls returned, as it is when the call `at` has ended; nothing after it is computed."""
    seen: dict[CallKey, Tensor] = {}
    counts: Counter[str] = Counter()
    handles: list[Any] = []

    def begun(path: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _args: Any) -> None:
            stack.append((path, counts[path]))
            counts[path] += 1

        return hook

    def ended(path: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _args: Any, output: Any) -> None:
            while stack[-1][0] != path:
                stack.pop()
            key = stack.pop()
            if key in wanted and isinstance(output, Tensor):
                seen[key] = output
            if key == at:
                raise _Ended

        return hook

    stack: list[CallKey] = []
    wanted = {*keys, at}
    given = x.clone()
    paths = {path for path, _ in wanted}
    with quiet(module), hooked(handles):
        for path, part in module.named_modules():
            if path in paths:
                handles.append(part.register_forward_pre_hook(begun(path)))
                handles.append(part.register_forward_hook(ended(path)))
        try:
            module(given)
        except _Ended:
            pass
    if _INPUT in wanted:
        seen[_INPUT] = given
    return {key: seen[key].detach().clone() for key in keys if key in seen}


def _nothing(one: Tensor, rows: int) -> Tensor:
    """Zeros that take no memory, of the shape of so many rows like the first."""
    return torch.zeros((), dtype=one.dtype, device=one.device).expand(rows, *one.shape[1:])


def _standing_in(
    module: nn.Module, skipped: dict[CallKey, _Skipped], known: dict[CallKey, Tensor], count: int
) -> AbstractContextManager[None]:
    """Calls return what is known of them, others zeros that nothing looks at."""
    counts: Counter[str] = Counter()
    parts = dict(module.named_modules())
    device = next(module.parameters()).device

    def instead(path: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def forward(*args: Any, **kwargs: Any) -> Any:
            key = (path, counts[path])
            counts[path] += 1
            call = skipped.get(key)
            if call is None:
                return original(*args, **kwargs)
            counts.update(call.inside)
            if key in known:
                return known[key]
            return torch.zeros((), dtype=call.dtype, device=device).expand(count * call.rows, *call.shape)

        return forward

    return replaced_forwards([(path, parts[path]) for path in {path for path, _ in skipped}], instead)
