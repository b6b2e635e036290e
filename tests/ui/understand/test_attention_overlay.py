"""Where cells of tokens are drawn: on the very pixels of their patch, and everywhere as the pointer asks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint
from torch import Tensor, nn

from explorer.core.activations import Capture
from explorer.core.attention import Tokens
from explorer.core.attention_queries import query_of
from explorer.core.geometry.affine import point_seen
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.engine.attention.record import find
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.preprocess import to_tensor
from explorer.ui.attention import token_overlay
from explorer.ui.attention.heads_drawing import HeadsDrawing
from explorer.ui.graphics.image_panel import ImagePanel, border
from explorer.ui.graphics.tile_panels import AttentionHeads

PRE = Preprocess(32, 32, resize=32)  # of a picture of 64 × 96: the middle 64 columns, two pixels each
SIZE = (64, 96)


def patches() -> nn.Module:
    return nn.Conv2d(3, 8, 8, stride=8)


def stem() -> nn.Module:
    """Strided convolutions that only add up: what a token sees has its middle of weight in the middle."""
    net = nn.Sequential(*(nn.Conv2d(n, 8, 3, 2, 1, bias=False) for n in (3, 8, 8)))
    for part in net:
        nn.init.ones_(part.weight)
    return net


class Net(nn.Module):
    def __init__(self, embed: nn.Module) -> None:
        super().__init__()
        self.embed, self.attention = embed, nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x).flatten(2).transpose(1, 2)
        return self.attention(x, x, x)[0].mean(1)


def picture() -> Any:
    return picture_from_array(np.full((*SIZE, 3), 120, np.uint8), InputRef("clipboard"), "grey")


def tokens_of(embed: nn.Module) -> Tokens:
    torch.manual_seed(1)
    (call,) = find(Net(embed).eval(), to_tensor(picture(), PRE)).calls
    assert call.keys.grid == (4, 4)
    return call.keys


def hot_pixels(qtbot: Any, tokens: Tokens, cell: tuple[int, int]) -> np.ndarray:
    """(height, width) bool of the original picture: where the overlay of one cell alone is painted."""
    view, given = ImagePanel(), picture()
    qtbot.addWidget(view)
    view.setFixedSize(2 * SIZE[1], 2 * SIZE[0])
    view.set_picture(given.pixels)
    drawn = np.zeros((4, 4, 4), np.uint8)
    drawn[cell] = (255, 0, 0, 255)
    capture = Capture("m", given, (), {})
    HeadsDrawing(AttentionHeads(), view).lay(capture, PRE, tokens, drawn)
    image = view.grab().toImage()
    assert image.size().toTuple() == (2 * SIZE[1], 2 * SIZE[0])
    return np.array(
        [
            [image.pixelColor(QPoint(2 * x + 1, 2 * y + 1)).name() == "#ff0000" for x in range(SIZE[1])]
            for y in range(SIZE[0])
        ]
    )


@pytest.mark.parametrize("cell", [(0, 0), (1, 2), (3, 0), (3, 3)])
def test_one_hot_patch_is_painted_on_the_pixels_of_that_patch(qapp: Any, qtbot: Any, cell: tuple[int, int]) -> None:
    expected = np.zeros(SIZE, bool)
    y, x = 16 * cell[0], 16 + 16 * cell[1]  # 16 columns are cropped away at each side
    expected[y : y + 16, x : x + 16] = True
    assert np.array_equal(hot_pixels(qtbot, tokens_of(patches()), cell), expected)


@pytest.mark.parametrize("make", [patches, stem])
def test_every_pixel_that_is_seen_is_painted_by_the_token_that_it_asks(qapp: Any, qtbot: Any, make: Any) -> None:
    tokens = tokens_of(make())
    asked = np.full((*SIZE, 2), -1)
    for y in range(SIZE[0]):
        for x in range(SIZE[1]):
            spot = point_seen(SIZE, PRE, (y + 0.5, x + 0.5))
            asked[y, x] = query_of(tokens, spot) if spot is not None else (-1, -1)
    for cell in ((0, 0), (2, 1), (3, 3), (0, 3)):
        assert np.array_equal(hot_pixels(qtbot, tokens, cell), (asked == cell).all(-1))


def test_a_cell_of_a_stem_stands_where_its_token_looks(qapp: Any) -> None:
    net, x = stem(), torch.zeros(1, 3, 32, 32, requires_grad=True)
    tokens = tokens_of(net)
    (seen,) = torch.autograd.grad(net(x)[0, :, 2, 2].sum(), x)
    weight, middles = seen[0].sum(0), torch.arange(32) + 0.5
    at = [float((weight.sum(side) * middles).sum() / weight.sum()) for side in (1, 0)]
    box = token_overlay.cell_box(tokens.field, (4, 4), (2, 2), picture(), PRE)
    # two pixels of the picture for one of the input, 16 columns cropped away
    assert at == pytest.approx([(box.y0 + box.y1) / 4, (box.x0 + box.x1) / 4 - 8])


def test_the_border_of_a_mask_is_the_lines_round_it() -> None:
    mask = np.zeros((3, 3), bool)
    mask[1, 1:] = True
    mask[0, 0] = True
    square = [(0, 0, 0, 1), (1, 0, 1, 1), (0, 0, 1, 0), (0, 1, 1, 1)]
    bar = [(1, 1, 1, 3), (2, 1, 2, 3), (1, 1, 2, 1), (1, 3, 2, 3)]
    found = sorted(border(mask))
    joined = [line for line in (*square, *bar) if line not in ((1, 0, 1, 1), (1, 1, 1, 3), (0, 1, 1, 1), (1, 1, 2, 1))]
    assert found == sorted([*joined, (1, 0, 1, 3), (0, 1, 2, 1)])  # lines that go on are one
    assert border(np.zeros((2, 2), bool)) == []
