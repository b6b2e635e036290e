"""nms and roi_align without torchvision's compiled extension, against plain loops of what they are said to do."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from explorer.engine.models.torchvision_compat import import_torchvision
from explorer.engine.models.torchvision_operators import nms


def overlap(a: list[float], b: list[float]) -> float:
    """Intersection over union."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(across, 0.0) * max(down, 0.0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def greedy(boxes: Tensor, scores: Tensor, threshold: float) -> list[int]:
    """The published rule, one box after the other."""
    left = sorted(range(len(scores)), key=lambda at: -float(scores[at]))
    kept: list[int] = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [at for at in left if overlap(boxes[best].tolist(), boxes[at].tolist()) <= threshold]
    return kept


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 1.0])
def test_nms_keeps_what_the_greedy_rule_keeps(threshold: float) -> None:
    chance = torch.Generator().manual_seed(0)
    corner, size = torch.rand(60, 2, generator=chance) * 40, torch.rand(60, 2, generator=chance) * 30 + 1
    boxes, scores = torch.cat([corner, corner + size], 1), torch.rand(60, generator=chance)
    scores[10] = scores[20]  # equal scores stay in their order
    assert nms(boxes.double(), scores.double(), threshold).tolist() == greedy(
        boxes.double(), scores.double(), threshold
    )


def test_nms_of_no_boxes_and_of_boxes_without_area() -> None:
    assert nms(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []
    assert nms(torch.zeros(2, 4), torch.tensor([0.1, 0.9]), 0.5).tolist() == [1, 0]
    assert nms(torch.tensor([[0, 0, 2, 2.0]] * 3).half(), torch.tensor([0.1, 0.9, 0.5]).half(), 0.5).tolist() == [1]


def test_torchvisions_own_functions_use_them() -> None:
    ops = import_torchvision().ops
    boxes = torch.tensor([[0, 0, 4, 4.0], [0, 0, 4, 3.9], [0, 0, 4, 3.8]])
    kept = ops.batched_nms(boxes, torch.tensor([0.5, 0.9, 0.4]), torch.tensor([0, 0, 1]), 0.5)
    assert kept.tolist() == [1, 2]  # the third is of another class


def by_hand(maps: Tensor, box: Tensor, scale: float, size: int, samples: int) -> Tensor:
    """(C, size, size): means of bilinear samples in a regular grid of each cell (He et al., Mask R-CNN, 2017), not aligned; of a box
    inside the picture."""
    x0, y0, x1, y1 = (float(side) * scale for side in box)
    wide, high = max(x1 - x0, 1.0) / size, max(y1 - y0, 1.0) / size
    found = torch.zeros(len(maps), size, size)
    for row in range(size):
        for column in range(size):
            for i in range(samples):
                for j in range(samples):
                    y, x = y0 + (row + (i + 0.5) / samples) * high, x0 + (column + (j + 0.5) / samples) * wide
                    found[:, row, column] += bilinear(maps, y, x) / samples**2
    return found


def bilinear(maps: Tensor, y: float, x: float) -> Tensor:
    height, width = maps.shape[1:]
    if not (-1 <= y <= height and -1 <= x <= width):
        return torch.zeros(len(maps))
    y, x = min(max(y, 0.0), height - 1.0), min(max(x, 0.0), width - 1.0)
    top, left = min(math.floor(y), height - 1), min(math.floor(x), width - 1)
    low, right = min(top + 1, height - 1), min(left + 1, width - 1)
    down, across = y - top, x - left
    upper = maps[:, top, left] * (1 - across) + maps[:, top, right] * across
    lower = maps[:, low, left] * (1 - across) + maps[:, low, right] * across
    return upper * (1 - down) + lower * down


def test_roi_align_is_the_mean_of_bilinear_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.engine.models import torchvision_operators

    ops = import_torchvision().ops
    monkeypatch.setattr(torchvision_operators, "_AT_ONCE", 2)  # in parts
    maps = torch.randn(1, 3, 9, 11, generator=torch.Generator().manual_seed(1))
    boxes = torch.tensor([[0, 0, 20, 16.0], [3, 2, 9, 17], [10, 4, 22, 18]])
    found = ops.roi_align(maps, [boxes], output_size=3, spatial_scale=0.5, sampling_ratio=2)
    true = torch.stack([by_hand(maps[0], box, 0.5, 3, 2) for box in boxes])
    assert torch.allclose(found, true, atol=1e-5)
    assert ops.roi_align(maps, [boxes[:0]], output_size=3).shape == (0, 3, 3, 3)
