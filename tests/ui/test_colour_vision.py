"""What has a meaning by its colour is told apart by people who lack one kind of cone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from explorer.core.render import colormaps
from explorer.ui import theme
from explorer.ui.graphics.scatter_plot import COLOURS
from tests.support.colour_vision import MACHADO, apart, rgb_of, seen_as

_APART = 15.0  # CIE76: well told apart, also in small dots
every_vision = pytest.mark.parametrize("vision", list(MACHADO))


def test_the_simulation_is_the_published_one() -> None:
    """The rows of each matrix keep grey as it is, and reds and greens of one lightness fall together without long cones."""
    for matrix in MACHADO.values():
        assert matrix.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert apart(("#a0a0a0", "#ffffff"), "protanopia") == pytest.approx(
        apart(("#a0a0a0", "#ffffff"), "normal"), abs=0.1
    )
    assert apart(("#c00000", "#5a5a00"), "deuteranopia") < apart(("#c00000", "#5a5a00"), "normal") / 3


def test_lightness_is_that_of_cie() -> None:
    assert seen_as(rgb_of(("#ffffff", "#777777", "#ff0000")), "normal")[:, 0] == pytest.approx(
        [100, 50.0, 53.24], abs=0.1
    )


@every_vision
@pytest.mark.parametrize("name", colormaps.SEQUENTIAL)
def test_larger_values_are_lighter(name: str, vision: str) -> None:
    light = seen_as(colormaps.table(name), vision)[:, 0]
    assert (np.maximum.accumulate(light) - light).max() < 0.6  # rounding to 8 bits
    assert light[-1] - light[0] > 60


@every_vision
@pytest.mark.parametrize("name", colormaps.DIVERGING)
def test_both_signs_are_told_apart(name: str, vision: str) -> None:
    lab = seen_as(colormaps.table(name), vision)
    between = np.linalg.norm(lab - lab[::-1], axis=1)
    assert between[:96].min() > 2 * _APART  # from an eighth of the largest value on


@every_vision
def test_classes_in_a_scatter_are_told_apart(vision: str) -> None:
    assert apart(COLOURS, vision) > _APART


@every_vision
@pytest.mark.parametrize("look", list(theme.THEMES.values()), ids=lambda look: look.name)
def test_states_are_told_apart(look: theme.Theme, vision: str) -> None:
    states = {name: getattr(look, name) for name in ("accent", "warm", "error", "text", "off")}
    for one, other in combinations(states, 2):
        assert apart((states[one], states[other]), vision) > _APART, (one, other)
