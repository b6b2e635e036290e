"""What the user interface asks for, against the methods called by hand on the same network."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from studied import PRE, job, made
from torch import nn

from explorer.core.activations import Capture
from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit
from explorer.core.models import WeightsInfo
from explorer.core.target import Target
from explorer.engine import studies as module_of_studies
from explorer.engine.ablation.ablate import ablate, base_of
from explorer.engine.ablation.rank import rank
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.models import LoadedModel
from explorer.engine.studies import Studies

CLASS = Target("", 1)


@pytest.fixture
def place() -> tuple[Studies, Capture, nn.Module]:
    return made(seeded(InPlace()))


def test_a_cell_ends_in_the_value_of_the_capture_and_its_neighbours_cost_no_forward(place: Any) -> None:
    studies, capture, net = place
    found = studies.explain_cell(capture, "relu", 3, (4, 5), job())
    assert found.agrees
    assert found.value == capture.values["relu"][3, 4, 5]
    forwards = []
    handle = net.register_forward_hook(lambda *_: forwards.append(1))
    assert studies.explain_cell(capture, "relu", 2, (4, 6), job()).value == capture.values["relu"][2, 4, 6]
    assert not forwards
    studies.explain_cell(capture, "conv2", 2, (4, 6), job())
    assert forwards
    handle.remove()


def test_an_ablation_is_that_of_the_engine(place: Any) -> None:
    studies, capture, net = place
    edits = (Edit("relu", (2,)),)
    done = studies.ablate(capture, edits, ["fc"], job())
    x = to_tensor(capture.picture, PRE)
    expected = ablate(base_of(net, x, discover(net, x.clone())), edits, ["fc"])
    assert np.allclose(done.values["fc"], expected.values["fc"], atol=1e-6)
    assert {s.index: s.after for s in done.shifts} == pytest.approx({s.index: s.after for s in expected.shifts})


def test_cancelled_studies_stop_and_leave_no_hook(place: Any) -> None:
    studies, capture, net = place
    stopped = job()
    stopped.cancel()
    for work in (
        lambda: studies.explain_cell(capture, "relu", 0, (1, 1), stopped),
        lambda: list(rank(studies.base_of(capture, stopped), Edit("relu"), 0, cancelled=stopped.cancelled)),
    ):
        with pytest.raises(CancelledError):
            work()
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_a_full_memory_is_said_with_a_way_out(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    studies, capture, _ = place

    def full(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")

    monkeypatch.setattr(module_of_studies, "worksheet", full)
    with pytest.raises(ExplorerError) as error:
        studies.explain_cell(capture, "relu", 0, (1, 1), job())
    assert "3 GiB" in error.value.why
    assert error.value.todo


def test_a_closed_network_is_let_go_with_what_was_kept_of_it() -> None:
    studies, capture, net = made(seeded(InPlace()))
    studies.explain_cell(capture, "relu", 3, (4, 5), job())
    studies.ablate(capture, (Edit("relu", (0,)),), ["relu"], job())
    loaded = studies.bench.model(capture.model)
    alive = weakref.ref(net)
    again = replace(loaded, card=replace(loaded.card, name="the same network under another card"))
    studies.bench.adopt(again)
    assert studies._sheet.module is net
    assert studies._base.module is net
    for number in range(4):
        card = replace(loaded.card, weights=WeightsInfo(True, sha256=f"other {number}"))
        studies.bench.adopt(LoadedModel(seeded(InPlace()).eval(), card))
    del net, loaded, again
    gc.collect()
    assert alive() is None
