"""The page of arithmetic with an engine that answers when the test says so: no torch, no thread."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.arithmetic import Arithmetic, Step
from explorer.core.geometry.receptive_field import EffectiveField
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.selection import Selection
from explorer.methods.arithmetic.presenter import Presenter
from explorer.methods.arithmetic.spec import EffectiveFieldRequest


class Host:
    """Keeps what is changed and drawn over the input."""

    parent_widget = settings = None
    session = SimpleNamespace(colormap="magma")

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.overlay, self.heat, self.window = self, None, None

    def change(self, **fields: Any) -> None:
        self.fields |= fields

    def set_heat(self, pixels: Any, **_more: Any) -> None:
        self.heat = pixels

    def set_window(self, box: Any) -> None:
        self.window = box


class Page:
    def __init__(self, qtbot: Any) -> None:
        self.engine, self.host = FakeEngine(), Host()
        self.presenter = Presenter(self.engine.client, self.host)
        self.view = self.presenter.view
        qtbot.addWidget(self.view)


@pytest.fixture
def page(qtbot: Any) -> Page:
    return Page(qtbot)


def selection(cell: tuple[int, int] | None = (1, 2), **more: Any) -> Selection:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True), Preprocess(8, 8))
    shown = Picture(InputRef("clipboard"), np.zeros((8, 8, 3), np.uint8), "p")
    one = Tap("relu", "relu", 0, "ReLU", Kind.ACTIVATION, shape=(1, 4, 3, 4), layout=Layout.NCHW, grid=(3, 4))
    return replace(Selection(card, Capture("net", shown, (one,), {}), one, 2, cell), **more)


def arithmetic(cell: tuple[int, int]) -> Arithmetic:
    return Arithmetic("relu", 2, cell, (Step("ReLU", "max(0, x)", 3.0, 3.0, tap="relu", stored=3.0),))


def test_a_cell_is_asked_for_once_and_kept(page: Page) -> None:
    page.presenter.follow(selection(None), "")
    assert page.view.message.text() == "Click a cell in the map to see its computation."
    page.presenter.follow(selection(), "")
    assert (page.engine.request.tap, page.engine.request.channel, page.engine.request.cell) == ("relu", 2, (1, 2))
    page.presenter.follow(selection(), "")
    assert len(page.engine.asked) == 1
    page.engine.answer(arithmetic((1, 2)))
    page.presenter.follow(selection((1, 3)), "")
    page.engine.answer(arithmetic((1, 3)))
    page.presenter.follow(selection(), "")
    assert page.view.found is not None
    assert page.view.found.cell == (1, 2)
    assert (len(page.engine.asked), page.presenter.waiting) == (2, False)


def test_a_failure_is_said_in_place_and_a_late_answer_is_dropped(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.engine.fail("It cannot be taken apart.")
    assert page.view.message.text() == "It cannot be taken apart."
    page.presenter.follow(selection((0, 0)), "")
    page.presenter.leave()
    page.engine.answer(arithmetic((0, 0)))
    assert page.view.found is None


def test_the_window_steps_from_row_to_row(page: Page) -> None:
    page.presenter.follow(selection((0, 3)), "")
    page.presenter.step(1)
    assert page.host.fields == {"cell": (1, 0)}
    page.presenter.step(-1)
    assert page.host.fields == {"cell": (0, 2)}


def test_the_effective_field_is_asked_for_when_it_is_wanted(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.engine.answer(arithmetic((1, 2)))
    page.view.field.setChecked(True)
    assert isinstance(page.engine.request, EffectiveFieldRequest)
    page.engine.answer(EffectiveField(np.ones((8, 8), np.float32), 1), partial=True)
    assert page.host.heat is not None
    assert page.presenter.waiting
    page.view.field.setChecked(False)
    assert page.host.heat is None
    assert not page.presenter.waiting
