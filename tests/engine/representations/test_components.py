"""Principal components against numpy's SVD, torch's and scipy's Procrustes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.representations import Vectors
from explorer.engine.representations.components import aligned, colours, fit, foreground, likeness, procrustes, scores


def cells(values: Array, height: int = 6, width: int = 8, scale: float = 1.0) -> Vectors:
    return Vectors("t", values, (height, width), (np.arange(height) + 0.5) * scale, (np.arange(width) + 0.5) * scale)


def noise(seed: int, count: int = 48, channels: int = 10) -> Array:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, channels)) @ rng.normal(size=(channels, channels)) + 5


def rotation(channels: int, seed: int = 9) -> Array:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(channels, channels)))[0]


@pytest.mark.parametrize("channels", [10, 70])
def test_components_are_those_of_the_svd(channels: int) -> None:
    x = noise(0, 48, channels)
    basis = fit([cells(x)])
    _, singular, axes = np.linalg.svd(x - x.mean(0), full_matrices=False)
    assert np.abs((basis.axes * axes[:6]).sum(1)) == pytest.approx(np.ones(6), abs=1e-9)
    assert basis.std == pytest.approx(singular[:6] / np.sqrt(48), rel=1e-9)
    assert basis.share == pytest.approx(singular[:6] ** 2 / (singular**2).sum(), rel=1e-9)
    eigen = torch.linalg.eigvalsh(torch.cov(torch.tensor(x.T), correction=0)).flip(0)[:6].numpy()
    assert basis.std**2 == pytest.approx(eigen, rel=1e-8)
    found = scores(basis, cells(x))
    assert found.T @ found / 48 == pytest.approx(np.eye(6), abs=1e-9)


def test_a_joint_basis_is_that_of_all_cells_and_a_pinned_one_stays() -> None:
    a, b = cells(noise(1)), cells(noise(2))
    joint, both = fit([a, b]), cells(np.concatenate([a.values, b.values]), 12, 8)
    alone = fit([both])
    assert joint.axes == pytest.approx(alone.axes, abs=1e-9)
    assert np.concatenate([scores(joint, a), scores(joint, b)]) == pytest.approx(scores(alone, both), abs=1e-8)
    assert not np.allclose(scores(fit([a]), b), scores(fit([b]), b))
    with pytest.raises(ExplorerError, match="has 3 channels"):
        scores(joint, cells(noise(0, 48, 3)))
    with pytest.raises(ExplorerError, match="same number of channels"):
        fit([a, cells(noise(0, 48, 3))])


def test_signs_do_not_depend_on_the_order_of_the_cells_and_follow_attention() -> None:
    x = noise(3)
    basis = fit([cells(x)])
    assert (basis.axes[np.arange(6), np.abs(basis.axes).argmax(1)] > 0).all()
    assert fit([cells(x[::-1])]).axes == pytest.approx(basis.axes, abs=1e-8)
    looked = -scores(basis, cells(x))[:, 0].reshape(6, 8)
    turned = fit([cells(x)], attention=[looked])
    assert turned.axes[0] == pytest.approx(-basis.axes[0])
    assert turned.axes[1:] == pytest.approx(basis.axes[1:])


def test_colours_are_the_sigmoid_of_whitened_scores() -> None:
    x = cells(noise(4))
    basis = fit([x])
    found = colours(basis, x)
    oracle = torch.sigmoid(2 * torch.tensor(scores(basis, x)[:, :3])).mul(255).round().numpy()
    assert np.abs(found.rgb.reshape(-1, 3) - oracle).max() <= 1
    assert len(np.unique(found.rgb)) > 30
    assert found.comparable is None


def test_foreground_is_black_outside_and_alone_decides() -> None:
    x = cells(noise(5))
    keep = foreground(fit([x]), x)
    assert 0 < keep.sum() < 48
    basis = fit([x], keep=[keep])
    assert basis.cells == keep.sum()
    assert basis.mean == pytest.approx(x.values[keep.reshape(-1)].mean(0))
    found = colours(basis, x, keep)
    assert (found.rgb[~keep] == 0).all()
    assert found.rgb[keep].any()
    with pytest.raises(ExplorerError, match="no cell"):
        fit([x], keep=[np.zeros((6, 8), bool)])


def test_two_models_of_the_same_content_get_the_same_colours() -> None:
    x = noise(6)
    a, b = cells(x), cells((x - 3) @ rotation(10) * 7 + 2)
    reference = colours(fit([a]), a)
    raw = colours(fit([b]), b)
    (found,) = aligned(fit([b]), [b], [(a, reference)])
    assert np.abs(raw.rgb.astype(int) - reference.rgb).max() > 100
    assert found.comparable == pytest.approx(1.0, abs=1e-9)
    assert found.residual == pytest.approx(0.0, abs=1e-6)
    assert np.abs(found.rgb.astype(int) - reference.rgb).max() <= 1


def test_unrelated_content_says_so() -> None:
    x, y = cells(noise(7)), cells(noise(8))
    (found,) = aligned(fit([y]), [y], [(x, colours(fit([x]), x))])
    assert found.comparable is not None
    assert found.comparable < 0.6
    assert found.residual is not None
    assert found.residual > 0.7


def test_alignment_reads_the_reference_where_the_cells_stand() -> None:
    """A smooth picture in two strides: half the cells, the same colours."""
    y, x = np.mgrid[0:24, 0:32] / 8
    waves = np.stack([np.sin(y), np.cos(x), np.sin(x + y), np.cos(y - x)], -1)
    fine = cells(waves.reshape(-1, 4), 24, 32)
    coarse = cells(waves.reshape(12, 2, 16, 2, 4).mean((1, 3)).reshape(-1, 4) @ rotation(4), 12, 16, 2.0)
    (found,) = aligned(fit([coarse]), [coarse], [(fine, colours(fit([fine]), fine))])
    assert found.comparable is not None
    assert found.comparable > 0.99


def test_several_pictures_are_turned_together_and_only_where_both_are_shown() -> None:
    pair, turn = [cells(noise(1)), cells(noise(2))], rotation(10)
    others = [cells(c.values @ turn) for c in pair]
    joint = fit(pair)
    keep = [foreground(joint, c) for c in pair]
    reference = [(c, colours(joint, c, mask)) for c, mask in zip(pair, keep, strict=True)]
    for c, mask in zip(others, keep, strict=True):
        c.values[~mask.reshape(-1)] = 1e6  # background of the reference: it must not pull
    found = aligned(fit(others, keep=keep), others, reference, keep)
    assert [f.comparable for f in found] == [found[0].comparable] * 2
    for f, c, (_, old), mask in zip(found, others, reference, keep, strict=True):
        assert f.rgb.shape == (*c.grid, 3)
        assert (f.rgb[~mask] == 0).all()
        assert old.rgb[mask].any()
    none = [np.zeros((6, 8), bool)] * 2
    with pytest.raises(ExplorerError, match="no location"):
        aligned(fit(others), others, reference, none)
    with pytest.raises(ExplorerError, match="different numbers"):
        aligned(fit(others, 3), others, reference)


def test_procrustes_against_scipy() -> None:
    linalg = pytest.importorskip("scipy.linalg", reason="not installed: scipy")
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 40, 6))
    assert procrustes(a, b) == pytest.approx(linalg.orthogonal_procrustes(a, b)[0], abs=1e-10)


def test_procrustes_is_orthogonal_and_no_other_rotation_is_nearer() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 40, 3))
    turn = procrustes(a, b)
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-12)
    least = np.linalg.norm(a @ turn - b)
    assert all(np.linalg.norm(a @ rotation(3, seed) - b) > least for seed in range(50))


def test_no_variation_too_few_channels_and_broken_cells_give_no_nan() -> None:
    still = cells(np.full((48, 5), np.float64(np.float32(0.1))))
    basis = fit([still])
    assert basis.std.tolist() == [0.0] * 6
    assert (colours(basis, still).rgb == 128).all()
    one = cells(noise(0, 48, 1))
    assert np.isfinite(scores(fit([one]), one)).all()
    assert (fit([one]).std > 0).sum() == 1
    x = noise(0)
    x[3, 2] = np.nan
    broken = cells(x)
    found = colours(fit([broken]), broken)
    assert fit([broken]).cells == 47
    assert np.isfinite(found.scores).all()
    assert not found.shown[0, 3]
    assert found.rgb[0, 3].tolist() == [0, 0, 0]
    single = cells(np.ones((1, 4)), 1, 1)
    assert colours(fit([single]), single).rgb.shape == (1, 1, 3)
    assert likeness(np.zeros((2, 3)), np.ones((2, 3))) == (0.0, 1.0)
