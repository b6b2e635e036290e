"""Data sets that are drawn when they are first asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from studied import job

from explorer.core.errors import ExplorerError
from explorer.core.ready_sets import READY, data_title, short_title
from explorer.engine.data_sets import demo_sets
from explorer.engine.data_sets.digits import digits
from explorer.engine.data_sets.named import read_named
from explorer.engine.jobs.steps import ended


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = tuple(replace(each, each=2, tested=12) for each in demo_sets.SETS)
    monkeypatch.setattr(demo_sets, "SETS", sets)


@pytest.mark.parametrize("name", ["materials", "shapes", "digits"])
def test_it_is_drawn_once_and_read_like_a_folder(name: str, small: None) -> None:
    found = ended(read_named(f"demo:{name}", "none", "", job()))
    wanted = demo_sets.named(name)
    assert set(found.labels) == set(wanted.labels)
    assert all(1 <= len(each.pictures) <= 2 for each in found.classes)
    assert sum(len(each.pictures) for each in found.test) == 12
    first = found.file(found.pictures[0].path)
    before = first.stat().st_mtime_ns
    ended(read_named(f"demo:{name}", "none", "", job()))
    assert first.stat().st_mtime_ns == before


def test_the_drawn_world_is_named_with_its_size() -> None:
    assert data_title("demo:world:2500") == "Drawn world, 2,500 pictures"
    assert data_title("demo:world") == data_title("demo:world:10000") == "Drawn world, 10,000 pictures"
    assert data_title("/a/demo:world:12") == "demo:world:12"
    assert short_title("demo:world:2500") == short_title("demo:world") == "Drawn world"
    assert short_title("gallery") == data_title("gallery")


def test_each_is_described_in_words() -> None:
    assert [each.name for each in READY] == [each.name for each in demo_sets.SETS]
    assert data_title("demo:digits") == "Digits"
    assert [data_title(name) for name in ("a/pets", "a\\pets/", "/")] == ["pets", "pets", "/"]


def test_one_that_was_interrupted_leaves_nothing(small: None) -> None:
    steps = demo_sets.make("digits", job())
    next(steps)
    steps.close()
    assert not demo_sets.folder_of("digits").exists()
    assert list(demo_sets.folder_of("digits").parent.iterdir()) == []


def test_a_disk_without_room_is_said(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(demo_sets, "_save", full)
    with pytest.raises(ExplorerError, match="could not be drawn") as raised:
        ended(demo_sets.make("digits", job()))
    assert "No space left" in raised.value.why


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ExplorerError, match="no data set demo:moon"):
        ended(read_named("demo:moon", "none", "", job()))
    with pytest.raises(ExplorerError, match="No data set was named"):
        ended(read_named("", "none", "", job()))


def test_a_seed_gives_the_same_digits(tmp_path: Path) -> None:
    one, two = digits(5, 8), digits(5, 8)
    assert torch.equal(one[0], two[0])
    assert torch.equal(one[1], two[1])
    assert not torch.equal(one[0], digits(6, 8)[0])
    assert one[0].shape == (8, 3, 96, 96)
