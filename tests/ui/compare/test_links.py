"""What follows when one column is moved, with a fake board: no torch, no thread, no window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from fake_board import FakeBoard, film
from fake_host import capture

from explorer import catalogue
from explorer.core.session.comparison import Link, SharedScale
from explorer.ui.compare.links import LayerLinks


class Linked:
    """Links of a board with a network of 9 layers, one of 5, one of 3."""

    def __init__(self) -> None:
        self.board = FakeBoard(3)
        for view, letter, count in zip(self.board.views.values(), "abc", (9, 5, 3), strict=True):
            view.film = film(*(f"{letter}{at}" for at in range(count)))
            view.strides = (1.0,) * count
            self.board.settle(self.board.doc.change(view.key, tap=view.film[0].name))
        self.links = LayerLinks(cast("Any", self.board))
        self.paths = 0
        self.links.path_needed.connect(self._path)

    def _path(self) -> None:
        self.paths += 1

    @property
    def taps(self) -> list[str]:
        return [column.tap for column in self.board.doc.columns]

    @property
    def channels(self) -> list[int]:
        return [column.channel for column in self.board.doc.columns]


@pytest.fixture
def linked() -> Linked:
    return Linked()


def test_a_step_moves_what_follows_and_is_one_step_of_the_history(linked: Linked) -> None:
    linked.board.views[0].panel.strip.current = 3
    linked.links.step(1)
    assert linked.taps == ["a4", "b2", "c1"]
    assert (len(linked.board.steps), linked.board.drawn) == (1, 1)
    linked.links.step(2, key=2)
    assert linked.taps == ["a8", "b4", "c2"]


def test_the_first_column_that_follows_leads(linked: Linked) -> None:
    linked.links.lock(0, False)
    linked.links.step(4)
    assert linked.taps == ["a0", "b4", "c2"]
    linked.links.page(-1)
    assert [view.pages for view in linked.board.views.values()] == [[], [-1], []]
    linked.links.lock(1, False)
    linked.links.lock(2, False)
    linked.links.step(5)  # none follows: the first column
    assert linked.taps == ["a5", "b4", "c2"]


def test_a_column_without_layers_leads_nowhere(linked: Linked) -> None:
    linked.board.views[0].film = ()
    linked.links.step(1)
    assert linked.board.steps == []
    linked.links.link(Link.STRIDE)
    assert linked.board.doc.link is Link.STRIDE
    assert linked.taps == ["a0", "b0", "c0"]


def test_without_columns_nothing_moves() -> None:
    board = FakeBoard(0)
    links = LayerLinks(cast("Any", board))
    links.step(1)
    links.page(1)
    links.next_view()
    assert board.steps == []


def test_another_link_brings_the_columns_to_the_leading_one(linked: Linked) -> None:
    linked.links.link(Link.NONE)
    linked.links.scrub(0, 8)
    assert linked.taps == ["a8", "b0", "c0"]
    linked.board.views[0].panel.strip.current = 8
    linked.links.link(Link.DEPTH)
    assert linked.taps == ["a8", "b4", "c2"]
    assert linked.paths == 0
    linked.links.link(Link.PATH)
    assert linked.paths == 1


def test_a_channel_is_selected_in_what_is_built_alike_and_follows(linked: Linked) -> None:
    views = linked.board.views
    views[0].capture = views[1].capture = capture()
    views[2].capture = replace(capture(), taps=film("other"))
    linked.links.select(0, 2)
    assert linked.channels == [2, 2, 0]
    assert (linked.board.focus, linked.board.channels, linked.board.drawn) == (0, 1, 0)
    linked.links.lock(1, False)
    linked.links.select(0, 3)
    assert linked.channels == [3, 2, 0]
    linked.links.select_alone(1, 1)
    assert linked.channels == [3, 1, 0]


def test_a_channel_of_a_column_without_a_capture_is_its_own(linked: Linked) -> None:
    linked.links.select(1, 2)
    assert linked.channels == [0, 2, 0]


def test_scales_and_views_go_round(linked: Linked) -> None:
    scales, shows = [], []
    views = [view.id for view in catalogue.views_of("compare")]
    for _ in SharedScale:
        linked.links.next_scale()
        scales.append(linked.board.doc.scale)
    assert scales == [*list(SharedScale)[1:], SharedScale.PER_MAP]
    for _ in views:
        linked.links.next_view()
        assert len({column.shows for column in linked.board.doc.columns}) == 1
        shows.append(linked.board.doc.columns[0].shows)
    assert shows == [*views[1:], views[0]]
    linked.links.view_all("of a plugin that is gone")
    linked.links.next_view()
    assert linked.board.doc.columns[2].shows == views[0]
