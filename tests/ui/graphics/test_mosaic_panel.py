from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hands import double_click, drag, pixels_of, point, surface, turn
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.core import render
from explorer.ui import theme
from explorer.ui.graphics.mosaic_panel import MosaicPanel

Show = Callable[..., MosaicPanel]
Key = Qt.Key


def fill(view: MosaicPanel, maps: np.ndarray, order: np.ndarray | None = None) -> None:
    view.set_maps(maps, limits=render.limits(maps, render.ScaleMode.PER_MAP), colormap="magma", order=order)


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)


@pytest.fixture
def view(show: Show) -> MosaicPanel:
    out = show(MosaicPanel())
    fill(out, random(12, 5, 7))
    return out


def centre(view: MosaicPanel, channel: int) -> QPoint:
    rect = view.channel_rect(channel)
    assert rect is not None
    return rect.center().toPoint()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 224, 224), (3000, 7, 7), (5, 1, 90), (64, 56, 56)])
def test_any_layer_is_painted_and_every_tile_found(show: Show, shape: tuple[int, int, int]) -> None:
    view = show(MosaicPanel())
    fill(view, random(*shape))
    view.grab()
    for channel in {0, shape[0] // 2, shape[0] - 1}:
        rect = view.channel_rect(channel)
        assert rect is not None
        assert view.rect().contains(rect.toAlignedRect().adjusted(1, 1, -1, -1))


def test_cells_are_enlarged_with_hard_edges(show: Show) -> None:
    view = show(MosaicPanel(), 300, 300)
    checks = np.indices((4, 4)).sum(axis=0)[None] % 2
    view.set_maps(checks.astype(np.float32), limits=render.limits(checks, render.ScaleMode.PER_MAP), colormap="grey")
    view.set_maps(
        checks.astype(np.float32), limits=render.limits(checks, render.ScaleMode.PER_MAP), colormap="grey", labels=[""]
    )
    assert pixels_of(view) <= {"#000000", "#ffffff", theme.current().panel}


def test_hover_tells_channel_and_cell(view: MosaicPanel, qtbot: QtBot) -> None:
    order = np.arange(12)[::-1]
    fill(view, random(12, 5, 7), order)
    rect = view.channel_rect(3)
    assert rect is not None
    with qtbot.waitSignal(view.hovered) as told:
        point(view, rect.center().toPoint())
    assert told.args == [3, 2, 3]
    view.grab()
    with qtbot.waitSignal(view.left):
        point(view, QPoint(1, 1))


def test_hover_does_not_repeat_itself_within_a_cell(view: MosaicPanel, qtbot: QtBot) -> None:
    told: list[tuple[int, ...]] = []
    view.hovered.connect(lambda *cell: told.append(cell))
    at = centre(view, 4)
    for step in range(3):
        point(view, at + QPoint(step, 0))
    assert told == [(4, 2, 3)]


def test_click_selects_channel_and_cell(view: MosaicPanel, qtbot: QtBot) -> None:
    rect = view.channel_rect(7)
    assert rect is not None
    with qtbot.waitSignal(view.selected) as told:
        qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=rect.topLeft().toPoint() + QPoint(2, 2))
    assert told.args == [7, 0, 0]
    assert theme.current().accent in pixels_of(view)


def test_click_beside_the_tiles_selects_nothing(view: MosaicPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.selected):
        qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=QPoint(0, 0))


def test_arrows_walk_in_the_order_shown(view: MosaicPanel, qtbot: QtBot) -> None:
    order = np.roll(np.arange(12), 5)
    fill(view, random(12, 5, 7), order)
    assert view.mosaic is not None
    columns = view.mosaic.grid.columns
    walked: list[int] = []
    view.selected.connect(lambda channel, _y, _x: walked.append(channel))
    for key in (Key.Key_Home, Key.Key_Right, Key.Key_Down, Key.Key_Left, Key.Key_Up, Key.Key_End, Key.Key_Right):
        qtbot.keyClick(view, key)
    assert walked == [order[p] for p in (0, 1, 1 + columns, columns, 0, 11)]


def test_a_key_before_any_cell_was_chosen_has_no_cell(view: MosaicPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.selected) as told:
        qtbot.keyClick(view, Key.Key_Right)
    assert told.args == [0, -1, -1]
    view.set_selected(0, (1, 2))
    with qtbot.waitSignal(view.selected) as told:
        qtbot.keyClick(view, Key.Key_Right)
    assert told.args == [1, 1, 2]


def test_setters_emit_nothing(view: MosaicPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.selected):
        view.set_selected(3, (0, 0))
        fill(view, random(4, 2, 2))


def test_the_wheel_scrubs_and_does_not_zoom(view: MosaicPanel) -> None:
    steps: list[int] = []
    view.scrubbed.connect(steps.append)
    turn(view, 1)
    turn(view, -2)
    for _ in range(4):  # a touchpad sends quarters
        turn(view, 0.25)
    assert steps == [1, -2, 1]
    assert view.zoom == 1


def test_control_wheel_zooms_around_the_pointer(view: MosaicPanel) -> None:
    at = QPointF(centre(view, 5))
    turn(view, -3, at, control=True)
    assert view.zoom > 1.5
    rect = view.channel_rect(5)
    assert rect is not None
    assert rect.contains(at)
    turn(view, 30, at, control=True)
    assert view.zoom == 1


def test_pinch_zooms(view: MosaicPanel) -> None:
    at = QPointF(300, 200)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        at,
        0.5,
        QPointF(),
    )
    QApplication.sendEvent(surface(view), pinch)
    assert view.zoom == pytest.approx(1.5)


def test_drag_moves_a_zoomed_picture_and_selects_nothing(view: MosaicPanel, qtbot: QtBot) -> None:
    turn(view, -6, control=True)
    before = view.channel_rect(5)
    assert before is not None
    start = QPoint(300, 200)
    with qtbot.assertNotEmitted(view.selected):
        drag(view, start, start + QPoint(40, 30))
    after = view.channel_rect(5)
    assert after is not None
    assert (after.topLeft() - before.topLeft()).toPoint() == QPoint(40, 30)


def test_a_zoomed_picture_cannot_be_lost(view: MosaicPanel, qtbot: QtBot) -> None:
    turn(view, -6, control=True)
    for _ in range(5):
        drag(view, QPoint(10, 10), QPoint(590, 390))
    first = view.channel_rect(0)
    assert first is not None
    assert first.intersects(view.rect().toRectF())


@pytest.mark.parametrize("how", ["key", "double click"])
def test_fit_shows_the_whole_again(view: MosaicPanel, qtbot: QtBot, how: str) -> None:
    qtbot.keyClick(view, Key.Key_Plus)
    assert view.zoom > 1
    if how == "key":
        qtbot.keyClick(view, Key.Key_0)
    else:
        double_click(view, QPoint(300, 200))
    assert view.zoom == 1


def test_zoom_stays_while_scrubbing_maps_of_one_size(view: MosaicPanel) -> None:
    turn(view, -3, control=True)
    zoom = view.zoom
    fill(view, random(12, 5, 7))
    assert view.zoom == zoom
    fill(view, random(12, 3, 3))
    assert view.zoom == 1


def test_a_channel_walked_to_comes_into_sight(view: MosaicPanel, qtbot: QtBot) -> None:
    turn(view, -8, QPointF(5, 5), control=True)
    qtbot.keyClick(view, Key.Key_End)
    rect = view.channel_rect(11)
    assert rect is not None
    assert view.rect().toRectF().intersects(rect)


def test_broken_cells_are_magenta(show: Show) -> None:
    view = show(MosaicPanel(), 200, 200)
    maps = random(4, 3, 3)
    maps[1, 1, 1] = np.nan
    fill(view, maps)
    assert "#ff00ff" in pixels_of(view)


def test_an_empty_view_says_what_to_do(show: Show, looks: theme.Theme) -> None:
    view = show(MosaicPanel())
    assert view.mosaic is None
    assert len(pixels_of(view)) > 2  # ground, and text with smooth edges
    fill(view, random(3, 4, 4))
    view.clear("This layer was not kept. Press R to compute it again.")
    assert view.mosaic is None
    assert view.channel_rect(0) is None
    assert "not kept" in view.accessibleDescription()


def test_scrubbing_makes_one_picture_a_frame(view: MosaicPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    original = render.mosaic
    monkeypatch.setattr(render, "mosaic", lambda *a, **k: made.append(1) or original(*a, **k))
    for _ in range(5):
        fill(view, random(12, 5, 7))
        view.set_selected(2)
    view.grab()
    view.grab()
    assert len(made) == 1


def test_more_cells_appear_when_zooming_into_shrunken_maps(show: Show) -> None:
    view = show(MosaicPanel(), 300, 200)
    fill(view, random(16, 200, 200))
    assert view.mosaic is not None
    assert view.mosaic.grid.tile_h < 200
    turn(view, -10, QPointF(150, 100), control=True)
    assert view.mosaic.grid.tile_h > 100


def test_the_view_tells_assistive_technology_what_it_shows(view: MosaicPanel) -> None:
    view.set_selected(5)
    assert view.accessibleName() == "Feature maps"
    assert view.accessibleDescription() == "Channel 5 of 12 feature maps"
    assert view.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_tab_draws_a_frame_and_a_click_does_not(view: MosaicPanel) -> None:
    edges = []
    for reason in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.MouseFocusReason):
        QApplication.sendEvent(view, QFocusEvent(QFocusEvent.Type.FocusIn, reason))
        edges.append(view.grab().toImage().pixelColor(1, 200).name())
    assert edges[0] != edges[1] == theme.current().panel


def test_a_size_that_leaves_no_room_is_survived(show: Show) -> None:
    view = show(MosaicPanel(), 20, 10)
    fill(view, random(500, 7, 7))
    view.setMinimumSize(QSize(0, 0))
    view.resize(3, 3)
    assert not view.grab().isNull()


def marks(view: MosaicPanel) -> set[int]:
    """Channels whose tiles show something in the colour of what is pointed at."""
    image, warm, found = view.grab().toImage(), theme.current().warm, set()
    for x in range(image.width()):
        for y in range(image.height()):
            if image.pixelColor(x, y).name() == warm:
                rects = ((channel, view.channel_rect(channel)) for channel in range(len(view.mosaic.order)))
                found |= {c for c, rect in rects if rect is not None and rect.adjusted(-3, -3, 3, 3).contains(x, y)}
    return found


def test_a_cell_pointed_at_elsewhere_is_marked_in_every_tile_that_has_room(show: Show) -> None:
    view = show(MosaicPanel(), 300, 200)
    fill(view, random(4, 6, 6))
    assert not marks(view)
    view.set_pointed((2, 3))
    assert marks(view) == {0, 1, 2, 3}
    view.set_pointed((9, 9))  # of a layer with more cells
    assert not marks(view)
    fill(view, random(400, 6, 6))
    view.set_pointed((2, 3))
    view.set_selected(7)
    assert 7 in marks(view)
    assert len(marks(view)) < 10  # and what lies right beside it


def test_a_pointer_over_maps_that_are_gone_names_none_of_them(view: MosaicPanel, qtbot: QtBot) -> None:
    """The picture is made late: between new maps and their painting the pointer must not meet the old ones."""
    fill(view, random(12, 5, 7))
    view.grab()
    last = centre(view, 11)
    told: list[tuple[int, int, int]] = []
    view.hovered.connect(lambda *cell: told.append(cell))
    fill(view, random(2, 3, 3))
    point(view, last)
    assert all(channel < 2 and y < 3 and x < 3 for channel, y, x in told)
    view.grab()
    qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=last)
    view.grab()


def test_maps_without_an_area_leave_nothing_of_the_last_ones(view: MosaicPanel) -> None:
    view.grab()
    view.setMinimumSize(0, 0)
    view.resize(3, 3)
    fill(view, random(2, 3, 3))
    assert view.mosaic is None
    view.resize(300, 200)
    assert view.mosaic is not None
    assert len(view.mosaic.order) == 2
    fill(view, random(0, 3, 3))
    view.grab()
    assert view.mosaic is None


def test_labels_may_be_fewer_than_the_maps(view: MosaicPanel) -> None:
    maps = random(6, 5, 7)
    view.set_maps(maps, limits=render.limits(maps, render.ScaleMode.PER_MAP), colormap="magma", labels=["a", "b"])
    view.grab()
    assert view.readout(5, 0, 0).startswith("5")
