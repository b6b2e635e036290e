"""Networks with attention in the columns of Compare, and hands on what is shown of it."""

from __future__ import annotations

from typing import Any

from hands import point
from looks import tile_centre
from PySide6.QtCore import QPoint, QPointF

from explorer.core.inputs import InputRef
from explorer.engine.attention.record import ForwardAttention, find
from explorer.engine.inputs.preprocess import to_tensor

WAIT = 60_000
NETS = """
import torch
from torch import nn
from attention_nets import Planted
from explorer.engine.models.demo.vit import VisionTransformer

PREPROCESS = {"height": 12, "width": 16, "fit": "stretch"}

def seeded(net, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.4)
    return net.eval()

def make_planted():
    return Planted().eval()

class Patches(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.out = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 4)
        self.one, self.two = (nn.MultiheadAttention(8, heads, batch_first=True) for heads in (4, 2))

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = x + self.one(x, x, x)[0]
        return self.out((x + self.two(x, x, x)[0]).mean(1))

def make_patches():
    return seeded(Patches(), 1)

class Tokens(Patches):
    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        return x + self.one(x, x, x)[0]

def make_tokens():
    return seeded(Tokens(), 5)

class Channels(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.out = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 4)

    def forward(self, x):
        t = self.embed(x).flatten(2).unflatten(1, (2, 4))
        return self.out(((t @ t.mT).softmax(-1) @ t).flatten(1, 2).mean(2))

def make_channels():
    return seeded(Channels(), 2)

class Windows(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.qkv, self.out = nn.Conv2d(3, 8, 2, 2), nn.Linear(8, 24), nn.Linear(8, 4)

    def forward(self, x):  # 6 x 8 patches in 2 x 2 windows of 3 x 4
        n, x = len(x), self.embed(x).permute(0, 2, 3, 1)
        x = x.view(n, 2, 3, 2, 4, 8).transpose(2, 3).reshape(-1, 12, 8)
        q, k, v = self.qkv(x).unflatten(2, (3, 2, 4)).permute(2, 0, 3, 1, 4)
        return self.out(((q @ k.mT).softmax(-1) @ v).transpose(1, 2).reshape(n, -1, 8).mean(1))

def make_windows():
    return seeded(Windows(), 4)

def make_plain():
    return seeded(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)), 3)
"""


def choose(box: Any, value: object) -> None:
    """As a person does in the drop-down."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def pages(app: Any) -> list[Any]:
    """What the columns show of their attention."""
    return [view.attention for view in app.compare.columns]


def module_of(app: Any, at: int) -> Any:
    return app.desk.bench.model(app.compare.columns[at].of.digest).module


def recording(app: Any, at: int) -> ForwardAttention:
    """The same picture through a column's model, recorded here."""
    view = app.compare.columns[at]
    return find(module_of(app, at), to_tensor(view.capture.picture, view.of.preprocess))


def counted(app: Any, at: int) -> list[int]:
    """Grows by one with every forward of a column's model."""
    calls: list[int] = []
    module_of(app, at).register_forward_hook(lambda *_: calls.append(1))
    return calls


def hover(view: Any, y: float, x: float) -> None:
    """The pointer over a point of a column's picture, both from 0 to 1."""
    place = view.image.picture
    point(view.image, QPointF(place.left() + x * place.width(), place.top() + y * place.height()).toPoint())


def tile_at(app: Any, at: int, tile: int, cell: tuple[int, int]) -> QPoint:
    return tile_centre(pages(app)[at].tiles, tile, cell)


def to_house(app: Any, qtbot: Any) -> None:
    """Another picture for all columns, as soon as they have it."""
    before = app.picture.digest
    app.open_input(InputRef("sample", "house"))
    qtbot.waitUntil(
        lambda: app.picture.digest != before and all(view.fits for view in app.compare.columns), timeout=WAIT
    )
