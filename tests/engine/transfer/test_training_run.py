"""A training from its first step to its result: seeds, pause, a kill, what is chosen by which pictures, and bad input."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nets import InferenceInside
from PIL import Image
from tiny_classes import job, network, opened, target, tiny_classes
from torch import Tensor, nn

from explorer.core.data_sets import DataSet
from explorer.core.errors import ExplorerError
from explorer.core.transfer import (
    AskTrainable,
    EpochFigures,
    FindTraining,
    FinishTraining,
    Phase,
    Train,
    Training,
    TransferTarget,
)
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.model_session import ModelSession
from explorer.engine.transfer import training_state
from explorer.engine.transfer.fine_tuner import FineTuner, one_cycle
from explorer.engine.transfer.training_figures import better
from explorer.engine.transfer.training_run import TrainingRun
from explorer.engine.transfer.transfer_answers import ask_trainable, find_training, finish_training, train
from explorer.engine.transfer.transfer_pictures import divided
from explorer.engine.worker import Worker


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return tiny_classes(tmp_path / "classes", 12)


def whole(run: TrainingRun) -> Training:
    steps = run.steps()
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            last: Training = stop.value
            return last


def learnt(bench: ModelSession, asked: TransferTarget) -> dict[str, bytes]:
    """The weights of the best epoch, trained anew."""
    training_state.forget(training_state.folder_of(asked.key))
    run = TrainingRun(bench, asked, job())
    whole(run)
    return {name: value.numpy().tobytes() for name, value in run.tuner.weights().items()}


def test_the_same_seed_gives_the_same_weights_and_another_one_others(data: DataSet) -> None:
    bench, digest = opened(network("dropout"))
    asked = target(digest, data, freeze="first", batch=8, epochs=2, augmentation="strong")
    torch.manual_seed(5)
    first = learnt(bench, asked)
    torch.manual_seed(6)  # what others draw in between has no part in it
    assert learnt(bench, asked) == first
    assert (
        learnt(bench, target(digest, data, freeze="first", batch=8, epochs=2, augmentation="strong", seed=1)) != first
    )


def test_torchs_generator_is_left_as_it_was(data: DataSet) -> None:
    bench, digest = opened(network("dropout"))
    torch.manual_seed(5)
    state = torch.get_rng_state()
    whole(TrainingRun(bench, target(digest, data, epochs=1), job()))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("stop", [2, 5, 9])
def test_a_pause_in_the_middle_of_an_epoch_changes_nothing(stop: int, data: DataSet) -> None:
    bench, digest = opened(network("dropout"))
    asked = target(digest, data, freeze="first", batch=5, epochs=3)
    run = TrainingRun(bench, asked, job())
    expected = whole(run)
    training_state.forget(run.folder)

    paused = TrainingRun(bench, asked, job())
    steps = paused.steps()
    while len(paused.progress.losses) < stop:
        next(steps)
    steps.close()
    kept = find_training(Worker("cpu", 1, 0), FindTraining(asked), job())
    assert kept is not None
    assert (kept.phase, len(kept.losses)) == (Phase.PAUSED, stop)

    again = TrainingRun(bench, asked, job())
    last = whole(again)
    assert last.losses.tolist() == expected.losses.tolist()
    assert last.epochs == expected.epochs
    for name, value in run.tuner.weights().items():
        assert torch.equal(value, again.tuner.weights()[name]), name


def test_a_cancel_waits_for_one_picture_only(data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, digest = opened(network("dropout"))
    asked, seen = job(), list[Path]()

    def large(path: Path) -> Any:
        seen.append(path)
        if len(seen) > 1:  # after the one that the model is looked at with
            asked.cancel()
        return open_picture(path)

    monkeypatch.setattr("explorer.engine.transfer.training_run.open_picture", large)
    with pytest.raises(CancelledError):
        whole(TrainingRun(bench, target(digest, data, batch=8), asked))
    assert len(seen) == 2


def test_a_kill_loses_at_most_the_running_epoch(data: DataSet, tmp_path: Path) -> None:
    bench, digest = opened(network("batch norm"))
    asked = target(digest, data, freeze="relu", batch=5, epochs=4)
    run = TrainingRun(bench, asked, job())
    steps = run.steps()
    while run.progress.epoch < 2 or run.progress.at < 5:
        next(steps)
    shutil.copytree(run.folder, tmp_path / "killed")  # what a kill leaves: nothing is saved on the way out
    expected = [*steps] and run.tuner.weights()
    training_state.forget(run.folder)
    shutil.copytree(tmp_path / "killed", run.folder)
    kept = training_state.read(run.folder)
    assert kept is not None
    assert (kept.progress.epoch, kept.progress.at) == (2, 0)
    again = TrainingRun(bench, asked, job())
    whole(again)
    for name, value in expected.items():
        assert torch.equal(value, again.tuner.weights()[name]), name


def test_a_state_that_is_damaged_counts_as_none(data: DataSet) -> None:
    bench, digest = opened(network("batch norm"))
    asked = target(digest, data, freeze="relu", epochs=1)
    folder = training_state.folder_of(asked.key)
    folder.mkdir(parents=True)
    (folder / "training.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    (folder / "result.json").write_text('{"progress": [')
    assert training_state.found(asked) is None
    assert whole(TrainingRun(bench, asked, job())).done


def test_the_start_gives_way_only_to_more_validation_pictures() -> None:
    start, as_many, more, nothing = (
        EpochFigures(0, 1.0, 1.0, 0.9),
        EpochFigures(1, 0.1, 0.1, 0.9),
        EpochFigures(2, 0.1, 2.0, 0.95),
        EpochFigures(3, 0.1, math.nan, math.nan),
    )
    assert not better(as_many, start)
    assert better(more, start)
    assert better(replace(as_many, epoch=2), replace(start, epoch=1)), "of two that have learnt the smaller loss counts"
    assert better(nothing, start), "without validation pictures the last one is kept"


def test_the_result_is_of_the_best_validation_epoch_and_is_found_again(data: DataSet) -> None:
    bench, digest = opened(network("batch norm"))
    asked = target(digest, data, freeze="", epochs=6)
    worker = Worker("cpu", 1, 0)
    worker.started = bench
    partial = [*train(worker, Train(asked), job())]
    last = find_training(worker, FindTraining(asked), job())
    assert last is not None
    assert last.result is not None
    result = last.result
    best = max(last.epochs, key=lambda e: (e.validation_accuracy, e.epoch == 0, -e.validation_loss, -e.epoch))
    assert result.best_epoch == best.epoch
    assert result.accuracy > 0.8, "three colours"
    assert result.low < result.accuracy <= result.high
    assert int(result.confusion.counts.sum()) == last.counts[2] == sum(map(len, result.confusion.cells.values()))
    assert [e.epoch for e in last.epochs] == list(range(7))
    assert len(last.losses) == len(last.ends)
    assert last.ends[-1] == 6
    assert {p.phase for p in partial if p is not None} >= {Phase.PREPARING, Phase.LEARNING, Phase.TESTING}
    with pytest.raises(StopIteration) as stop:  # asked again: nothing is computed
        next(train(worker, Train(asked), job()))
    assert stop.value.value.result.accuracy == result.accuracy


def test_it_can_be_finished_early(data: DataSet) -> None:
    bench, digest = opened(network("batch norm"))
    asked = target(digest, data, epochs=500)
    worker = Worker("cpu", 1, 0)
    worker.started = bench
    with pytest.raises(ExplorerError, match="Nothing has been learnt"):
        [*finish_training(worker, FinishTraining(asked), job())]
    run = TrainingRun(bench, asked, job())
    steps = run.steps()
    while run.progress.epoch < 2:
        next(steps)
    steps.close()
    [*finish_training(worker, FinishTraining(asked), job())]
    last = training_state.found(asked)
    assert last is not None
    assert last.done
    assert len(last.epochs) == 3


def test_the_probe_is_a_better_beginning_than_random_weights(data: DataSet) -> None:
    bench, digest = opened(network("batch norm"))
    probe, random = (
        whole(TrainingRun(bench, target(digest, data, freeze="pool", head=head, epochs=1), job())).epochs[0]
        for head in ("probe", "random")
    )
    assert probe.train_loss < 0.5 * random.train_loss
    assert probe.validation_accuracy > random.validation_accuracy


def test_the_three_sets_have_no_group_in_common(tmp_path: Path) -> None:
    data = tiny_classes(tmp_path, 12)
    grouped = tuple(
        replace(c, pictures=tuple(replace(p, group=f"person {i // 2}") for i, p in enumerate(c.pictures)))
        for c in data.classes
    )
    found = divided(DataSet("tiny", str(tmp_path), grouped), 0, 0)
    person = {p.path: p.group for c in grouped for p in c.pictures}
    sets = [{person[s.path] for s in part} for part in (found.train, found.validation, found.test)]
    assert all(sets)
    assert len(set.union(*sets)) == sum(map(len, sets)), "no group in two sets"
    assert divided(data, 2, 0).counts[:2] == (6, 0), "too few to spare one"


def test_the_schedule_is_torchs_one_cycle() -> None:
    parameter = nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.AdamW([parameter], lr=0.01)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 0.01, total_steps=101, cycle_momentum=False, pct_start=31 / 101
    )
    for step in range(100):
        assert one_cycle(step / 100, 0.01) == pytest.approx(optimiser.param_groups[0]["lr"], rel=1e-6)
        optimiser.step()
        theirs.step()


# --- bad input


def test_a_picture_that_cannot_be_read_is_left_out_and_told(data: DataSet) -> None:
    (Path(data.folder) / "red" / "3.png").write_bytes(b"no picture")
    bench, digest = opened(network("batch norm"))
    last = whole(TrainingRun(bench, target(digest, data, freeze="relu", epochs=1), job()))
    assert sum(last.counts) == 35
    assert any("cannot be read" in note for note in last.notes)


def test_out_of_memory_halves_the_batch_once_and_says_so(data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, digest = opened(network("batch norm"))
    run = TrainingRun(bench, target(digest, data, freeze="relu", batch=8, epochs=1), job())
    real, most = FineTuner.training_step, [5]

    def learn(self: FineTuner, values: tuple[Tensor, ...], labels: Tensor, fraction: float, seed: int) -> float:
        if len(labels) > most[0]:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return real(self, values, labels, fraction, seed)

    monkeypatch.setattr(FineTuner, "training_step", learn)
    last = whole(run)
    assert any("4 pictures a step" in note for note in last.notes)
    most[0] = 1
    with pytest.raises(ExplorerError, match="not enough memory"):
        whole(TrainingRun(bench, target(digest, data, freeze="relu", batch=8, epochs=2), job()))


class TwoHeads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.one, self.two = nn.Conv2d(3, 4, 3), nn.Linear(4, 5), nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(x).mean((2, 3))
        return (self.one(x) + self.two(x)) / 2


@pytest.mark.parametrize(
    ("net", "why"),
    [
        (InferenceInside(), "class vector"),
        (TwoHeads(), "last layer of net was not found"),
        (nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), "class vector"),
        (nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), "last layer of net was not found"),
    ],
)
def test_a_model_that_cannot_learn_says_why(net: nn.Module, why: str, data: DataSet) -> None:
    bench, digest = opened(net)
    worker = Worker("cpu", 1, 0)
    worker.started = bench
    found = ask_trainable(worker, AskTrainable(digest, open_picture(Path(data.folder) / "red" / "0.png")), job())
    assert found.reason
    assert why in found.reason
    with pytest.raises(ExplorerError):
        [*train(worker, Train(target(digest, data)), job())]


@pytest.mark.filterwarnings("ignore:.torch.jit")
def test_a_torchscript_program_cannot_learn(data: DataSet) -> None:
    net = torch.jit.trace(nn.Sequential(nn.Flatten(), nn.Linear(768, 5)).eval(), torch.zeros(1, 3, 16, 16))
    bench, digest = opened(net)
    with pytest.raises(ExplorerError, match=r"not found|cannot be copied"):
        whole(TrainingRun(bench, target(digest, data), job()))


class NoGradient(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 5)

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.conv(x).mean((2, 3)))


def test_a_model_without_gradients_is_refused_with_the_reason(data: DataSet) -> None:
    bench, digest = opened(NoGradient())
    with pytest.raises(ExplorerError, match=r"cannot learn.*computes without gradients"):
        whole(TrainingRun(bench, target(digest, data), job()))


def test_a_layer_after_which_nothing_learns_and_one_that_there_is_not(data: DataSet) -> None:
    bench, digest = opened(network("batch norm"))
    for tap, why in (("fc", "Nothing would be left"), ("nowhere", "no tap named")):
        with pytest.raises(ExplorerError, match=why):
            whole(TrainingRun(bench, target(digest, data, freeze=tap), job()))


def test_a_loss_that_is_not_finite_stops_it(data: DataSet) -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(768, 8), nn.Linear(8, 5))
    with torch.no_grad():
        net[1].weight.fill_(3e38)
    bench, digest = opened(net)
    with pytest.raises(ExplorerError, match="not finite"):
        whole(TrainingRun(bench, target(digest, data, head="random"), job()))


def test_one_class_is_refused(data: DataSet) -> None:
    bench, digest = opened(network("batch norm"))
    with pytest.raises(ExplorerError, match="has one class"):
        TrainingRun(bench, target(digest, DataSet("one", data.folder, data.classes[:1])), job())


def test_a_full_disk_is_told_and_the_model_that_is_open_stays(data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, digest = opened(network("batch norm"))

    def full(*_: object) -> None:
        raise ExplorerError("training.safetensors could not be saved.", "The disk is full.")

    monkeypatch.setattr("explorer.engine.export.write", full)
    with pytest.raises(ExplorerError, match="disk is full"):
        whole(TrainingRun(bench, target(digest, data, epochs=1), job()))
    assert np.isfinite(
        bench.capture(digest, open_picture(Path(data.folder) / "red" / "0.png"), job()).prediction[0].logit
    )


def test_pictures_of_one_colour_are_learnt(tmp_path: Path) -> None:
    """Features without any spread."""
    data = tiny_classes(tmp_path, 4)
    for picture in data.pictures:
        Image.new("RGB", (16, 16)).save(tmp_path / picture.path)
    bench, digest = opened(network("batch norm"))
    last = whole(TrainingRun(bench, target(digest, data, epochs=1), job()))
    assert last.result is not None
    assert last.result.accuracy == pytest.approx(1 / 3)
