"""Going through samples and folders, and what is looked ahead at: no torch, no window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_host import card

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.engine.inputs.samples import sample_pictures
from explorer.ui.explore.walk import FolderWalk


class FakeDesk:
    def __init__(self) -> None:
        self.ahead: list[InputRef] = []

    def prefetch(self, _card: Any, ref: InputRef) -> int:
        self.ahead.append(ref)
        return 1


class Walk:
    def __init__(self) -> None:
        self.desk, self.opened, self.failed = FakeDesk(), list[InputRef](), list[ExplorerError]()
        self.walk = FolderWalk(self.desk, self.opened.append, self.failed.append)  # type: ignore[arg-type]


@pytest.fixture
def way() -> Walk:
    return Walk()


def test_samples_go_round(way: Walk) -> None:
    names = [sample.name for sample in sample_pictures()]
    way.walk.step(InputRef("sample", names[-1]), 1)
    way.walk.step(InputRef("sample", names[0]), -1)
    assert [ref.path for ref in way.opened] == [names[0], names[-1]]


def test_files_of_a_folder_follow_each_other_by_name(way: Walk, tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.txt", "d.jpg"):
        (tmp_path / name).write_bytes(b"")
    way.walk.step(InputRef("picture", str(tmp_path / "b.png")), 1)
    assert way.opened[-1] == InputRef("picture", str(tmp_path / "d.jpg"))


def test_the_next_one_is_captured_ahead_only_while_a_person_goes_somewhere(way: Walk) -> None:
    names = [sample.name for sample in sample_pictures()]
    first = InputRef("sample", names[0])
    way.walk.look_ahead(first, card())
    assert way.desk.ahead == []
    way.walk.step(first, 1)
    way.walk.look_ahead(way.opened[-1], card())
    assert way.desk.ahead == [InputRef("sample", names[2])]
    way.walk.look_ahead(way.opened[-1], None)  # no model is open
    way.walk.end()
    way.walk.look_ahead(way.opened[-1], card())
    assert len(way.desk.ahead) == 1


def test_a_folder_that_is_gone_is_said(way: Walk, tmp_path: Path) -> None:
    way.walk.step(InputRef("picture", str(tmp_path / "gone" / "a.png")), 1)
    assert len(way.failed) == 1
    assert way.opened == []


def test_what_stands_in_no_row_has_no_neighbour(way: Walk) -> None:
    way.walk.step(InputRef("clipboard"), 1)
    way.walk.step(None, 1)
    assert (way.opened, way.failed) == ([], [])
