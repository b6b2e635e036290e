from __future__ import annotations

import numpy as np
import pytest

from explorer.core.render import colormaps


def lightness(rgb: np.ndarray) -> np.ndarray:
    """CIE L* of (n, 3) uint8 sRGB."""
    linear = np.where(rgb / 255 <= 0.04045, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


@pytest.mark.parametrize("name", ["magma", "inferno", "viridis", "cividis"])
def test_fits_are_the_published_maps(name: str) -> None:
    pyqtgraph = pytest.importorskip("pyqtgraph", reason="not installed: pyqtgraph")
    published = pyqtgraph.colormap.get(name).getLookupTable(nPts=256)[:, :3].astype(int)
    assert np.abs(colormaps.table(name).astype(int) - published).max() <= 3


@pytest.mark.parametrize("name", colormaps.SEQUENTIAL)
def test_sequential_maps_only_get_lighter(name: str) -> None:
    assert np.diff(lightness(colormaps.table(name))).min() > -0.6  # rounding to 8 bits


@pytest.mark.parametrize(("name", "towards_zero"), [("blue-white-red", 1), ("blue-black-amber", -1)])
def test_diverging_maps_turn_at_zero_and_weigh_both_signs_alike(name: str, towards_zero: int) -> None:
    light = lightness(colormaps.table(name))
    assert (np.diff(light[:128]) * towards_zero).min() > -0.6
    assert (np.diff(light[128:]) * towards_zero).max() < 0.6
    assert np.abs(light - light[::-1]).max() < 6


@pytest.mark.parametrize("name", colormaps.SEQUENTIAL + colormaps.DIVERGING)
def test_no_map_contains_the_colour_of_broken_values(name: str) -> None:
    table = colormaps.table(name).astype(int)
    assert table.shape == (256, 3)
    assert np.abs(table - colormaps.BAD_COLOUR).sum(axis=1).min() > 100
    assert (colormaps.packed(name) >> 16 & 0xFF == table[:, 0]).all()
    assert (colormaps.packed(name) & 0xFF == table[:, 2]).all()


def test_the_tables_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colormaps.table("magma")[0] = 0


def test_an_unknown_map_is_named() -> None:
    with pytest.raises(KeyError, match="rainbow"):
        colormaps.table("rainbow")
