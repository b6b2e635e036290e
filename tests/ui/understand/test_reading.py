"""What the window says of a model's output, what can be chosen, and what stands on every page of a method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from looks import classes
from windows import await_capture, until

from explorer.core.session import from_json, to_json
from explorer.core.types import InputRef, ModelSpec
from explorer.engine.inputs.preprocess import to_tensor

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}
TRAINED = True

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv, self.fc = nn.Conv2d(3, 8, 3), nn.Linear(8, 3)

    def forward(self, x):
        features = self.conv(x).relu().mean((2, 3))
        return {"features": features, "scores": self.fc(features).sigmoid()}

class Hidden(Net):
    hidden = None

    def forward(self, x):
        y = self.conv(x)
        self.hidden = torch.tanh(y if self.hidden is None else y + self.hidden)
        return self.fc(self.hidden.mean((2, 3))) * 10
"""


@pytest.fixture
def opened(window: Any, qtbot: Any, settle: Any, tmp_path: Path) -> Any:
    path = tmp_path / "net.py"
    path.write_text(NET)

    def show(spec: ModelSpec) -> Any:
        app = window(trust_code=True)
        app.start(spec, InputRef("sample", "cat"))
        await_capture(qtbot, app)
        settle(app)
        return app

    show.path = path  # type: ignore[attr-defined]
    return show


def titles(app: Any) -> list[str]:
    button = app.window.explore.input.reading
    button._fill()
    return [action.text() for action in button.menu().actions() if action.text()]


def choose(qtbot: Any, settle: Any, app: Any, title: str, *spec: str) -> None:
    """Takes a line of the menu, and waits for the capture that is read in that way."""
    app.window.explore.input.reading._fill()
    next(a for a in app.window.explore.input.reading.menu().actions() if a.text().startswith(title)).trigger()
    view = app.controller.view
    until(qtbot, lambda: (view.card.spec.output, view.card.spec.probabilities) == spec)
    until(qtbot, lambda: view.capture.model == view.card.digest)
    settle(app)


def test_the_output_and_what_its_numbers_are_can_be_chosen(opened: Any, settle: Any, qtbot: Any) -> None:
    app = opened(ModelSpec(f"file:{opened.path}:Net"))
    c, button = app.controller, app.window.explore.input.reading
    assert button.text().startswith("scores · as given")
    assert "independent, 0 to 1 each" in button.toolTip()
    assert {"Automatic (scores)", "features", "scores"} <= set(titles(app))
    module = app.desk.bench.model(c.card.digest).module
    with torch.no_grad():
        out = module(to_tensor(c.view.capture.picture, c.card.preprocess))
    true = {i: float(v) for i, v in enumerate(out["scores"][0])}
    assert {g.index: g.probability for g in c.view.capture.prediction} == pytest.approx(true, abs=1e-6)
    choose(qtbot, settle, app, "Logits: softmax", "", "softmax")
    true = {i: float(v) for i, v in enumerate(out["scores"][0].softmax(0))}
    assert {g.index: g.probability for g in c.view.capture.prediction} == pytest.approx(true, abs=1e-6)
    choose(qtbot, settle, app, "features", "features", "softmax")
    assert (c.session.model.output, c.session.model.probabilities) == ("features", "softmax")
    assert {g.index for g in c.view.capture.prediction} == set(range(8))
    assert from_json(to_json(c.session)).model == c.session.model
    assert "features" in app.window.toolbar.model.toolTip()
    choose(qtbot, settle, app, "Automatic", "", "softmax")
    choose(qtbot, settle, app, "Automatic", "", "auto")
    assert (c.session.model.output, c.session.model.probabilities) == ("", "auto")


def test_a_model_that_answers_differently_is_named_on_every_page(opened: Any, settle: Any) -> None:
    app = opened(ModelSpec(f"file:{opened.path}:Hidden"))
    panel, words = app.window.explore.channel, "keeps a state from one forward to the next"
    for page in ("values", "arithmetic", "attribution", "ablation", "maximise", "health", "attention"):
        panel.set_page(page)
        settle(app)
        assert words in panel.flags.text()
    assert "from run to run" in app.window.explore.input.prediction.note.accessibleName()
    app.controller.change(tap="conv", channel=0)
    panel.set_page("attribution")
    settle(app)
    offers = {offer.name: offer.reason for offer in app.controller.understand.attribution.tab.offers.methods}
    assert "depend on the inputs before" in offers["integrated-gradients"]
    assert not offers["gradient"]
    panel.set_page("ablation")
    settle(app)
    app.controller.understand.ablation.tab.zero.click()
    settle(app)
    assert all("±" in row.said for row in classes(app.window.explore.input.prediction))
    assert "±" in app.controller.understand.ablation.tab.result.text()
    app.controller.understand.ablation.rank()
    settle(app)
    assert "pp are chance" in app.controller.understand.ablation.tab.rank_note.text()


def test_random_weights_are_named_on_the_pages_about_what_was_learnt(window: Any, qtbot: Any, settle: Any) -> None:
    app = window()
    app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    await_capture(qtbot, app)
    panel = app.window.explore.channel
    for page in ("attribution", "ablation", "maximise", "health", "attention"):
        panel.set_page(page)
        settle(app)
        assert panel.flags.text().startswith("Untrained, seed 0: this")
        assert "says nothing" in panel.flags.text()
    for page in ("values", "arithmetic"):  # true of random weights as well
        panel.set_page(page)
        settle(app)
        assert not panel.flags.isVisible()
