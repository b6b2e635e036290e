"""All widgets with real data, as pictures to look at: `python tests/screens/widgets_gallery.py [PICTURE]`.

Writes tests/screens/out/widgets-PAGE-SIZE-THEME.png. No screen is needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from explorer.ui.widgets.nesting import nest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

sys.path.insert(0, str(Path(__file__).parent))
import gabor

from explorer.core import render
from explorer.core.activations import Kernel, Kind, Layout, Tap
from explorer.core.boxes import Box
from explorer.core.errors import Failure
from explorer.core.model_output import Guess
from explorer.core.progress import Progress
from explorer.ui import theme
from explorer.ui.graphics.feature_map_panel import FeatureMapPanel
from explorer.ui.graphics.histogram_plot import HistogramPlot
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.graphics.kernel_table import KernelTable
from explorer.ui.graphics.layer_strip import LayerStrip, StripItem
from explorer.ui.graphics.mosaic_panel import MosaicPanel
from explorer.ui.graphics.time_panel import TimePanel
from explorer.ui.graphics.token_rows import TokenRows
from explorer.ui.graphics.vector_plot import VectorPlot
from explorer.ui.widgets import text
from explorer.ui.widgets.banner import Banner
from explorer.ui.widgets.frames import Caption, Elided, Frame
from explorer.ui.widgets.keysheet import KeySheet
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.prediction import PredictionBars
from explorer.ui.widgets.tree import ModuleTree

OUT = Path(__file__).parent / "out"
GUESSES = [
    ("stripes", 0.749),
    ("disc", 0.126),
    ("a label that is far too long for its row", 0.117),
    ("sky", 0.006),
    ("bag", 2e-4),
]


class Data:
    """Filter responses in four levels, as signed maps and after a ReLU."""

    def __init__(self, path: str) -> None:
        self.pixels = np.asarray(Image.open(path).convert("RGB")) if path else gabor.picture()
        grey = gabor.grey_of(self.pixels)
        self.filters = gabor.bank(144, 9)
        self.levels = [
            gabor.responses(grey, self.filters[:count], step) for count, step in ((24, 2), (64, 4), (144, 8), (144, 30))
        ]

    def taps(self) -> list[StripItem]:
        items = []
        for level, maps in enumerate(self.levels):
            for at, kind in enumerate(["conv", "norm", "relu"] * (4 + 3 * level)):
                values = np.maximum(maps, 0) if kind == "relu" else maps
                values = np.roll(values, at * 3, axis=0)
                image = render.thumbnail(values, "magma", theme.current().diverging)
                stopped = kind == "norm" and at % 9 == 1
                reason = "It is folded into the convolution before it." if stopped else ""
                name = f"features.{level}.{at}.{kind}"
                items.append(StripItem(name, image, f"features.{level}", kind, maps.shape, not stopped, reason))
        return items


def top_bar() -> QHBoxLayout:
    line = QHBoxLayout()
    for at, name in enumerate(("Explore", "Compare", "Transfer", "Dataset", "Lessons")):
        button = QPushButton(name)
        button.setCheckable(True)
        button.setChecked(at == 0)
        line.addWidget(button)
    line.addSpacing(16)
    model = QComboBox()
    model.addItems(["Gabor bank", "another"])
    line.addWidget(model)
    line.addStretch(1)
    status = QLabel("CPU · 1 thread   forward 21 ms   14.8 MB cached")
    status.setObjectName("dim")
    line.addWidget(status)
    return line


def left_panel(data: Data, maps: np.ndarray) -> Frame:
    panel = Frame("Input")
    view = ImagePanel()
    view.set_picture(data.pixels, "picture")
    height, width = data.pixels.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) / 2, (width - edge) / 2
    view.set_crop(Box(top, left, top + edge, left + edge))
    view.set_field(Box(top - 20, left + edge * 0.3, top + edge * 0.35, left + edge * 0.65))
    panel.add(view)
    panel.section("Prediction")
    bars = PredictionBars()
    bars.set_guesses([Guess(n, name, 0.0, p) for n, (name, p) in enumerate(GUESSES)], untrained="untrained, seed 0")
    panel.add(bars)
    panel.section("This layer")
    numbers, table = render.layer_numbers(maps), NumbersTable()
    table.set_rows(
        [
            Row("shape", text.shape(maps.shape)),
            Row("range", f"{text.number(numbers.minimum)} … {text.number(numbers.maximum)}"),
            Row("mean ± std", f"{text.number(numbers.mean)} ± {text.number(numbers.std)}"),
            Row("zero", text.percent(numbers.zeros), "share of cells that are exactly zero"),
            Row("dead channels", f"{numbers.dead} of {numbers.channels}"),
            Row("not finite", "3 of 112 896", warm=True),
        ]
    )
    panel.add(table)
    panel.body.addStretch(1)
    panel.setFixedWidth(260)
    return panel


def centre_panel(maps: np.ndarray, limits: render.Limits, colormap: str) -> tuple[Frame, MosaicPanel]:
    panel = Frame()
    head = QHBoxLayout()
    title = QLabel("features.2.4.relu")
    title.setObjectName("title")
    detail = Elided("Gabor 9×9 s8 · ReLU    144 × 27 × 27")
    detail.setObjectName("dim")
    head.addWidget(title)
    head.addWidget(detail, 1)
    for name in ("Sort  mean", "Scale  per map", "Magma"):
        box = QComboBox()
        box.addItem(name)
        head.addWidget(box)
    nest(panel.body, head)
    view = MosaicPanel()
    order = render.sort_channels(maps, render.SortKey.MEAN)
    view.set_maps(maps, limits=limits, colormap=colormap, order=order)
    view.set_selected(54, (12, 9))
    panel.add(view, 1)
    return panel, view


def right_panel(data: Data, maps: np.ndarray, limits: render.Limits, colormap: str) -> Frame:
    panel = Frame("Channel 54")
    view = FeatureMapPanel()
    view.set_map(maps[54], render.pick(limits, 54), colormap, (12, 9))
    panel.add(view)
    panel.section("Weights")
    table = KernelTable()
    weight = data.filters.reshape(24, 6, 9, 9)[:, :, 3:6, 3:6]
    table.set_kernel(Kernel(weight, np.linspace(-1, 1, 24)), 3, 2)
    panel.add(table)
    panel.section("Values")
    histogram = HistogramPlot()
    histogram.set_counts(*render.histogram(maps[54]))
    panel.add(histogram)
    panel.body.addStretch(1)
    panel.setFixedWidth(290)
    return panel


def explore(data: Data) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(8, 8, 8, 8)
    nest(column, top_bar())
    maps = np.maximum(data.levels[2], 0)
    limits = render.limits(maps, render.ScaleMode.PER_MAP)
    centre, mosaic = centre_panel(maps, limits, "magma")
    row = QHBoxLayout()
    row.addWidget(left_panel(data, maps))
    row.addWidget(centre, 1)
    row.addWidget(right_panel(data, maps, limits, "magma"))
    nest(column, row, 1)
    bottom = Frame("Layers")
    strip = LayerStrip()
    strip.set_items(data.taps(), 40)
    bottom.add(strip)
    column.addWidget(bottom)
    page.point = lambda: hover(mosaic, 0.42, 0.3)  # type: ignore[attr-defined]
    return page


def others(data: Data) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(8, 8, 8, 8)
    failed, busy = Banner(), Banner()
    failed.show_failure(
        Failure(
            "The model could not be opened.",
            "weights.pth ends after 3 of 14 MB.",
            "Download it again.",
            "Traceback ...",
        )
    )
    busy.show_progress(Progress("Reading features: 161 of 256 pictures, 18 a second", 0.63))
    column.addWidget(failed)
    column.addWidget(busy)
    row = QHBoxLayout()
    for panel in (signed_panel(data), views_panel(data), tree_panel(data)):
        row.addWidget(panel, 1)
    nest(column, row, 1)
    return page


def signed_panel(data: Data) -> Frame:
    panel = Frame("Signed maps, some not finite")
    maps = data.levels[3].copy()
    maps[5, 2:4, 2:4] = np.nan
    maps[9] = np.inf
    view = MosaicPanel()
    view.set_maps(maps, limits=render.limits(maps, render.ScaleMode.PER_LAYER), colormap=theme.current().diverging)
    view.set_selected(17)
    panel.add(view, 2)
    panel.section("One channel")
    one = MosaicPanel()
    limits = render.limits(data.levels[0][:1], render.ScaleMode.PER_MAP)
    one.set_maps(data.levels[0][:1], limits=limits, colormap=theme.current().diverging)
    panel.add(one, 1)
    panel.section("Nothing yet")
    panel.add(MosaicPanel(), 1)
    return panel


def views_panel(data: Data) -> Frame:
    panel = Frame("Vector")
    vector = VectorPlot()
    values = data.levels[2].mean(axis=(1, 2))
    vector.set_values(np.repeat(values, 7)[:1000], (), 17)
    panel.add(vector, 1)
    panel.section("Prefix tokens")
    tokens = TokenRows()
    tokens.set_values(data.levels[3].reshape(144, -1)[:, :5].T)
    tokens.set_channel(54)
    panel.add(tokens)
    panel.section("Sequence")
    sequence = TimePanel()
    steps = data.levels[2][:48, 10]
    sequence.set_values(steps, render.limits(steps[None], render.ScaleMode.PER_LAYER), theme.current().diverging)
    panel.add(sequence, 2)
    panel.section("A row of a linear layer")
    linear = KernelTable()
    linear.set_kernel(Kernel(data.filters.reshape(144, -1), np.zeros(144)), 3)
    panel.add(linear)
    panel.section("A large kernel")
    big = KernelTable()
    big.set_kernel(Kernel(data.filters[:, None], None, groups=1), 40)
    panel.add(big)
    return panel


def tree_panel(data: Data) -> Frame:
    panel = Frame("Modules")
    tree = ModuleTree()
    taps = [
        Tap(item.name, item.name, 0, item.kind.capitalize(), Kind.CONV, shape=(1, *item.shape), layout=Layout.NCHW,
            observable=item.enabled, reason=item.reason)
        for item in data.taps()
    ]  # fmt: skip
    tree.set_taps(taps)
    tree.view.expandAll()
    tree.set_current(taps[7].name)
    panel.add(tree, 2)
    panel.section("Input")
    panel.add(ImagePanel(), 1)
    panel.section("Prediction")
    none = PredictionBars(3)
    none.set_guesses([])
    panel.add(none)
    return panel


def keys(_data: Data) -> QWidget:
    page = QWidget()
    QVBoxLayout(page).addWidget(Caption("behind"))
    sheet = KeySheet(page)
    sheet.set_groups(
        [
            (
                "Layers",
                [
                    ("← →  wheel", "next, previous layer"),
                    ("Page ↑ ↓", "next, previous stage"),
                    ("Home  End", "first, last"),
                ],
            ),
            ("Channels", [("arrows", "to the neighbouring map"), ("0", "fit"), ("+ −  Ctrl wheel", "zoom")]),
            ("Files", [("Ctrl+O", "open a picture"), ("Ctrl+V", "paste a picture")]),
            ("Window", [("?", "keyboard shortcuts"), ("Ctrl+D", "light, dark"), ("Alt ←", "back")]),
        ]
    )
    page.point = sheet.open  # type: ignore[attr-defined]
    return page


def hover(widget: QWidget, x: float, y: float) -> None:
    """Moves the pointer there, as far as the widget knows."""
    at = QPointF(widget.width() * x, widget.height() * y)
    button = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, at, widget.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def main(path: str) -> None:
    app = QApplication.instance() or QApplication([])
    OUT.mkdir(exist_ok=True)
    data = Data(path)
    for look in theme.THEMES.values():
        theme.apply(app, look)
        for name, build in (("explore", explore), ("others", others), ("keys", keys)):
            page = build(data)
            page.setAutoFillBackground(True)
            for width, height in ((1280, 800), (1920, 1080)):
                page.resize(width, height)
                page.show()
                app.processEvents()
                getattr(page, "point", lambda: None)()
                page.grab().save(str(OUT / f"widgets-{name}-{width}x{height}-{look.name}.png"))
            page.close()
            page.deleteLater()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
