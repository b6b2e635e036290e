"""One digest however the index was made; nothing that was committed is lost; what cannot be read is told."""

from __future__ import annotations

import errno
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from index_nets import PRE, SIDE, TAPS, draw, job, made, network, with_preprocess

from explorer.core.data_index import PictureState
from explorer.core.errors import ExplorerError
from explorer.core.index_requests import MakeIndex
from explorer.engine.data_index import index_file, index_store
from explorer.engine.data_index.channel_sums import ChannelSums
from explorer.engine.data_index.index_catalogue import remove_index
from explorer.engine.data_index.index_digest import digest_of
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.data_index.index_run import Sharding, make_steps
from explorer.engine.data_index.local_disk import network_disk
from explorer.engine.data_index.top_table import Candidates, TopTable

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("pictures", [16, 48, 4096])
def test_the_size_of_shards_does_not_matter(tmp_path: Path, pictures: int) -> None:
    data = draw(tmp_path / "data", 100)
    made(network(), data, tmp_path / "a.fmindex")
    made(network(), data, tmp_path / "b.fmindex", Sharding(pictures, 1e9))
    assert digest_of(tmp_path / "a.fmindex") == digest_of(tmp_path / "b.fmindex")


def test_a_table_and_its_sums_do_not_depend_on_the_order() -> None:
    chance = np.random.default_rng(0)
    values = np.round(chance.normal(size=(90, 7)), 1).astype(np.float32)  # many ties
    values[4, 2] = np.nan
    classes = chance.integers(0, 3, 90)
    tables, sums = [], []
    for order in (np.arange(90), np.arange(90)[::-1], chance.permutation(90)):
        table, figures = TopTable(7, 5), ChannelSums(7, 3, np.arange(7))
        for part in np.array_split(order, 11):
            good = ~np.isnan(values[part])
            rows = np.nonzero(good)
            table.insert(Candidates(rows[1], values[part][good], rows[0].astype(np.int32) * 0, part[rows[0]]))
            figures.add(values[part], classes[part])
        tables.append(table.records(0, 7).tobytes())
        sums.append((figures.sums.tobytes(), figures.reach.tobytes(), figures.not_finite.tobytes()))
    assert len(set(tables)) == 1
    assert len(set(sums)) == 1
    halves = [ChannelSums(7, 3, np.arange(7)) for _ in range(2)]
    for half, part in zip(halves, (slice(0, 40), slice(40, 90)), strict=True):
        half.add(values[part], classes[part])
    halves[1].join(halves[0])
    assert halves[1].sums.tobytes() == sums[0][0]
    assert halves[1].reach.tobytes() == sums[0][1]


def test_what_was_cancelled_goes_on(tmp_path: Path) -> None:
    data, loaded = draw(tmp_path / "data", 80), network()
    made(loaded, data, tmp_path / "a.fmindex")
    request = MakeIndex(loaded.card.digest, str(data), ",".join(TAPS), "relu", store=str(tmp_path / "b.fmindex"))
    steps = make_steps(loaded, "cpu", request, job())
    for _ in range(5):
        next(steps)
    steps.close()  # as a cancelled job does
    with IndexReader(tmp_path / "b.fmindex") as reader:
        assert 0 < reader.facts().done < 80
    made(loaded, data, tmp_path / "b.fmindex")
    assert digest_of(tmp_path / "a.fmindex") == digest_of(tmp_path / "b.fmindex")


_KILLED = """
import sys
sys.path[:0] = [{root!r}, {support!r}]
from pathlib import Path
from index_nets import made, network
from explorer.engine.data_index.index_run import Sharding
made(network(), Path({data!r}), Path({store!r}), Sharding(8, 1e9))
"""


@pytest.mark.slow
def test_killed_again_and_again_it_is_the_same_index(tmp_path: Path) -> None:
    data, store = draw(tmp_path / "data", 160), tmp_path / "b.fmindex"
    made(network(), data, tmp_path / "a.fmindex")
    script = _KILLED.format(root=str(ROOT), support=str(ROOT / "tests" / "support"), data=str(data), store=str(store))
    chance, kills, done = random.Random(5), 0, 0
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    while kills < 5 and done < 160:  # 20 shards: a run is killed after its first, or a few more on a slow day
        process = subprocess.Popen([sys.executable, "-c", script], env=environment, cwd=ROOT)
        before, end = done, time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None and done == before:
            done = _done(store)
        time.sleep(chance.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills, done = kills + 1, _done(store)
    assert kills >= 2
    made(network(), data, store)
    assert digest_of(tmp_path / "a.fmindex") == digest_of(store)


def _done(store: Path) -> int:
    try:
        with IndexReader(store) as reader:
            return reader.count(state=PictureState.DONE)
    except ExplorerError:
        return 0


def test_a_folder_that_grew_is_gone_on_with(tmp_path: Path) -> None:
    data, store = draw(tmp_path / "data", 40), tmp_path / "a.fmindex"
    made(network(), data, store)
    draw(data, 20, ("c",), seed=9)
    last = made(network(), data, store)
    assert (last.done, last.total, last.failed) == (60, 60, 0)
    with IndexReader(store) as reader:
        assert reader.labels == ("a", "b", "c")
        assert reader.count("c") == 20
        best = max(reader.values("conv", 0)[1].tolist())
        assert reader.top("conv", 0).maximum == best
        assert sum(bar.pictures for bar in reader.classes("conv", 0)) == 60
    draw(data, 40, seed=3)  # the first ones are other files now
    assert any("have changed" in note for note in made(network(), data, store).notes)


def test_another_model_preprocessing_or_folder_is_another_index(tmp_path: Path) -> None:
    data, store = draw(tmp_path / "data", 20), tmp_path / "a.fmindex"
    made(network(), data, store)
    before = store.read_bytes()
    other = with_preprocess(network(), type(PRE)(SIDE, SIDE, "stretch"))
    for loaded, folder in ((network(seed=4), data), (other, data), (network(), draw(tmp_path / "more", 20))):
        with pytest.raises(ExplorerError, match="index of something else"):
            made(loaded, folder, store)
    assert store.read_bytes() == before


def test_pictures_that_cannot_be_read_are_listed_and_tried_again(tmp_path: Path) -> None:
    data, store = draw(tmp_path / "data", 30), tmp_path / "a.fmindex"
    good = (data / "a" / "0.png").read_bytes()
    (data / "a" / "zero.png").write_bytes(b"")
    (data / "a" / "cut.png").write_bytes(good[: len(good) // 2])
    (data / "b" / "text.png").write_text("no picture")
    last = made(network(), data, store)
    assert (last.done, last.failed, last.total) == (30, 3, 33)
    assert {name for name, _ in last.failures} == {"a/zero.png", "a/cut.png", "b/text.png"}
    assert made(network(), data, store).failed == 3  # not tried again by itself
    (data / "a" / "cut.png").write_bytes(good)
    assert made(network(), data, store, retry=True).done == 31
    with IndexReader(store) as reader:
        assert {each.path for each in reader.pictures(state=PictureState.FAILED)} == {"a/zero.png", "b/text.png"}


def test_counts_are_those_of_the_pictures_and_an_open_reader_sees_every_commit(tmp_path: Path) -> None:
    data, store = draw(tmp_path / "data", 30), tmp_path / "a.fmindex"
    (data / "b" / "zero.png").write_bytes(b"")
    made(network(), data, store, Sharding(16, 1e9))

    def counted(reader: IndexReader) -> dict[tuple[str, PictureState], int]:
        return {(label, state): reader.count(label, state) for label in reader.labels for state in PictureState}

    def looked_at(reader: IndexReader) -> dict[tuple[str, PictureState], int]:
        return {key: len(reader.pictures(*key)) for key in counted(reader)}

    with IndexReader(store) as reader:
        assert counted(reader) == looked_at(reader)
        assert reader.count(state=PictureState.FAILED) == 1
        zero = next(each.id for each in reader.pictures(state=PictureState.FAILED))
        for channel in (0, 1, 0):  # the second time the table is kept, until the next commit
            reader.top("conv", channel)
        assert reader.picture(zero).state is PictureState.FAILED
        draw(data, 20, ("c",), seed=9)
        (data / "b" / "zero.png").write_bytes((data / "b" / "1.png").read_bytes())
        made(network(), data, store, Sharding(16, 1e9), retry=True)
        assert counted(reader) == looked_at(reader)
        assert (reader.count(), reader.count(state=PictureState.DONE), reader.count("c")) == (51, 51, 20)
        assert reader.top("conv", 0).pictures == 51
        assert reader.picture(zero).state is PictureState.DONE
        with IndexReader(store) as other:
            for channel in (0, 1, 0, 2):
                assert reader.top("conv", channel) == other.top("conv", channel)
    with sqlite3.connect(store) as base:  # as an earlier version wrote it
        base.execute("DELETE FROM meta WHERE key = 'counts'")
    with IndexReader(store) as reader:
        assert counted(reader) == looked_at(reader)


def test_pictures_that_go_while_it_runs_are_told(tmp_path: Path) -> None:
    data, loaded = draw(tmp_path / "data", 64), network()
    request = MakeIndex(loaded.card.digest, str(data), "conv", store=str(tmp_path / "a.fmindex"))
    steps = make_steps(loaded, "cpu", request, job())
    for _ in range(2):  # it has listed them
        next(steps)
    (data / "b" / "63.png").rename(data / "b" / "gone.png")
    (data / "b" / "61.png").write_bytes((data / "b" / "59.png").read_bytes())
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            last = stop.value
            break
    assert dict(last.failures).keys() == {"b/61.png", "b/63.png"}
    assert last.done == 62
    assert "renamed" in dict(last.failures)["b/63.png"]
    assert "changed" in dict(last.failures)["b/61.png"]


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_a_disk_that_goes_while_it_is_read_stops_it_and_it_goes_on(tmp_path: Path, left: str) -> None:
    data, loaded = draw(tmp_path / "data", 96), network()
    made(loaded, data, tmp_path / "whole.fmindex")
    request = MakeIndex(loaded.card.digest, str(data), ",".join(TAPS), "relu", store=str(tmp_path / "a.fmindex"))
    steps = make_steps(loaded, "cpu", request, job(), Sharding(16, 1e9))
    for _ in range(3):
        next(steps)
    data.rename(tmp_path / "away")
    if left == "an empty folder":  # where a drive was mounted
        data.mkdir()
    with pytest.raises(ExplorerError, match="has gone while it was read"):
        list(steps)
    with IndexReader(tmp_path / "a.fmindex") as reader:
        assert 0 < reader.facts().done < 96
        assert reader.facts().failed == 0  # nothing has to be tried again
    if data.exists():
        data.rmdir()
    (tmp_path / "away").rename(data)
    made(loaded, data, tmp_path / "a.fmindex")
    assert digest_of(tmp_path / "a.fmindex") == digest_of(tmp_path / "whole.fmindex")


def test_nothing_that_can_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(ExplorerError, match="There are no pictures"):
        made(network(), tmp_path / "data", tmp_path / "a.fmindex")
    (tmp_path / "data" / "x.png").write_bytes(b"")
    with pytest.raises(ExplorerError, match="Nothing could be read"):
        made(network(), tmp_path / "data", tmp_path / "a.fmindex")


def test_a_full_disk_stops_it_with_a_line_and_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, store = draw(tmp_path / "data", 96), tmp_path / "a.fmindex"
    made(network(), data, tmp_path / "whole.fmindex")
    written = os.write
    calls = [0]

    def full(number: int, held: bytes) -> int:
        calls[0] += 1
        if calls[0] > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written(number, held)

    monkeypatch.setattr(index_store.os, "write", full)
    with pytest.raises(ExplorerError, match="The disk is full"):
        made(network(), data, store, Sharding(16, 1e9))
    monkeypatch.undo()
    with IndexReader(store) as reader:
        assert 0 < reader.facts().done < 96
    made(network(), data, store)
    assert digest_of(store) == digest_of(tmp_path / "whole.fmindex")


def test_a_disk_that_is_full_for_the_tables_or_from_the_start_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, store = draw(tmp_path / "data", 48), tmp_path / "a.fmindex"
    connect = index_file.connect

    def small(path: Path, write: bool = False) -> sqlite3.Connection:
        base = connect(path, write)
        (pages,) = base.execute("PRAGMA page_count").fetchone()
        base.execute(f"PRAGMA max_page_count = {pages + 1}")
        return base

    monkeypatch.setattr(index_file, "connect", small)
    with pytest.raises(ExplorerError, match="The disk is full"):
        made(network(), data, store, Sharding(16, 1e9))
    monkeypatch.undo()

    class Full:
        def execute(self, _asked: str) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        def close(self) -> None:
            """Nothing is open."""

    def opened(path: Path, **how: Any) -> Any:
        return Full() if str(path).endswith("-lock") else real(path, **how)

    real = sqlite3.connect
    monkeypatch.setattr(index_store.sqlite3, "connect", opened)
    with pytest.raises(ExplorerError, match="The disk is full"):
        made(network(), data, store)
    monkeypatch.undo()
    assert made(network(), data, store).done == 48


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files there")
def test_files_that_may_not_grow_stop_it_with_a_line_and_it_goes_on(tmp_path: Path) -> None:
    import resource

    data, store = draw(tmp_path / "data", 96), tmp_path / "a.fmindex"
    made(network(), data, tmp_path / "whole.fmindex")
    most = max(path.stat().st_size for path in index_file.files_of(tmp_path / "whole.fmindex"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most // 2, hard))
    try:
        with pytest.raises(ExplorerError, match=r"The disk is full|could not be read or written"):
            made(network(), data, store, Sharding(16, 1e9))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    made(network(), data, store)
    assert digest_of(store) == digest_of(tmp_path / "whole.fmindex")


def test_a_damaged_store_is_told_and_can_be_removed(tmp_path: Path) -> None:
    data, store = draw(tmp_path / "data", 20), tmp_path / "a.fmindex"
    made(network(), data, store)
    held = bytearray(store.read_bytes())
    held[len(held) // 3 : 2 * len(held) // 3] = bytes(len(held) // 3 + 1)
    store.write_bytes(held)
    with pytest.raises(ExplorerError, match="damaged"):
        made(network(), data, store)
    store.write_bytes(b"SQLite format 3\0" + bytes(500))
    with pytest.raises(ExplorerError, match="damaged"):
        IndexReader(store)
    remove_index(store)
    assert not list(tmp_path.glob("a.fmindex*"))
    assert made(network(), data, store).done == 20


def test_a_file_that_is_no_index_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(ExplorerError, match="no index"):
        remove_index(tmp_path / "diary.txt")
    assert (tmp_path / "diary.txt").read_text() == "mine"


def test_two_processes_do_not_write_one_index(tmp_path: Path) -> None:
    data, store, loaded = draw(tmp_path / "data", 64), tmp_path / "a.fmindex", network()
    request = MakeIndex(loaded.card.digest, str(data), ",".join(TAPS), "relu", store=str(store))
    steps = make_steps(loaded, "cpu", request, job())
    for _ in range(3):
        next(steps)
    holding = sqlite3.connect(str(store) + "-lock", isolation_level=None, timeout=0)
    try:
        with pytest.raises(sqlite3.OperationalError):
            holding.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ExplorerError, match="another process"):
            made(loaded, data, store)
    finally:
        holding.close()
        steps.close()


def test_a_network_disk_is_recognised(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda1 / ext4 rw 0 0\nserver:/home {tmp_path} nfs4 rw 0 0\n/dev/sdb {tmp_path}/local ext4 rw 0 0\n"
    )
    (tmp_path / "local").mkdir()
    assert network_disk(tmp_path / "x", str(mounts)) == "nfs4"
    assert network_disk(tmp_path / "local" / "x", str(mounts)) == ""
    assert network_disk(Path("/usr"), str(mounts)) == ""
