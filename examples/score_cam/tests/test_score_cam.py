"""The program's contract, and that a map is drawn from the layer that was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from score_cam.spec import SPEC

import explorer


@pytest.mark.explorer_method(SPEC)
def test_contract(contract_check):
    contract_check()


def test_a_weight_for_each_channel():
    found = explorer.score_cam("demo:shapes-plain", "sample:cat", tap="layers.9").value
    values = explorer.capture("demo:shapes-plain", "sample:cat", "layers.9")["layers.9"]
    assert found.weights.shape == values.shape[:1]
    assert found.cam.shape == values.shape[1:]
    assert np.isclose(found.weights.sum(), 1)  # a softmax over the channels
