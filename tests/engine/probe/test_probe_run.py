"""A probe from a folder to the whole curve: what runs a forward, what is kept, what bad pictures do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from PIL import Image
from studied import drained, job, made
from torch import nn

from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.probe import ALL_LAYERS, Probe, ProbeParams
from explorer.core.system import paths
from explorer.engine import export
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.jobs.runner import Lane
from explorer.engine.probe.feature_extraction import FeatureExtraction
from explorer.engine.probe.probe_run import probe_steps
from explorer.engine.studies import Studies


def write(folder: Path, counts: dict[str, int], copies: int = 1, side: int = 20) -> Path:
    """Classes that differ a little in colour; with `copies`, so many frames of each picture, nearly the same."""
    for label, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            rng = np.random.default_rng([label, number])
            tint = np.eye(3)[label % 3] * 40 if copies == 1 else 0
            picture = rng.uniform(0, 200, (5, 5, 3)).repeat(side // 5, 0).repeat(side // 5, 1) + tint
            for copy in range(copies):
                frame = picture + np.random.default_rng([label, number, copy]).normal(0, 6, picture.shape)
                ending = f"-burst-{number}-{copy}" if copies > 1 else ""
                Image.fromarray(frame.clip(0, 255).astype(np.uint8)).save(folder / name / f"{number}{ending}.png")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "set", {"a": 24, "b": 24, "c": 24})


@pytest.fixture
def engine() -> tuple[Studies, str, nn.Module]:
    studies, capture, net = made(seeded(InPlace()))
    return studies, capture.model, net


def probed(engine: tuple[Studies, str, nn.Module], folder: Path, **more: Any) -> Probe:
    params = ProbeParams(**{"data": Over("folder", str(folder)), "baseline": "pixels", **more})
    return drained(probe_steps(engine[0], engine[1], params, job()))[1]


def numbers(probe: Probe) -> list[tuple[Any, ...]]:
    return [(p.tap, p.per_class, p.accuracy, p.low, p.high, p.draws) for p in (*probe.curve, *probe.baselines)]


@pytest.fixture
def forwards(engine: tuple[Studies, str, nn.Module]) -> Iterator[list[int]]:
    seen: list[int] = []
    handle = engine[2].register_forward_hook(lambda _m, args, _o: seen.append(len(args[0])))
    yield seen
    handle.remove()


def test_the_curve_has_a_point_of_each_layer_and_one_of_all(engine: Any, folder: Path) -> None:
    found = probed(engine, folder)
    assert found.final
    assert [point.tap for point in found.curve] == [*found.taps, ALL_LAYERS]
    assert [point.tap for point in found.baselines] == ["pixels"]
    assert found.forwards == 72
    assert len(found.tested) == 18
    best = found.best
    assert best is not None
    assert best.accuracy > 0.7
    matrix = found.confusion(best)
    assert matrix.counts.sum() == 18
    assert {path for cell in matrix.cells.values() for path in cell} == set(found.tested)
    assert np.trace(matrix.counts) / 18 == pytest.approx(best.accuracy)


class Logarithm(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.log()


def test_a_layer_whose_values_are_not_finite_is_named(folder: Path) -> None:
    """Logarithms of signed values: the others are measured as always, and its own are no accuracy of nonsense unsaid."""
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), Logarithm(), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    studies, capture, _ = made(seeded(net))
    found = probed((studies, capture.model, net), folder)
    assert found.final
    assert not any("one picture at a time" in note for note in found.notes)
    (said,) = [line for line in found.warnings if "not finite" in line]
    assert "1" in said
    point = found.point("0")
    assert point is not None
    assert point.accuracy > 0.5


def test_another_number_draw_classifier_or_pooling_runs_no_forward(
    engine: Any, folder: Path, forwards: list[int]
) -> None:
    probed(engine, folder)
    forwards.clear()
    for more in (
        {"per_class": "2,5"},
        {"seed": 7},
        {"method": "knn"},
        {"pool": "mean"},
        {"hold_out": 0.5},
        {"taps": "conv*"},
    ):
        found = probed(engine, folder, **more)
        assert found.forwards == 0
        assert found.curve
    assert forwards == []


def test_the_same_seed_gives_the_same_numbers_also_after_a_restart_and_on_two_threads(
    engine: Any, folder: Path
) -> None:
    first = numbers(probed(engine, folder, per_class="3,9", draws=3))
    assert numbers(probed(engine, folder, per_class="3,9", draws=3)) == first
    again, capture, net = made(seeded(InPlace()))
    assert numbers(probed((again, capture.model, net), folder, per_class="3,9", draws=3)) == first
    torch.set_num_threads(2)
    try:
        assert numbers(probed(engine, folder, per_class="3,9", draws=3)) == first
    finally:
        torch.set_num_threads(1)
    assert numbers(probed(engine, folder, per_class="3,9", draws=3, seed=1)) != first


def test_draws_have_a_band_and_smaller_numbers_are_worse(engine: Any, folder: Path) -> None:
    found = probed(engine, folder, per_class="1,5,all", draws=4)
    few, more, whole = (found.point("relu", size) for size in (1, 5, 0))
    assert few is not None and more is not None and whole is not None  # noqa: PT018
    assert (few.draws, more.draws, whole.draws) == (4, 4, 1)
    assert few.low <= few.accuracy <= few.high
    assert few.accuracy < whole.accuracy
    assert (whole.low, whole.high) == (whole.test_low, whole.test_high)
    assert few.predicted.shape == (4, 18)


def test_it_grows_while_features_come_in(engine: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "set", {"a": 130, "b": 130})
    params = ProbeParams(data=Over("folder", str(folder)), baseline="none", per_class="8", draws=2)
    partial, whole = drained(probe_steps(engine[0], engine[1], params, job(), Pace(0.0)))
    seen = [probe for probe in partial if probe is not None]
    assert seen[0].forwards < whole.forwards
    assert len(seen[0].curve) < len(whole.curve)
    tested = [len(probe.tested) for probe in seen]
    assert tested == sorted(tested)
    assert 0 < tested[0] < tested[-1] == len(whole.tested)
    assert not seen[0].final


def test_frames_of_bursts_on_both_sides_are_warned_of_and_groups_keep_them_apart(engine: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "set", {"a": 12, "b": 12, "c": 12}, copies=6)
    by_frame, by_burst = (probed(engine, folder, method="knn", groups=kind, taps="relu") for kind in ("none", "burst"))
    assert by_frame.baselines[0].accuracy >= 0.95
    assert by_burst.baselines[0].accuracy < 0.6
    assert any("burst" in warning for warning in by_frame.warnings)
    assert not by_burst.warnings


def test_pictures_that_break_or_change_meanwhile_are_left_out(
    engine: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (folder / "a" / "3.png").read_bytes()
    (folder / "a" / "3.png").write_bytes(whole[: len(whole) // 2])  # its header is good
    steps = FeatureExtraction.steps

    def later(self: FeatureExtraction, order: Any) -> Any:
        (folder / "b" / "5.png").unlink()
        os.utime(folder / "c" / "7.png", (1, 1))
        return steps(self, order)

    monkeypatch.setattr(FeatureExtraction, "steps", later)
    found = probed(engine, folder, per_class="2")
    assert dict(found.data.unreadable).keys() == {"a/3.png", "b/5.png", "c/7.png"}
    assert found.data.count == 69
    assert not {"a/3.png", "b/5.png", "c/7.png"} & {path for part in found.split.pool for path in part}


def test_bad_data_sets_are_refused_in_words(engine: Any, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="no class"):
        probed(engine, tmp_path)
    with pytest.raises(ExplorerError, match="one class"):
        probed(engine, write(tmp_path, {"a": 4}))
    with pytest.raises(ExplorerError, match="named 'moon'"):
        probed(engine, write(tmp_path, {"b": 4}), taps="moon")
    found = probed(engine, write(tmp_path, {"c": 1}))
    assert found.data.labels == ("a", "b")
    for path in tmp_path.rglob("*.png"):
        path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ExplorerError, match=r"No picture could be used|Fewer than two"):
        probed(engine, tmp_path)


def test_a_class_of_the_test_folder_that_there_is_none_of(engine: Any, folder: Path) -> None:
    write(folder / "test", {"a": 4, "b": 4, "other": 4})
    found = probed(engine, folder)
    assert len(found.tested) == 8
    assert any("“other”" in note for note in found.notes)
    assert any("“c”" in note for note in found.notes)


def test_the_untrained_twin_stands_beneath(folder: Path) -> None:
    from explorer.core.models import ModelSpec
    from explorer.engine.model_session import ModelSession

    session = ModelSession(50_000_000)
    card = session.open(ModelSpec("demo:shapes-plain"), job()).card
    found = probed((Studies(session), card.digest, nn.Identity()), folder, baseline="untrained", per_class="4", draws=1)
    assert {point.baseline for point in found.baselines} == {"untrained"}
    assert [point.tap for point in found.baselines] == list(found.taps)
    assert found.forwards == 144
    again = probed((Studies(session), card.digest, nn.Identity()), folder, baseline="untrained", per_class="4", draws=1)
    assert again.forwards == 0


def test_pictures_that_go_before_the_twin_has_seen_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.core.models import ModelSpec
    from explorer.engine.model_session import ModelSession
    from explorer.engine.probe import probe_run

    session = ModelSession(50_000_000)
    card = session.open(ModelSpec("demo:shapes-plain"), job()).card
    twin = probe_run._twin

    def gone(*given: Any) -> Any:
        (folder / "a" / "3.png").unlink()
        return twin(*given)

    monkeypatch.setattr(probe_run, "_twin", gone)
    found = probed((Studies(session), card.digest, nn.Identity()), folder, baseline="untrained", per_class="4", draws=1)
    assert found.final
    assert found.baselines == ()
    assert any(note.startswith("No untrained twin: a/3.png has gone") for note in found.notes)


def test_a_cancel_waits_for_one_picture_only(engine: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, opened = job(), list[Path]()

    def large(path: Path) -> Any:
        opened.append(path)
        asked.cancel()
        return open_picture(path)

    monkeypatch.setattr("explorer.engine.probe.feature_extraction.open_picture", large)
    params = ProbeParams(data=Over("folder", str(folder)), baseline="none")
    with pytest.raises(CancelledError):
        drained(probe_steps(engine[0], engine[1], params, asked))
    assert len(opened) == 1


def test_what_goes_on_begins_where_it_was_left(engine: Any, folder: Path) -> None:
    asked = job()
    steps = probe_steps(engine[0], engine[1], ProbeParams(data=Over("folder", str(folder)), baseline="none"), asked)
    for _ in range(3):
        next(steps)
    asked.cancel()
    with pytest.raises(CancelledError):
        drained(steps)
    told: list[str] = []
    again = Job(0, Lane.METHOD, "", lambda event: told.append(event.progress.text if event.progress else ""))
    params = ProbeParams(data=Over("folder", str(folder)), baseline="none")
    drained(probe_steps(engine[0], engine[1], params, again, Pace(0)))
    counts = [int(text.split()[2]) for text in told if text.startswith("Features of")]
    assert counts[0] > 16
    assert counts[-1] == 72


def test_a_full_disk_is_said_and_what_was_kept_is_used(
    engine: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file, written = export.write, []

    def full(path: Any, data: bytes) -> None:
        written.append(path)
        if len(written) > 3:
            raise ExplorerError("x could not be saved.", "The disk is full.", "Free some space.")
        write_file(path, data)

    monkeypatch.setattr(export, "write", full)
    with pytest.raises(ExplorerError, match="could not be stored") as raised:
        probed(engine, folder)
    assert "full" in raised.value.why
    monkeypatch.setattr(export, "write", write_file)
    assert probed(engine, folder).forwards == 72 - 64


def test_a_cancelled_probe_keeps_its_features(engine: Any, folder: Path) -> None:
    asked = job()
    steps = probe_steps(engine[0], engine[1], ProbeParams(data=Over("folder", str(folder)), baseline="none"), asked)
    for _ in range(3):
        next(steps)
    asked.cancel()
    with pytest.raises(CancelledError):
        drained(steps)
    assert 0 < probed(engine, folder).forwards < 72


_KILLED = """
import os, signal, sys
sys.path[:0] = sys.argv[2:]
from nets import InPlace, seeded
from studied import made, job
from explorer.core.dataset import Over
from explorer.core.probe import ProbeParams
from explorer.engine.probe.probe_run import probe_steps
from explorer.engine.probe.feature_extraction import FeatureExtraction
studies, capture, _ = made(seeded(InPlace()))
for number, _ in enumerate(probe_steps(studies, capture.model, ProbeParams(data=Over("folder", sys.argv[1])), job())):
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="only on systems with SIGKILL")
def test_a_kill_loses_no_shard(engine: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "set", {"a": 80, "b": 80})
    root = Path(__file__).resolve().parents[3]
    line = [sys.executable, "-c", _KILLED, str(folder), str(root), str(root / "tests" / "support")]
    done = subprocess.run(line, env={**os.environ, "FME_HOME": os.environ["FME_HOME"]}, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    assert 0 < probed(engine, folder).forwards <= 160 - 64


def test_damaged_shards_are_not_there(engine: Any, folder: Path) -> None:
    first = numbers(probed(engine, folder))
    for path in (paths.cache_dir() / "features").rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:100])
    again = probed(engine, folder)
    assert again.forwards == 72
    assert numbers(again) == first


def test_the_oldest_network_makes_room(engine: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.engine.probe import feature_store

    probed(engine, folder)
    monkeypatch.setattr(feature_store, "BUDGET", 1000)
    other = feature_store.PooledStore("other", 16)
    other.begin((), ())
    assert [path.name for path in other.folder.parent.iterdir()] == [other.folder.name]
