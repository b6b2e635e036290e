from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hands import pixels_of, point, surface
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from explorer.core.boxes import Box
from explorer.ui import theme
from explorer.ui.graphics.image_panel import ImagePanel

GREY = np.full((40, 80, 3), 128, np.uint8)


@pytest.fixture
def view(show: Callable[..., ImagePanel]) -> ImagePanel:
    out = show(ImagePanel(), 240, 240)
    out.set_picture(GREY, "grey.png")
    return out


def test_a_huge_picture_keeps_its_coordinates(view: ImagePanel, qtbot: QtBot) -> None:
    view.set_picture(np.zeros((9000, 9000, 1), np.uint8))
    with qtbot.waitSignal(view.hovered) as told:
        point(view, QPoint(120, 60))
    assert told.args == pytest.approx([2250, 4500])
    view.set_picture(np.zeros((90, 90, 3), np.uint8), "small copy", (9000, 9000))
    with qtbot.waitSignal(view.hovered) as told:
        point(view, QPoint(120, 61))
    assert told.args == pytest.approx([2287.5, 4500])
    assert "9000 × 9000" in view.accessibleDescription()


def test_hover_tells_original_pixels(view: ImagePanel, qtbot: QtBot) -> None:
    place = view.picture
    assert (place.width(), place.height()) == (240, 120)
    with qtbot.waitSignal(view.hovered) as told:
        point(view, QPoint(120, 30))
    assert told.args == pytest.approx([10, 40])
    with qtbot.waitSignal(view.left):
        point(view, QPoint(120, 200))


def test_boxes_and_pixels_agree(view: ImagePanel) -> None:
    frame = view.frame(Box(10, 20, 30, 60))
    assert (frame.left(), frame.top(), frame.right(), frame.bottom()) == (60, 30, 180, 90)


def test_the_receptive_field_is_drawn_solid_inside_and_clipped(view: ImagePanel) -> None:
    warm = theme.current().warm
    assert warm not in pixels_of(view)
    view.set_field(Box(10, 20, 30, 60))
    inside = view.grab().toImage()
    row = [inside.pixelColor(x, 31).name() for x in range(65, 175)]
    assert all(colour == warm for colour in row)
    view.set_field(Box(-30, 20, 30, 60))  # its upper edge lies above the picture
    beyond = view.grab().toImage()
    row = [beyond.pixelColor(x, 1).name() for x in range(65, 175)]
    assert warm in row
    assert not all(colour == warm for colour in row)  # dashed
    view.set_field(Box(100, 100, 120, 120))  # quite outside
    assert warm not in pixels_of(view)
    view.set_field(None)
    assert warm not in pixels_of(view)


def test_what_the_model_does_not_see_is_dimmed(view: ImagePanel) -> None:
    view.set_crop(Box(0, 20, 40, 60))
    image = view.grab().toImage()
    assert image.pixelColor(120, 60).red() == 128
    assert image.pixelColor(10, 60).red() < 90


def test_heat_lies_over_the_picture(view: ImagePanel) -> None:
    heat = np.zeros((2, 2, 4), np.uint8)
    heat[..., 0] = heat[..., 3] = 255
    view.set_heat(heat, strength=1.0)
    assert view.grab().toImage().pixelColor(120, 60).name() == "#ff0000"
    view.set_heat(None)
    assert view.grab().toImage().pixelColor(120, 60).name() == "#808080"


def test_overlays_stay_for_video_and_go_with_another_picture(view: ImagePanel) -> None:
    view.set_field(Box(10, 20, 30, 60))
    view.set_picture(GREY)
    assert theme.current().warm in pixels_of(view)
    view.set_picture(np.zeros((50, 50, 3), np.uint8))
    assert theme.current().warm not in pixels_of(view)


def test_an_empty_view_invites_and_can_be_clicked(
    show: Callable[..., ImagePanel], qtbot: QtBot, looks: theme.Theme
) -> None:
    view = show(ImagePanel(), 240, 240)
    assert len(pixels_of(view)) > 2
    with qtbot.waitSignal(view.activated):
        qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton)
    view.set_picture(GREY)
    with qtbot.assertNotEmitted(view.activated):
        qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 3000, 3), (3000, 1, 1)])
def test_odd_shapes_are_painted(view: ImagePanel, shape: tuple[int, int, int]) -> None:
    view.set_picture(np.zeros(shape, np.uint8))
    view.set_field(Box(-5, -5, 5, 5))
    view.set_crop(Box(0, 0, 1, 1))
    view.grab()
    assert 60 <= view.heightForWidth(240) <= 240
