"""Trains a copy of an open model step by step: from the start, or from where it was left."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec, of_pictures
from explorer.core.probe import confusion
from explorer.core.transfer import EpochFigures, Phase, Training, TransferResult, TransferTarget
from explorer.core.translation import tr
from explorer.engine.capture.describe import input_dtype
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.model_session import ModelSession
from explorer.engine.models.card_file import LearntCard
from explorer.engine.transfer import training_state
from explorer.engine.transfer.augmentation import augmented
from explorer.engine.transfer.batch_size import BatchSize
from explorer.engine.transfer.fine_tuner import FineTuner, Values, balanced
from explorer.engine.transfer.freezing import LEAST
from explorer.engine.transfer.frozen_part import frozen_part
from explorer.engine.transfer.learnt_about import about_learning
from explorer.engine.transfer.learnt_card import EPOCH, LEARNT, forget_epochs, origin_of, write_learnt
from explorer.engine.transfer.prepared import Prepared, frozen_differs, learning_copy, prepared
from explorer.engine.transfer.probe_start import pooled, start_as_probe
from explorer.engine.transfer.training_figures import better, result_of, seed_of, truth
from explorer.engine.transfer.training_state import TrainingProgress, TrainingState
from explorer.engine.transfer.transfer_pictures import Divided, LabelledPicture, PictureValues, divided

Steps = Generator[Training | None, None, Training]
_EPOCH_CARD_S = 2.0  # seconds between two models that can be opened while it learns
_EPOCH_CARD_COST = 20  # and how many times as long as writing one takes


class TrainingRun:
    """`cached` False computes the frozen part in every step, as a plain loop does."""

    def __init__(self, bench: ModelSession, target: TransferTarget, job: Job, cached: bool = True) -> None:
        self.bench, self.target, self.job, self.cached = bench, target, job, cached
        self.params, self.labels = target.params, target.data.labels
        self.folder = training_state.folder_of(target.key)
        self.progress = TrainingProgress(batch=target.params.batch)
        self.pictures: Divided = divided(target.data, self.params.per_class, self.params.seed)
        self.learnt: tuple[ModelSpec | None, int] = (None, 0)
        self._pace = Pace()
        self._card_due = 0.0
        self._learning = False  # whether there is something that a pause has to keep

    def steps(self, finish: bool = False) -> Steps:
        """Streams how far it is. `finish`: what is kept of it is brought to its end, nothing more is learnt."""
        begun = time.perf_counter()
        of_pictures(self.bench.model(self.target.model).card.preprocess)
        yield self._told(Phase.PREPARING, 0.0)
        state = training_state.read(self.folder)
        if finish and state is None:
            raise ExplorerError(tr("Nothing has been learnt yet."), "", tr("Train for an epoch first."))
        self._make(state)
        yield from self._fill(self.pictures.test if finish else self._all())
        yield from self._begin(state)
        spent = self.progress.seconds
        try:
            self._learning = True
            while not finish and self.progress.epoch < self.params.epochs:
                for told in self._epoch():
                    self.progress.seconds = spent + time.perf_counter() - begun
                    yield told
                self._save()
            result = yield from self._tested()
            self._learning = False
        finally:
            if self._learning:  # paused, replaced, closed, or an error
                self._save()
        result = replace(result, seconds=spent + time.perf_counter() - begun)
        self.progress.seconds = result.seconds
        last = replace(self._told(Phase.DONE, 1.0), result=result)
        training_state.save_result(self.folder, self.progress, last)
        return last

    # --- before it learns ---

    def _make(self, state: TrainingState | None) -> None:
        """The copy, what it is given of each picture, the tuner."""
        if state is not None:
            self.progress = state.progress
        self.of = self._prepared()
        self.frozen, learning = learning_copy(self.of, self.params, len(self.labels))
        learning = replace(learning, weights=self._class_weights())
        if self.frozen.at is not None and self.cached and self.params.augmentation == "none":
            x = torch.cat([self.of.x, self.of.x.flip(-1) * 0.5])
            part, why = frozen_part(learning.module, self.of.route, self.frozen.at, x, self.of.vectors())
            learning = replace(learning, part=part)
            if part is None:
                self._note(tr("The frozen part is computed in every epoch: {why}.", why=why))
        self.module = learning.module
        compute = (lambda x: (x,)) if learning.part is None else learning.part.values
        self.values = PictureValues(self._load, compute, self.bench.device)
        self.batch = BatchSize(self.progress.batch, self.progress.notes)
        self.tuner = FineTuner(learning, self.params)
        self.best = self.tuner.weights()

    def _prepared(self) -> Prepared:
        """By the first picture that can be read."""
        error: ExplorerError | None = None
        for sample in self.pictures.train:
            try:
                picture = open_picture(sample.file)
            except ExplorerError as found:
                error = error or found
                continue
            return prepared(self.bench, self.target.model, picture, self.job)
        raise error or ExplorerError(tr("There is no picture to learn from."))

    def _load(self, sample: LabelledPicture) -> Tensor:
        if self.job.cancelled():  # a batch of large photographs takes a minute
            raise CancelledError
        x = to_tensor(open_picture(sample.file), of_pictures(self.of.loaded.card.preprocess))
        return x.to(input_dtype(self.of.loaded.module))

    def _class_weights(self) -> Tensor:
        return balanced([s.label for s in self.pictures.train], len(self.labels)).to(self.bench.device)

    def _all(self) -> tuple[LabelledPicture, ...]:
        return (*self.pictures.train, *self.pictures.validation, *self.pictures.test)

    def _fill(self, samples: Sequence[LabelledPicture]) -> Generator[Training | None, None, None]:
        """Values of all pictures; what cannot be read is left out."""
        for done in self.values.fill(samples, self.batch):
            yield self._told(Phase.FROZEN_PART, done / len(samples)) if self._pace.due() else None
        if self.values.too_large:
            what = byte_words(self.values.too_large)
            self._note(tr("The values of all pictures would take {what}: they are computed in every epoch.", what=what))
        if gone := self.values.unreadable:
            self.pictures = self.pictures.without(tuple(gone), self.labels)
            self._note(
                tr(
                    "Left out, for they cannot be read: {count} pictures, {next} the first.",
                    count=len(gone),
                    next=next(iter(gone)),
                )
            )

    def _begin(self, state: TrainingState | None) -> Generator[Training | None, None, None]:
        """Goes on where it was left, or makes the new last layer begin."""
        if state is not None:
            try:
                self.tuner.load_weights(state.now)
                self.tuner.load_moments(state.moments)
                self.best = {name: value.to(self.bench.device) for name, value in state.best.items()}
            except (KeyError, RuntimeError) as error:
                training_state.forget(self.folder)
                raise ExplorerError(
                    tr("What is kept of this training cannot be used."), f"{error}.", tr("Train again.")
                ) from None
            return
        train = self.pictures.train
        if not self.pictures.validation:
            self._note(tr("No picture is spared to choose the epoch: the last one is kept. Four a class are needed."))
        if min(len(train), self.batch.pictures) >= LEAST:
            yield from self._renew_statistics()
        elif self.tuner.of.modes.norms:
            self._note(tr("Fewer than {least} pictures a step: BatchNorm keeps its statistics.", least=LEAST))
        if self.params.head == "probe":
            yield from self._start_head()
        vectors = yield from self._evaluated(train, Phase.LEARNING)
        loss = float(F.cross_entropy(vectors, truth(train), self._class_weights().cpu()))
        yield from self._figures(0, loss)
        self.best = self.tuner.weights()
        self.progress.before = float((yield from self._accuracy(self.pictures.test)))
        self._save()

    def _renew_statistics(self) -> Generator[None, None, None]:
        """BatchNorm of what learns begins with the statistics of the training pictures: else the first steps would meet other
        features than the last layer begins with."""
        train, at = self.pictures.train, 0
        with self.tuner.of.modes.statistics_anew():
            while at < len(train):
                part = train[at : at + self.batch.next(len(train) - at)]
                if self.batch.fits(partial(self._forward, part)):
                    at += len(part)
                    yield

    def _forward(self, part: Sequence[LabelledPicture]) -> bool:
        self.tuner.forward(self.values.of(part))
        return True

    def _start_head(self) -> Generator[Training | None, None, None]:
        head, given = self.module.get_submodule(self.tuner.of.head), list[Tensor]()
        handle = head.register_forward_pre_hook(
            lambda _module, args: given.append(pooled(args[0].detach(), head).cpu())
        )
        try:
            yield from self._evaluated(self.pictures.train, Phase.PREPARING)
        finally:
            handle.remove()
        train = self.pictures.train
        start_as_probe(head, torch.cat(given), truth(train), len(self.labels), self.job.cancelled)

    # --- an epoch ---

    def _epoch(self) -> Generator[Training | None, None, None]:
        p, train = self.progress, self.pictures.train
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed_of(self.params.seed, p.epoch)))
        steps = sum(end > p.epoch for end in p.ends)  # of this epoch, where it goes on
        while p.at < len(train):
            chosen = [train[i] for i in order[p.at : p.at + self.batch.next(len(train) - p.at)].tolist()]
            loss = self.batch.fits(partial(self._step, chosen))
            p.batch = self.batch.pictures
            if loss is None:
                continue
            p.at += len(chosen)
            steps += 1
            p.losses.append(loss)
            p.ends.append(p.epoch + p.at / len(train))
            yield self._told(Phase.LEARNING, p.ends[-1] / self.params.epochs) if self._pace.due() else None
        yield from self._figures(p.epoch + 1, float(np.mean(p.losses[-steps:])))
        p.epoch, p.at = p.epoch + 1, 0
        yield self._told(Phase.LEARNING, p.epoch / self.params.epochs)

    def _step(self, chosen: Sequence[LabelledPicture]) -> float:
        p = self.progress
        fraction = (p.epoch + p.at / len(self.pictures.train)) / self.params.epochs
        seed = seed_of(self.params.seed, p.epoch, p.at)
        values = self.values.of(chosen)
        if self.tuner.of.part is None:
            values = (
                augmented(values[0], self.params.augmentation, of_pictures(self.of.loaded.card.preprocess), seed),
            )
        return self.tuner.training_step(values, truth(chosen).to(self.bench.device), fraction, seed)

    def _figures(self, epoch: int, train_loss: float) -> Generator[Training | None, None, None]:
        """Those of the validation pictures after an epoch, and whether it is the best one."""
        p, samples = self.progress, self.pictures.validation
        loss = accuracy = math.nan
        if samples:
            vectors = yield from self._evaluated(samples, Phase.LEARNING)
            loss = float(F.cross_entropy(vectors, truth(samples)))
            accuracy = float((vectors.argmax(1) == truth(samples)).float().mean())
        found = EpochFigures(epoch, train_loss, loss, accuracy)
        before = next((e for e in p.epochs if e.epoch == p.best), None)
        p.epochs.append(found)
        if before is None or better(found, before):
            p.best, self.best = epoch, self.tuner.weights()
        if epoch and time.monotonic() >= self._card_due:
            begun = time.monotonic()
            self._write(f"{EPOCH}{epoch}", epoch, None)
            forget_epochs(self.folder, epoch)
            spent = time.monotonic() - begun
            self._card_due = time.monotonic() + max(_EPOCH_CARD_S, _EPOCH_CARD_COST * spent)

    # --- evaluation ---

    def _evaluated(self, samples: Sequence[LabelledPicture], phase: Phase) -> Generator[Training | None, None, Tensor]:
        """(pictures, classes) logits."""
        found, at = list[Tensor](), 0
        while at < len(samples):
            part = samples[at : at + self.batch.pictures]
            made = self.batch.fits(partial(self._evaluate, part))
            if made is not None:
                found.append(made)
                at += len(part)
                yield self._told(phase, at / len(samples)) if phase is not Phase.LEARNING and self._pace.due() else None
        return torch.cat(found)

    def _evaluate(self, part: Sequence[LabelledPicture]) -> Tensor:
        values: Values = self.values.of(part)
        return self.tuner.evaluate(values)

    def _accuracy(self, samples: Sequence[LabelledPicture]) -> Generator[Training | None, None, float]:
        vectors = yield from self._evaluated(samples, Phase.TESTING)
        return float((vectors.argmax(1) == truth(samples)).float().mean())

    def _tested(self) -> Generator[Training | None, None, TransferResult]:
        """The best epoch on the test pictures; the model is written."""
        yield self._told(Phase.TESTING, 0.0)
        self.tuner.load_weights(self.best)
        test = self.pictures.test
        vectors = yield from self._evaluated(test, Phase.TESTING)
        x = self._load(self.pictures.test[0]).to(self.bench.device)
        differs = frozen_differs(self.of, self.module, self.frozen, x, self.job.cancelled)
        if differs:
            self._note(
                tr(
                    "{differs} is frozen and has changed: the model keeps something from one forward to the next.",
                    differs=differs,
                )
            )
        if self.tuner.idle:
            self._note(
                tr("{count} parameters had no part in the output and did not learn.", count=len(self.tuner.idle))
            )
        learnt = sum(value.numel() for value in self.tuner.of.parameters.values())
        taken = vectors.argmax(1)
        matrix = confusion(self.labels, [s.path for s in test], truth(test).tolist(), taken.tolist())
        result = result_of(matrix, self.progress, len(self.frozen.taps), not differs, learnt)
        self._write(LEARNT, self.progress.best, result)
        forget_epochs(self.folder, 0)
        return result

    # --- telling and keeping ---

    def _note(self, text: str) -> None:
        if text not in self.progress.notes:
            self.progress.notes.append(text)

    def _told(self, phase: Phase, fraction: float) -> Training:
        return training_state.told(self.target, self.progress, phase, fraction, self.learnt, self.pictures.counts)

    def _write(self, name: str, epoch: int, result: TransferResult | None) -> None:
        """The model as it is, as one that opens."""
        card, head = self.of.loaded.card, self.tuner.of.head
        about = about_learning(self.target, epoch, self.pictures, result)
        shown = f"{card.name}, {(tr('learnt') if result else tr('epoch {epoch}', epoch=epoch))}"
        made = LearntCard(shown, origin_of(card), head, self.labels, of_pictures(card.preprocess), "", about)
        training_state.make_folder(self.folder)
        self.learnt = write_learnt(self.folder / name, self.module, made), epoch

    def _save(self) -> None:
        state = TrainingState(self.progress, self.tuner.weights(), self.best, self.tuner.moments())
        training_state.save(self.folder, state)
