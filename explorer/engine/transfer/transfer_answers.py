"""Answers the requests of `core/transfer.py`, on the worker thread."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.transfer import (
    AskTrainable,
    Exported,
    ExportLearnt,
    FindTraining,
    FinishTraining,
    ForgetTraining,
    Train,
    Trainable,
    Training,
    TransferTarget,
)
from explorer.engine.jobs.job import Job
from explorer.engine.transfer import training_state
from explorer.engine.transfer.learnt_card import export_learnt as exported
from explorer.engine.transfer.prepared import prepared, trainable
from explorer.engine.transfer.training_run import Steps, TrainingRun
from explorer.engine.worker import Worker


def train(worker: Worker, request: Train, job: Job) -> Steps:
    """Streams how far it is; at once where it is finished already."""
    return worker.studies.streamed(lambda: _trained(worker, request.target, job, finish=False))


def finish_training(worker: Worker, request: FinishTraining, job: Job) -> Steps:
    """The result of the best epoch so far. A generator, so that the one whose place it takes has been kept before."""
    return worker.studies.streamed(lambda: _trained(worker, request.target, job, finish=True))


def _trained(worker: Worker, target: TransferTarget, job: Job, finish: bool) -> Steps:
    kept = training_state.found(target)
    if kept is not None and kept.done:
        return kept
    return (yield from TrainingRun(worker.bench, target, job).steps(finish))


def find_training(_worker: Worker, request: FindTraining, _job: Job) -> Training | None:
    """Reads files alone."""
    return training_state.found(request.target)


def forget_training(_worker: Worker, request: ForgetTraining, _job: Job) -> Generator[None, None, None]:
    """A generator, so that the one whose place it takes has ended before."""
    training_state.forget(training_state.folder_of(request.target.key))
    yield from ()


def ask_trainable(worker: Worker, request: AskTrainable, job: Job) -> Trainable:
    """Why not is an answer, no error."""
    try:
        of = worker.studies.guarded(lambda: prepared(worker.bench, request.model, request.picture, job))
        return worker.studies.guarded(lambda: trainable(of))
    except ExplorerError as error:
        return Trainable(request.model, " ".join(part for part in (error.what, error.why) if part))


def export_learnt(_worker: Worker, request: ExportLearnt, _job: Job) -> Exported:
    """Raises ExplorerError where a file cannot be written."""
    return exported(request.learnt, Path(request.path).expanduser())
