"""All attentions of a forward: found in a watched forward, recorded in quick ones.

Attributes of an attention come from `find`, which follows the cells of the picture to q and k. `record` runs without that and
keeps only the calls it is asked for. Both leave the model as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge

from explorer.core.attention import AttentionCall
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.attention.attention_weights import Weights, wide
from explorer.engine.attention.recorder import Raw, Recorder
from explorer.engine.attention.token_places import call_of
from explorer.engine.capture.forward import explained, quiet, without_compiler
from explorer.engine.capture.trace import Watch
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

_CHUNK = 1 << 22  # weights that are computed at a time: 16 MB


@dataclass(frozen=True, slots=True, eq=False)
class RecordedAttention:
    """One attention of one forward, on the model's device."""

    call: AttentionCall
    weights: Weights
    values: Tensor | None = None  # (..., keys, width); None: not asked for
    result: Tensor | None = None  # (..., queries, width): what the model itself got
    edge: GradientEdge | None = None  # of the result in the model's graph

    def rows(self, index: Tensor) -> Tensor:
        """(windows, heads, len(index), keys): the weights of these queries (int64), at least float32."""
        with torch.no_grad():
            return self.grouped(self.weights.rows(index.to(self.weights.q.device)))

    def grouped(self, tensor: Tensor) -> Tensor:
        """(..., a, b) as (windows, heads, a, b)."""
        leads = self.call.leads
        spread = tensor.reshape(*(size for size, _ in leads), *tensor.shape[-2:])
        order = sorted(range(len(leads)), key=lambda dim: not leads[dim][1])  # stable: windows first
        turned = spread.permute(*order, -2, -1) if leads else spread
        return turned.reshape(self.call.windows, self.call.heads, *tensor.shape[-2:])

    def blocks(self, cancelled: Cancelled = never) -> Iterator[tuple[Tensor, Tensor]]:
        """(queries, their rows), all of them, some at a time."""
        call = self.call
        step = max(1, _CHUNK // (call.windows * call.heads * call.keys.count))
        for begin in range(0, call.queries.count, step):
            if cancelled():
                raise CancelledError
            index = torch.arange(begin, min(begin + step, call.queries.count), device=self.weights.q.device)
            yield index, self.rows(index)

    def column(self, key: int, cancelled: Cancelled = never) -> Tensor:
        """(windows, heads, queries): how much every query attends to this key."""
        return torch.cat([rows[..., key] for _, rows in self.blocks(cancelled)], -1)

    def mixed(self, cancelled: Cancelled = never) -> Tensor:
        """(windows, heads, queries, width): weights times values, for comparison with `result`."""
        if self.values is None:
            raise ExplorerError(tr("The values of this attention are not stored."))
        values = self.grouped(wide(self.values))
        return torch.cat([rows @ values for _, rows in self.blocks(cancelled)], -2)

    @property
    def nbytes(self) -> int:
        """Memory that is held."""
        parts = [*self.weights.tensors(), *(t for t in (self.values, self.result) if t is not None)]
        return sum(t.untyped_storage().nbytes() for t in {t.data_ptr(): t for t in parts}.values())


@dataclass(frozen=True, slots=True, eq=False)
class ForwardAttention:
    """Every attention of a forward in the order in which they happened, and the recorded ones by name."""

    calls: tuple[AttentionCall, ...]
    records: dict[str, RecordedAttention]
    output: Any

    def of(self, name: str) -> RecordedAttention:
        """The recorded attention of that name; ExplorerError says why there is none."""
        if name in self.records:
            return self.records[name]
        call = next((call for call in self.calls if call.name == name), None)
        if call is None:
            known = ", ".join(c.name for c in self.calls[:12]) or "none"
            raise ExplorerError(
                tr("The model has no attention named {name}.", name=name), "", tr("There are: {known}.", known=known)
            )
        raise ExplorerError(
            tr("The attention weights of {name} are not available.", name=name),
            call.reason or tr("They were not recorded."),
        )


def find(
    module: nn.Module, x: Tensor, values: bool = False, cancelled: Cancelled = never, turned: bool = False
) -> ForwardAttention:
    """Runs one watched forward on x (1, ...) and keeps q, k and mask of every attention, and v and the result when `values`.
    `turned`: x is (1, time, bands), and its cells are to stand as those of (1, bands, time).

    No attention at all is no error: `calls` is empty then. Raises ExplorerError when the forward raises, CancelledError.
    """
    calls, found, output = _watched(module, x, None, values, cancelled, turned)
    return _attention(calls, found, output)


def known_attentions(
    module: nn.Module, x: Tensor, cancelled: Cancelled = never, turned: bool = False
) -> tuple[AttentionCall, ...]:
    """What is known of every attention, as `find`, but nothing is kept or proved."""
    return _watched(module, x, (), False, cancelled, turned)[0]


def _watched(
    module: nn.Module,
    x: Tensor,
    wanted: Collection[tuple[str, int]] | None,
    values: bool,
    cancelled: Cancelled,
    turned: bool,
) -> tuple[tuple[AttentionCall, ...], list[Raw], Any]:
    def run(given: Tensor) -> tuple[Recorder, Any]:
        watch = Watch(given, module, turned=turned)
        with quiet(module), watch:
            return _run(module, given, Recorder(cancelled, watch.place, wanted, values))

    recorder, output = without_compiler(run, x.clone())
    named = zip(recorder.found, _names(recorder.found), strict=True)
    return tuple(call_of(raw, module, name) for raw, name in named), recorder.found, output


def record(
    module: nn.Module,
    x: Tensor,
    calls: tuple[AttentionCall, ...],
    names: Collection[str] | None = None,
    values: bool = False,
    cancelled: Cancelled = never,
    forward: Callable[[Tensor], Any] | None = None,
    turned: bool = False,
) -> ForwardAttention:
    """One quick forward that keeps the attentions `names` (all when None) among the known `calls`; watched again where they changed.

    `forward` runs the module in another way, as under edits; then it is an error where they changed. Raises as `find` does.
    """
    wanted = {(call.path, call.call) for call in calls if names is None or call.name in names}
    with quiet(module):
        recorder, output = _run(module, x.clone(), Recorder(cancelled, lambda _tensor: None, wanted, values), forward)
    changed = not same_calls(calls, recorder.found)
    if changed and forward is not None:
        raise ExplorerError(tr("Attention cannot be shown with these edits."), tr("The model ran a different path."))
    if changed:
        found = find(module, x, values, cancelled, turned)
        chosen = {name: r for name, r in found.records.items() if names is None or name in names}
        return replace(found, records=chosen)
    return _attention(calls, recorder.found, output)


def same_calls(calls: tuple[AttentionCall, ...], found: list[Raw]) -> bool:
    """Whether a forward had these very attentions."""
    known = [(c.path, c.call, c.windows * c.heads, c.queries.count, c.keys.count) for c in calls]
    return known == [(r.path, r.call, torch.Size(r.shape[:-2]).numel(), r.shape[-2], r.shape[-1]) for r in found]


@contextmanager
def entered(module: nn.Module, recorder: Recorder) -> Iterator[None]:
    """The recorder sees what happens, and knows which module runs."""
    handles: list[Any] = []
    try:
        for path, m in module.named_modules():
            handles.append(nn.Module.register_forward_pre_hook(m, recorder.before(path)))
            handles.append(nn.Module.register_forward_hook(m, recorder.after(path)))
        with recorder:
            yield
    finally:
        for handle in handles:
            handle.remove()


def _run(
    module: nn.Module, x: Tensor, recorder: Recorder, forward: Callable[[Tensor], Any] | None = None
) -> tuple[Recorder, Any]:
    with ExitStack() as stack:
        stack.enter_context(explained(recorder.where, module, x))
        stack.enter_context(entered(module, recorder))
        return recorder, (forward or module)(x)


def _names(found: list[Raw]) -> list[str]:
    """'blocks.0.attn', 'blocks.0.attn_1' for the second of a module; 'attention' in the model's own forward."""
    taken: Counter[str] = Counter()
    names = []
    for raw in found:
        name = (raw.path or "attention") + (f"_{raw.call}" if raw.call else "")
        while taken[name]:
            name += "_"
        taken[name] += 1
        names.append(name)
    return names


def _attention(calls: tuple[AttentionCall, ...], found: list[Raw], output: Any) -> ForwardAttention:
    proved = tuple(
        replace(call, error=raw.error, sums=raw.sums, reason=raw.reason, note=raw.note)
        if raw.weights is not None
        else call
        for call, raw in zip(calls, found, strict=True)
    )
    records = {
        call.name: RecordedAttention(call, raw.weights, raw.values, raw.result, raw.edge)
        for call, raw in zip(proved, found, strict=True)
        if raw.weights is not None and not raw.reason
    }
    return ForwardAttention(proved, records, output)
