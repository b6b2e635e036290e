"""What the window says of a model's output, what can be chosen, and what stands on every page of a method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from looks import classes

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.session import from_json, to_json
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
def opened(window: Any, tmp_path: Path) -> Any:
    path = tmp_path / "net.py"
    path.write_text(NET)

    def show(spec: ModelSpec) -> Any:
        app = window(trust_code=True)
        app.start(spec, InputRef("sample", "cat"))
        app.wait_capture()
        app.rest()
        return app

    show.path = path  # type: ignore[attr-defined]
    return show


def titles(app: Any) -> list[str]:
    button = app.explore.input.reading
    button.menu().aboutToShow.emit()
    return [action.text() for action in button.menu().actions() if action.text()]


def choose(app: Any, title: str, *spec: str, which: int = 0) -> None:
    """Takes a line of the menu (the title may stand in it twice), and waits for the capture that is read in that way."""
    menu = app.explore.input.reading.menu()
    menu.aboutToShow.emit()
    [action for action in menu.actions() if action.text().startswith(title)][which].trigger()
    app.until(lambda: (app.explore.shown_card.spec.output, app.explore.shown_card.spec.probabilities) == spec)
    app.until(lambda: app.capture.model == app.explore.shown_card.digest)
    app.rest()


def test_the_output_and_what_its_numbers_are_can_be_chosen(opened: Any) -> None:
    app = opened(ModelSpec(f"file:{opened.path}:Net"))
    button = app.explore.input.reading
    assert button.text().endswith("as given ▾")  # behind the name of the output, where there is room
    assert "independent, 0 to 1 each" in button.toolTip()
    assert {"Automatic (scores)", "features", "scores"} <= set(titles(app))
    module = app.desk.bench.model(app.card.digest).module
    with torch.no_grad():
        out = module(to_tensor(app.capture.picture, app.card.preprocess))
    true = {i: float(v) for i, v in enumerate(out["scores"][0])}
    assert {g.index: g.probability for g in app.capture.prediction} == pytest.approx(true, abs=1e-6)
    choose(app, "Logits: softmax", "", "softmax")
    true = {i: float(v) for i, v in enumerate(out["scores"][0].softmax(0))}
    assert {g.index: g.probability for g in app.capture.prediction} == pytest.approx(true, abs=1e-6)
    choose(app, "features", "features", "softmax")
    assert (app.session.model.output, app.session.model.probabilities) == ("features", "softmax")
    assert {g.index for g in app.capture.prediction} == set(range(8))
    assert from_json(to_json(app.session)).model == app.session.model
    assert "features" in app.toolbar.model.toolTip()
    choose(app, "Automatic", "", "softmax")
    choose(app, "Automatic", "", "auto", which=-1)
    assert (app.session.model.output, app.session.model.probabilities) == ("", "auto")


def test_a_model_that_answers_differently_is_named_on_every_page(opened: Any) -> None:
    app = opened(ModelSpec(f"file:{opened.path}:Hidden"))
    panel, words = app.explore.channel, "keeps a state from one forward to the next"
    for page in ("values", "arithmetic", "attribution", "ablation", "maximise", "health", "attention"):
        app.open_page(page)
        app.rest()
        assert words in panel.flags.text()
    assert "from run to run" in app.explore.input.prediction.note.accessibleName()
    app.change(tap="conv", channel=0)
    app.open_page("attribution")
    app.rest()
    refused = app.page("attribution").refused("method")
    assert "depend on the inputs before" in refused["integrated-gradients"]
    assert "gradient" not in refused
    app.open_page("ablation")
    app.rest()
    app.page("ablation").zero.click()
    app.rest()
    assert all("±" in row.said for row in classes(app.explore.input.prediction))
    assert "±" in app.page("ablation").result.text()
    app.page("ablation").start_ranking()
    app.rest()
    assert "pp are chance" in app.page("ablation").rank_note.text()


def test_random_weights_are_named_on_the_pages_about_what_was_learnt(window: Any) -> None:
    app = window()
    app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    app.wait_capture()
    panel = app.explore.channel
    for page in ("attribution", "ablation", "maximise", "health", "attention"):
        app.open_page(page)
        app.rest()
        assert panel.flags.text().startswith("Untrained, seed 0: this")
        assert "says nothing" in panel.flags.text()
    for page in ("values", "arithmetic"):  # true of random weights as well
        app.open_page(page)
        app.rest()
        assert not panel.flags.isVisible()
