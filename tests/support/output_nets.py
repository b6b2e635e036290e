"""Models whose output is no class vector, or that take several inputs, known by hand: as Python files that a person would write."""

from __future__ import annotations

CLASSES_BY_COLOUR = '''
import torch
from torch import nn

PREPROCESS = {"height": 96, "width": 96, "fit": "letterbox", "mean": (0.0,) * 3, "std": (1.0,) * 3}
LABELS = ["background", "red", "green", "blue"]
TRAINED = True


class ByColour(nn.Module):
    """Which of red, green and blue is more than the other two together, over a mean of 5 x 5 pixels."""

    def __init__(self):
        super().__init__()
        self.blur, self.head = nn.AvgPool2d(5, 1, 2), nn.Conv2d(3, 4, 1)
        with torch.no_grad():
            self.head.weight.copy_(torch.tensor([[0, 0, 0], [2, -1, -1], [-1, 2, -1], [-1, -1, 2.0]])[:, :, None, None])
            self.head.bias.copy_(torch.tensor([0.12, 0, 0, 0]))

    def forward(self, x):
        return {"out": self.head(self.blur(x)), "aux": self.head(x)}


def make_model():
    return ByColour()
'''

BRIGHT_BOXES = '''
import torch
from torch import nn

PREPROCESS = {"height": 96, "width": 96, "fit": "letterbox", "mean": (0.0,) * 3, "std": (1.0,) * 3}
LABELS = ["background", "bright", "dark"]
TRAINED = True


class Quarters(nn.Module):
    """A box for each cell of a grid of 3 x 3: bright or dark, by how far its mean is from grey."""

    def __init__(self):
        super().__init__()
        self.pool = nn.AvgPool2d(32, 32)

    def forward(self, x):
        mean = self.pool(x).mean(1).flatten()
        y0, x0 = (32.0 * torch.arange(3)).repeat_interleave(3), (32.0 * torch.arange(3)).repeat(3)
        boxes = torch.stack([x0 + 2, y0 + 2, x0 + 30, y0 + 30], 1)
        return [{"boxes": boxes, "labels": torch.where(mean > 0.5, 1, 2), "scores": (6 * (mean - 0.5).abs()).clamp(0, 1)}]


def make_model():
    return Quarters()
'''

TWO_PICTURES = '''
import torch
from torch import nn

PREPROCESS = {"height": 96, "width": 96, "resize": 96, "mean": (0.0,) * 3, "std": (1.0,) * 3}
LABELS = ["alike", "changed"]
TRAINED = True
INPUT = "after"


def example_inputs():
    return {"before": torch.full((1, 3, 96, 96), 0.5), "after": None, "weights": torch.tensor([1.0, 1.0, 1.0]), "threshold": 0.2}


class Change(nn.Module):
    """How far two pictures are apart, by a weight for each colour."""

    def __init__(self):
        super().__init__()
        self.pool, self.act = nn.AvgPool2d(4), nn.ReLU()

    def forward(self, before, after, weights, threshold):
        apart = self.act(self.pool((after - before).abs() * weights[:, None, None]) - threshold)
        mean = 20 * apart.mean((1, 2, 3))
        return torch.stack([1 - mean, mean], 1)


def make_model():
    return Change()
'''
