"""Quantised layers: where their cells stand, and that their values are those of plain torch."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explorer.core.activations import Layout
from explorer.engine.capture.forward import discover

pytestmark = pytest.mark.filterwarnings("ignore")


class Small(nn.Module):
    """Two convolutions with a skip connection, a pooling, a linear layer; the same modules with and without quantisation."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.quant, self.dequant = torch.ao.quantization.QuantStub(), torch.ao.quantization.DeQuantStub()
        self.first, self.second = nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.act, self.pool, self.fc = nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Linear(4, 3)
        self.plus = torch.ao.nn.quantized.FloatFunctional()

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.first(self.quant(x)))
        x = self.plus.add(x, self.second(x))
        return self.dequant(self.fc(self.pool(x).flatten(1)))


def quantised() -> nn.Module:
    net: Any = Small().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.qconfig = torch.ao.quantization.get_default_qconfig(torch.backends.quantized.engine)
        torch.ao.quantization.prepare(net, inplace=True)
        net(torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)))
        return torch.ao.quantization.convert(net)


def test_cells_of_quantised_layers_stand_where_those_of_the_plain_ones_do() -> None:
    x = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    net = quantised()
    plain = {tap.name: tap for tap in discover(Small().eval(), x).plan.taps}
    seen = discover(net, x)
    for tap in seen.plan.taps:
        if tap.name in ("first", "act", "second"):
            assert (tap.grid, tap.layout, tap.macs) == (plain[tap.name].grid, Layout.NCHW, plain[tap.name].macs)
            assert tap.receptive is not None
            assert (tap.receptive.jump_y, tap.receptive.size_y) == (
                plain[tap.name].receptive.jump_y,
                plain[tap.name].receptive.size_y,
            )  # type: ignore[union-attr]
    with torch.no_grad():
        first = net.first(net.quant(x))  # type: ignore[operator]
        assert torch.equal(seen.tensors["first"].dequantize(), first.dequantize())
        assert torch.equal(seen.output, net(x))
