"""What the worker thread owns: open models, their plans, the store of captures. Every method runs on that thread."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterable
from dataclasses import replace
from itertools import count
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.interventions import EditedFrame, LiveEdits
from explorer.core.live_frames import LiveWatch
from explorer.core.models import AnyPreprocess, ModelSpec
from explorer.core.pane_requests import Opened
from explorer.core.repeatability import Repeat
from explorer.core.scores import Probabilities
from explorer.core.sound_preprocess import SoundPreprocess, is_turned
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.engine.ablation.ablate import forward_under
from explorer.engine.ablation.edited_frames import edited_frame
from explorer.engine.capture.cache import CaptureStore, choose, default_budget
from explorer.engine.capture.class_vector import scores_of
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import CapturePlan, Discovery, capture, discover
from explorer.engine.capture.kernels import kernels_of
from explorer.engine.capture.output_reading import OutputReading, read, with_reading
from explorer.engine.capture.repeat_check import repeated
from explorer.engine.capture.replay import Replays
from explorer.engine.capture.values import to_arrays
from explorer.engine.inputs.input_tensor import input_tensor, read_text
from explorer.engine.inputs.seen_sound import drawn_sound
from explorer.engine.jobs import devices, memory
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import HeldModels
from explorer.engine.jobs.runner import Job
from explorer.engine.models import LoadedModel, open_model
from explorer.engine.output.read_output import output_of

T = TypeVar("T")
_MODELS_KEPT = 4
_REPEATS = 1024  # inputs of which it is known whether they are answered twice alike
_TIDY = 32  # captures until what they left free between others is handed back: else it grows for a hundred of them
_TIDY_S = 5.0  # and seconds of a live input: every frame leaves some, and what it takes to hand it back is not felt
_EVERY = 20  # times as long as a capture of all taps takes, until the next one of a live input


class FrameSource(Protocol):
    """A live input: hands over the next frame with its input tensor, or one for each of several preprocessings; None when none
    came in time; raises ExplorerError."""

    def take(self, preprocess: AnyPreprocess) -> tuple[Input, Tensor] | None: ...

    def take_for(self, wanted: tuple[AnyPreprocess, ...]) -> tuple[Input, tuple[Tensor, ...]] | None: ...

    @property
    def ended(self) -> bool: ...

    def close(self) -> None: ...


class ModelSession:
    """Opens models and captures activations. `watched` is the name of the tap on the screen, `edits` what is done to live
    frames, `together` what the columns of Compare want of each, `held` the digests of models that stay open; any thread may
    set them. `closed` hears, on the worker thread, of every network that was let go: what is kept of it must not hold it in
    memory."""

    def __init__(self, budget: int | None = None, device: str = "cpu") -> None:
        self.store = CaptureStore(default_budget() if budget is None else budget)
        self.watched = ""
        self.edits: LiveEdits | None = None
        self.together: tuple[LiveWatch, ...] = ()
        self.held: frozenset[str] = frozenset()
        self.device = device
        self.closed: list[Callable[[nn.Module], None]] = []
        self._models: dict[str, LoadedModel] = {}
        self._plans: dict[tuple[str, torch.Size], CapturePlan] = {}
        self._readings: dict[tuple[str, torch.Size], OutputReading] = {}
        self._repeats: dict[tuple[str, str], Repeat] = {}  # by model and input
        self._seen: tuple[SoundPreprocess, Sound] | None = None  # the last sound that was drawn
        self._numbers = count(1)
        self._made = 0  # captures of all taps
        self._tidied = time.monotonic()
        self._used: dict[str, float] = {}  # when each model was last asked for
        self._notes: list[str] = []
        # by model, and whether all taps were asked for: columns side by side do not take each other's away
        self._replays: defaultdict[tuple[str, bool], Replays] = defaultdict(Replays)

    # --- models ---

    def open(self, spec: ModelSpec, job: Job, trust_code: bool = False, allow_download: bool = False) -> Opened:
        """Opens a model and keeps it; the oldest that is not held goes when more than a few are open."""
        loaded = open_model(
            spec,
            trust_code=trust_code,
            progress=lambda p: job.progress(p.text, p.fraction),
            cancelled=job.cancelled,
            allow_download=allow_download,
        )
        if job.cancelled():  # also where the thread that opened it was left behind: others own the models by now
            raise CancelledError
        return self.adopt(loaded)

    def adopt(self, loaded: LoadedModel) -> Opened:
        """Keeps a model that is already built."""
        digest = loaded.card.digest
        self._forget_replays()
        kernels = kernels_of(loaded.module, loaded.card.preprocess)
        loaded.module.to(self.device)
        before = self._models.pop(digest, None)
        if before is not None and before.module is not loaded.module:
            # the same file and weights may still make another network: what was captured of the old one says nothing of it
            self._forget_plans(digest)
            self.store.forget(digest)
        self._models[digest] = loaded
        gone, held = [before] if before is not None else [], self.held
        for old in [name for name in list(self._models)[:-_MODELS_KEPT] if name not in held]:
            gone.append(self._models.pop(old))
            self._forget_plans(old)
        self._tell_closed(gone)
        return Opened(loaded.card, kernels)

    def _forget_plans(self, digest: str) -> None:
        self._plans = {k: v for k, v in self._plans.items() if k[0] != digest}
        self._readings = {k: v for k, v in self._readings.items() if k[0] != digest}
        self._repeats = {k: v for k, v in self._repeats.items() if k[0] != digest}

    def _tell_closed(self, gone: Iterable[LoadedModel]) -> None:
        open_ones = {id(loaded.module) for loaded in self._models.values()}
        for loaded in gone:
            if id(loaded.module) not in open_ones:  # another card may go on with the same network
                for hear in self.closed:
                    hear(loaded.module)

    def repreprocess(self, digest: str, preprocess: AnyPreprocess) -> Opened:
        """The same model under another preprocessing: another card, the same module."""
        loaded = self.model(digest)
        card = replace(loaded.card, preprocess=preprocess, spec=replace(loaded.card.spec, preprocess=preprocess))
        return self.adopt(replace(loaded, card=card))

    def reread(self, digest: str, output: str, probabilities: Probabilities) -> Opened:
        """The same model with its class vector read another way: another card, the same module."""
        loaded = self.model(digest)
        spec = replace(loaded.card.spec, output=output, probabilities=probabilities)
        return self.adopt(replace(loaded, card=replace(loaded.card, spec=spec)))

    def use(self, device: str, threads: int) -> str:
        """Moves every model to a device and sets the threads of one forward; returns the device in use."""
        torch.set_num_threads(threads)
        if device != self.device:
            self._move(device)
        return self.device

    def _move(self, device: str) -> None:
        self._forget_replays()
        try:
            for loaded in self._models.values():
                loaded.module.to(device)
        except (RuntimeError, NotImplementedError, AssertionError) as error:  # a torch without CUDA asserts
            why = str(error).splitlines()[0]
        else:
            self.device = device
            return
        for loaded in self._models.values():
            loaded.module.to("cpu")
        self.device = "cpu"
        raise ExplorerError(
            tr("The device {device} cannot be used.", device=device), why, tr("The application goes on on the CPU.")
        )

    @property
    def open_digests(self) -> frozenset[str]:
        """Of the models that are open now."""
        return frozenset(self._models)

    def model(self, digest: str) -> LoadedModel:
        if digest not in self._models:
            raise ExplorerError(tr("The model is not open any more."), "", tr("Open it again."))
        self._used[digest] = time.monotonic()
        return self._models[digest]

    def leave(self, since: float) -> HeldModels:
        """Lets go of the models that were used since then (time.monotonic): a thread that does not end is in one of them, with
        its hooks in place, and goes on holding it."""
        used = {id(self._models[d].module) for d, when in self._used.items() if when >= since and d in self._models}
        names = [digest for digest, loaded in self._models.items() if id(loaded.module) in used]
        gone = [self._models.pop(digest) for digest in names]
        for digest in names:
            self.store.forget(digest)
        self._plans = {key: plan for key, plan in self._plans.items() if key[0] not in names}
        self._forget_replays()
        self._tell_closed(gone)
        modules = {id(loaded.module): loaded for loaded in gone}.values()
        weights = {t.data_ptr(): t.nbytes for each in modules for t in each.module.state_dict().values()}
        return HeldModels(tuple(dict.fromkeys(each.card.name for each in modules)), sum(weights.values()))

    def recover(self) -> None:
        """Memory was short: what can be made again goes."""
        self.store.clear()
        self._forget_replays()
        devices.release()

    # --- captures ---

    def capture(self, digest: str, picture: Input, job: Job) -> Capture:
        """The capture of a picture, from the store when it is there; every tap the byte budget allows."""
        known = self.store.get((digest, picture.digest))
        if known is not None:
            if isinstance(picture, Sound) and isinstance(
                known.picture, Sound
            ):  # as the model sees it, not as it was opened
                picture = replace(picture, seen=known.picture.seen)
            return replace(known, picture=picture)  # the same pixels may come from another file
        loaded = self.model(digest)
        x = self._tensor(picture, loaded.card.preprocess)
        plan = self._plans.get((digest, x.shape))
        if plan is not None:  # what has to go for it goes before: the new values take its place in memory
            self.store.make_room(plan.nbytes)
        result, _ = self.frame(loaded, picture, x, None, job)
        self.store.put(result)
        self._made += 1
        if self._made % _TIDY == 0:
            devices.give_back_freed()
        return result

    def tidy(self) -> None:
        """Between two frames of a live input: now and then, hands back what they left free between others."""
        if time.monotonic() - self._tidied >= _TIDY_S:
            devices.give_back_freed()
            self._tidied = time.monotonic()

    def recompute(self, known: Capture, names: Collection[str], job: Job) -> Capture:
        """A capture with the taps `names` computed again; the forward stops after the last of them."""
        if known.edits:  # computed without them, its taps would be of two different forwards
            raise ExplorerError(tr("This capture is edited."), "", tr("Make it again with its edits."))
        loaded, x, plan = self.planned(known.model, known.picture, job)
        seen = self.on_device(loaded, x, lambda m, t: capture(m, t, plan, names, cancelled=job.cancelled))
        values = {**self._within_budget(known, names), **to_arrays(known.taps, seen.tensors)}
        dropped = tuple(tap.name for tap in known.taps if tap.observable and tap.name not in values)
        result = replace(known, values=values, dropped=dropped, number=next(self._numbers), notes=self.take_notes())
        self.store.put(result)
        return result

    def given(
        self, digest: str, picture: Input, job: Job, x: Tensor | None = None
    ) -> tuple[LoadedModel, Tensor, CapturePlan]:
        """What every study of a picture begins with: the model, its input tensor on the device (made of the picture where
        it is not there yet), the plan of that size."""
        loaded, x, plan = self.planned(digest, picture, job, x)
        return loaded, as_input(x, loaded.module, self.device, copy=True), plan

    def repeated(
        self, digest: str, picture: Input, given: tuple[LoadedModel, Tensor, CapturePlan], job: Job
    ) -> CapturePlan:
        """The plan of `given` with what is known of the answers to this very input: two forwards, once for a model and an input.

        None for a model whose forward is known to depend on the input alone, or that has been caught already.
        """
        loaded, x, plan = given
        if loaded.pure or (plan.repeat is not None and not plan.repeat.same):
            return plan
        key = (digest, picture.digest)
        if key not in self._repeats:
            if len(self._repeats) >= _REPEATS:
                self._repeats.clear()
            self._repeats[key] = repeated(loaded.module, x, plan.scores, job.cancelled)
        return replace(plan, repeat=self._repeats[key])

    def planned(
        self, digest: str, picture: Input, job: Job, x: Tensor | None = None
    ) -> tuple[LoadedModel, Tensor, CapturePlan]:
        """As `given`, the tensor still where it was made: for `on_device`."""
        loaded = self.model(digest)
        x = self._tensor(picture, loaded.card.preprocess) if x is None else x
        plan = self._plans.get((digest, x.shape))
        if plan is None:
            plan = self._watch(loaded, x, job)[0]
        return loaded, x, plan

    def live(self, digest: str, source: FrameSource, job: Job) -> Generator[Capture | EditedFrame | None]:
        """Captures frame after frame: the watched tap of each, and all taps now and then, so that the strip follows.

        All taps take a twentieth of the time, however long a forward is. Under edits of this model each frame is an
        EditedFrame, of one forward without them and one with them.
        """
        due = 0.0
        while not source.ended:
            loaded = self.model(digest)
            taken = source.take(loaded.card.preprocess)
            if taken is None:
                yield None
                continue
            picture, x = taken
            begun = time.perf_counter()
            names = [self.watched] if self.watched and begun < due else None
            capture, output = self.frame(loaded, picture, x, names, job)
            made = self.edits
            frame: Capture | EditedFrame = capture
            if made is not None and made.edits and made.model == digest:
                frame = self._under(made, loaded, x, capture, output, job)
            if names is None:
                due = begun + _EVERY * (time.perf_counter() - begun)
            yield frame
            del capture, output, frame, taken, picture, x  # the next one takes their place in memory
            self.tidy()

    def _under(
        self, made: LiveEdits, loaded: LoadedModel, x: Tensor, before: Capture, output: Any, job: Job
    ) -> EditedFrame:
        plan, wanted = self._plans[loaded.card.digest, x.shape], tuple(before.values)

        def forward(module: nn.Module, given: Tensor) -> Discovery:
            return forward_under(module, given, plan, made.edits, wanted, made.frozen, job.cancelled)

        return edited_frame(before, output, made.edits, loaded.card.labels, lambda: self.on_device(loaded, x, forward))

    def _within_budget(self, known: Capture, names: Collection[str]) -> dict[str, Array]:
        """What of a capture may stay beside the taps that are about to be added."""
        wanted = sum(tap.nbytes for tap in known.taps if tap.name in names)
        around = next(iter(names), "")
        kept, _ = choose((t for t in known.taps if t.name in known.values), max(0, self.store.budget - wanted), around)
        return {name: known.values[name] for name in kept if name in known.values}

    def _watch(self, loaded: LoadedModel, x: Tensor, job: Job) -> tuple[CapturePlan, Discovery]:
        turned = is_turned(loaded.card.preprocess)
        seen = self.on_device(loaded, x, lambda m, t: discover(m, t, job.cancelled, turned))
        seen = self._read(loaded, x, seen, job)
        self._plans[loaded.card.digest, x.shape] = seen.plan
        return seen.plan, seen

    def _read(self, loaded: LoadedModel, x: Tensor, seen: Discovery, job: Job) -> Discovery:
        """A watched forward with what its output is, found out once for a model and a size of input."""
        key = (loaded.card.digest, x.shape)
        if key not in self._readings:
            known = OutputReading(scores_of(seen.plan.taps, loaded.card))
            try:
                known = self.on_device(loaded, x, lambda m, t: read(m, t, seen, loaded.card, job.cancelled))
            except ExplorerError:
                pass  # no memory for a second forward: the first one stands
            self._readings[key] = known
        return with_reading(seen, self._readings[key])

    def frame(
        self, loaded: LoadedModel, picture: Input, x: Tensor, names: list[str] | None, job: Job
    ) -> tuple[Capture, Any]:
        """A capture beside the model's output as it is: these taps, with None every one that the byte budget allows."""
        key = (loaded.card.digest, x.shape)
        plan, whole = self._plans.get(key), names is None
        if plan is not None and plan.decides and whole:
            plan = None  # this input may call what the last one did not
        watched = plan is None
        start = time.perf_counter()
        if plan is None:
            plan, seen = self._watch(loaded, x, job)
        else:
            names = self._affordable(plan) if names is None else [n for n in names if plan.sees(n)]
            current = plan
            seen = self.on_device(loaded, x, lambda m, t: self._again(loaded, m, t, current, names, whole, job))
            seen = seen if seen.plan.repeat is not None else self._read(loaded, x, seen, job)  # it was watched again
            plan = self._plans[key] = seen.plan
        seconds = time.perf_counter() - start
        tensors = seen.tensors
        dropped: list[str] = []
        if whole or watched:
            kept, dropped = choose(plan.taps, self.store.budget, self.watched)
            if not tensors.keys() <= set(kept):
                tensors = {name: tensors[name] for name in kept if name in tensors}
        values, pre = to_arrays(plan.taps, tensors), loaded.card.preprocess
        result = Capture(
            model=loaded.card.digest,
            picture=self.as_seen(picture, x, pre),
            taps=plan.taps,
            values=values,
            output=output_of(seen.output, loaded.card, plan.scores, picture),
            seconds=seconds,
            watched=watched,
            device=self.device,
            dropped=tuple(dropped),
            number=next(self._numbers),
            notes=self.take_notes(),
            scores=plan.scores,
            repeat=plan.repeat,
            text=read_text(picture, pre),
        )
        return result, seen.output

    def as_seen(self, given: Input, x: Tensor, pre: AnyPreprocess) -> Input:
        """A sound with the picture of what the model sees of it, which is made once while nothing else is captured."""
        if not isinstance(given, Sound) or not isinstance(pre, SoundPreprocess):
            return given
        last = self._seen
        if last is None or last[0] != pre or last[1].digest != given.digest or last[1].ref != given.ref:
            last = self._seen = pre, drawn_sound(given, pre, x)
        return last[1]

    def _again(
        self,
        loaded: LoadedModel,
        module: nn.Module,
        x: Tensor,
        plan: CapturePlan,
        names: list[str] | None,
        whole: bool,
        job: Job,
    ) -> Discovery:
        """A forward of a plan: replayed where the same taps of a model without a state of its own are asked for again."""
        wanted = tuple(tap.name for tap in plan.taps if tap.observable) if names is None else tuple(names)
        if not loaded.pure or not wanted:
            return capture(module, x, plan, wanted, early=False, cancelled=job.cancelled)
        return self._replays[loaded.card.digest, whole].capture(module, x, plan, wanted, job.cancelled)

    def _forget_replays(self) -> None:
        self._replays.clear()

    def _affordable(self, plan: CapturePlan) -> list[str] | None:
        """None when every tap fits the budget."""
        kept, dropped = choose(plan.taps, self.store.budget, self.watched)
        return kept if dropped else None

    def take_notes(self) -> tuple[str, ...]:
        """What happened on the device since the last capture, for the person."""
        notes, self._notes = tuple(self._notes), []
        return notes

    def on_device(self, loaded: LoadedModel, x: Tensor, work: Callable[[nn.Module, Tensor], T]) -> T:
        """Runs `work`; out of memory or a failing device is met by dropping the store, then by the CPU.

        `x` is copied, so that a model that writes into its input cannot change it for the next forward.
        """
        for attempt in (1, 2, 3):
            try:
                return work(loaded.module, as_input(x, loaded.module, self.device, copy=True))
            except Exception as error:
                problem = devices.device_problem(error)
                if problem is None:
                    raise
                detail = str(error).splitlines()[0] if str(error) else ""
                free = devices.free_bytes(self.device)
            # outside the except block: the exception holds on to the tensors of the failed forward
            self.recover()
            if attempt == 2 or (problem == devices.FAILED and self.device != "cpu"):
                if self.device == "cpu":
                    break
                said = (
                    tr(
                        "The device {device} ran out of memory ({detail}); computed on the CPU from here on.",
                        device=self.device,
                        detail=detail,
                    )
                    if problem == devices.OUT_OF_MEMORY
                    else tr(
                        "The device {device} failed ({detail}); computed on the CPU from here on.",
                        device=self.device,
                        detail=detail,
                    )
                )
                self._notes.append(said)
                self._move("cpu")
        raise memory.told(detail, self._needed(loaded, x), free, tr("this forward of {card}", card=loaded.card.name))

    def _tensor(self, picture: Input, preprocess: AnyPreprocess) -> Tensor:
        try:
            return input_tensor(picture, preprocess)
        except Exception as error:
            if not memory.is_shortage(error):
                raise
            free = devices.free_bytes("cpu")
        self.recover()  # outside the except block: the exception holds on to what was made
        size = tr("{height:,} × {width:,} pixels", height=preprocess.height, width=preprocess.width)
        needed = (
            preprocess.height * preprocess.width * preprocess.channels * 4 * 3
        )  # float32: resized, scaled, normalised
        raise memory.told("", needed, free, tr("an input of {size}", size=size))

    def _needed(self, loaded: LoadedModel, x: Tensor) -> int | None:
        """Bytes that the values of all layers take, by what another size of the same model took; None before the first."""
        known = [
            plan.nbytes * x.numel() / shape.numel()
            for (digest, shape), plan in self._plans.items()
            if digest in self._models and self._models[digest].module is loaded.module and shape.numel()
        ]
        return round(max(known)) if known else None
