"""What the page of attributions asks for, against the methods called by hand on the same network."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded
from studied import PRE, drained, job, made
from torch import nn

from explorer.core.activations import Capture
from explorer.core.attribution import METHODS, Attribution, AttributionSettings, Offers
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from explorer.methods.attribution import compute
from explorer.methods.attribution.spec import SPEC, Asked, AttributionParams, CheckRequest, OffersRequest

CLASS = Target("", 1)


@pytest.fixture
def place() -> tuple[Studies, Capture, nn.Module]:
    return made(seeded(InPlace()))


def asked(capture: Capture, method: str = "gradient", **more: Any) -> Asked:
    params = AttributionParams(method=method, **more)
    return Asked(capture.model, capture.picture.digest, capture.picture, SPEC, params, class_index=CLASS.channel)


def offered(studies: Studies, capture: Capture, target: Target) -> Offers:
    request = OffersRequest(capture.model, capture.picture.digest, capture.picture, target)
    return compute.offers(SimpleNamespace(studies=studies), request, job())


def test_an_attribution_is_that_of_the_method(place: Any) -> None:
    studies, capture, net = place
    x = to_tensor(capture.picture, PRE)
    plan = discover(net, x.clone()).plan
    for method in ("gradient", "integrated-gradients", "grad-cam"):
        _, found = drained(compute.run(studies, asked(capture, method), job()))
        expected = finished(explain(method, net, x, CLASS, plan, AttributionSettings()))
        assert np.array_equal(found.values, expected.values)
        assert found.value == expected.value


def test_what_is_chosen_reaches_the_method(place: Any) -> None:
    studies, capture, _ = place
    chosen = {"samples": 20, "noise": 0.5, "seed": 4}
    partial, found = drained(compute.run(studies, asked(capture, "smoothgrad", **chosen), job()))
    assert {name: getattr(found.settings, name) for name in chosen} == chosen
    assert partial[0].fraction < found.fraction == 1


def test_a_channel_and_a_cell_are_explained(place: Any) -> None:
    studies, capture, _ = place
    for kind, cell in (("channel", None), ("cell", (3, 4))):
        given = capture.model, capture.picture.digest, capture.picture, SPEC, AttributionParams(target=kind)
        _, found = drained(compute.run(studies, Asked(*given, "relu", 2, cell), job()))
        assert found.target == Target("relu", 2, cell)


def test_progress_is_said_with_each_partial_map(place: Any) -> None:
    studies, capture, _ = place
    events: list[Any] = []
    partial, _ = drained(compute.run(studies, asked(capture, "occlusion"), Job(0, job().lane, "", events.append)))
    assert [event.progress.fraction for event in events] == [step.fraction for step in partial]


def test_black_is_the_black_of_the_preprocessing(place: Any) -> None:
    studies, capture, _ = place
    _, found = drained(compute.run(studies, asked(capture, "integrated-gradients", baseline="black"), job()))
    assert np.allclose(found.settings.black, [-m / s for m, s in zip(PRE.mean, PRE.std, strict=True)])


def test_a_check_grows_to_a_twin_and_two_curves(place: Any) -> None:
    studies, capture, _ = place
    found: Attribution = drained(compute.run(studies, asked(capture), job()))[1]
    request = CheckRequest(capture.model, capture.picture.digest, capture.picture, found)
    partial, check = drained(compute.check(SimpleNamespace(studies=studies), request, job()))
    assert check.fraction == 1
    assert check.pair.original is found
    assert check.deletion.kind == "deletion"
    assert check.insertion.kind == "insertion"
    assert check.deletion.scores[0] == pytest.approx(check.insertion.scores[-1], rel=1e-5)
    fractions = [step.fraction for step in partial]
    assert fractions == sorted(fractions)


def test_offers_say_why_a_method_cannot_be_had(place: Any) -> None:
    studies, capture, _ = place
    offers = offered(studies, capture, CLASS)
    assert [m.name for m in offers.methods] == list(METHODS)
    assert {m.name for m in offers.methods if m.reason} == {"time-occlusion"}  # of sounds
    assert offers.layers
    assert [choice.value for choice in offers.choices["layer"]] == ["", *offers.layers]
    first = capture.taps[0].name
    shallow = {m.name: m.reason for m in offered(studies, capture, Target(first, 0)).methods}
    assert "no ReLU" in shallow["guided-backprop"]
    assert "no layer" in shallow["grad-cam"]
    assert shallow["gradient"] == shallow["occlusion"] == ""


def test_a_network_without_relu_offers_what_needs_none() -> None:
    studies, capture, _ = made(seeded(TinyViT()))
    reasons = {m.name: m.reason for m in offered(studies, capture, CLASS).methods}
    assert reasons["deconvnet"]
    assert not reasons["grad-cam"]


class Detached(InPlace):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).detach()


def test_a_model_without_gradients_offers_occlusion_only() -> None:
    studies, capture, _ = made(seeded(Detached()))
    reasons = {m.name: m.reason for m in offered(studies, capture, CLASS).methods}
    assert [name for name, why in reasons.items() if not why] == ["occlusion"]


def test_a_cancelled_one_stops_and_leaves_no_hook(place: Any) -> None:
    studies, capture, net = place
    stopped = job()
    stopped.cancel()
    with pytest.raises(CancelledError):
        drained(compute.run(studies, asked(capture, "occlusion"), stopped))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_a_full_memory_is_said(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    studies, capture, _ = place

    def full(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")

    monkeypatch.setattr(compute, "explain", full)
    with pytest.raises(ExplorerError):
        drained(studies.streamed(lambda: compute.run(studies, asked(capture), job())))
