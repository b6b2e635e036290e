"""What the user interface asks for, against the methods called by hand on the same network."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded
from studied import PRE, drained, job, made
from torch import nn

from explorer.core.edits import Edit
from explorer.core.explain import Attribution, Settings
from explorer.core.target import Target
from explorer.core.types import Capture, ExplorerError, InputRef, WeightsInfo
from explorer.engine import studies as module_of_studies
from explorer.engine.cancel import CancelledError
from explorer.engine.capture import discover
from explorer.engine.explain.ablation.ablate import ablate, base_of
from explorer.engine.explain.attribution.methods import METHODS, explain, finished
from explorer.engine.inputs.arrays import picture_from_array
from explorer.engine.inputs.preprocess import to_tensor
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


def test_an_attribution_is_that_of_the_method(place: Any) -> None:
    studies, capture, net = place
    x = to_tensor(capture.picture, PRE)
    plan = discover(net, x.clone()).plan
    for method in ("gradient", "integrated-gradients", "grad-cam"):
        _, found = drained(studies.attribute(capture, CLASS, method, Settings(), job()))
        expected = finished(explain(method, net, x, CLASS, plan, Settings()))
        assert np.array_equal(found.values, expected.values)
        assert found.value == expected.value


def test_black_is_the_black_of_the_preprocessing(place: Any) -> None:
    studies, capture, _ = place
    _, found = drained(studies.attribute(capture, CLASS, "integrated-gradients", Settings(baseline="black"), job()))
    assert np.allclose(found.settings.black, [-m / s for m, s in zip(PRE.mean, PRE.std, strict=True)])


def test_a_check_grows_to_a_twin_and_two_curves(place: Any) -> None:
    studies, capture, _ = place
    found: Attribution = drained(studies.attribute(capture, CLASS, "gradient", Settings(), job()))[1]
    partial, check = drained(studies.check(capture, found, job()))
    assert check.fraction == 1
    assert check.pair.original is found
    assert check.deletion.kind == "deletion"
    assert check.insertion.kind == "insertion"
    assert check.deletion.scores[0] == pytest.approx(check.insertion.scores[-1], rel=1e-5)
    fractions = [step.fraction for step in partial]
    assert fractions == sorted(fractions)


def test_offers_say_why_a_method_cannot_be_had(place: Any) -> None:
    studies, capture, _ = place
    offers = studies.offers(capture, CLASS, job())
    assert [m.name for m in offers.methods] == list(METHODS)
    assert not any(m.reason for m in offers.methods)
    assert offers.layers
    first = capture.taps[0].name
    shallow = {m.name: m.reason for m in studies.offers(capture, Target(first, 0), job()).methods}
    assert "no ReLU" in shallow["guided-backprop"]
    assert "no layer" in shallow["grad-cam"]
    assert shallow["gradient"] == shallow["occlusion"] == ""


def test_a_network_without_relu_offers_what_needs_none() -> None:
    studies, capture, _ = made(seeded(TinyViT()))
    reasons = {m.name: m.reason for m in studies.offers(capture, CLASS, job()).methods}
    assert reasons["deconvnet"]
    assert not reasons["grad-cam"]


class Detached(InPlace):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).detach()


def test_a_model_without_gradients_offers_occlusion_only() -> None:
    studies, capture, _ = made(seeded(Detached()))
    reasons = {m.name: m.reason for m in studies.offers(capture, CLASS, job()).methods}
    assert [name for name, why in reasons.items() if not why] == ["occlusion"]


def test_an_ablation_is_that_of_the_engine(place: Any) -> None:
    studies, capture, net = place
    edits = (Edit("relu", (2,)),)
    done = studies.ablate(capture, edits, ["fc"], job())
    x = to_tensor(capture.picture, PRE)
    expected = ablate(base_of(net, x, discover(net, x.clone())), edits, ["fc"])
    assert np.allclose(done.values["fc"], expected.values["fc"], atol=1e-6)
    assert {s.index: s.after for s in done.shifts} == pytest.approx({s.index: s.after for s in expected.shifts})


def test_the_effective_field_averages_over_the_pictures_that_are_kept(place: Any) -> None:
    studies, capture, _ = place
    pixels = np.random.default_rng(2).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    studies.bench.capture(capture.model, picture_from_array(pixels, InputRef("clipboard"), "other"), job())
    partial, found = drained(studies.effective(capture, "conv2", 1, (8, 8), job()))
    assert [p.count for p in partial] == [1, 2]
    assert found.count == 2
    assert found.heat[0, 0] == 0
    assert found.heat[8, 8] > 0


def test_cancelled_studies_stop_and_leave_no_hook(place: Any) -> None:
    studies, capture, net = place
    stopped = job()
    stopped.cancel()
    for work in (
        lambda: studies.explain_cell(capture, "relu", 0, (1, 1), stopped),
        lambda: drained(studies.attribute(capture, CLASS, "occlusion", Settings(), stopped)),
        lambda: drained(studies.rank(capture, Edit("relu"), 0, stopped)),
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
    monkeypatch.setattr(module_of_studies, "explain", full)
    with pytest.raises(ExplorerError):
        drained(studies.attribute(capture, CLASS, "gradient", Settings(), job()))


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
