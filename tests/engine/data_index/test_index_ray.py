"""A real Ray on this machine: two workers, one of which dies, make the very index that one process makes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from index_nets import draw, job, network

from explorer.core.errors import ExplorerError
from explorer.core.index_requests import MakeIndex
from explorer.core.models import ModelSpec
from explorer.engine.data_index import ray_run
from explorer.engine.data_index.index_digest import digest_of
from explorer.engine.data_index.index_run import Steps, make_steps
from explorer.engine.data_index.ray_cluster import ray_module
from explorer.engine.data_index.shard_worker import ShardWorker
from explorer.engine.models import open_model

DEMO, ROOT = "demo:shapes-cnn", Path(__file__).resolve().parents[3]


def last(steps: Steps) -> object:
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


# In a process of its own: Ray leaves open pipes and threads behind, which are no fault of ours.
_SCRIPT = """
import json, os, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {support!r}]
from index_nets import job
from explorer.core.index_requests import MakeIndex
from explorer.core.models import ModelSpec
from explorer.engine.data_index import ray_run
from explorer.engine.data_index.index_digest import digest_of
from explorer.engine.models import open_model

def listeners():
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net/" + name).read_text().splitlines()[1:]]
    listening = {{row[9]: row[1].partition(":")[0] for row in rows if row[3] == "0A"}}
    found = set()
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes() if process.name.isdigit() else b""
            if b"fme-ray-" in command or b"ShardWorker" in command:
                sockets = [os.readlink(each) for each in (process / "fd").iterdir()]
                found |= {{listening[s[8:-1]] for s in sockets if s.startswith("socket:[") and s[8:-1] in listening}}
        except OSError:
            continue
    return sorted(found)

ray_run.SHARD = 16
taken, killed, heard = ray_run._RayRun._take, [], []

def take(self, found):
    if not killed:
        heard.extend(listeners() if sys.platform == "linux" else [])
        killed.append(found.made["pid"])
        os.kill(found.made["pid"], signal.SIGKILL)
    taken(self, found)

ray_run._RayRun._take = take
loaded = open_model(ModelSpec({model!r}))
for _ in ray_run.ray_steps(loaded, MakeIndex(loaded.card.digest, {data!r}, store={store!r}), "local", 2, job()):
    pass
print(json.dumps([killed, heard, digest_of(Path({store!r}))]))
"""


@pytest.mark.slow
@pytest.mark.skipif(bool(getattr(sys, "frozen", False)), reason="a package has no Ray")
def test_two_workers_one_of_which_dies_make_the_same_index(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    data, loaded = draw(tmp_path / "data", 96), open_model(ModelSpec(DEMO))
    last(make_steps(loaded, "cpu", MakeIndex(loaded.card.digest, str(data), store=str(tmp_path / "a.fmindex")), job()))
    places = {"root": str(ROOT), "support": str(ROOT / "tests" / "support"), "data": str(data), "model": DEMO}
    script = _SCRIPT.format(**places, store=str(tmp_path / "b.fmindex"))
    environment = {**os.environ, "FME_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=150)
    assert done.returncode == 0, done.stderr[-2000:]
    killed, heard, digest = json.loads(done.stdout.splitlines()[-1])
    assert killed
    assert digest == digest_of(tmp_path / "a.fmindex")
    if sys.platform == "linux":  # nothing listens beyond this machine
        assert heard
        assert set(heard) <= {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    assert (tmp_path / "home" / "config" / "ray" / "auth_token").stat().st_mode & 0o077 == 0


def test_a_shard_is_a_pure_function_also_of_files_that_were_sent(tmp_path: Path) -> None:
    data, loaded = draw(tmp_path / "data", 32), open_model(ModelSpec(DEMO))
    request = MakeIndex(loaded.card.digest, str(data), store=str(tmp_path / "a.fmindex"))
    listing = last(ray_run.listed(str(data), "picture", job()))  # type: ignore[arg-type]
    prepared = ray_run.prepare(loaded, "cpu", request, listing, job())  # type: ignore[arg-type]
    run = ray_run._RayRun(None, None, prepared, False)  # type: ignore[arg-type]
    shard = ray_run.batches_of(list(enumerate(prepared.listing.items)), 16)
    floor = torch.full((prepared.reader.channels,), -float("inf")).numpy()
    worker = ShardWorker()
    assert worker.about(run.order)["digest"] == loaded.card.digest
    first = worker.shard(run.order, shard, floor, False, None)
    again = ShardWorker().shard(run.order, shard, floor, False, dict(run._files(shard)))
    assert first.ids == again.ids == list(range(32))
    assert first.maxima.tobytes() == again.maxima.tobytes()
    assert first.candidates.pictures.tobytes() == again.candidates.pictures.tobytes()
    assert not first.failed


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    data, loaded = draw(tmp_path / "data", 16), network()
    request = MakeIndex(loaded.card.digest, str(data), "conv", store=str(tmp_path / "a.fmindex"))
    listing = last(ray_run.listed(str(data), "picture", job()))  # type: ignore[arg-type]
    prepared = ray_run.prepare(loaded, "cpu", request, listing, job())  # type: ignore[arg-type]
    run = ray_run._RayRun(None, None, prepared, False)  # type: ignore[arg-type]
    own = ray_run.machine()
    good = {**own, "digest": loaded.card.digest, "described": prepared.settings.taps}
    run._compare(good, own)
    for other, words in (({"torch": "1.0"}, "torch"), ({"version": "0"}, "application"), ({"digest": "x"}, "model")):
        with pytest.raises(ExplorerError, match=words):
            run._compare({**good, **other}, own)


def test_without_ray_or_in_a_package_it_says_how(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FME_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ExplorerError, match=r"pip install .*\[ray\]"):
        ray_module("HOST:1")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(ExplorerError, match="package"):
        ray_module("local")
