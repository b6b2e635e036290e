from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from hands import drag, pixels_of, point, surface, turn
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.ui import theme
from explorer.ui.graphics import layer_strip as strip_module
from explorer.ui.graphics.layer_strip import LayerStrip, StripItem, StripView
from explorer.ui.graphics.stage_names import NAMES
from explorer.ui.graphics.strip_layout import StripLayout

Key = Qt.Key
Left = Qt.MouseButton.LeftButton
RED = np.full((20, 20, 3), (250, 10, 10), np.uint8)


def items(count: int, off: tuple[int, ...] = ()) -> list[StripItem]:
    return [
        StripItem(
            f"f.{at}", RED, f"stage{at // 10}", "conv", (3, 4, 5), at not in off, "It is fused." if at in off else ""
        )
        for at in range(count)
    ]


@pytest.fixture
def strip(show: Callable[..., LayerStrip]) -> LayerStrip:
    out = show(LayerStrip(), 600, 88)
    out.set_items(items(30, off=(4, 5, 11)))
    return out


@pytest.fixture
def told(strip: LayerStrip) -> list[int]:
    out: list[int] = []
    strip.scrubbed.connect(out.append)
    return out


def place(strip: LayerStrip, index: int) -> QPoint:
    rect = strip.view.on_screen(strip.view.place(index))
    assert strip.rect().toRectF().intersects(rect), f"{index} is not in sight"
    return rect.center().toPoint()


def test_keys_scrub_past_what_cannot_be_shown(strip: LayerStrip, told: list[int], qtbot: QtBot) -> None:
    strip.set_current(3)
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Left, Key.Key_Up, Key.Key_Home, Key.Key_End, Key.Key_Right):
        qtbot.keyClick(strip, key)
    assert told == [6, 7, 6, 3, 0, 29]


def test_pages_go_from_stage_to_stage(strip: LayerStrip, told: list[int], qtbot: QtBot) -> None:
    for key in (Key.Key_PageDown, Key.Key_PageDown, Key.Key_PageDown, Key.Key_Right, Key.Key_PageUp, Key.Key_PageUp):
        qtbot.keyClick(strip, key)
    assert told == [10, 20, 21, 20, 10]


def test_pages_are_ten_without_stages(strip: LayerStrip, told: list[int], qtbot: QtBot) -> None:
    strip.set_items([StripItem(str(at)) for at in range(30)])
    qtbot.keyClick(strip, Key.Key_PageDown)
    qtbot.keyClick(strip, Key.Key_PageUp)
    assert told == [10, 0]


def test_the_wheel_scrubs(strip: LayerStrip, told: list[int]) -> None:
    turn(strip, 2)
    turn(strip, -1)
    turn(strip, -9)
    assert told == [2, 1, 0]


def test_dragging_the_row_scrubs_past_what_cannot_be_shown(strip: LayerStrip, told: list[int]) -> None:
    drag(strip, place(strip, 8), place(strip, 14))
    assert told[-1] == 14
    assert 11 not in told
    assert told == sorted(told)
    point(strip, place(strip, 20))
    assert strip.current == 14


def test_the_slider_goes_through_everything(strip: LayerStrip, told: list[int]) -> None:
    strip.slider.setValue(15)
    strip.slider.setValue(29)
    strip.slider.setValue(0)
    assert told == [15, 29, 0]
    strip.set_current(7)
    assert strip.slider.value() == 7
    assert told == [15, 29, 0]


def test_a_click_goes_even_to_what_cannot_be_shown(strip: LayerStrip, told: list[int], qtbot: QtBot) -> None:
    qtbot.mouseClick(surface(strip), Left, pos=place(strip, 4))
    assert told == [4]


def test_setting_the_current_one_emits_nothing(strip: LayerStrip, told: list[int]) -> None:
    strip.set_current(7)
    strip.set_current(700)
    assert told == []
    assert strip.current == 29
    assert "f.29, layer 30 of 30" in strip.accessibleDescription()


def test_tips_name_the_tap_and_the_reason(strip: LayerStrip, monkeypatch: pytest.MonkeyPatch) -> None:
    tips: list[str] = []
    monkeypatch.setattr(strip_module, "QToolTip", SimpleNamespace(showText=lambda _at, tip, _of: tips.append(tip)))
    at = place(strip, 5)
    QApplication.sendEvent(surface(strip), QHelpEvent(QHelpEvent.Type.ToolTip, at, strip.mapToGlobal(at)))
    assert tips == ["f.5\nconv  3 × 4 × 5\nIt is fused."]


def test_a_new_picture_is_shown(strip: LayerStrip) -> None:
    strip.update_image(0, np.full((9, 9), 0xFF00FF00, np.uint32))
    assert "#00ff00" in pixels_of(strip)


def test_the_current_one_of_very_many_is_in_sight(strip: LayerStrip, told: list[int], qtbot: QtBot) -> None:
    strip.set_items(items(400), 200)
    strip.grab()
    assert place(strip, 200)
    qtbot.keyClick(strip, Key.Key_End)
    assert told == [399]
    assert place(strip, 399)


def count_items(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    painted: list[int] = []
    original = StripView._draw_item
    monkeypatch.setattr(StripView, "_draw_item", lambda self, row, i: painted.append(i) or original(self, row, i))
    return painted


def test_the_row_is_painted_once_and_scrubbing_only_moves_it(
    strip: LayerStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = count_items(monkeypatch)
    strip.set_items(items(400), 200)
    strip.grab()
    assert sorted(painted) == list(range(400))
    painted.clear()
    for index in (201, 250, 399):
        strip.set_current(index)
        strip.grab()
    assert painted == []
    strip.update_image(7, np.full((9, 9), 0xFF00FF00, np.uint32))
    assert painted == [7]


def test_of_thousands_only_what_is_in_sight_is_painted(strip: LayerStrip, monkeypatch: pytest.MonkeyPatch) -> None:
    strip.set_items(items(3000), 500)
    painted = count_items(monkeypatch)
    strip.grab()
    assert 20 < len(painted) < 60


def test_an_empty_strip_survives_hands(show: Callable[..., LayerStrip], qtbot: QtBot, looks: theme.Theme) -> None:
    strip = show(LayerStrip(), 300, 80)
    with qtbot.assertNotEmitted(strip.scrubbed):
        for key in (Key.Key_Right, Key.Key_PageDown, Key.Key_End):
            qtbot.keyClick(strip, key)
        qtbot.mouseClick(surface(strip), Left, pos=QPoint(50, 40))
        strip.slider.setValue(3)
        turn(strip, 1)
    assert len(pixels_of(strip)) > 2


@pytest.mark.parametrize("count", [1, 3, 30, 61, 500])
@pytest.mark.parametrize("current", [0, 0.5, 1])
def test_film_geometry_leads_there_and_back(count: int, current: float) -> None:
    film = StripLayout(count, 600, 16, 56, int(current * (count - 1)))
    assert film.current in film.visible()
    for index in film.visible():
        assert film.at(film.left(index) + 0.5) == index
    assert film.left(film.current) > -1
    assert film.left(film.current) + film.pitch <= 602


def test_the_names_of_stages_are_drawn_anew_where_another_stage_is_current(strip: LayerStrip) -> None:
    def names() -> bytes:  # without the brackets, which the frame of a layer touches
        rows = strip.view.rect()
        rows.setHeight(NAMES - 5)
        image = strip.view.grab(rows).toImage()  # its bits are gone with it
        return bytes(image.bits())

    strip.set_current(0)
    first = names()
    strip.set_current(1)
    assert names() == first
    strip.set_current(10)
    assert names() != first
    theme.apply(QApplication.instance(), theme.LIGHT)
    light = names()
    theme.apply(QApplication.instance(), theme.DARK)
    assert light != names()
