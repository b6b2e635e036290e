from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QPushButton

from explorer.ui import theme
from explorer.ui.theme import Theme
from tests.support.hands import pixels_of


@pytest.fixture(params=list(theme.THEMES.values()), ids=lambda look: look.name)
def look(request: pytest.FixtureRequest) -> Theme:
    return request.param


@pytest.mark.parametrize("surface", ["window", "panel", "control"])
@pytest.mark.parametrize("ink", ["text", "dim", "off", "accent", "error"])
def test_text_can_be_read_on_every_surface(look: Theme, ink: str, surface: str) -> None:
    assert theme.contrast(getattr(look, ink), getattr(look, surface)) >= 4.5


def test_what_is_selected_or_hovered_can_be_read(look: Theme) -> None:
    assert theme.contrast(look.on_accent, look.accent) >= 4.5
    assert theme.contrast(look.text, look.hover) >= 4.5
    assert theme.contrast(look.dim, look.hover) >= 4.5


def test_a_main_button_stays_in_its_colours_under_the_pointer(look: Theme, qapp: QApplication) -> None:
    button = QPushButton("Next")
    button.setProperty("main", True)
    button.setStyleSheet(theme._sheet(look))
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    assert look.accent in pixels_of(button)
    button.setEnabled(False)
    assert look.accent not in pixels_of(button)


def test_the_pointer_can_be_seen_on_the_panel(look: Theme) -> None:
    assert theme.contrast(look.warm, look.panel) >= 3


SURFACES = ("window", "panel", "control", "hover")


@pytest.mark.parametrize("ink", ["text", "dim", "off", "accent", "warm", "error"])
def test_high_contrast_is_seven_to_one_for_text(ink: str) -> None:
    for surface in SURFACES:
        assert theme.contrast(getattr(theme.CONTRAST, ink), getattr(theme.CONTRAST, surface)) >= 7, surface


@pytest.mark.parametrize("mark", ["line", "accent", "warm", "beam"])
def test_high_contrast_is_three_to_one_for_frames_and_marks(mark: str) -> None:
    for surface in (*SURFACES, *(("mosaic_gap",) if mark != "line" else ())):  # no line runs between tiles
        assert theme.contrast(getattr(theme.CONTRAST, mark), getattr(theme.CONTRAST, surface)) >= 3, surface
    assert theme.contrast(theme.CONTRAST.on_accent, theme.CONTRAST.accent) >= 7
    assert theme.contrast(theme.CONTRAST.accent, theme.CONTRAST.track) >= 3  # a bar in what it runs in
    assert theme.contrast("#000000", theme.CONTRAST.mosaic_gap) >= 3  # between tiles whose smallest value is black


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_applying_changes_palette_and_sheet(qapp: QApplication, look: Theme) -> None:
    theme.apply(qapp, look)
    assert theme.current() == look
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(look.window)
    assert "@" not in qapp.styleSheet()
    assert look.accent in qapp.styleSheet()


@pytest.mark.parametrize("percent", [80, 150, 200])
def test_text_follows_its_size(qapp: QApplication, percent: int) -> None:
    from PySide6.QtWidgets import QFrame

    from explorer.ui import text_size

    held = QFrame()
    text_size.hold(held, "setFixedHeight", 30)
    theme.apply(qapp, theme.DARK, percent)
    usual = theme.ui_font().pixelSize()
    assert qapp.font().pixelSize() == round(usual * percent / 100)
    assert text_size.percent() == percent
    assert held.height() == text_size.px(30) == round(30 * qapp.font().pixelSize() / 13)
    assert f"font-size: {text_size.px(17)}px" in qapp.styleSheet()
    theme.apply(qapp, theme.DARK)
    assert held.height() == text_size.px(30)


def test_sizes_go_step_by_step_and_stay_at_their_ends() -> None:
    from explorer.ui.text_size import STEPS, stepped

    assert [stepped(size, 1) for size in (100, 200, 105)] == [110, 200, 110]
    assert [stepped(size, -1) for size in (100, 80, 105)] == [90, 80, 100]
    assert stepped(175, 0) == 100
    assert list(STEPS) == sorted(STEPS)


def test_the_sheets_pictures_are_there(qapp: QApplication, look: Theme) -> None:
    import re
    from pathlib import Path

    theme.apply(qapp, look)
    pictures = re.findall(r'url\("([^"]+)"\)', qapp.styleSheet())
    assert pictures
    assert all(Path(picture).is_file() for picture in pictures)


def test_digits_have_equal_width(qapp: QApplication) -> None:
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(theme.ui_font())
    assert len({round(metrics.horizontalAdvance(digit * 10), 2) for digit in "0123456789"}) == 1
    assert theme.ui_font().pixelSize() >= 13
