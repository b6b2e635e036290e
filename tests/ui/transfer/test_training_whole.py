"""Fine-tuning in the window with the real engine: from the line in the strip to the copy in Compare and in Explore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_classes import NAMES, tiny_classes

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.transfer import Phase, TransferParams
from explorer.ui.transfer import learnt_copy


@pytest.fixture
def app(window: Callable[..., Any], tmp_path: Path) -> Any:
    out = window()
    out.start(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"))
    out.wait_capture()
    out.rest()
    out.turn_to("transfer")
    out.view("transfer").lab.set_data(tiny_classes(tmp_path / "classes", 8))
    out.view("transfer").lab.set_params("transfer", TransferParams(head="random", epochs=3, batch=8))
    out.rest()
    return out


def test_a_copy_learns_and_stands_beside_its_model(app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter, view = app.view("transfer").training, app.view("transfer").view
    page, strip = view.training, view.strip
    before = {name: values.copy() for name, values in app.capture.values.items()}
    freeze = strip.beside(4)
    strip.frozen.emit(freeze, True)
    assert strip.caption.text().startswith(f"Frozen up to {freeze}")
    page.main.click()
    app.until(lambda: presenter.training is not None and presenter.training.done)
    app.rest()
    assert "(proved)" in strip.caption.text()
    assert "test pictures right" in page.result.text()
    learnt = presenter.training.learnt

    page.compare.click()
    app.rest()
    assert app.workspace == "compare"
    first, second, third = app.compare.columns
    assert second.card.labels == NAMES
    assert first.shown.tap.name == second.shown.tap.name == third.shown.tap.name == app.session.tap
    assert third.minus.isVisible()
    assert third.minus.isChecked()
    # what is frozen does not differ, what learns does
    app.compare.scrub(0, first.index(freeze))
    app.rest()
    frozen = third.shown.tap.name
    assert frozen == freeze or frozen.startswith(f"{freeze}.")
    assert not np.any(third.shown.maps)
    app.compare.scrub(0, first.index("stage3.1.conv2"))
    app.rest()
    assert np.any(third.shown.maps)
    app.compare.scrub(0, first.index("head"))  # as many classes have no difference
    app.rest()
    assert len(third.shown.vector) == len(NAMES)
    assert not app.failures

    app.turn_to("transfer")
    monkeypatch.setattr(learnt_copy, "ask_path", lambda *_: str(tmp_path / "pets.json"))
    page.save.click()
    app.rest()
    assert (tmp_path / "pets.safetensors").exists()
    assert "Drop pets.json on the window" in page.status.text()

    page.open.click()
    app.rest()
    assert app.workspace == "explore"
    assert app.card.spec == learnt
    assert app.card.labels == NAMES
    assert np.array_equal(app.capture.values[frozen], before[frozen])
    assert not app.failures


def test_it_goes_on_while_other_things_are_computed_and_after_a_pause(app: Any, window: Callable[..., Any]) -> None:
    lab, presenter, page = app.view("transfer").lab, app.view("transfer").training, app.view("transfer").view.training
    lab.set_params("transfer", TransferParams(epochs=400, batch=8))
    page.main.click()
    app.until(lambda: presenter.training is not None and len(presenter.training.epochs) > 2)
    # another layer view, another method and another picture do not end it
    app.turn_to("explore")
    app.open_page("attribution")
    app.page("attribution").start()
    app.open_input(InputRef("sample", "house"))
    app.until(lambda: app.picture.ref.path == "house" and app.capture.picture.ref.path == "house")
    seen = len(presenter.training.epochs)
    app.until(lambda: len(presenter.training.epochs) > seen)
    assert presenter.running
    # the latest epoch can be looked at
    app.until(lambda: presenter.training.learnt is not None)
    presenter.copy.compare()
    app.until(lambda: all(column.shown is not None for column in app.compare.columns), 300)
    assert presenter.running

    app.turn_to("transfer")
    page.main.click()
    app.rest()
    assert presenter.training.phase is Phase.PAUSED
    assert page.main.text() == "Resume"
    done = len(presenter.training.epochs)
    page.main.click()
    app.until(lambda: len(presenter.training.epochs) > done)
    page.stop.click()
    app.until(lambda: presenter.training.done)
    app.rest()
    assert len(presenter.training.epochs) < 400
    assert page.main.text() == "Trained"
    # and what is kept is found again
    kept = presenter.training.result
    lab.set_params("transfer", TransferParams(epochs=2))
    app.rest()
    assert page.main.text() == "Train"
    lab.set_params("transfer", TransferParams(epochs=400, batch=8))
    app.rest()
    assert presenter.training.result.accuracy == kept.accuracy
    page.again.click()
    page.again.click()
    app.until(lambda: presenter.running and len(presenter.training.epochs if presenter.training else ()) > 1)
    assert not app.failures
