"""Layers as pictures against numpy's SVD and torch's sigmoid and cosine."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.layer_views import Painted, Sheet
from explorer.core.models import Preprocess
from explorer.engine.representations.layer_painter import Painter

PRE = Preprocess(32, 32, fit="stretch")


def sheet(maps: Array, model: str = "m", picture: str = "p", tap: str = "conv") -> Sheet:
    """(C, H, W) values as a layer of a model on a picture."""
    found = Tap(tap, tap, 0, "Conv2d", Kind.CONV, shape=(1, *maps.shape), layout=Layout.NCHW, grid=maps.shape[1:])
    of = Picture(InputRef("sample", picture), np.zeros((32, 32, 3), np.uint8), picture, picture)
    return Sheet(Capture(model, of, (found,), {tap: maps}), tap, PRE)


def noise(seed: int, channels: int = 7, side: int = 8) -> Array:
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(side * side, channels)) @ rng.normal(size=(channels, channels))
    return np.asarray(mixed.T.reshape(channels, side, side), np.float32)


def by_svd(*maps: Array) -> list[Array]:
    """Colours (h, w, 3) of whitened components fitted on all maps together; red, green and blue up to their sign."""
    rows = [m.reshape(len(m), -1).T.astype(np.float64) for m in maps]
    stacked = np.concatenate(rows)
    _, singular, axes = np.linalg.svd(stacked - stacked.mean(0), full_matrices=False)
    axes = axes[:3] * np.sign(axes[np.arange(3), np.abs(axes[:3]).argmax(1)])[:, None]
    std = singular[:3] / np.sqrt(len(stacked))
    three = [torch.tensor((r - stacked.mean(0)) @ axes.T / std) for r in rows]
    return [
        torch.sigmoid(2 * t).mul(255).round().numpy().reshape(*m.shape[1:], 3) for t, m in zip(three, maps, strict=True)
    ]


def near(found: Painted, oracle: Array) -> bool:
    return bool(np.abs(found.colours.rgb.astype(int) - oracle).max() <= 1)


def test_own_colours_are_those_of_the_svd() -> None:
    maps = noise(0)
    found = Painter().paint(sheet(maps))
    assert near(found, by_svd(maps)[0])
    assert found.shown == 64
    assert found.places.grid == (8, 8)
    assert found.places.values.shape == (64, 0)
    assert len(np.unique(found.colours.rgb)) > 50


def test_a_pinned_palette_paints_another_picture_as_the_joint_mean_and_axes_say() -> None:
    painter, one, other = Painter(), sheet(noise(1), picture="p"), sheet(noise(2), picture="q")
    pinned = painter.paint(one).palette
    found = painter.paint(other, pinned=pinned)
    assert found.palette is pinned
    assert not near(found, by_svd(noise(2))[0])
    cells = noise(2).reshape(7, -1).T
    scores = (cells - pinned.basis.mean) @ pinned.basis.axes.T / pinned.basis.std
    np.testing.assert_allclose(found.colours.scores, scores, atol=1e-5)


def test_what_red_green_and_blue_stand_for_is_what_a_regression_on_them_explains() -> None:
    painter, one, other = Painter(), sheet(noise(11)), sheet(noise(12), model="n")
    lead = painter.paint(one)
    for found, maps in ((lead, noise(11)), (painter.paint(other, like=lead), noise(12))):
        cells = maps.reshape(7, -1).T.astype(np.float64)
        cells -= cells.mean(0)
        for colour in range(3):
            score = found.colours.scores[:, colour : colour + 1]
            left = cells - score @ np.linalg.lstsq(score, cells, rcond=None)[0]
            assert found.shares[colour] == pytest.approx(1 - (left**2).sum() / (cells**2).sum(), abs=1e-6)
    pinned = painter.paint(sheet(noise(13), picture="q"), pinned=lead.palette)
    cells = noise(13).reshape(7, -1).T.astype(np.float64)
    along = ((cells - cells.mean(0)) @ lead.palette.basis.axes[:3].T).var(0)
    np.testing.assert_allclose(pinned.shares, along / cells.var(0).sum(), rtol=1e-6)


def test_only_the_foreground_has_colours_of_a_basis_of_its_own() -> None:
    painter, one = Painter(), sheet(noise(3))
    whole, part = painter.paint(one), painter.paint(one, foreground=True)
    keep = whole.colours.scores[:, 0] > 0
    np.testing.assert_array_equal(part.colours.shown.reshape(-1), keep)
    assert part.palette.basis.cells == part.shown == keep.sum()
    assert not part.colours.rgb.reshape(-1, 3)[~keep].any()
    np.testing.assert_allclose(part.palette.basis.mean, noise(3).reshape(7, -1).T[keep].mean(0), rtol=1e-5)
    with pytest.raises(ExplorerError, match="no foreground"):
        painter.paint(sheet(np.ones((4, 3, 3), np.float32), picture="flat"), foreground=True)


def test_columns_share_a_basis_turn_to_the_first_or_stay_alone() -> None:
    first, second = sheet(noise(4), picture="p"), sheet(noise(5), picture="q")
    rotated = np.einsum("dc,chw->dhw", np.linalg.qr(np.random.default_rng(6).normal(size=(7, 7)))[0], noise(4))
    turned, alone = sheet(rotated, model="n", tap="deep"), sheet(noise(7), model="n", picture="q", tap="deep")
    a, b, c, d = Painter().columns([first, second, turned, alone])
    one, other = by_svd(noise(4), noise(5))
    assert near(a, one)
    assert near(b, other)
    assert (a.joint, b.joint, c.joint, d.joint) == (2, 2, 1, 1)
    assert a.palette.basis is b.palette.basis
    assert c.like == "conv"
    assert c.colours.comparable is not None
    assert near(d, by_svd(noise(7))[0])
    assert d.colours.comparable is None
    lone, same = Painter().columns([first, turned])
    assert same.colours.comparable == pytest.approx(1)  # turned channels hold the same components
    assert same.colours.residual == pytest.approx(0, abs=1e-4)
    assert np.abs(same.colours.rgb.astype(int) - lone.colours.rgb).max() <= 1


def test_a_basis_is_fitted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.engine.representations import components

    fitted: list[int] = []
    original = components.fit
    monkeypatch.setattr(components, "fit", lambda *args, **more: fitted.append(1) or original(*args, **more))
    painter, one = Painter(), sheet(noise(8))
    assert [painter.paint(one).number for _ in range(3)] == [1, 2, 3]
    painter.paint(sheet(noise(8)))  # another capture of the same model, picture and layer
    assert len(fitted) == 1
    painter.paint(sheet(noise(9), picture="q"))
    painter.paint(one, foreground=True)
    assert len(fitted) == 3


def test_directions_multiply_to_cosines() -> None:
    maps = noise(10)
    maps[:, 2, 3] = 0
    found = Painter().directions(sheet(maps))
    cells = torch.tensor(maps.reshape(7, -1).T, dtype=torch.float64)
    for row in (0, 9, 63):
        oracle = torch.cosine_similarity(cells, cells[row][None])
        np.testing.assert_allclose(found.units @ found.units[row], oracle, atol=1e-7)
    assert np.flatnonzero(~found.known).tolist() == [19]
    assert found.channels == 7
