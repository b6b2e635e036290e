"""The other inputs of a model: what is shown, what is given back, what runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.other_inputs import Argument
from explorer.ui.dialogs.arguments_dialog import ArgumentsDialog
from tests.support.output_nets import TWO_PICTURES

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

Opened = Callable[..., Any]
GIVEN = (
    Argument("mask", "tensor", "", "1×1×64×64 float32"),
    Argument("gain", "number", "2.0", "float"),
    Argument("right", "picture", "/pictures/right.png", "a picture", chosen=True),
)


def test_only_what_differs_from_the_file_is_given_back(opened: Opened) -> None:
    dialog = opened(ArgumentsDialog(GIVEN))
    assert dialog.chosen == (("right", "/pictures/right.png"),)
    dialog.fields["gain"].setText(" 3 ")
    dialog.fields["mask"].setText("0.5")
    assert dialog.chosen == (("mask", "0.5"), ("gain", "3"), ("right", "/pictures/right.png"))
    dialog.fields["gain"].setText("")
    assert not dialog.ok.isEnabled()
    assert "gain" in dialog.problem.text()
    dialog.reset.click()
    assert dialog.chosen == ()


def test_nothing_to_reset_where_nothing_was_set(opened: Opened) -> None:
    assert not opened(ArgumentsDialog(GIVEN[:2])).reset.isEnabled()


def test_a_changed_input_is_in_the_session_and_in_every_forward(window: Any, tmp_path: Path) -> None:
    path = tmp_path / "change.py"
    path.write_text(TWO_PICTURES)
    app = window()
    app.start(ModelSpec(f"file:{path}:make_model"), InputRef("sample", "cat"))
    app.wait_capture()
    before = {guess.label: guess.logit for guess in app.capture.prediction}
    app.open_model(ModelSpec(f"file:{path}:make_model", arguments=(("threshold", "0.0"),)), trust_code=True)
    app.until(lambda: app.card.spec.arguments and app.capture.model == app.card.digest)
    after = {guess.label: guess.logit for guess in app.capture.prediction}
    assert after["changed"] > before["changed"]
    assert app.session.model.arguments == (("threshold", "0.0"),)
    assert app.main_window.explore.input.further.isVisibleTo(app.main_window)
