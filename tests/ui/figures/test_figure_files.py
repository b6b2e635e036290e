"""What is in the files: text that stays text, exact widths, the very pixels, fonts."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from threading import Thread
from typing import Any

import numpy as np
import pytest
from figure_samples import every_part
from method_results import every_result
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtSvg import QSvgRenderer

from explorer import catalogue
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_numbers import as_tsv
from explorer.core.figure.figure_parts import SUFFIXES, FigureDescription, FigureStyle, PicturePart, TilesPart
from explorer.core.figure.method_figure import default_figure, figure_of
from explorer.ui.figures.figure_files import figure_bytes, figure_encoder, suffix_of_figure

SVG = "{http://www.w3.org/2000/svg}"
pytestmark = pytest.mark.usefixtures("qapp")


def pixels(image: QImage) -> Any:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def colours(rgb: Any) -> set[tuple[int, ...]]:
    return {tuple(map(int, colour)) for colour in rgb.reshape(-1, 3)}


@pytest.mark.parametrize("width", [60.0, 85.5, 120.0, 180.0])
def test_the_width_is_exact(width: float) -> None:
    figure, style = every_part(), FigureStyle(width, dpi=150)
    root = ElementTree.fromstring(figure_bytes(figure, style, ".svg"))
    assert root.get("width") == f"{width:g}mm"
    document, buffer = QPdfDocument(), QBuffer()
    content = figure_bytes(figure, style, ".pdf")
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    assert document.pageCount() == 1
    assert document.pagePointSize(0).width() == pytest.approx(width / 25.4 * 72, abs=1e-3)
    box = [float(n) for n in re.search(rb"/MediaBox \[([\d. ]+)\]", content)[1].split()]  # type: ignore[index]
    height = float(root.get("height", "").removesuffix("mm"))
    assert box[2] - box[0] == pytest.approx(width / 25.4 * 72, abs=1e-3)
    assert box[3] - box[1] == pytest.approx(height / 25.4 * 72, abs=0.02)
    image = QImage.fromData(figure_bytes(figure, style, ".png"))
    assert image.width() == round(width / 25.4 * 150)
    assert image.dotsPerMeterX() == image.dotsPerMeterY() == round(150 / 0.0254)


def test_text_in_an_svg_is_text_and_controls_are_not_there() -> None:
    figure = every_part()
    content = figure_bytes(figure, FigureStyle(), ".svg")
    root = ElementTree.fromstring(content)
    said = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    assert set(map(str, range(70))) <= set(said)
    assert {"star", "2.58", "probability"} <= set(said)
    assert "Attribution of class “star” with its randomisation test" in " ".join(said)
    assert not {"Sort", "Export", "Run", "Fit"} & set(said)
    assert QSvgRenderer(QByteArray(content)).isValid()


def test_pixels_are_embedded_as_they_are() -> None:
    figure = every_part()
    part = figure.rows[0][0]
    assert isinstance(part, PicturePart)
    content = figure_bytes(figure, FigureStyle(), ".svg").decode()
    first = re.search(r'href="data:image/png;base64,([^"]+)"', content)
    assert first is not None
    seen = pixels(QImage.fromData(QByteArray(base64.b64decode(first[1]))))
    rows, columns = part.rgb.shape[:2]
    down, across = seen.shape[0] // rows, seen.shape[1] // columns
    assert np.array_equal(seen[::down, ::across], part.rgb)
    assert np.array_equal(seen, part.rgb.repeat(down, 0).repeat(across, 1))


def test_a_png_holds_the_colours_of_the_panel_and_no_others() -> None:
    rgb = np.random.default_rng(5).integers(0, 255, (7, 9, 3)).astype(np.uint8)
    figure = FigureDescription("", ((PicturePart("", rgb),),))
    image = pixels(QImage.fromData(figure_bytes(figure, FigureStyle(60, caption=False), ".png")))
    inside = image[40:-40, 40:-40]
    assert colours(inside) <= colours(rgb)
    assert colours(rgb[1:-1, 1:-1]) <= colours(inside)


def test_a_pdf_keeps_colours_and_embeds_its_fonts() -> None:
    rgb = np.random.default_rng(6).integers(0, 255, (5, 5, 3)).astype(np.uint8)
    content = figure_bytes(FigureDescription("A title", ((PicturePart("", rgb),),)), FigureStyle(60), ".pdf")
    assert b"/FontFile" in content
    assert b"/DCTDecode" not in content
    document, buffer = QPdfDocument(), QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    size = document.pagePointSize(0) * 6
    image = pixels(document.render(0, QSize(round(size.width()), round(size.height()))))
    assert colours(rgb) <= colours(image)
    assert "A title" in document.getAllText(0).text()


def test_svg_looks_as_png_does() -> None:
    figure, style = FigureDescription("", (every_part().rows[1],)), FigureStyle(120, dpi=100)
    png = QImage.fromData(figure_bytes(figure, style, ".png"))
    drawn = QImage(png.size(), QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(figure_bytes(figure, style, ".svg"))).render(painter)
    painter.end()
    assert np.abs(pixels(png).astype(int) - pixels(drawn).astype(int)).mean() < 12


@pytest.mark.parametrize("spec", [pytest.param(spec, id=spec.id) for spec in catalogue.methods])
def test_every_method_has_a_figure_in_all_formats(spec: Any) -> None:
    result, about = every_result()[spec.id]
    figure = figure_of(spec, result, about)
    assert figure.parts
    assert "Feature Map Explorer" in figure.caption
    if about.selection is not None or about.pair is not None:
        assert "seeded" in figure.caption
    assert as_tsv(figure).strip()
    for suffix in SUFFIXES:
        assert len(figure_bytes(figure, FigureStyle(85, dpi=60, theme="dark"), suffix)) > 1000
    default = default_figure(spec, result, about)
    assert default.parts
    assert len(figure_bytes(default, FigureStyle(85, dpi=60), ".svg")) > 1000


def test_the_maps_of_an_attribution_and_of_its_pair_are_those_values() -> None:
    spec = catalogue.methods.get("attribution")
    assert spec is not None
    result, about = every_result()["attribution"]
    _, own, twin = figure_of(spec, result, about).rows[0]
    assert isinstance(own, PicturePart)
    assert isinstance(twin, PicturePart)
    assert np.array_equal(own.values, result.values.sum(0))
    assert np.array_equal(twin.values, about.further.pair.twin.values.sum(0))
    top = np.percentile(np.abs(result.values.sum(0).astype(np.float64)), 99.0)
    assert (own.scale.low, own.scale.high) == (pytest.approx(-top), pytest.approx(top))  # type: ignore[union-attr]


def test_maps_without_numbers_are_the_same_maps() -> None:
    tiles = every_part().rows[1][0]
    assert isinstance(tiles, TilesPart)
    bare = figure_bytes(FigureDescription("", ((tiles,),)), FigureStyle(numbers=False), ".svg").decode()
    assert ">17<" not in bare
    assert bare.count("<image") == 71


def test_other_files_are_refused() -> None:
    with pytest.raises(ExplorerError, match=r"\.png, \.svg or \.pdf"):
        suffix_of_figure("figure.jpg")
    with pytest.raises(ExplorerError, match="too large"):
        figure_bytes(every_part(), FigureStyle(2000, dpi=2400), ".png")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_is_the_same_when_another_thread_writes_it(suffix: str) -> None:
    make = figure_encoder(every_part(), FigureStyle(85, dpi=60), suffix)
    made: list[bytes] = []
    thread = Thread(target=lambda: made.append(make()))
    thread.start()
    thread.join()
    here = make()
    if suffix == ".pdf":  # its date and its number differ
        assert abs(len(made[0]) - len(here)) < 100
    else:
        assert made == [here]


def test_too_large_a_picture_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(ExplorerError, match="too large"):
        figure_encoder(every_part(), FigureStyle(2000, dpi=2400), ".png")
