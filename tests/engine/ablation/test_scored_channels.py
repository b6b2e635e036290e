"""Orders of channels for a class: by what the logit falls without each, where a softmax is saturated; and to first order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.core.any_input import Input
from explorer.core.channel_scores import ChannelScores, ScoreChannels, ScoredBy
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.engine.executor import answered
from explorer.engine.inputs import open_input
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.worker import Worker

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 8, "width": 8, "resize": 8}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.conv = nn.Conv2d(3, 5, 3)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(5, 3)
        self.head.weight.data *= 400  # a softmax of it is 1 and 0

    def forward(self, x):
        return self.head(self.pool(self.conv(x)).flatten(1))

def make_model():
    return Net()
"""


@pytest.mark.parametrize("by", list(ScoredBy))
def test_a_linear_head_gives_each_channel_its_own_part(tmp_path: Path, by: ScoredBy) -> None:
    """Behind the layer everything is linear: what a channel adds to the logit is weight × mean, whichever way it is found."""
    (tmp_path / "net.py").write_text(NET)
    worker, job = Worker("cpu", 1, 0), Job(0, Lane.METHOD, "", lambda _event: None)
    bench = worker.started = ModelSession()
    card = bench.open(ModelSpec(f"file:{tmp_path / 'net.py'}:make_model"), job, trust_code=True).card
    given: Input = open_input(InputRef("sample", "cat"))
    capture = bench.capture(card.digest, given, job)
    best = capture.prediction[0]
    assert best.probability > 0.9999  # so that percentage points say nothing

    found = _whole(worker, ScoreChannels(card.digest, given.digest, "conv", best.index, by, given), job)
    net = bench.model(card.digest).module
    means = torch.from_numpy(np.array(capture.values["conv"])).mean((1, 2))
    parts = (net.head.weight[best.index].detach() * means).numpy()
    assert dict(found.values) == pytest.approx(dict(enumerate(parts)), rel=1e-3, abs=1e-3)
    assert found.order == tuple(int(at) for at in np.argsort(-parts))


def _whole(worker: Worker, request: ScoreChannels, job: Job) -> ChannelScores:
    steps = answered(worker, request, job)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
