"""The strip of layers with the line up to which they are frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_host import capture
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.session.session import Session
from explorer.ui.transfer.freeze_strip import FreezeStrip

NAMES = ("stem", "stage1.conv", "stage1.relu", "stage2.conv", "stage2.relu", "pool", "head")
LEFT = Qt.MouseButton.LeftButton


def layers() -> Capture:
    """Seven layers in a row, and a container that returns what its last layer returns."""
    taps = [
        Tap(name, name, 0, "Conv2d", Kind.CONV, shape=(1, 4, 8, 8), layout=Layout.NCHW, grid=(8, 8)) for name in NAMES
    ]
    block = replace(taps[2], name="stage1", path="stage1", alias="stage1.relu")
    values = {name: np.random.default_rng(at).random((4, 8, 8), np.float32) for at, name in enumerate(NAMES)}
    return replace(capture(), taps=(*taps[:3], block, *taps[3:]), values=values)


@pytest.fixture
def strip(show: Callable[..., FreezeStrip], qapp: QApplication) -> FreezeStrip:
    out = show(FreezeStrip(), 900, 150)
    out.set_capture(layers(), Session(tap="stage2.conv"))
    out.set_points(("stem", "stage1.relu", "stage1", "pool"))
    while out.layers.busy:
        qapp.processEvents()
    return out


@pytest.fixture
def told(strip: FreezeStrip) -> list[tuple[str, bool]]:
    out: list[tuple[str, bool]] = []
    strip.frozen.connect(lambda tap, over: out.append((tap, over)))
    return out


def at(strip: FreezeStrip, x: float) -> QPoint:
    """A point of the widget at a place of the row."""
    view = strip.strip.view
    rect = view.on_screen(view.place(0))
    return QPoint(round(x - view.box.seen.left()), round(rect.center().y()))


def drag(strip: FreezeStrip, start: float, end: float) -> None:
    view = strip.strip.view.viewport()
    QTest.mouseMove(view, at(strip, start))
    QTest.mousePress(view, LEFT, pos=at(strip, start))
    for step in range(1, 9):
        QTest.mouseMove(view, at(strip, start + (end - start) * step / 8), delay=12)
    QTest.mouseRelease(view, LEFT, pos=at(strip, end))


def test_a_container_and_its_last_layer_are_one_place(strip: FreezeStrip) -> None:
    assert strip.divider.stops == (0, 1, 3, 6)
    assert strip.strip.current == 3
    strip.set_freeze("stage1")
    assert strip.divider.place == 3
    strip.set_freeze("stage1.relu")
    assert strip.divider.place == 3
    strip.set_freeze("unknown")
    assert strip.divider.place == 0


def test_a_layer_that_hands_on_earlier_values_stands_where_it_runs(strip: FreezeStrip) -> None:
    found = layers()
    skip = replace(found.taps[0], name="stage2.skip", path="stage2.skip", alias="stem")
    strip.set_capture(replace(found, taps=(*found.taps[:6], skip, *found.taps[6:])), Session())
    strip.set_points(("stem", "stage1.relu", "stage2.relu", "stage2.skip", "pool"))
    assert strip.divider.stops == (0, 1, 3, 5, 6)
    strip.set_freeze("stage2.skip")
    assert strip.divider.place == 5


def test_a_drag_goes_to_the_nearest_place_and_says_when_it_is_over(
    strip: FreezeStrip, told: list[tuple[str, bool]]
) -> None:
    pitch = strip.strip.view.layout_.pitch
    drag(strip, strip.divider.x, 2.8 * pitch)
    assert told[-1] == ("stage1", True)
    assert not any(over for _tap, over in told[:-1])
    assert strip.divider.place == 3
    drag(strip, strip.divider.x, 6.9 * pitch)
    assert told[-1] == ("pool", True)
    drag(strip, strip.divider.x, 0.1 * pitch)
    assert told[-1] == ("", True)


def test_a_drag_elsewhere_scrubs_and_a_click_selects(strip: FreezeStrip, told: list[tuple[str, bool]]) -> None:
    chosen: list[str] = []
    strip.chosen.connect(chosen.append)
    pitch = strip.strip.view.layout_.pitch
    drag(strip, 4.5 * pitch, 5.5 * pitch)
    assert chosen[-1] == "pool"
    view = strip.strip.view.viewport()
    QTest.mouseClick(view, LEFT, pos=at(strip, 0.5 * pitch))
    assert chosen[-1] == "stem"
    assert told == []


def test_a_locked_line_stays(strip: FreezeStrip, told: list[tuple[str, bool]]) -> None:
    strip.set_freeze("stage1")
    strip.set_locked(True)
    drag(strip, strip.divider.x, 5 * strip.strip.view.layout_.pitch)
    assert told == []
    assert strip.divider.place == 3


def test_steps_go_from_place_to_place(strip: FreezeStrip) -> None:
    strip.set_freeze("stem")
    assert strip.beside(1) == "stage1"
    assert strip.beside(-1) == ""
    strip.set_freeze("pool")
    assert strip.beside(1) == "pool"
    strip.set_freeze("stage1.relu")
    assert strip.beside(1) == "pool"


def test_without_places_there_is_no_line(strip: FreezeStrip) -> None:
    strip.set_points(())
    assert not strip.divider.isVisible()
    assert not strip.hint.isVisible()
    assert strip.beside(1) == ""


def test_frozen_thumbnails_are_dimmed(strip: FreezeStrip, qapp: QApplication) -> None:
    def row() -> tuple[float, float]:
        image = strip.strip.view.grab().toImage()
        ratio = image.devicePixelRatio()
        lights = []
        for place in (0.5, 4.5):
            point = at(strip, place * strip.strip.view.layout_.pitch)
            square = [(x, y) for x in range(-8, 8) for y in range(-8, 8)]
            values = [
                image.pixelColor(round((point.x() + x) * ratio), round((point.y() + y) * ratio)).lightnessF()
                for x, y in square
            ]
            lights.append(float(np.ptp(values)))
        return lights[0], lights[1]

    strip.set_freeze("")
    before = row()
    strip.set_freeze("stage1")
    after = row()
    assert after[0] < 0.5 * before[0]
    assert after[1] == pytest.approx(before[1], abs=0.02)


def test_another_theme_draws_the_pictures_again(strip: FreezeStrip, qapp: QApplication) -> None:
    from explorer.ui import theme

    theme.apply(qapp, theme.LIGHT)
    assert strip.layers.busy


def test_the_line_is_found_beside_its_middle(strip: FreezeStrip, told: list[Any]) -> None:
    strip.set_freeze("stage1")
    shape = strip.divider.shape()
    middle = strip.strip.view.place(0).center().y()
    assert shape.contains(QPointF(strip.divider.x + 6, middle))
    assert not shape.contains(QPointF(strip.divider.x + 12, middle))
