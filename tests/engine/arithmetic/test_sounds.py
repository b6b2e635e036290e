"""The arithmetic of networks that hear, against the values that were captured."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.activations import Capture, Tap
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.requests import Lane
from explorer.engine.arithmetic.cell import worksheet
from explorer.engine.inputs import open_input
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession


def captured(name: str) -> tuple[ModelSession, Capture]:
    session, job = ModelSession(), Job(0, Lane.METHOD, "", lambda _event: None)
    card = session.open(ModelSpec(f"demo:{name}"), job).card
    return session, session.capture(card.digest, open_input(InputRef("sample", "sound-trill")), job)


def element(tap: Tap, values: np.ndarray, channel: int, cell: tuple[int, int]) -> float:
    if values.ndim == 1:
        return float(values[channel])
    return float(values[channel, cell[1]] if values.ndim == 2 else values[channel, cell[0], cell[1]])


@pytest.mark.parametrize("name", ["sounds-wave-cnn", "sounds-mel-cnn", "sounds-shortcut"])
def test_every_layer_is_the_sum_that_is_shown(name: str) -> None:
    """A first, a middle and a last cell of each, of the liveliest channel: at the edges padding has a part."""
    session, capture = captured(name)
    loaded, x = (
        session.model(capture.model),
        input_tensor(capture.picture, session.model(capture.model).card.preprocess),
    )
    plan = session.planned(capture.model, capture.picture, Job(0, Lane.METHOD, "", lambda _event: None))[2]
    taps = [tap for tap in capture.taps if tap.observable and not tap.alias]
    sheet = worksheet(loaded.module, x, plan, tuple(tap.name for tap in taps))
    compared = 0
    for tap in taps:
        values = capture.values[tap.name]
        channel = int(values.reshape(len(values), -1).std(1).argmax()) if values.ndim > 1 else 0
        height, width = tap.grid or (1, 1)
        for cell in {(0, 0), (height // 2, width // 2), (height - 1, width - 1)}:
            found = sheet.cell(tap.name, channel, cell)
            wanted = element(tap, values, channel, cell)
            assert found.value == pytest.approx(wanted, rel=1e-6, abs=1e-6), tap.name
            assert abs(found.computed - wanted) <= 1e-5 * max(1.0, abs(wanted)), tap.name
            assert found.agrees, tap.name
            compared += 1
    assert compared > 30
