"""A pane and its layers with fake widgets: no torch, no window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_host import capture, card
from PySide6.QtCore import QObject

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.boxes import Box, ReceptiveField
from explorer.core.layer_graph import LayerGraph
from explorer.core.models import Preprocess
from explorer.core.render import ScaleMode
from explorer.core.session.session import Session
from explorer.ui.graphics.axes import Steps
from explorer.ui.graphics.layer_strip import StripItem
from explorer.ui.model_pane.model_pane import ModelPane, PaneWidgets

CARD = replace(card(), preprocess=Preprocess(8, 8, resize=8))
NAMES = ("conv", "relu", "pool", "head", "block")
CELLS = ReceptiveField(2, 2, 0, 0, 2, 2)


class Strip(QObject):
    """Keeps which thumbnails were drawn, and in which order."""

    def __init__(self) -> None:
        super().__init__()
        self.current, self.drawn = 0, list[int]()
        self.items: Sequence[StripItem] = ()
        self.graph = LayerGraph()

    def set_items(self, items: Sequence[StripItem], current: int) -> None:
        self.items, self.current, self.drawn = items, current, []

    def set_graph(self, graph: LayerGraph) -> None:
        self.graph = graph

    def set_current(self, index: int) -> None:
        self.current = index

    def update_image(self, index: int, _pixels: Any) -> None:
        self.drawn.append(index)


class Widget(QObject):
    """Keeps (name, arguments) of whatever is called."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *what: self.calls.append((name, what))

    def last(self, name: str) -> tuple[Any, ...]:
        return next(what for called, what in reversed(self.calls) if called == name)


class Pane:
    def __init__(self) -> None:
        self.strip, self.picture, self.prediction = Strip(), Widget(), Widget()
        self.stack, self.map, self.heads = Widget(), Widget(), list[tuple[str, str]]()
        widgets: Any = (self.picture, self.prediction, self._head, self.stack, self.map, self.strip)
        self.pane = ModelPane(PaneWidgets(*widgets))
        self.layers = self.pane.layers

    def _head(self, title: str, subtitle: str) -> None:
        self.heads.append((title, subtitle))

    def show(self, of: Capture, session: Session | None = None, whole: bool = True) -> bool:
        return self.pane.set_capture(CARD, of, session or Session(), whole)

    def draw(self) -> None:
        while self.layers.busy:
            self.layers._draw_some()


@pytest.fixture
def made(qapp: Any) -> Iterator[Pane]:
    pane = Pane()
    yield pane
    pane.layers.stop()


def layers(*held: str, seen: str = "p") -> Capture:
    """Four layers, and a block that hands on what its last one returned; with the values of some."""
    taps = tuple(_tap(name) for name in NAMES)
    values = {name: np.arange(64, dtype=np.float32).reshape(4, 4, 4) for name in held or NAMES}
    return replace(capture(seen=seen), taps=taps, values=values)


def _tap(name: str) -> Tap:
    kind, alias = (Kind.BLOCK, "pool") if name == "block" else (Kind.ACTIVATION, "")
    where = {"layout": Layout.NCHW, "grid": (4, 4), "receptive": CELLS}
    return Tap(name, name, 0, name.title(), kind, shape=(1, 4, 4, 4), alias=alias, **where)  # type: ignore[arg-type]


# --- the layers


def test_a_block_stands_where_the_layer_stands_that_it_hands_on(made: Pane) -> None:
    assert made.show(layers())
    assert [item.name for item in made.strip.items] == ["conv", "relu", "pool", "head"]
    assert [made.layers.index(name) for name in ("pool", "block", "gone")] == [2, 2, 0]
    assert [made.layers.holds(name) for name in ("block", "gone")] == [True, False]
    assert made.show(layers(), Session(blocks=True))
    assert (len(made.strip.items), made.layers.index("block")) == (5, 4)
    assert not made.show(layers(seen="next"), Session(blocks=True))


def test_steps_end_at_the_first_and_the_last_layer(made: Pane) -> None:
    assert made.layers.beside(1) == ""
    made.show(layers())
    made.layers.go_to("pool")
    assert [made.layers.beside(steps) for steps in (-9, 0, 1, 9)] == ["conv", "pool", "head", "head"]
    assert [made.layers.name(at) for at in (-1, 3, 4)] == ["", "head", ""]


def test_thumbnails_next_to_the_current_layer_come_first(made: Pane) -> None:
    made.show(layers())
    made.layers.go_to("head")
    made.draw()
    assert made.strip.drawn == [3, 2, 1, 0]


def test_a_frame_in_between_leaves_the_thumbnails_as_they_are(made: Pane) -> None:
    made.show(layers())
    made.draw()
    made.strip.drawn.clear()
    made.show(layers("relu", seen="frame"))
    made.show(layers("relu", "pool", seen="frame"), whole=False)
    assert not made.layers.busy
    made.layers.redraw(Session(colormap="viridis"))
    made.draw()
    assert sorted(made.strip.drawn) == [0, 1, 2, 3]


def test_thumbnails_of_another_model_do_not_wait_for_those_of_the_last(made: Pane) -> None:
    made.show(layers())
    made.show(replace(layers("relu"), model="other"))
    assert made.strip.drawn == []
    assert not made.layers._wanted


# --- the pane


def test_a_layer_is_drawn_with_its_selected_channel(made: Pane) -> None:
    made.show(layers())
    tap = made.layers.taps[1]
    shown = made.pane.display(tap, Session(scale=ScaleMode.PER_LAYER))
    assert shown is not None
    made.pane.show(shown, "relu", "a layer", ("ring",), 3)
    assert made.heads == [("relu", "a layer")]
    assert made.stack.last("show_display") == (shown, ("ring",), 3, Steps())
    made.pane.mark(9, (1, 2))
    assert made.stack.last("set_selected") == (9, (1, 2))
    assert made.pane.show_map(9, (1, 2))
    one, limits, _, cell, unit = made.map.last("set_map")
    assert np.array_equal(one, layers().values["relu"][3])  # the last there is
    assert (limits.of(0), cell, unit) == ((0.0, 63.0), (1, 2), "")
    for beyond in ((-1, 0), (4, 0), (0, 4)):
        made.pane.show_map(0, beyond)
        assert made.map.last("set_map")[3] is None


def test_a_frame_draws_the_picture_the_layer_and_the_channel_alone(made: Pane) -> None:
    made.show(layers())
    shown = made.pane.display(made.layers.taps[1], Session())
    assert shown is not None
    made.pane.show(shown, "relu", "", ("ring",), 3)
    guesses = len(made.prediction.calls)
    made.pane.set_frame(layers("relu", seen="frame"))
    made.pane.show_frame(shown, 1)
    assert made.pane.capture is not None
    assert made.pane.capture.picture.digest == "frame"
    assert made.stack.last("show_display") == (shown, ("ring",), 3, Steps())
    assert (len(made.prediction.calls), len(made.heads)) == (guesses, 1)


def test_of_what_is_not_there_nothing_is_drawn(made: Pane) -> None:
    assert made.pane.display(None, Session()) is None
    assert made.pane.at_pixel(1, 1) is None
    made.show(replace(layers(), values={"relu": np.zeros((4, 0, 4), np.float32)}))
    for tap in made.layers.taps:
        assert made.pane.display(tap, Session()) is None
        assert made.pane.sheet(tap) is None
    made.pane.show_message("relu", "", "Computing", "beside")
    assert made.stack.last("clear") == ("Computing",)
    assert made.map.last("clear") == ("beside",)
    assert made.pane.shown is None


def test_a_pixel_and_a_cell_are_framed_in_both_pictures(made: Pane) -> None:
    made.show(layers())
    shown = made.pane.display(made.layers.taps[1], Session())
    assert shown is not None
    made.pane.show(shown, "relu", "", ())
    found = made.pane.at_pixel(2.5, 7.5)
    assert found is not None
    assert found.cell == (1, 3)
    assert found == made.pane.at_cell((1, 3))
    made.pane.point(found)
    assert made.map.last("set_hover") == ((1, 3),)
    assert made.picture.last("set_field") == (Box(2, 6, 4, 8), True)
    made.pane.point(None)
    assert made.map.last("set_hover") == (None,)
    assert made.picture.last("set_field") == (None, False)
