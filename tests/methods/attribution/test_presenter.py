"""The page of attributions with an engine that answers when the test says so: no torch, no thread."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.attribution import METHODS, Attribution, AttributionSettings, Check, Offer, Offers, SanityPair
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.selection import Selection
from explorer.core.target import Target
from explorer.methods.attribution.presenter import Presenter
from explorer.methods.attribution.spec import CheckRequest, OffersRequest, target_of


class Host:
    """Keeps what is drawn over the input."""

    parent_widget = session = None

    def __init__(self) -> None:
        self.heats: list[Any] = []
        self.overlay = self
        self.settings = SimpleNamespace(text=lambda _name, default="": default, put=lambda _name, _value: None)

    def note_params(self) -> None: ...

    def set_heat(self, pixels: Any, **_more: Any) -> None:
        self.heats.append(pixels)

    @property
    def heat(self) -> Any:
        return self.heats[-1]


class Page:
    def __init__(self, qtbot: Any) -> None:
        self.engine, self.host = FakeEngine(), Host()
        self.presenter = Presenter(self.engine.client, self.host)
        self.view = self.presenter.tab
        qtbot.addWidget(self.view)

    def asked(self, kind: type[Any]) -> int:
        """The ticket of the last question of a kind."""
        return max(at for at, (request, _) in enumerate(self.engine.asked, 1) if isinstance(request, kind))

    def offer(self, **reasons: str) -> None:
        ticket = self.asked(OffersRequest)
        target = self.engine.asked[ticket - 1][0].target
        methods = tuple(Offer(name, reasons.get(name.replace("-", "_"), "")) for name in METHODS)
        self.engine.answer(Offers(target, methods, ("conv", "relu")), ticket)


@pytest.fixture
def page(qtbot: Any) -> Page:
    return Page(qtbot)


def selection(**more: Any) -> Selection:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True), Preprocess(8, 8), labels=("cat", "dog"))
    shown = Picture(InputRef("clipboard"), np.zeros((8, 8, 3), np.uint8), "p")
    one = Tap("relu", "relu", 0, "ReLU", Kind.ACTIVATION, shape=(1, 4, 8, 8), layout=Layout.NCHW)
    return replace(Selection(card, Capture("net", shown, (one,), {}), one, 2, None, 1), **more)


def attribution(method: str = "gradient", fraction: float = 1.0) -> Attribution:
    values = np.linspace(-1, 1, 192, dtype=np.float32).reshape(3, 8, 8)
    return Attribution(method, Target("", 1), AttributionSettings(), values, 2.5, fraction)


def test_what_can_be_explained_is_said_and_what_cannot_why(page: Page) -> None:
    page.presenter.follow(selection(), "")
    target = page.view.form.editors["target"].box
    assert [target.itemText(at) for at in range(3)] == ["class: dog", "channel 2 (mean)", "no cell (not available)"]
    assert not target.model().item(2).isEnabled()
    page.offer(gradient="No gradient.")
    method = page.view.form.editors["method"].box
    assert method.itemText(0) == "Gradient (not available)"
    assert method.model().item(0).toolTip() == "No gradient."
    assert page.view.params.method == "gradient-x-input"  # the first that can be had
    page.presenter.follow(selection(class_index=None), "")
    assert page.view.params.target == "channel"


def test_a_result_is_drawn_and_goes_with_its_target(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.offer()
    page.presenter.run()
    assert target_of(page.engine.request) == Target("", 1)
    page.engine.answer(attribution())
    assert page.presenter.found is not None
    assert page.host.heat is not None
    page.presenter.follow(selection(channel=3), "")  # of a class: another channel is the same question
    assert page.presenter.found is not None
    page.presenter.follow(selection(class_index=0), "")
    assert page.presenter.found is None
    assert page.host.heat is None
    page.presenter.follow(selection(), "")
    assert page.host.heat is not None
    page.presenter.leave()
    assert page.host.heat is None


def test_another_method_is_computed_at_once_and_the_last_map_stands_until_then(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.offer()
    page.presenter.run()
    page.engine.answer(attribution())
    box = page.view.form.editors["method"].box
    box.setCurrentIndex(box.findData("smoothgrad"))
    assert page.engine.request.params.method == "smoothgrad"
    assert page.view.running
    assert page.host.heat is not None
    assert not page.view.results.isHidden()
    page.engine.fail("It broke.")
    assert page.host.heat is None
    assert page.view.status.text() == "It broke."


def test_only_parameters_that_count_are_shown_and_asked_with(page: Page) -> None:
    page.presenter.follow(selection(), "")
    form = page.view.form

    def shown() -> set[str]:
        return {name for name, editor in form.editors.items() if not editor.isHidden()}

    assert shown() == {"method", "target"}
    form.choose("method", "occlusion")
    assert shown() == {"method", "target", "window", "stride", "baseline"}
    form.choose("baseline", "noise")
    assert "seed" in shown()
    form.choose("method", "smoothgrad")
    assert shown() == {"method", "target", "samples", "noise", "seed"}
    page.presenter.run()
    assert page.engine.request.params.baseline == "mean"  # the default: it has no effect here


def test_a_check_is_of_what_is_shown(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.offer()
    page.presenter.check()
    page.presenter.run()
    page.engine.answer(attribution(fraction=0.5), partial=True)
    page.presenter.check()
    assert not any(isinstance(request, CheckRequest) for request, _ in page.engine.asked)
    one = attribution()
    page.engine.answer(one)
    page.presenter.check()
    assert page.engine.request.attribution is one
    assert "sanity.rank" not in (page.presenter.facts_of(selection()) or {})
    page.engine.answer(Check(SanityPair(one, attribution(), 0.1, 0.2, 0.3, ("fc",), 0)))
    assert "0.1" in page.view.twin_words.text()
    known = page.presenter.facts_of(selection()) or {}
    assert (known["sanity.rank"], known["sanity.ssim"]) == ((0.1,), (0.3,))
    assert "deletion.area" not in known  # it has no curves
    page.presenter.follow(selection(class_index=0), "")
    page.presenter.follow(selection(), "")
    assert not page.view.plot.isHidden()  # it was kept


def test_a_chosen_class_becomes_the_target(page: Page) -> None:
    page.presenter.follow(selection(), "")
    page.view.form.choose("target", "channel")
    page.presenter.choose_class()
    page.presenter.follow(selection(class_index=0), "")
    page.presenter.run()
    assert target_of(page.engine.request) == Target("", 0)
