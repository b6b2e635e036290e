"""Objectives and settings of maximised pictures: what they may be, how they are named, how they travel."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.maximisation import (
    LayerProgress,
    Maximised,
    MaximiseSettings,
    Objective,
    class_logit,
    key_of,
    objective_from_json,
    settings_from_json,
    to_json,
)

OBJECTIVES = (
    Objective("layer1", (3,)),
    Objective("layer1", (3, 5), (1.0, -2.5), (4, 0), True),
    class_logit(285),
    class_logit(0, negative=True),
)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_objective_travels_as_json(objective: Objective) -> None:
    back = objective_from_json(to_json(objective))
    assert back == objective
    assert hash(back) == hash(objective)


def test_settings_travel_as_json_and_newer_fields_are_ignored() -> None:
    settings = MaximiseSettings(96, 10, 0.1, 3, False, 2.0, False, False, False, False, False, 4, 0.5, "abc")
    assert settings_from_json(to_json(settings)) == settings
    assert all(getattr(settings, f.name) != f.default for f in fields(MaximiseSettings))
    newer = {**json.loads(to_json(settings)), "weather": "fine"}
    assert settings_from_json(json.dumps(newer)) == settings


def test_texts_for_people() -> None:
    texts = [objective.text for objective in OBJECTIVES]
    assert texts == ["channel 3 of layer1", "not 2 channels of layer1 at 4, 0", "class 285", "not class 0"]


@pytest.mark.parametrize(
    "values",
    [
        {"channels": ()},
        {"channels": (-1,)},
        {"channels": (1.5,)},
        {"channels": (True,)},
        {"weights": (1.0, 2.0)},
        {"weights": (0.0,)},
        {"weights": (float("nan"),)},
        {"cell": (1,)},
        {"cell": (-2, 0)},
        {"cell": (-1, -1)},
    ],
)
def test_objectives_that_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(ExplorerError, match="cannot be"):
        Objective("layer", **values)


@pytest.mark.parametrize(
    "values",
    [
        {"steps": 0},
        {"steps": 2.5},
        {"size": -1},
        {"size": 100_000},
        {"seed": -1},
        {"batch": 0},
        {"rate": 0.0},
        {"rate": float("inf")},
        {"decay": -1.0},
        {"diversity": float("nan")},
    ],
)
def test_settings_that_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(ExplorerError, match="cannot be"):
        MaximiseSettings(**values)


@pytest.mark.parametrize(
    "text", ["", "3", "{", '{"channels": 3}', '{"tap": 4}', '{"negative": "yes"}', '{"cell": 5}', '{"weights": ["a"]}']
)
def test_texts_that_are_no_objective(text: str) -> None:
    with pytest.raises(ExplorerError):
        objective_from_json(text)


@pytest.mark.parametrize("text", ["[]", '{"fourier": 1}', '{"start": 5}', '{"rate": "fast"}', '{"steps": [1]}'])
def test_texts_that_are_no_settings(text: str) -> None:
    with pytest.raises(ExplorerError):
        settings_from_json(text)


def test_keys_tell_everything_apart() -> None:
    settings = MaximiseSettings()
    keys = {key_of("a", one, settings) for one in OBJECTIVES} | {key_of("b", OBJECTIVES[0], settings)}
    keys |= {key_of("a", OBJECTIVES[0], replace(settings, **change)) for change in ({"seed": 1}, {"jitter": False})}
    assert len(keys) == len(OBJECTIVES) + 3
    assert key_of("a", OBJECTIVES[0], settings) == key_of("a", Objective("layer1", (3,)), MaximiseSettings())


def test_fraction_counts_the_growing_picture() -> None:
    pixels, curve = np.zeros((1, 2, 2, 3), np.uint8), np.zeros(64, np.float32)
    growing = Maximised("m", OBJECTIVES[0], MaximiseSettings(steps=256), pixels, 64, curve)
    assert not growing.done
    assert LayerProgress("t", (0, 1), 4, growing).fraction == pytest.approx((2 + 0.25) / 4)
    assert LayerProgress("t", (0, 1), 4, replace(growing, value=1.0)).fraction == 0.5
    assert LayerProgress("t", (), 0).fraction == 1
