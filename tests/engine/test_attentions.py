"""Attention as the window asks for it, against the functions called by hand on a recording of their own."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from attention_nets import Planted
from nets import InPlace, seeded
from studied import PRE, drained, job, made
from torch import Tensor, nn

from explorer.core.activations import Capture
from explorer.core.attention_queries import FlowAsked, query_of, spot_of
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Edit, Under
from explorer.core.models import Preprocess
from explorer.core.target import Target
from explorer.engine.attention.flow import relevance, rollout
from explorer.engine.attention.heads import summarise
from explorer.engine.attention.looks import looks_at, seen_by
from explorer.engine.attention.norms import token_norms
from explorer.engine.attention.record import ForwardAttention, find
from explorer.engine.attentions import Attentions
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.models.demo.vit import VisionTransformer

Place = tuple[Attentions, Capture, nn.Module, Tensor]


def place(net: nn.Module, pre: Preprocess = PRE) -> Place:
    studies, capture, module = made(net, pre)
    return Attentions(studies), capture, module, to_tensor(capture.picture, pre)


def small_net() -> nn.Module:
    """Three blocks of three heads: a class token, a register and 4 x 4 patches."""
    return seeded(VisionTransformer(5, width=24, depth=3, heads=3, registers=1, patch=4, size=16))


class Channels(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)

    def forward(self, x: Tensor) -> Tensor:
        t = self.stem(x).flatten(2).unflatten(1, (2, 4))  # heads, channels, cells
        return ((t @ t.mT).softmax(-1) @ t).flatten(1)


@pytest.fixture
def small() -> Place:
    return place(small_net())


def asked(place: Place) -> tuple[Attentions, str, Any]:
    return place[0], place[1].model, place[1].picture


def by_hand(place: Place) -> ForwardAttention:
    return find(place[2], place[3])


def forwards(module: nn.Module, work: Callable[[], Any]) -> int:
    counted = []
    handle = module.register_forward_hook(lambda *_: counted.append(1))
    try:
        work()
    finally:
        handle.remove()
    return len(counted)


def test_rows_and_columns_are_those_of_a_recording_and_cost_no_forward(small: Place) -> None:
    found, model, picture = asked(small)
    opened, expected = found.open(model, picture, job()), by_hand(small)
    assert [call.name for call in opened.calls] == [call.name for call in expected.calls]
    assert all(0 < call.error < 1e-5 for call in opened.calls)
    assert opened.whole

    def look() -> None:
        for name in expected.records:
            for query in (0, 1, (0, 0), (3, 2)):
                row = found.look(model, picture, name, query, False, job())
                assert np.array_equal(row.maps.maps, looks_at(expected.of(name), query).maps)
                assert np.array_equal(row.maps.prefix, looks_at(expected.of(name), query).prefix)
                column = found.look(model, picture, name, query, True, job())
                assert np.array_equal(column.maps.maps, seen_by(expected.of(name), query).maps)

    assert forwards(small[2], look) == 0


def test_all_blocks_at_once_are_the_blocks_one_by_one(small: Place) -> None:
    found, model, picture = asked(small)
    expected = by_hand(small)
    spot = spot_of(expected.calls[0].queries.field, (1, 2))
    seen = found.overview(model, picture, spot, False, job())
    assert list(seen.looks) == [call.name for call in expected.calls]
    for name, maps in seen.looks.items():
        assert np.array_equal(maps.maps, looks_at(expected.of(name), (1, 2)).maps)


def test_numbers_of_heads_flows_and_norms_are_those_of_the_methods(small: Place) -> None:
    found, model, picture = asked(small)
    expected, (_, _, module, x) = by_hand(small), small
    name = expected.calls[1].name
    heads = drained(found.heads(model, picture, name, job()))[1]
    assert np.array_equal(heads.entropy, summarise(expected.of(name)).entropy)
    assert np.array_equal(heads.distance, summarise(expected.of(name)).distance)
    spot = spot_of(expected.calls[0].queries.field, (2, 1))
    records = list(expected.records.values())
    for one, query, fusion, start in ((None, 0, "mean", 0), (spot, (2, 1), "max", 1)):
        flow = drained(found.flow(model, picture, FlowAsked("rollout", one, start, fusion), job()))[1]
        assert flow.map == pytest.approx(rollout(records, query, fusion, start).map)
    plan = discover(module, x.clone()).plan
    for one, query in ((None, None), (spot, (2, 1))):
        flow = drained(found.flow(model, picture, FlowAsked("relevance", one, class_=2), job()))[1]
        by = relevance(module, x, Target("", 2), plan, expected.calls, query)
        assert flow.map == pytest.approx(by.map)
        assert flow.value == pytest.approx(by.value)
    norms = found.norms(model, picture, job())
    for one_block, other in zip(norms, token_norms(module, x, plan, expected.calls), strict=True):
        assert np.array_equal(one_block.norms, other.norms)


def test_long_work_is_done_in_steps_with_its_progress_and_can_be_stopped(small: Place) -> None:
    found, model, picture = asked(small)
    told = []
    one = job()
    one.progress = lambda text, share=None: told.append(share)  # type: ignore[method-assign]
    steps, _ = drained(found.flow(model, picture, FlowAsked("rollout"), one))
    assert len(steps) == 3
    assert told == pytest.approx([1 / 3, 2 / 3, 1])
    work = found.heads(model, picture, found.open(model, picture, job()).calls[0].name, one)
    one.cancel()
    with pytest.raises(CancelledError):
        drained(work)


def test_what_is_too_large_is_kept_one_block_at_a_time(small: Place) -> None:
    found, model, picture = asked(small)
    whole = found.open(model, picture, job()).nbytes
    found.forget()
    found.bench.store.budget = 4 * whole - 4
    opened, expected = found.open(model, picture, job()), by_hand(small)
    assert not opened.whole
    assert found.nbytes == 0
    for call in expected.calls:
        row = found.look(model, picture, call.name, (1, 1), False, job())
        assert np.array_equal(row.maps.maps, looks_at(expected.of(call.name), (1, 1)).maps)
        assert found.nbytes == expected.of(call.name).nbytes
    with pytest.raises(ExplorerError, match="does not fit into memory"):
        found.overview(model, picture, 0, False, job())


def test_memory_is_counted_and_goes_with_the_model(small: Place) -> None:
    found, model, picture = asked(small)
    opened = found.open(model, picture, job())
    assert found.nbytes == opened.nbytes == sum(one.nbytes for one in by_hand(small).records.values())
    found.bench._models.clear()
    found.bench._plans.clear()
    with pytest.raises(ExplorerError, match="not open"):
        found.look(model, picture, opened.calls[0].name, 0, False, job())


def test_nothing_holds_a_model_that_is_closed() -> None:
    found, capture, module, _ = place(small_net())
    found.open(capture.model, capture.picture, job())
    found.bench._models.clear()
    found.bench._plans.clear()
    del module
    gc.collect()
    assert found.recordings.kept == ()
    assert found.nbytes == 0


def other_picture(seed: int = 7) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    return picture_from_array(pixels, InputRef("clipboard"), "other")


def test_pictures_that_are_asked_in_turn_are_recorded_once_each(small: Place) -> None:
    found, model, picture = asked(small)
    pictures = picture, other_picture()
    name = found.open(model, picture, job()).calls[0].name
    expected = [looks_at(find(small[2], to_tensor(p, PRE)).of(name), (1, 2)).maps for p in pictures]
    assert not np.array_equal(*expected)

    def hover() -> None:
        for _ in range(3):
            for one, maps in zip(pictures, expected, strict=True):
                assert np.array_equal(found.look(model, one, name, (1, 2), False, job()).maps.maps, maps)

    assert forwards(small[2], hover) == 1  # that of the second picture
    assert found.nbytes == 2 * sum(one.nbytes for one in by_hand(small).records.values())


def test_what_was_not_asked_for_the_longest_makes_room(small: Place) -> None:
    found, model, picture = asked(small)
    one = found.open(model, picture, job()).nbytes
    found.bench.store.budget = 4 * 2 * one  # for two of them
    second, third = other_picture(), other_picture(8)
    name = found.open(model, second, job()).calls[0].name
    found.look(model, picture, name, 0, False, job())
    assert forwards(small[2], lambda: found.open(model, third, job())) == 1
    assert found.nbytes == 2 * one
    assert forwards(small[2], lambda: found.look(model, picture, name, 0, False, job())) == 0
    assert forwards(small[2], lambda: found.look(model, second, name, 0, False, job())) == 1
    assert found.nbytes <= found.recordings.limit


def test_blocks_that_are_kept_one_at_a_time_leave_those_of_other_pictures(small: Place) -> None:
    found, model, picture = asked(small)
    opened = found.open(model, picture, job())
    found.forget()
    found.bench.store.budget = 4 * opened.nbytes - 4
    first, second = (call.name for call in opened.calls[:2])
    other = other_picture()
    found.look(model, picture, first, 0, False, job())
    found.look(model, other, second, 0, False, job())
    again = (picture, first), (other, second), (picture, first)
    assert forwards(small[2], lambda: [found.look(model, *each, 0, False, job()) for each in again]) == 0
    assert forwards(small[2], lambda: found.look(model, picture, second, 0, False, job())) == 1
    assert found.nbytes <= found.recordings.limit


def test_only_so_many_recordings_are_kept(small: Place) -> None:
    found, model, picture = asked(small)
    one = found.open(model, picture, job()).nbytes
    for seed in range(20, 30):
        found.open(model, other_picture(seed), job())
    assert found.nbytes == 6 * one


def hooked(place: Place, path: str, channels: tuple[int, ...]) -> ForwardAttention:
    """A recording while plain torch puts zeros in what a module returns."""

    def zeros(_module: nn.Module, _given: Any, out: Tensor) -> Tensor:
        changed = out.clone()
        changed[..., list(channels)] = 0
        return changed

    handle = place[2].get_submodule(path).register_forward_hook(zeros)
    try:
        return by_hand(place)
    finally:
        handle.remove()


@pytest.mark.parametrize("path", ["blocks.0", "blocks.1.attention.q", "blocks.1.attention"])
def test_under_edits_the_rows_are_those_of_the_edited_model(small: Place, path: str) -> None:
    found, model, picture = asked(small)
    under, plain, expected = Under((Edit(path, (1, 5)),)), by_hand(small), hooked(small, path, (1, 5))
    changed = [
        not np.array_equal(looks_at(plain.of(call.name), (1, 1)).maps, looks_at(expected.of(call.name), (1, 1)).maps)
        for call in plain.calls
    ]
    assert changed == [False, path == "blocks.0" or path.endswith("q"), True]
    found.open(model, picture, job())
    for call in found.open(model, picture, job(), under).calls:
        assert 0 < call.error < 1e-5
        for edits, oracle in ((under, expected), (Under(), plain)):
            seen = found.look(model, picture, call.name, (1, 1), False, job(), edits)
            assert np.array_equal(seen.maps.maps, looks_at(oracle.of(call.name), (1, 1)).maps)
    heads = drained(found.heads(model, picture, call.name, job(), under))[1]
    assert np.array_equal(heads.entropy, summarise(expected.of(call.name)).entropy)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in small[2].modules())


def test_an_edit_that_does_not_fit_is_an_error_and_changes_nothing(small: Place) -> None:
    found, model, picture = asked(small)
    name = found.open(model, picture, job()).calls[0].name
    with pytest.raises(ExplorerError):
        found.open(model, picture, job(), Under((Edit("blocks.0", (99,)),)))
    assert forwards(small[2], lambda: found.look(model, picture, name, 0, False, job())) == 0


def test_a_model_without_attention_is_no_error() -> None:
    found, capture, _, _ = place(seeded(InPlace()))
    assert found.open(capture.model, capture.picture, job()).calls == ()
    with pytest.raises(ExplorerError, match="no attention named"):
        found.look(capture.model, capture.picture, "relu", 0, False, job())


def test_channels_come_as_a_table() -> None:
    found, capture, module, x = place(seeded(Channels()))
    (call,) = found.open(capture.model, capture.picture, job()).calls
    seen = found.look(capture.model, capture.picture, call.name, 0, False, job())
    t = module.stem(x).flatten(2).unflatten(1, (2, 4))
    assert seen.maps is None
    assert seen.matrix == pytest.approx((t @ t.mT).softmax(-1)[0].detach().numpy(), abs=1e-6)


def test_a_model_is_left_as_it_was(small: Place) -> None:
    found, model, picture = asked(small)
    module = small[2]
    before = [p.requires_grad for p in module.parameters()]
    state = torch.random.get_rng_state()
    found.open(model, picture, job())
    drained(found.flow(model, picture, FlowAsked("relevance", class_=1), job()))
    assert [p.requires_grad for p in module.parameters()] == before
    assert all(p.grad is None for p in module.parameters())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module.modules())
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_planted_head_looks_at_the_left_neighbour() -> None:
    found, capture, _, _ = place(Planted(), Preprocess(12, 16, fit="stretch"))
    first, _ = found.open(capture.model, capture.picture, job()).calls
    query = query_of(first.queries, (4.5, 9.0))
    assert query == (1, 2)
    assert found.look(capture.model, capture.picture, first.name, query, False, job()).maps.maps[0, 1, 1] == 1
