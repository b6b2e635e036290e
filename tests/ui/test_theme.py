from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from explorer.ui import theme
from explorer.ui.theme import Theme


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


def test_the_pointer_can_be_seen_on_the_panel(look: Theme) -> None:
    assert theme.contrast(look.warm, look.panel) >= 3


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_applying_changes_palette_and_sheet(qapp: QApplication, look: Theme) -> None:
    theme.apply(qapp, look)
    assert theme.current() is look
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(look.window)
    assert "@" not in qapp.styleSheet()
    assert look.accent in qapp.styleSheet()


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
