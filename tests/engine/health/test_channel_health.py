"""The health of a layer against numpy on all activations stacked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded
from PIL import Image
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.health import DUPLICATE, Health, rows, selectivity, spectrum, summary, to_csv
from explorer.core.models import Preprocess
from explorer.engine.capture.forward import capture, discover
from explorer.engine.health.channel_health import health
from explorer.engine.health.running_statistics import BINS, Histogram, Moments
from explorer.engine.inputs.dataset_samples import DatasetItem, of_folder
from explorer.engine.jobs.cancel import CancelledError


def x_of(seed: int, scale: float = 1.0) -> Tensor:
    return torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(seed)) * scale


def samples(count: int, labels: str = "") -> list[DatasetItem]:
    return [
        DatasetItem(f"{i}", lambda i=i: x_of(i, 1 + i / 3), labels[i % len(labels)] if labels else "")
        for i in range(count)
    ]


class Layer(nn.Module):
    """A channel that never answers, one that always does, one twice, and three of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True)
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.relu(self.conv(x)).mean((2, 3)))


def layer() -> nn.Module:
    net = seeded(Layer())
    with torch.no_grad():
        net.conv.bias[0], net.conv.bias[1] = -1000.0, 1000.0
        net.conv.weight[5] = net.conv.weight[3] * 1.01
        net.conv.bias[5] = net.conv.bias[3]
    return net


def stacked(net: nn.Module, name: str, count: int) -> np.ndarray[Any, Any]:
    """(inputs, C, cells) in float64."""
    plan = discover(net, x_of(0)).plan
    found = [capture(net, x_of(i, 1 + i / 3), plan, [name]).tensors[name][0] for i in range(count)]
    return torch.stack(found).double().flatten(2).numpy()


def last(generator: Any) -> Health:
    return [h for h in generator if h is not None][-1]


def test_every_number_is_numpys_on_all_activations_stacked() -> None:
    net = layer()
    found = last(health(net, "relu", samples(7, "ab")))
    values = stacked(net, "relu", 7)
    flat = values.transpose(1, 0, 2).reshape(6, -1)
    assert (found.count, found.cells, found.final) == (7, flat.shape[1], True)
    covariance = np.cov(flat, bias=True)
    with np.errstate(invalid="ignore"):
        correlation = np.corrcoef(flat)
    eigenvalues = np.linalg.eigvalsh(covariance).clip(0)
    share = eigenvalues[eigenvalues > 0] / eigenvalues.sum()
    assert found.effective_rank == pytest.approx(np.exp(-(share * np.log(share)).sum()), rel=1e-9)
    assert found.participation_ratio == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum(), rel=1e-9)
    for row in found.channels:
        own = flat[row.channel]
        assert row.mean == pytest.approx(own.mean(), rel=1e-9)
        assert row.std == pytest.approx(own.std(), rel=1e-9, abs=1e-12)
        assert (row.minimum, row.maximum) == (own.min(), own.max())
        assert row.sparsity == pytest.approx((own <= 0).mean())
        assert row.dead == (own.max() <= 0)
        assert row.always_on == (own.min() > 0)
        assert row.inputs_active == (values[:, row.channel] > 0).any(1).sum()
        counts, _ = np.histogram(own, found.edges)
        assert np.array_equal(counts, found.histogram[row.channel])
        if row.channel:
            others = [c for c in range(1, 6) if c != row.channel]
            assert row.correlation == pytest.approx(max(correlation[row.channel, c] for c in others), rel=1e-6)
    by_channel = {row.channel: row for row in found.channels}
    assert by_channel[0].dead
    assert by_channel[1].always_on
    assert by_channel[5].duplicate_of == 3
    assert by_channel[5].correlation > DUPLICATE
    assert by_channel[3].duplicate_of == -1
    assert by_channel[0].most_like == -1
    means = np.array([values[0::2].mean((0, 2)), values[1::2].mean((0, 2))])
    for c in range(1, 6):
        high, low = means[:, c].max(), means[:, c].min()
        assert by_channel[c].selectivity == pytest.approx((high - low) / (high + low), rel=1e-6)
        assert by_channel[c].prefers == "ab"[int(means[:, c].argmax())]
    assert np.isnan(by_channel[0].selectivity)


def test_signed_channels_have_no_selectivity_and_vectors_have_one_cell() -> None:
    net = layer()
    signed = last(health(net, "conv", samples(4, "ab")))
    assert all(np.isnan(r.selectivity) for r in signed.channels if r.mean < -100)
    vector = last(health(net, "head", samples(5)))
    assert vector.cells == 5
    assert "5 cells" not in " ".join(vector.notes)
    assert [r.mean for r in vector.channels] == pytest.approx(
        np.mean([net(x_of(i, 1 + i / 3)).detach().double().numpy()[0] for i in range(5)], 0).tolist(), abs=1e-6
    )


def test_tokens_are_measured_without_their_prefix() -> None:
    net = seeded(TinyViT())
    found = last(health(net, "norm", samples(2)))
    assert (len(found.channels), found.cells) == (16, 2 * 4)


def test_partial_results_come_after_1_2_4_8_inputs() -> None:
    said = list(health(layer(), "relu", samples(9)))
    assert [h.count if h is not None else None for h in said] == [1, 2, None, 4, None, None, None, 8, None, 9]
    assert [h.final for h in said if h is not None] == [False] * 4 + [True]


def test_one_cell_one_channel_and_one_input() -> None:
    net = seeded(nn.Sequential(nn.Conv2d(3, 1, 8), nn.ReLU()))
    found = last(health(net, "0", samples(1)))
    (row,) = found.channels
    assert (found.cells, row.std, row.duplicate_of) == (1, 0.0, -1)
    assert np.isnan(found.effective_rank)
    json.dumps({**summary(found), "rows": rows(found)}, allow_nan=False)


def test_values_that_are_not_finite_are_counted_and_left_out() -> None:
    net = layer()
    with torch.no_grad():
        net.conv.weight[2] = float("nan")
    found = last(health(net, "relu", samples(3)))
    healthy = last(health(layer(), "relu", samples(3)))
    assert found.channels[2].not_finite == 3 * 36
    assert np.isnan(found.channels[2].mean)
    assert found.channels[4].mean == pytest.approx(healthy.channels[4].mean)
    assert found.channels[5].duplicate_of == 3
    assert np.isfinite(found.effective_rank)
    assert not found.histogram[2].any()


def test_broken_and_unfitting_inputs_are_named_and_skipped(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(2):
            pixels = np.random.default_rng(i).integers(0, 255, (12, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    (tmp_path / "a" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "b" / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "notes.txt").write_text("x")
    pictures = of_folder(tmp_path, Preprocess(8, 8, resize=8))
    assert [s.name for s in pictures] == ["a/0.png", "a/1.png", "a/broken.png", "b/0.png", "b/1.png", "b/cut.jpg"]
    found = last(health(layer(), "relu", pictures))
    assert (found.count, found.classes) == (4, ("a", "b"))
    assert [name for name, _ in found.skipped] == ["a/broken.png", "b/cut.jpg"]
    assert all(why for _, why in found.skipped)
    table = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert len(table) == 6
    assert float(table[4]["mean"]) == pytest.approx(found.channels[4].mean)
    (tmp_path / "c").mkdir()
    with pytest.raises(ExplorerError, match="no picture"):
        of_folder(tmp_path / "c", Preprocess())


def test_nothing_usable_and_no_such_tap_are_errors() -> None:
    def broken() -> Tensor:
        raise ExplorerError("This is no picture.")

    with pytest.raises(ExplorerError, match="No input"):
        list(health(layer(), "relu", [DatasetItem("x", broken)]))
    with pytest.raises(ExplorerError, match="no tap named"):
        list(health(layer(), "relu9", samples(2)))


def test_out_of_memory_keeps_what_was_reached() -> None:
    class Scarce(Layer):
        def forward(self, x: Tensor) -> Tensor:
            if x.abs().max() > 4.5:
                raise torch.OutOfMemoryError("out of memory")
            return super().forward(x)

    net = seeded(Scarce())
    found = last(health(net, "relu", samples(9)))
    assert 0 < found.count < 9
    assert "Out of memory" in found.notes[0]


@pytest.mark.parametrize("how", ["ok", "raises", "cancelled"])
def test_the_model_is_left_as_it_was_found(how: str) -> None:
    net = seeded(InPlace()).train()
    plan = discover(net, x_of(0)).plan
    before = [(m.training, len(m._forward_hooks), len(m._forward_pre_hooks)) for m in net.modules()]
    generator = health(net, "relu", samples(4), plan, cancelled=lambda: how == "cancelled")
    if how == "cancelled":
        with pytest.raises(CancelledError):
            list(generator)
    elif how == "raises":
        next(generator)
        generator.close()
    else:
        list(generator)
    assert [(m.training, len(m._forward_hooks), len(m._forward_pre_hooks)) for m in net.modules()] == before


def test_selectivity_of_known_means() -> None:
    means = np.array([[1.0, 2.0, 0.0, -1.0], [1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]])
    found = selectivity(means, ("a", "b", "c"))
    assert found[:2] == [(0.0, "a"), (1.0, "a")]
    assert all(np.isnan(index) and name == "" for index, name in found[2:])


def test_the_rank_of_known_spectra() -> None:
    assert spectrum(np.eye(5)) == pytest.approx((5.0, 5.0))
    assert spectrum(np.diag([1.0, 0, 0])) == pytest.approx((1.0, 1.0))
    assert all(np.isnan(v) for v in spectrum(np.zeros((3, 3))))


def test_sums_that_grow_are_those_of_the_whole() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.normal(1e4, 1, (3, n)) * [[1], [10], [100]] for n in (1, 5, 40)]
    moments, histogram = Moments(3), Histogram(3)
    for part in parts:
        moments.add(part)
        histogram.add(part - 1e4)
    whole = np.concatenate(parts, 1)
    assert np.allclose(moments.covariance, np.cov(whole, bias=True))
    assert np.allclose(moments.mean, whole.mean(1))
    assert histogram.counts.shape == (3, BINS)
    assert histogram.counts.sum(1).tolist() == [46] * 3


def test_a_histogram_of_one_channel_has_no_empty_ends_and_the_layer_a_mean_sparsity() -> None:
    found = last(health(layer(), "relu", samples(5)))
    flat = stacked(layer(), "relu", 5).transpose(1, 0, 2).reshape(6, -1)
    assert found.sparsity == pytest.approx((flat <= 0).mean())
    for channel in range(6):
        counts, edges = found.values_of(channel)
        assert (counts[0] > 0, counts[-1] > 0, len(edges)) == (True, True, len(counts) + 1)
        assert np.array_equal(counts, np.histogram(flat[channel], edges)[0])
        assert counts.sum() == flat.shape[1]
