"""A workbench with one network and one picture, and ways to run what is asked of it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
from torch import nn

from explorer.core.activations import Capture
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.studies import Studies

PRE = Preprocess(16, 16, resize=16)


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def made(net: nn.Module, pre: Preprocess = PRE) -> tuple[Studies, Capture, nn.Module]:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True, sha256="net"), pre)
    bench = ModelSession(50_000_000)
    bench.adopt(LoadedModel(net.eval(), card))
    pixels = np.random.default_rng(1).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    picture = picture_from_array(pixels, InputRef("clipboard"), "picture")
    return Studies(bench), bench.capture(card.digest, picture, job()), net


def drained(steps: Generator[Any, None, Any]) -> tuple[list[Any], Any]:
    partial = []
    while True:
        try:
            partial.append(next(steps))
        except StopIteration as stop:
            return partial, stop.value
