"""The last recordings of attention, of several models and pictures, as many as there is memory for. Used on the worker thread."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from explorer.core.any_input import Input
from explorer.core.attention import AttentionCall
from explorer.core.interventions import UNEDITED, Under, digest_of
from explorer.core.sound_preprocess import is_turned
from explorer.engine.ablation.ablate import changes_of
from explorer.engine.ablation.resume import run
from explorer.engine.attention.record import ForwardAttention, known_attentions, record
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.runner import Job

if TYPE_CHECKING:
    from explorer.engine.model_session import ModelSession

_SHARE = 4  # all recordings together take at most this part of the budget of captures
_KEPT = 6  # recordings: of Explore and of every column of Compare, and one that was looked at before
_KNOWN = 8  # models and input sizes
_Key = tuple[str, str, str, str]  # model, device, picture, edits


@dataclass(frozen=True, slots=True, eq=False)
class AttentionRecording:
    """q, k and masks of one forward: of all blocks (`whole`) or of one. The model is not held: with it the recording goes."""

    key: _Key
    module: weakref.ref[nn.Module]
    attention: ForwardAttention
    nbytes: int
    whole: bool


class Recordings:
    """Those that were not asked for the longest make room for others."""

    def __init__(self, bench: ModelSession) -> None:
        self.bench = bench
        self.kept: tuple[AttentionRecording, ...] = ()  # the one that was asked last at the end
        self._known: OrderedDict[tuple[str, torch.Size], tuple[weakref.ref[nn.Module], tuple[AttentionCall, ...]]]
        self._known = OrderedDict()

    @property
    def nbytes(self) -> int:
        """Memory that is held; any thread may ask."""
        return sum(one.nbytes for one in self.kept if one.module() is not None)

    @property
    def limit(self) -> int:
        """Bytes that they may take together."""
        return self.bench.store.budget // _SHARE

    def forget(self) -> None:
        """Lets go of all."""
        self.kept = ()

    def get(self, model: str, picture: Input, name: str, job: Job, under: Under = UNEDITED) -> AttentionRecording:
        """That of an open model and a picture, under edits; `name`: of a block that must be in it, "" for none.

        Raises as `engine.attention.record`, and ExplorerError when an edit does not fit.
        """
        module = self.bench.model(model).module
        key = (model, self.bench.device, picture.digest, digest_of(under.edits))
        found = next((one for one in self.kept if one.key == key and one.module() is module), None)
        if found is None or not (found.whole or not name or name in found.attention.records):
            found = self._record(key, picture, name, job, under)
        self.kept = (*(one for one in self.kept if one is not found), found)
        return found

    def _record(self, key: _Key, picture: Input, name: str, job: Job, under: Under) -> AttentionRecording:
        """All blocks where that fits into the limit, else the one with this name."""
        loaded, x, plan = self.bench.given(key[0], picture, job)
        calls = self.calls(loaded.module, key[0], x, job)
        whole = sum(map(size_of, calls)) <= self.limit
        names = None if whole else [name] if name else []
        # before the next one is made: both need twice the memory
        self._make_room(key, sum(size_of(call) for call in calls if names is None or call.name in names))
        forward = _under(loaded.module, plan, under, job) if under.edits else None
        found = record(loaded.module, x, calls, names, cancelled=job.cancelled, forward=forward, turned=plan.turned)
        nbytes = sum(one.nbytes for one in found.records.values())
        self._make_room(key, nbytes)  # masks were not counted before
        gone = weakref.ref(loaded.module, self._gone)
        return AttentionRecording(key, gone, replace(found, output=None), nbytes, whole)

    def _make_room(self, key: _Key, wanted: int) -> None:
        """Lets go of an older recording of the same, and of others as far as it must be."""
        kept = tuple(one for one in self.kept if one.key != key)[-(_KEPT - 1) :]
        while kept and sum(one.nbytes for one in kept) + wanted > self.limit:
            kept = kept[1:]
        self.kept = kept

    def _gone(self, module: weakref.ref[nn.Module]) -> None:
        self.kept = tuple(one for one in self.kept if one.module is not module)

    def calls(self, module: nn.Module, model: str, x: Tensor, job: Job) -> tuple[AttentionCall, ...]:
        """Every attention of a model: found once for an input size, in a watched forward."""
        key = (model, x.shape)
        known = self._known.get(key)
        if known is None or known[0]() is not module:
            turned = is_turned(self.bench.model(model).card.preprocess)
            known = self._known[key] = weakref.ref(module), known_attentions(module, x, job.cancelled, turned)
            while len(self._known) > _KNOWN:
                self._known.popitem(last=False)
        return known[1]


def size_of(call: AttentionCall) -> int:
    """Bytes of q and k in float32."""
    return 4 * call.windows * call.heads * (call.queries.count + call.keys.count) * call.width


def _under(module: nn.Module, plan: CapturePlan, under: Under, job: Job) -> Callable[[Tensor], object]:
    """A forward under edits."""
    changes = changes_of(plan, under.edits, under.frozen)
    return lambda x: run(module, x, changes, cancelled=job.cancelled).output
