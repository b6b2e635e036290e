"""What a panel shows, as a part of a figure: the values, names and colours that are seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.core import render
from explorer.core.boxes import Box
from explorer.core.figure.figure_parts import CurvesPart, MatrixPart, PicturePart, TilesPart
from explorer.core.representations import Cka
from explorer.core.token_labels import TokenLabel
from explorer.ui.graphics import (
    accuracy_plot,
    cells_on_image,
    channel_thumbs,
    confusion_panel,
    feature_map_panel,
    image_panel,
    matrix_panel,
    scatter_plot,
    still_panel,
    tile_panels,
    time_panel,
    token_lines,
    token_matrix,
    token_rows,
    value_grid,
)
from explorer.ui.graphics.layer_strip import StripView
from explorer.ui.graphics.panel import Panel

# what shows only a piece of what its page's figure shows whole
OF_ITS_PAGE = {
    StripView: "the layers are the figure of the strip",
    scatter_plot.ScatterPlot: "the plane with the names of the classes is the figure of its page",
    value_grid.PatchGrid: "values, weights and products are three matrices of the arithmetic's figure",
}
NOISE = np.random.default_rng(0)


def _below(kind: type) -> set[type]:
    return {kind}.union(*(_below(each) for each in kind.__subclasses__())) if kind.__subclasses__() else {kind}


def test_every_kind_of_panel_can_be_exported_alone_or_says_why_not() -> None:
    kinds = {kind for kind in _below(Panel) if kind.__module__.startswith("explorer.ui.graphics.")}
    abstract = {kind for kind in kinds if kind.__subclasses__()} - {Panel}
    assert len(kinds) > 15
    lacking = {kind for kind in kinds - abstract - {Panel} if kind.figure_part is Panel.figure_part}
    assert lacking == set(OF_ITS_PAGE)
    assert {cells_on_image, confusion_panel}  # imported, so that their panels are known


def test_the_large_map_has_its_colours_limits_and_cell(qtbot: Any) -> None:
    panel = feature_map_panel.FeatureMapPanel()
    qtbot.addWidget(panel)
    assert panel.view.figure_part is None
    values = NOISE.normal(size=(5, 7)).astype(np.float32)
    limits = render.limits(values[None], render.ScaleMode.PER_LAYER)
    panel.set_map(values, limits, "magma", (2, 3), " %")
    part = panel.view.figure_part
    assert isinstance(part, PicturePart)
    assert np.array_equal(part.values, values)
    assert np.array_equal(part.rgb, render.rgb_of(render.colorize(values, limits, panel.colormap)))
    assert part.scale is not None
    assert (part.scale.low, part.scale.high, part.scale.unit) == (*limits.of(0), "%")
    assert [(f.y, f.x, f.height, f.width) for f in part.frames] == [(2, 3, 1, 1)]
    assert "Export this panel …" in [action.text() for action in panel.view.actions()]


def test_an_attention_matrix_has_the_names_of_its_tokens(qtbot: Any) -> None:
    weights, names = NOISE.random((3, 4)), [TokenLabel(word) for word in ("the", "cat", "sat", "down")]
    for panel in (token_matrix.TokenMatrix(), token_lines.TokenLines()):
        qtbot.addWidget(panel)
        assert panel.figure_part is None
        off = (frozenset[int](), frozenset[int]())
        if isinstance(panel, token_matrix.TokenMatrix):
            panel.set_weights(weights, names[:3], names, (1, 1), off)
        else:
            panel.set_weights(weights, names[:3], names, off)
        part = panel.figure_part
        assert isinstance(part, MatrixPart)
        assert (part.rows, part.columns) == (("the", "cat", "sat"), ("the", "cat", "sat", "down"))
        assert np.array_equal(part.values, weights)
        assert part.scale is not None
        assert part.scale.high == weights.max()


def test_a_reduced_matrix_says_what_a_cell_is(qtbot: Any) -> None:
    panel = token_matrix.TokenMatrix()
    qtbot.addWidget(panel)
    names = [TokenLabel(str(at)) for at in range(4)]
    panel.set_weights(NOISE.random((2, 2)), names, names, (2, 2), (frozenset(), frozenset()))
    part = panel.figure_part
    assert part is not None
    assert part.note == "A cell is the largest weight of 2 queries and 2 keys"
    assert part.rows == ("0 … 1", "2 … 3")


def test_all_blocks_are_tiles_by_block_and_head(qtbot: Any) -> None:
    panel = tile_panels.BlocksPanel()
    qtbot.addWidget(panel)
    maps = NOISE.random((2, 4, 4))
    rows = [tile_panels.BlockRow(0, "a", maps), tile_panels.BlockRow(1, "b", None), tile_panels.BlockRow(2, "c", maps)]
    panel.set_rows(rows)
    part = panel.figure_part
    assert isinstance(part, TilesPart)
    assert part.labels == ("0.0", "0.1", "2.0", "2.1")
    assert part.columns == 2
    assert part.measures[0] == pytest.approx((maps[0].sum(), maps[0].max()))


def test_the_input_is_drawn_with_what_lies_over_it(qtbot: Any) -> None:
    panel = image_panel.ImagePanel()
    qtbot.addWidget(panel)
    panel.resize(200, 200)
    panel.set_picture(np.full((32, 32, 3), 200, np.uint8))
    heat = np.zeros((2, 2, 4), np.uint8)
    heat[0, 0] = (255, 0, 0, 255)
    panel.set_heat(heat, strength=1.0, sharp=True)
    panel.set_window(Box(y0=8, x0=4, y1=24, x1=12))
    part = panel.figure_part
    assert isinstance(part, PicturePart)
    assert part.rgb.shape == (512, 512, 3)
    assert part.rgb[100, 100].tolist() == [255, 0, 0]
    assert part.rgb[400, 400].tolist() == [200, 200, 200]
    assert [(f.y, f.x, f.height, f.width) for f in part.frames] == [(128, 64, 256, 128)]
    panel.set_heat(None)
    assert (panel.figure_part.rgb == 200).all()  # type: ignore[union-attr]


def test_small_pictures_keep_their_pixels(qtbot: Any) -> None:
    still, thumbs = still_panel.StillPanel("Twin"), channel_thumbs.Thumbs()
    pictures = [NOISE.integers(0, 255, (6, 8, 3), np.uint8) for _ in range(2)]
    for panel in (still, thumbs):
        qtbot.addWidget(panel)
    still.set_pictures(pictures)
    thumbs.set_count(5)
    thumbs.set_picture(1, pictures[0])
    thumbs.set_picture(4, pictures[1])
    for panel, names in ((still, ("0", "1")), (thumbs, ("1", "4"))):
        part = panel.figure_part
        assert isinstance(part, TilesPart)
        assert part.labels == names
        assert all(np.array_equal(a, b) for a, b in zip(part.tiles, pictures, strict=True))


def test_tables_of_numbers_are_matrices(qtbot: Any) -> None:
    kernel, tokens, sequence = value_grid.KernelGrid(), token_rows.TokenRows(), time_panel.TimeView()
    values = NOISE.normal(size=(3, 3)).astype(np.float32)
    limits = render.limits(values[None], render.ScaleMode.PER_LAYER)
    for panel in (kernel, tokens, sequence):
        qtbot.addWidget(panel)
    kernel.set_values(values, limits)
    tokens.set_values(values)
    sequence.set_values(values, limits, "magma", "token")
    for panel in (kernel, tokens, sequence):
        part = panel.figure_part
        assert isinstance(part, MatrixPart)
        assert np.array_equal(part.values, values)
    assert tokens.figure_part.rows == ("CLS", "REG1", "REG2")  # type: ignore[union-attr]
    assert sequence.figure_part.column_axis == "token"  # type: ignore[union-attr]
    assert len(kernel.figure_part.texts) == 3  # type: ignore[union-attr]


def test_a_curve_of_accuracies_has_its_intervals_in_per_cent(qtbot: Any) -> None:
    plot = accuracy_plot.AccuracyPlot("Accuracy", "")
    qtbot.addWidget(plot)
    points = tuple(accuracy_plot.AccuracyPoint(at, 0.5, 0.25, 0.75) for at in range(3))
    level = accuracy_plot.AccuracySeries("chance", (accuracy_plot.AccuracyPoint(0, 0.1, 0.1, 0.1),), "dim", True)
    plot.set_series(("a", "b", "c"), (accuracy_plot.AccuracySeries("probe", points), level))
    part = plot.figure_part
    assert isinstance(part, CurvesPart)
    assert part.names == ("a", "b", "c")
    probe, chance = part.curves
    assert probe.y.tolist() == [50.0, 50.0, 50.0]
    assert probe.low is not None
    assert probe.low.tolist() == [25.0, 25.0, 25.0]
    assert (chance.dashed, chance.y.tolist()) == (True, [10.0, 10.0])


def test_a_similarity_matrix_has_the_names_of_the_layers(qtbot: Any) -> None:
    panel = matrix_panel.MatrixView()
    qtbot.addWidget(panel)
    assert panel.figure_part is None
    values = np.array([[1.0, 0.25]])
    panel.set_matrix(Cka(("conv",), ("stem", "head"), values, np.ones((1, 2), bool), 50, 64), (0,))
    part = panel.figure_part
    assert isinstance(part, MatrixPart)
    assert (part.rows, part.columns, part.marks) == (("conv",), ("stem", "head"), ((0, 0),))
    assert part.texts == (("1.00", "0.25"),)
