"""Pictures in Explore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.core.channel_scores import ScoredBy
from explorer.core.dataset import Over
from explorer.core.layer_views import Shows
from explorer.core.maximisation import MaximiseSettings
from explorer.core.models import ModelSpec
from tests.pictures.picture_state import VIT, State, explore, health, large, run
from tests.support import hands, looks

# One-dimensional layers over a picture that is read row after row.
ROWS = """
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}

def make_model():
    return nn.Sequential(
        nn.Flatten(2), nn.Conv1d(3, 24, 9, stride=4), nn.BatchNorm1d(24), nn.ReLU(), nn.Conv1d(24, 32, 9, stride=2), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(32, 4),
    )
"""


def _point(app: Any) -> None:
    """At a cell of a map, so that everything that follows the pointer is seen."""
    mosaic = app.explore.maps.mosaic
    hands.point(mosaic, looks.tile_centre(mosaic, mosaic.order[9]))


def _by_effect(app: Any) -> None:
    app.orders.ask(ScoredBy.EFFECT)
    app.rest()


def _statistics(app: Any) -> None:
    page = app.page("channel-statistics")
    page.set_params(replace(page.params, inputs=Over("gallery")))
    page.toggle()


def _ablate(app: Any) -> None:
    page = app.page("ablation")
    page.edit("zero")
    app.rest()
    page.start_ranking()


def _maximise(app: Any) -> None:
    page = app.page("maximise")
    page.choices.set_settings(MaximiseSettings(steps=48))
    page.choices.changed.emit()
    app.rest()
    page.run.click()


def explore_states(folder: Path) -> Mapping[str, State]:
    """`folder`: where a file of a model is written."""
    rows = folder / "rows.py"
    rows.write_text(ROWS)
    return {
        "explore-early": State(explore("stem.2"), _point),
        "explore-late": State(explore("stage3.1.relu2", channel=11)),
        "explore-large": State(large(), _point),
        "explore-many": State(replace(large(), tap="features.17.conv.0.2")),
        "explore-vector": State(explore("head")),
        "explore-effect": State(explore("stage3.1"), _by_effect),
        "explore-tokens": State(explore("blocks.3", model=VIT)),
        "explore-sequence": State(explore("3", model=ModelSpec(f"file:{rows}:make_model"))),
        "explore-components": State(explore("stage2.0", shows=Shows.COMPONENTS)),
        "explore-similarity": State(explore("stage2.0", shows=Shows.SIMILARITY, cell=(4, 5))),
        "arithmetic": State(explore("stage1.0.conv1", "arithmetic", cell=(9, 12))),
        "attribution": State(explore("stage2.0", "attribution"), run("attribution")),
        "ablation": State(explore("stage3.0", "ablation"), _ablate),
        "maximise": State(explore("stage2.0", "maximise"), _maximise),
        "health": State(explore("stage2.0", "health"), health),
        "network-health": State(explore("stage2.0", "network-health"), run("network-health")),
        "statistics": State(explore("stage2.0", "channel-statistics"), _statistics),
        "attention": State(explore("blocks.2", "attention", VIT)),
    }
