"""What people drop and paste, as paths by kind and as arrays without loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage, QPixmap, qRgba
from PySide6.QtWidgets import QApplication

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.ui.incoming import Incoming, classify, from_clipboard, image_array, local_paths
from explorer.ui.opening import _saved_model

FORM = QImage.Format


def rgb_image(form: QImage.Format, width: int = 3, height: int = 2) -> QImage:
    """Red grows with x, green with y; blue is 7."""
    image = QImage(width, height, form)
    for y in range(height):
        for x in range(width):
            image.setPixelColor(x, y, QColor(40 * x, 50 * y, 7))
    return image


def saved_model(folder: Path, weights: str) -> str:
    """A folder with a configuration and one more file."""
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / weights).write_bytes(b"")
    return str(folder)


def test_paths_are_sorted_by_what_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "pictures.png"  # a folder may be called anything
    folder.mkdir()
    models = [saved_model(tmp_path / name, name) for name in ("model.safetensors", "pytorch_model.bin")]
    without = saved_model(tmp_path / "without", "README.md")  # its weights are missing
    names = [
        "a.PNG",
        "b.mp4",
        str(folder),
        *models,
        without,
        "c.safetensors",
        "d.PTH",
        "e.py",
        "f.fmx.json",
        "g.json",
        "h",
        "i.jpeg",
        "j.fmindex",
    ]
    assert classify(names) == Incoming(
        pictures=("a.PNG", "i.jpeg"),
        videos=("b.mp4",),
        models=tuple(models),
        folders=(str(folder), without),
        weights=("c.safetensors", "d.PTH"),
        python=("e.py",),
        sessions=("f.fmx.json",),
        indexes=("j.fmindex",),
        unknown=("g.json", "h"),
    )


def test_the_card_of_a_learnt_model_is_a_model_by_its_content(tmp_path: Path) -> None:
    card = tmp_path / "learnt.json"
    card.write_text('{"format": "feature-map-explorer/learnt-model"}')
    assert classify([str(card)]) == Incoming(models=(str(card),))
    assert _saved_model(str(card)).id == f"card:{card}"
    assert _saved_model(str(tmp_path)).id == f"hf:{tmp_path}"
    card.write_text('{"format": "another"}')
    assert classify([str(card)]) == Incoming(unknown=(str(card),))


def test_an_exported_program_is_a_model() -> None:
    assert classify(["net.pt2"]) == Incoming(models=("net.pt2",))
    assert _saved_model("/a/net.PT2").id.endswith("net.PT2")
    assert _saved_model("/a/net.pt2").id.startswith("pt2:")


def test_an_onnx_model_is_a_model() -> None:
    assert classify(["a/net.onnx"]) == Incoming(models=("a/net.onnx",))
    assert _saved_model("/a/net.onnx").id.startswith("onnx:")


@pytest.mark.parametrize(
    "name",
    ["last.ckpt", "best.pth.tar", "pytorch_model.bin", "R-50.pkl", "X.PT", "old.tar", "model.sft", "a.b.Pth.Tar"],
)
def test_weights_by_the_names_that_training_gives_them(name: str) -> None:
    assert classify([name]).weights == (name,)


def test_strange_paths_are_unknown_and_break_nothing() -> None:
    found = classify(["", "x" * 10_000, "nul\0"])
    assert len(found.unknown) == 3


# ---- images


@pytest.mark.parametrize("form", [FORM.Format_RGB888, FORM.Format_RGB32, FORM.Format_BGR888, FORM.Format_RGBX8888])
@pytest.mark.parametrize("width", [1, 3, 5])  # rows of 24-bit images are padded
def test_opaque_images_become_three_channels(form: QImage.Format, width: int) -> None:
    pixels = image_array(rgb_image(form, width))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (2, width, 3)
    for y in range(2):
        for x in range(width):
            assert pixels[y, x].tolist() == [40 * x, 50 * y, 7]
    assert pixels.flags.c_contiguous
    assert pixels.flags.owndata or pixels.base.flags.owndata


def test_the_array_outlives_its_image() -> None:
    image = rgb_image(FORM.Format_RGB888)
    pixels = image_array(image)
    before = pixels.copy()
    image.fill(0)
    del image
    np.testing.assert_array_equal(pixels, before)


@pytest.mark.parametrize("form", [FORM.Format_ARGB32, FORM.Format_RGBA8888, FORM.Format_ARGB32_Premultiplied])
def test_alpha_is_kept_and_colours_are_not_multiplied(form: QImage.Format) -> None:
    image = QImage(2, 1, form)
    image.setPixelColor(0, 0, QColor(200, 100, 40, 255))
    image.setPixelColor(1, 0, QColor(255, 0, 0, 51))
    pixels = image_array(image)
    assert pixels.tolist() == [[[200, 100, 40, 255], [255, 0, 0, 51]]]
    # and the engine composes it: 0.2 of red over white
    picture = picture_from_array(pixels, InputRef("clipboard"))
    assert picture.pixels[0, 1].tolist() == [255, 204, 204]


def test_an_alpha_of_nothing_is_taken_for_none() -> None:
    image = QImage(2, 1, FORM.Format_ARGB32)
    image.fill(QColor(10, 20, 30, 0))
    assert image_array(image).tolist() == [[[10, 20, 30]] * 2]
    image.fill(QColor(0, 0, 0, 0))
    assert image_array(image).shape == (1, 2, 4)


def test_sixteen_bits_are_kept() -> None:
    image = QImage(2, 1, FORM.Format_RGBX64)
    image.setPixelColor(0, 0, QColor.fromRgba64(1, 300, 65535, 65535))
    image.setPixelColor(1, 0, QColor.fromRgba64(40_000, 2, 3, 65535))
    pixels = image_array(image)
    assert pixels.dtype == np.uint16
    assert pixels.tolist() == [[[1, 300, 65535], [40_000, 2, 3]]]
    with_alpha = image.convertToFormat(FORM.Format_RGBA64)
    with_alpha.setPixelColor(0, 0, QColor.fromRgba64(1, 300, 65535, 12_345))
    assert image_array(with_alpha)[0, 0].tolist() == [1, 300, 65535, 12_345]


def test_ten_bits_become_sixteen() -> None:
    image = QImage(1, 1, FORM.Format_RGB30)
    image.fill(QColor.fromRgbF(1.0, 0.0, 1.0))
    pixels = image_array(image)
    assert pixels.dtype == np.uint16
    assert pixels.tolist() == [[[65535, 0, 65535]]]


@pytest.mark.parametrize(
    ("form", "dtype", "levels"),
    [(FORM.Format_Grayscale8, np.uint8, [0, 7, 255]), (FORM.Format_Grayscale16, np.uint16, [0, 257, 65535])],
)
def test_grey_stays_grey(form: QImage.Format, dtype: type, levels: list[int]) -> None:
    values = np.array([levels], dtype)
    image = QImage(values.tobytes(), 3, 1, values.nbytes, form).copy()
    pixels = image_array(image)
    assert pixels.dtype == dtype
    assert pixels.tolist() == [levels]


def test_palettes_become_colours() -> None:
    image = QImage(2, 1, FORM.Format_Indexed8)
    image.setColorTable([qRgba(255, 0, 0, 255), qRgba(0, 0, 255, 255)])
    image.setPixel(0, 0, 0)
    image.setPixel(1, 0, 1)
    assert image_array(image).tolist() == [[[255, 0, 0], [0, 0, 255]]]


def test_an_image_without_pixels_is_an_error() -> None:
    with pytest.raises(ExplorerError, match="no picture"):
        image_array(QImage())


# ---- clipboard


def test_files_come_before_the_picture_beside_them(tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "ä b.png")), QUrl("https://example.org/c.png")])
    data.setImageData(rgb_image(FORM.Format_RGB32))
    assert from_clipboard(data) == [str(tmp_path / "ä b.png")]


def test_a_picture_from_a_browser_is_taken_and_its_address_is_not() -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/c.png")])
    data.setImageData(rgb_image(FORM.Format_RGB32))
    pixels = from_clipboard(data)
    assert isinstance(pixels, np.ndarray)
    assert pixels.shape == (2, 3, 3)
    assert local_paths(data) == []


def test_a_pixmap_is_a_picture_too(qapp: QApplication) -> None:
    data = QMimeData()
    data.setImageData(QPixmap.fromImage(rgb_image(FORM.Format_RGB32)))
    pixels = from_clipboard(data)
    assert isinstance(pixels, np.ndarray)
    assert pixels[1, 2].tolist() == [80, 50, 7]


def test_text_that_names_files_is_paths(tmp_path: Path) -> None:
    one, two = tmp_path / "one.png", tmp_path / "two words.png"
    one.touch()
    two.touch()
    data = QMimeData()
    data.setText(f'"{one}"\r\n{QUrl.fromLocalFile(str(two)).toString()}\n')
    assert from_clipboard(data) == [str(one), str(two)]


@pytest.mark.parametrize("text", ["", "a sentence", "relative.png", "https://example.org/a.png", "x" * 200_000, "\0"])
def test_any_other_text_is_nothing(text: str) -> None:
    data = QMimeData()
    data.setText(text)
    assert from_clipboard(data) is None


def test_a_clipboard_that_another_program_does_not_give_is_nothing() -> None:
    assert from_clipboard(None) is None


def test_a_picture_that_is_announced_and_not_there_is_nothing() -> None:
    class Announced(QMimeData):
        def hasImage(self) -> bool:
            return True

    assert from_clipboard(Announced()) is None


def test_an_empty_clipboard_is_nothing() -> None:
    assert from_clipboard(QMimeData()) is None
