"""Export and copy in the window: the figure of what has the focus, the dialog, the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtPdf import QPdfDocument

from explorer.core import render
from explorer.core.figure.figure_parts import (
    FigureDescription,
    FigureStyle,
    HistogramPart,
    NotePart,
    PicturePart,
    TilesPart,
)
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.ui.figures.figure_dialog import FigureDialog
from explorer.ui.figures.figure_settings import remembered_style
from explorer.ui.graphics.histogram_plot import HistogramPlot
from explorer.ui.settings import Settings
from explorer.ui.widgets.figure_request import FigureButton

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}
LABELS = ["day", "night", "dusk"]

def make_model():
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3))
"""


@pytest.fixture
def app(window: Callable[..., Any]) -> Any:
    driver = window()
    driver.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    driver.wait_capture()
    driver.rest()
    return driver


@pytest.fixture
def dialog(qtbot: Any, tmp_path: Path) -> Any:
    settings, saved, copied = Settings(lasting=False), {}, []
    settings.put("save_folder", str(tmp_path))
    figure = FigureDescription("A title", ((NotePart("Some words."),),), "Where it comes from.", "a-name")
    made = FigureDialog(figure, settings, lambda path, make: saved.__setitem__(path, make()), copied.append)
    qtbot.addWidget(made)
    made.saved, made.copied, made.settings = saved, copied, settings
    return made


def test_a_figure_is_saved_as_pdf_with_one_click(dialog: Any, tmp_path: Path) -> None:
    dialog.save_button.click()
    path = tmp_path / "a-name.pdf"
    path.write_bytes(dialog.saved[str(path)])
    document = QPdfDocument()
    document.load(str(path))
    assert document.pagePointSize(0).width() == pytest.approx(120 / 25.4 * 72, abs=1e-3)
    assert "Some words." in document.getAllText(0).text()


def test_what_is_chosen_is_remembered(dialog: Any, qtbot: Any) -> None:
    dialog.formats[".svg"].click()
    dialog.wide.setValue(84.5)
    dialog.font_size.setValue(6.5)
    dialog.dark.setChecked(True)
    dialog.caption.setChecked(False)
    dialog.save_button.click()
    (path,) = dialog.saved
    assert path.endswith("a-name.svg")
    assert b'width="84.5mm"' in dialog.saved[path]
    assert b"Where it comes from" not in dialog.saved[path]
    style = remembered_style(dialog.settings)
    assert (style.width_mm, style.font_pt, style.theme, style.caption) == (84.5, 6.5, "dark", False)
    again = FigureDialog(dialog.figure, dialog.settings, dialog._save, dialog._copy)
    qtbot.addWidget(again)
    assert again.chosen == style
    assert again.suffix == ".svg"


def test_a_width_in_pixels_stays_when_the_resolution_changes(dialog: Any) -> None:
    dialog.unit.setCurrentText("px")
    dialog.wide.setValue(900)
    dialog.dpi.setValue(150)
    assert dialog.chosen.width_px == 900
    assert dialog.chosen.width_mm == pytest.approx(900 / 150 * 25.4)


def test_the_format_follows_the_name_and_a_file_that_is_there_is_named(dialog: Any, tmp_path: Path) -> None:
    (tmp_path / "other.png").write_bytes(b"old")
    dialog.path.setText(str(tmp_path / "other.png"))
    assert dialog.suffix == ".png"
    assert dialog.save_button.text() == "Replace"
    dialog.path.setText(str(tmp_path / "missing" / "other.png"))
    dialog.save()
    assert not dialog.saved
    assert "not there" in dialog.said.text()


def test_the_preview_is_as_wide_as_the_paper(dialog: Any) -> None:
    dialog.wide.setValue(60)
    dialog.draw()
    assert dialog.preview.pixmap().width() == round(60 / 25.4 * 120)


def test_copy_puts_the_figure_and_its_values_on_the_clipboard(app: Any) -> None:
    app.explore.maps.mosaic.setFocus()
    app.commands.figures.copy()
    data = QGuiApplication.clipboard().mimeData()
    style = FigureStyle()
    assert data.imageData().width() == style.width_px
    values = app.capture.values[app.session.tap]
    rows = [line.split("\t") for line in data.text().splitlines() if line[:1].isdigit()]
    assert np.allclose([float(row[2]) for row in rows], values.reshape(len(values), -1).max(1))
    assert bytes(data.data("text/tab-separated-values").data()).decode() == data.text()


def test_the_maps_have_the_colours_and_limits_that_are_shown(app: Any) -> None:
    shown = app.shown
    (part,) = app.commands.figures.explore.maps().parts
    assert isinstance(part, TilesPart)
    rgb = render.rgb_of(render.colorize(shown.maps, shown.limits, shown.colormap))
    assert all(np.array_equal(tile, rgb[int(label)]) for tile, label in zip(part.tiles, part.labels, strict=True))
    app.change(channel=3)
    one = app.commands.figures.explore.channel().parts[1]
    assert isinstance(one, PicturePart)
    assert np.array_equal(one.rgb, rgb[3])
    assert one.scale is not None
    assert (one.scale.low, one.scale.high) == shown.limits.of(3)


def test_every_panel_offers_its_figure(app: Any) -> None:
    from explorer.ui.graphics.panel import Panel

    panels = [panel for panel in app.find(Panel) if panel.isVisible()]
    assert len(panels) > 3
    for panel in panels:
        titles = [action.text() for action in panel.actions() if isinstance(action, QAction)]
        assert any(title.startswith("Export figure") for title in titles), panel.accessibleName()
        assert app.commands.figures.near(panel) is not None, panel.accessibleName()


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_button_beside_the_title_opens_the_dialog(app: Any) -> None:
    seen: list[str] = []
    timer = QTimer(interval=10)

    def look() -> None:
        found = app.commands.figures.dialog
        if found is not None:
            timer.stop()
            seen.append(found.figure.title)
            found.reject()

    timer.timeout.connect(look)
    timer.start()
    next(button for button in app.find(FigureButton) if button.isVisible()).click()
    assert seen == [app.commands.figures.explore.channel().title]


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_an_attribution_with_its_pair_is_a_pdf_after_three_clicks(window: Callable[..., Any], tmp_path: Path) -> None:
    net = tmp_path / "net.py"
    net.write_text(NET)
    app = window()
    app.start(ModelSpec(f"file:{net}:make_model"), InputRef("sample", "cat"))
    app.wait_capture()
    app.rest()
    app.open_page("attribution")
    page = app.pages.page("attribution")
    page.run()
    app.rest()
    page.tab.check.click()  # 1
    app.rest()
    timer = QTimer(interval=10)

    def save() -> None:
        found = app.commands.figures.dialog
        if found is not None:
            timer.stop()
            found.path.setText(str(tmp_path / "star.pdf"))
            found.save_button.click()  # 3

    timer.timeout.connect(save)
    timer.start()
    next(button for button in app.find(FigureButton) if button.isVisible()).click()  # 2
    app.until((tmp_path / "star.pdf").exists)
    document = QPdfDocument()
    document.load(str(tmp_path / "star.pdf"))
    said = document.getAllText(0).text()
    assert "randomised" in said
    assert "rank" in said


def test_a_histogram_is_exported_alone(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the counts of the channel, and where it comes from."""
    made: list[FigureDescription] = []
    monkeypatch.setattr(FigureDialog, "exec", lambda dialog: made.append(dialog.figure))
    plot = next(
        each for each in app.application.qt.allWidgets() if isinstance(each, HistogramPlot) and each.figure_part
    )
    action = next(each for each in plot.actions() if each.text() == "Export this panel …")
    action.trigger()
    (part,) = made[0].parts
    assert isinstance(part, HistogramPart)
    values = app.capture.values[app.session.tap][app.session.channel]
    np.testing.assert_array_equal(part.counts, np.histogram(values, part.edges)[0])
    assert app.picture.digest in made[0].caption
