"""Which indexes the window offers, in which order, and where their data lies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_host import FakeSettings
from fake_indexes import FakeReader

from explorer.core.errors import ExplorerError
from explorer.ui.data_index.index_shelf import IndexShelf


class _Settings(FakeSettings):
    def recent(self, kind: str) -> list[str]:
        return [path for path in self.text(f"recent {kind}").split("|") if path]

    def remember(self, kind: str, entry: str) -> None:
        self.put(f"recent {kind}", "|".join([entry, *self.recent(kind)]))


def reader(path: str, model: str = "net", shipped: bool = False, **more: Any) -> FakeReader:
    made = FakeReader(model=model, **more)
    facts = made.facts
    made.facts = lambda: replace(facts(), path=path, shipped=shipped)  # type: ignore[method-assign]
    return made


@pytest.fixture
def shelf(qtbot: Any) -> Any:
    def make(*readers: FakeReader) -> IndexShelf:
        by_path = {each.facts().path: each for each in readers}

        def opened(path: str) -> FakeReader:
            if path not in by_path:
                raise ExplorerError(f"“{path}” is damaged.")
            return by_path[path]

        listed = [Path(path) for path in by_path] + [Path("/broken.fmindex")]
        return IndexShelf(_Settings(), None, opened, lambda: listed)  # type: ignore[arg-type]

    return make


def test_own_ones_come_first_and_replace_what_ships_with_the_same_data(shelf: Any) -> None:
    ships = reader("/ships.fmindex", data="gallery", shipped=True)
    other = reader("/other.fmindex", data="/other", pictures=4)
    large = reader("/large.fmindex", data="/large", pictures=40)
    made = shelf(ships, other, large, reader("/elses.fmindex", model="else"))
    assert [facts.path for facts in made.of("net")] == ["/large.fmindex", "/other.fmindex", "/ships.fmindex"]
    own = reader("/own.fmindex", data="gallery")
    assert [facts.path for facts in shelf(ships, own).of("net")] == ["/own.fmindex"]


def test_a_damaged_one_is_named_and_the_rest_goes_on(shelf: Any) -> None:
    made = shelf(reader("/a.fmindex"))
    assert [facts.path for facts in made.every] == ["/a.fmindex"]
    assert [each.path for each in made.unread] == ["/broken.fmindex"]
    assert "damaged" in made.unread[0].why


def test_a_data_set_that_has_moved_is_remembered_for_all_its_indexes(shelf: Any, qtbot: Any) -> None:
    made = shelf(reader("/a.fmindex", data="/pictures"), reader("/b.fmindex", model="else", data="/pictures"))
    first, second = made.every
    with qtbot.waitSignal(made.changed):
        made.move(first, "/elsewhere")
    assert (made.folder(first), made.folder(second)) == ("/elsewhere", "/elsewhere")


def test_readers_are_closed_before_a_file_is_removed(shelf: Any) -> None:
    of = reader("/a.fmindex")
    made = shelf(of)
    assert made.reader("/a.fmindex") is of
    with pytest.raises(ExplorerError):
        made.remove("/a.fmindex")  # there is no such file
    assert of.asked == ["close"]
