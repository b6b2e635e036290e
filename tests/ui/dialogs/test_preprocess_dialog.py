"""Preprocessing: what is shown is what is given back, and nothing impossible gets out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.core.models import Preprocess
from explorer.ui.dialogs.channel_values import _written, fitted, parse, preset_of
from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

IMAGENET = Preprocess()
GREY = Preprocess(channels=1, mean=(0.1307,), std=(0.3081,), height=28, width=28, resize=28)
CLIP = (0.48145466, 0.4578275, 0.40821073)
Opened = Callable[..., Any]


@pytest.mark.parametrize(
    "pre",
    [
        IMAGENET,
        GREY,
        Preprocess(height=96, width=192, fit="letterbox", interpolation="nearest"),
        Preprocess(mean=CLIP, std=(0.26862954, 0.26130258, 0.27577711), fit="stretch", interpolation="bicubic"),
        Preprocess(mean=(0.5,), std=(0.5,), resize=300),
        Preprocess(mean=(0.0,), std=(1 / 255,) * 3),
        Preprocess(fit="stretch-crop", resizer="torch", rounding="down", order="bgr", interpolation="lanczos"),
        Preprocess(fit="letterbox", fill=(0.2, 0.4, 0.6)),
        Preprocess(fit="keep", resizer="torch-float"),
        Preprocess(transform_input=True),
    ],
)
def test_what_was_given_comes_back(opened: Opened, pre: Preprocess) -> None:
    out = opened(PreprocessDialog(pre, IMAGENET)).preprocess
    assert replace(out, mean=(), std=()) == replace(pre, mean=(), std=())
    for given_values, values in ((pre.mean, out.mean), (pre.std, out.std)):
        assert fitted(given_values, pre.channels) == fitted(values, pre.channels)


def test_the_conversion_is_offered_where_a_model_has_it(opened: Opened) -> None:
    assert opened(PreprocessDialog(IMAGENET, IMAGENET)).conversion.isHidden()
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET, convertible=True))
    assert not dialog.conversion.isHidden()
    dialog.conversion.click()
    assert dialog.preprocess == replace(IMAGENET, transform_input=True)
    assert "−1.00 … 1.00" in dialog._range_note.text()
    dialog.reset.click()
    assert dialog.preprocess == IMAGENET


def test_the_models_own_is_given_back_as_the_model_wrote_it(opened: Opened) -> None:
    own = Preprocess(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    dialog = opened(PreprocessDialog(replace(own, mean=(0.5,), std=(0.5,)), own))
    assert dialog.preprocess is own
    assert not dialog.reset.isEnabled()


def test_a_square_keeps_its_shape_and_as_much_of_the_picture(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    dialog.height_field.setValue(112)
    out = dialog.preprocess
    assert (out.height, out.width, out.resize) == (112, 112, 128)
    dialog.width_field.setValue(448)
    out = dialog.preprocess
    assert (out.height, out.width, out.resize) == (448, 448, 512)


def test_sides_go_apart_when_the_link_is_off(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(Preprocess(height=100, width=200), IMAGENET))
    assert not dialog.square.isChecked()
    dialog.height_field.setValue(300)
    assert (dialog.preprocess.height, dialog.preprocess.width) == (300, 200)
    dialog.square.click()
    assert (dialog.preprocess.height, dialog.preprocess.width) == (300, 300)


def test_a_size_typed_digit_by_digit_keeps_the_proportion(opened: Opened, qtbot: QtBot) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    dialog.height_field.selectAll()
    qtbot.keyClicks(dialog.height_field, "448")
    out = dialog.preprocess
    assert (out.height, out.width, out.resize) == (448, 448, 512)


@pytest.mark.parametrize(("field", "value"), [("height_field", 0), ("width_field", 4097), ("resize_field", 0)])
def test_impossible_sizes_are_named_and_do_not_get_out(opened: Opened, field: str, value: int) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    dialog.square.click()
    getattr(dialog, field).setValue(value)
    assert f"is {value} px; it can be 1 to 4096" in dialog.problem.text()
    assert not dialog.ok.isEnabled()
    dialog.reset.click()
    assert dialog.ok.isEnabled()
    assert dialog.preprocess == IMAGENET


def test_the_largest_size_is_allowed(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(Preprocess(height=4096, width=1, fit="stretch"), IMAGENET))
    assert dialog.ok.isEnabled()


@pytest.mark.parametrize("typed", ["0", "0.0", "-0", "", "abc", "nan", "inf", "1e999"])
def test_a_std_that_cannot_divide_is_named(opened: Opened, qtbot: QtBot, typed: str) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    field = dialog.values.fields["std"][1]
    field.clear()
    qtbot.keyClicks(field, typed) if typed else qtbot.keyClick(field, Qt.Key.Key_Backspace)
    dialog.values._edited()
    assert "std of green" in dialog.problem.text()
    assert not dialog.ok.isEnabled()


def test_numbers_are_read_with_a_comma_too(opened: Opened, qtbot: QtBot) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    field = dialog.values.fields["mean"][0]
    field.selectAll()
    qtbot.keyClicks(field, "0,25")
    assert dialog.preprocess.mean == (0.25, 0.456, 0.406)
    assert dialog.values.preset.currentText() == "Custom"


def test_presets_fill_the_fields_and_are_recognised(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(Preprocess(mean=CLIP), IMAGENET))
    seen = []
    for at in range(3):
        dialog.values.preset.setCurrentIndex(at)
        dialog.values.preset.activated.emit(at)
        seen.append((dialog.preprocess.mean, dialog.preprocess.std))
        assert dialog.values.preset.currentIndex() == at
    assert seen == [(IMAGENET.mean, IMAGENET.std), ((0.5,), (0.5,)), ((0.0,), (1.0,))]


def test_channels_and_numbers_of_values_change_together(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    dialog.channels.setCurrentIndex(dialog.channels.findData(1))
    grey = dialog.preprocess
    assert (grey.channels, len(grey.mean), len(grey.std)) == (1, 1, 1)
    assert grey.mean[0] == pytest.approx(sum(IMAGENET.mean) / 3)
    dialog.channels.setCurrentIndex(dialog.channels.findData(3))
    assert dialog.preprocess == IMAGENET


def test_a_grey_value_that_was_changed_is_not_thrown_away(opened: Opened, qtbot: QtBot) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    dialog.channels.setCurrentIndex(dialog.channels.findData(1))
    field = dialog.values.fields["mean"][0]
    field.selectAll()
    qtbot.keyClicks(field, "0.25")
    dialog.channels.setCurrentIndex(dialog.channels.findData(3))
    assert fitted(dialog.preprocess.mean, 3) == (0.25, 0.25, 0.25)


def test_from_one_channel_to_three(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(GREY, GREY))
    dialog.channels.setCurrentIndex(dialog.channels.findData(3))
    assert fitted(dialog.preprocess.mean, 3) == (0.1307,) * 3
    dialog.values.one.click()
    assert dialog.preprocess.mean == (0.1307,) * 3
    dialog.reset.click()
    assert dialog.preprocess == GREY


def test_one_value_for_all_and_back(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    dialog.values.one.click()
    assert len(dialog.preprocess.mean) == 1
    dialog.values.one.click()
    assert dialog.preprocess == IMAGENET


@pytest.mark.parametrize("mean", [(0.5,), (0.1, 0.2, 0.3), (0.1, 0.2, 0.3, 0.4)])
def test_other_numbers_of_channels_keep_their_values(opened: Opened, mean: tuple[float, ...]) -> None:
    four = Preprocess(channels=4, mean=mean, std=(0.5,) * len(mean))
    dialog = opened(PreprocessDialog(four, four))
    assert dialog.ok.isEnabled()
    assert dialog.preprocess == four
    assert "in turn" in dialog.channels.currentText()


def test_what_the_model_sees_is_computed(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    # (0 - 0.485) / 0.229 and (1 - 0.406) / 0.225
    assert "−2.12 … 2.64" in dialog._range_note.text()
    dialog.values.set_values((0.0,), (-1.0,), 3)
    assert "−1.00 … 0" in dialog._range_note.text()


def test_it_fits_a_projector_and_starts_at_the_size(opened: Opened) -> None:
    dialog = opened(PreprocessDialog(IMAGENET, IMAGENET))
    assert dialog.height() <= 740
    assert dialog.focusWidget() is dialog.height_field


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_written_and_read(value: float) -> None:
    assert parse(_written(value)) == value


@pytest.mark.parametrize(
    ("mean", "std", "title"),
    [
        ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "ImageNet"),
        ((0.5, 0.5, 0.5), (0.5,), "−1 … 1 (0.5 and 0.5)"),
        ((0.0,), (1.0, 1.0, 1.0), "None (0 and 1)"),
        ((0.0,), (1.0, 1.0, 2.0), "Custom"),
    ],
)
def test_presets_are_known_however_they_are_written(
    mean: tuple[float, ...], std: tuple[float, ...], title: str
) -> None:
    assert preset_of(mean, std) == title
