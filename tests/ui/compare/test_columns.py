"""Which layer a column is at, and what it draws beside the first one, with fake columns: no torch, no thread, no window."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_host import capture, card

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.render import ScaleMode
from explorer.core.session.comparison import Column, Comparison, Link, SharedScale
from explorer.core.session.display import Display, display
from explorer.core.session.session import Session
from explorer.ui.compare import column_displays, depth
from explorer.ui.compare.view import ColumnView


class FakeColumn:
    """A column on a model of so many layers, named a0, a1, … of its letter; the cells of a channel hold its number times `scale`."""

    seen = ColumnView.seen

    def __init__(self, letter: str, count: int, scale: float = 1.0) -> None:
        self.film = tuple(_tap(f"{letter}{at}") for at in range(count))
        names = [tap.name for tap in self.film]
        self.layers = SimpleNamespace(index=lambda name: names.index(name) if name in names else 0)
        self.strides: tuple[float | None, ...] = tuple(2.0 ** (at // 2) for at in range(count))
        self.routes: dict[int, tuple[int, ...]] = {}
        values = {name: scale * capture().values["relu"] for name in names}
        self.capture: Any = replace(capture(card(letter).digest), taps=self.film, values=values)
        self.of = card(letter)
        self.pane = SimpleNamespace(plain=None)

    def tap(self, column: Column) -> Tap:
        return self.film[self.layers.index(column.tap)]

    def resolve(self, column: Column, mode: ScaleMode) -> Display | None:
        tap = self.tap(column)
        values = self.capture.values.get(tap.name)
        return None if values is None else display(tap, values, Session(scale=mode), True)


def _tap(name: str) -> Tap:
    shape = (1, 4, 8, 8)
    return Tap(name, name, 0, "ReLU", Kind.ACTIVATION, shape=shape, layout=Layout.NCHW, grid=(8, 8))


Views = dict[int, Any]


@pytest.fixture
def views() -> Views:
    """A network of 9 layers, one of 5, one of 3."""
    return {0: FakeColumn("a", 9), 1: FakeColumn("b", 5), 2: FakeColumn("c", 3)}


def doc(views: Views, link: Link = Link.DEPTH) -> Comparison:
    return Comparison(tuple(Column(key, tap=view.film[0].name) for key, view in views.items()), link)


def taps(made: Comparison) -> list[str]:
    return [column.tap for column in made.columns]


# --- depth


@pytest.mark.parametrize(
    ("index", "expected"), [(4, ["a4", "b2", "c1"]), (99, ["a8", "b4", "c2"]), (-1, ["a0", "b0", "c0"])]
)
def test_linked_columns_go_as_deep_as_the_one_that_is_moved(views: Views, index: int, expected: list[str]) -> None:
    assert taps(depth.scrubbed(doc(views), views, 0, index)) == expected


def test_what_is_frozen_or_does_not_follow_stays(views: Views) -> None:
    made = doc(views).change(1, frozen=True).change(2, locked=False)
    assert taps(depth.scrubbed(made, views, 0, 8)) == ["a8", "b0", "c0"]
    assert taps(depth.scrubbed(made, views, 2, 2)) == ["a0", "b0", "c2"]
    assert taps(depth.scrubbed(doc(views, Link.NONE), views, 0, 8)) == ["a8", "b0", "c0"]


def test_a_column_that_went_on_its_own_keeps_its_distance(views: Views) -> None:
    made = depth.locked(doc(views), views, 1, False)
    made = depth.locked(depth.scrubbed(made, views, 1, 2), views, 1, True)
    assert made.column(1).offset == 2
    made = depth.scrubbed(made, views, 0, 4)
    assert taps(made) == ["a4", "b4", "c1"]
    assert taps(depth.scrubbed(made, views, 1, 3)) == ["a2", "b3", "c1"]  # the others go where it would be without
    assert [column.offset for column in depth.relinked(made, Link.STRIDE).columns] == [0, 0, 0]


def test_equal_strides_and_paths_lead_elsewhere(views: Views) -> None:
    assert taps(depth.scrubbed(doc(views, Link.STRIDE), views, 0, 2)) == ["a2", "b2", "c2"]
    astray = doc(views, Link.PATH)
    assert taps(depth.scrubbed(astray, views, 0, 3)) == ["a3", "b0", "c0"]
    views[0].routes = {1: (0, 0, 1, 4, 4, 4, 4, 4, 4)}
    assert taps(depth.scrubbed(astray, views, 0, 3)) == ["a3", "b4", "c0"]


def test_a_jump_is_an_offset_of_the_other_column(views: Views) -> None:
    made = depth.jumped(doc(views), views, 0, 4, 1, 4)
    assert (taps(made), made.column(1).offset) == (["a4", "b4", "c1"], 2)
    made = depth.jumped(doc(views).change(1, frozen=True), views, 0, 4, 1, 4)
    assert (taps(made), made.column(1).offset) == (["a4", "b0", "c1"], 0)


def test_a_model_that_comes_begins_where_the_others_are(views: Views) -> None:
    made = depth.scrubbed(doc(views), views, 0, 8)
    assert depth.tap_for(made, views, 1) == "b4"
    assert depth.tap_for(made.change(1, locked=False, tap="b3"), views, 1) == "b3"
    assert depth.tap_for(made.change(1, locked=False, tap="gone"), views, 1) == "b0"


# --- what is drawn


def drawn(views: Views, scale: SharedScale, **fields: Any) -> list[Any]:
    made = replace(doc(views), scale=scale)
    made = made.change(1, **fields)
    return list(column_displays.resolved(made, views).values())


def test_one_scale_for_all_columns_or_one_each() -> None:
    views = {0: FakeColumn("a", 3), 1: FakeColumn("b", 3, scale=10)}
    shown = drawn(views, SharedScale.PER_LAYER)
    assert [each.limits.of(0) for each, _ in shown] == [(0, 3), (0, 30)]
    shown = drawn(views, SharedScale.ALL)
    assert [each.limits.of(0) for each, _ in shown] == [(0, 30)] * 2
    shown = drawn(views, SharedScale.ZSCORE)
    assert [(each.unit, each.limits.of(0)) for each, _ in shown] == [("σ", (-3, 3))] * 2
    assert np.allclose(shown[0][0].maps, shown[1][0].maps)
    assert np.array_equal(shown[1][0].of.maps, views[1].capture.values["b0"])


def test_the_first_column_is_taken_away_where_it_is_built_alike() -> None:
    views = {0: FakeColumn("a", 3), 1: FakeColumn("a", 3, scale=10), 2: FakeColumn("c", 5)}
    (first, none), (left, less), _ = drawn(views, SharedScale.ALL, minus=True)
    assert none is None
    assert np.array_equal(left.maps, 9 * capture().values["relu"])
    assert less.rms > 0
    assert first.limits.of(0) == (0, 3)  # a difference is on no scale with what it is of
    assert [column_displays.alike(views[0], views[key]) for key in views] == [False, True, False]
    assert column_displays.mixed(doc(views), views)
    views[1].capture = replace(views[1].capture, values={})
    assert drawn(views, SharedScale.ALL, minus=True)[1] == (None, None)


def test_shares_of_different_networks_are_on_one_scale() -> None:
    views: Views = {0: FakeColumn("a", 3), 1: FakeColumn("b", 5, scale=10)}
    for key, view in views.items():
        view.pane.plain = view.resolve(Column(key), ScaleMode.PER_MAP)
    made = replace(doc(views), share=True).change(0, channel=2).change(1, channel=9)
    shown = column_displays.shares(made, views)
    assert [float(values.sum()) for values, _ in shown.values()] == pytest.approx([100, 100])
    assert shown[0][1].of(0) == shown[1][1].of(0)
    assert column_displays.shares(replace(made, share=False), views) == {}
    assert column_displays.likeness(views[1], views[0]) != column_displays.likeness(
        views[1], views[0]
    )  # no place known
