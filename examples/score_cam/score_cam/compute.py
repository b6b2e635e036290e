"""Score-CAM by forwards alone: one masked input for each channel of the layer."""

from __future__ import annotations

from collections.abc import Generator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.method import MethodRequest
from explorer.engine.capture.class_vector import vector_in
from explorer.engine.capture.forward import capture, explained
from explorer.engine.capture.modes import evaluating
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from score_cam.spec import ScoreCam, ScoreCamParams


def run(engine: Studies, request: MethodRequest[ScoreCamParams, ScoreCam], job: Job) -> Generator[None, None, ScoreCam]:
    """The weights are the softmax over the channels of the class's probability, as in equation 6 of the paper."""
    loaded, x, plan = engine.given(request, job)
    maps = capture(loaded.module, x, plan, [request.tap], cancelled=job.cancelled).tensors[request.tap][0].float()
    yield None
    index = request.params.class_
    with torch.no_grad(), evaluating(loaded.module):
        if index < 0:
            index = int(_forward(loaded.module, x, plan.scores).argmax())
        found = []
        for first in range(0, len(maps), request.params.batch):
            masks = _masks(maps[first : first + request.params.batch], x)
            rows = [_forward(loaded.module, x * mask, plan.scores) for mask in masks]
            found += [row.softmax(0)[index] for row in rows]
            job.progress("Channels", len(found) / len(maps))
            yield None
    weights = torch.stack(found).softmax(0)
    cam = (weights[:, None, None] * maps).sum(0).relu()
    return ScoreCam(request.tap, index, cam.cpu().numpy(), weights.cpu().numpy())


def _masks(maps: Tensor, x: Tensor) -> Tensor:
    """(n, H, W) from 0 to 1, in the size of the input; a map without a range masks nothing."""
    large = F.interpolate(maps[None], size=x.shape[2:], mode="bilinear", align_corners=False)[0]
    low, high = large.amin((1, 2), keepdim=True), large.amax((1, 2), keepdim=True)
    return torch.where(high > low, (large - low) / (high - low).clamp_min(1e-12), torch.ones_like(large)).to(x.dtype)


def _forward(module: nn.Module, x: Tensor, scores: object) -> Tensor:
    """The class vector. What the network raises becomes an ExplorerError."""
    with explained(lambda: "a masked input", module, x):
        output = module(x.clone())
    row = vector_in(output, scores)
    assert row is not None  # the spec refuses models without classes
    return row
