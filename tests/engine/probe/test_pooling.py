"""Pooled features against plain torch, for maps, tokens and vectors, alone and in a batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from torch import Tensor, nn

from explorer.core.activations import Layout
from explorer.core.models import ModelSpec
from explorer.engine.capture.forward import capture, discover
from explorer.engine.models import open_model
from explorer.engine.probe.feature_pass import PictureReader, agrees, reader_of
from explorer.engine.probe.pooling import columns_from


def test_maps_and_vectors_of_a_batch_are_those_of_each_picture() -> None:
    net = seeded(InPlace()).eval()
    x = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    reader, alone = reader_of(net, "cpu", x[:1])
    rows = reader.rows(x)
    assert agrees(reader, alone[0], rows[0])
    for number in range(4):
        seen = capture(net, x[number : number + 1], discover(net, x[number : number + 1].clone()).plan)
        for columns in reader.columns[:-1]:
            tap = next(tap for tap in seen.plan.taps if tap.name == columns.name)
            values = seen.tensors[columns.name]
            parts = [values.mean((2, 3)), values.amax((2, 3))] if tap.layout is Layout.NCHW else [values]
            found = rows[number, columns.start : columns.end]
            if tap.layout is Layout.NCHW and values.shape[-1] == 1:
                parts = [values.flatten(1)]
            np.testing.assert_allclose(found, torch.cat(parts, 1)[0].numpy(), atol=1e-5, err_msg=columns.name)
    pixels = torch.nn.functional.adaptive_avg_pool2d(x, 16).flatten(1).numpy()
    np.testing.assert_array_equal(rows[:, reader.columns[-1].start :], pixels)


def test_layers_that_share_their_values_are_one() -> None:
    reader, _ = reader_of(seeded(InPlace()).eval(), "cpu", torch.zeros(1, 3, 16, 16))
    names = [columns.name for columns in reader.columns]
    assert len(names) == len(set(names))
    assert not {name for columns in reader.columns for name in columns.same_as} & set(names)


def test_tokens_give_mean_and_maximum_of_patches_and_the_class_token() -> None:
    loaded = open_model(ModelSpec("demo:shapes-vit"))
    x = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    reader, _ = reader_of(loaded.module, "cpu", x[:1])
    rows = reader.rows(x)
    columns = next(c for c in reader.columns if "blocks.2" in (c.name, *c.same_as))
    assert columns.parts == ("mean", "max", "token")
    kept: list[Tensor] = []
    handle = loaded.module.get_submodule("blocks.2").register_forward_hook(
        lambda _m, _a, out: kept.append(out.detach())
    )
    with torch.no_grad():
        loaded.module(x)
    handle.remove()
    tokens = kept[0]
    expected = torch.cat([tokens[:, 1:].mean(1), tokens[:, 1:].amax(1), tokens[:, 0]], 1)
    np.testing.assert_allclose(rows[:, columns.start : columns.end], expected.numpy(), atol=1e-5)
    assert len(columns.chosen("mean")) == 2 * columns.channels
    assert columns_from(columns.to_json()) == columns


class OfTheBatch(nn.Module):
    """Takes the whole batch into account, as no picture alone would."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.conv(x - x.mean(0, keepdim=True) * (len(x) > 1))
        return made


def test_a_batch_that_changes_values_is_noticed() -> None:
    net, x = OfTheBatch().eval(), torch.randn(3, 3, 8, 8)
    reader, alone = reader_of(net, "cpu", x[:1])
    assert not agrees(reader, alone[0], reader.rows(x)[0])
    one_by_one = PictureReader(net, "cpu", reader.plan, reader.columns, reader.left_out, reader.size, False)
    assert agrees(reader, alone[0], one_by_one.rows(x)[0])


def test_the_network_is_left_as_it_was() -> None:
    net = seeded(InPlace()).train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    reader, _ = reader_of(net, "cpu", torch.randn(1, 3, 16, 16))
    reader.rows(torch.randn(4, 3, 16, 16))
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())


def test_shapes_that_are_another_in_a_batch_are_an_error() -> None:
    with pytest.raises(Exception, match=r"size|shape"):
        reader_of(
            nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(0), nn.Linear(72, 2)).eval(), "cpu", torch.zeros(1, 3, 8, 8)
        )[0].rows(torch.zeros(2, 3, 8, 8))
