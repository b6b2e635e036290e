"""Two operators of torchvision without its compiled extension, for its detection models: nms and roi_align.

nms is greedy: of the boxes, best score first, each is kept that overlaps no kept one by more than the threshold (Girshick et al., Rich
feature hierarchies, 2014). roi_align is torchvision's own form in Python, run as it is (by itself it would call torch.compile), some
regions at a time, since all at once take gigabytes; it is of regions inside the picture, to which detection models clip them.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch
from torch import Tensor

_AT_ONCE = 64  # regions of roi_align


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Numbers (K,) int64 of the boxes (N, 4: x0, y0, x1, y1) that are kept, the best score first; equal scores in their order."""
    order = torch.sort(scores, descending=True, stable=True).indices
    sides = boxes[order].detach().float() if boxes.dtype in (torch.float16, torch.bfloat16) else boxes[order].detach()
    x0, y0, x1, y1 = sides.cpu().numpy().T
    areas = (x1 - x0) * (y1 - y0)
    dead, kept = np.zeros(len(areas), bool), list[int]()
    for at in range(len(areas)):
        if dead[at]:
            continue
        kept.append(at)
        rest = slice(at + 1, None)
        across = np.minimum(x1[at], x1[rest]) - np.maximum(x0[at], x0[rest])
        down = np.minimum(y1[at], y1[rest]) - np.maximum(y0[at], y0[rest])
        both = np.maximum(across, 0) * np.maximum(down, 0)
        with np.errstate(divide="ignore", invalid="ignore"):  # of two boxes without area
            dead[rest] |= both / (areas[at] + areas[rest] - both) > iou_threshold
    return order[torch.tensor(kept, dtype=torch.int64, device=order.device)]


def implement(library: torch.library.Library) -> None:
    """Gives nms to the operator that `library` has declared, on every device."""
    library.impl("nms", nms, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]


def let_run() -> None:
    """Where torchvision has been imported without its extension: its own checks let these two operators through."""
    boxes, regions = (sys.modules.get(f"torchvision.ops.{name}") for name in ("boxes", "roi_align"))
    if boxes is None or regions is None or boxes.__dict__["_assert_has_ops"] is _allowed:
        return
    boxes.__dict__["_assert_has_ops"] = _allowed
    plain = regions.__dict__["_roi_align"].__wrapped__

    def roi_align(x: Tensor, rois: Tensor, *rest: Any) -> Tensor:
        parts = [plain(x, some, *rest) for some in torch.split(rois, _AT_ONCE)]
        return torch.cat(parts) if len(parts) != 1 else parts[0]

    regions.__dict__["_roi_align"] = roi_align
    regions.__dict__["is_compile_supported"] = lambda _device: True  # else it would ask for the compiled one


def _allowed() -> None:
    """There is nms."""
