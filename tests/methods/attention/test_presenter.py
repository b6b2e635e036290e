"""The page of attention with an engine that answers when the test says so: no torch, no thread."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.attention import AttentionCall, AttentionKind, AttentionMaps, HeadSummary, Tokens
from explorer.core.attention_queries import Attending, Looked
from explorer.core.attention_requests import FlowThrough, Look, RecordAttention, SummariseHeads
from explorer.core.boxes import ReceptiveField
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.selection import Selection
from explorer.methods.attention.presenter import Presenter
from explorer.ui.method_page.pointer import Pointer

FIELD = ReceptiveField(4, 4, 4, 4, 0, 0)
CELLS = np.arange(4, dtype=np.int32)[None]
TOKENS = Tokens(4, CELLS, (2, 2), 0, FIELD)


class Host:
    """Keeps what is drawn over the input."""

    parent_widget = settings = None
    session = SimpleNamespace(blocks=False, tap="block")

    def __init__(self) -> None:
        self.overlay, self.pointer = self, Pointer()
        self.heat = self.window = self.border = None

    def set_heat(self, pixels: Any, *_box: Any, **_more: Any) -> None:
        self.heat = pixels

    def set_window(self, box: Any) -> None:
        self.window = box

    def set_border(self, mask: Any) -> None:
        self.border = mask


class Page:
    def __init__(self, qtbot: Any) -> None:
        self.engine, self.host = FakeEngine(), Host()
        self.presenter = Presenter(self.engine.client, self.host)  # type: ignore[arg-type]
        self.view = self.presenter.view
        qtbot.addWidget(self.view)
        qtbot.addWidget(self.view.front)

    def ticket(self, kind: type) -> int:
        """Of the last request of a kind."""
        return max(at for at, (request, _) in enumerate(self.engine.asked, 1) if isinstance(request, kind))

    def record(self) -> None:
        self.presenter.follow(selection(), "")
        call = AttentionCall(
            "block", "block", 0, "Attention", AttentionKind.TOKENS, ((2, False),), 4, TOKENS, TOKENS, fused=True
        )
        self.engine.answer(Attending((call,)), self.ticket(RecordAttention))


@pytest.fixture
def page(qtbot: Any) -> Page:
    return Page(qtbot)


def selection(**more: Any) -> Selection:
    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True), Preprocess(8, 8))
    shown = Picture(InputRef("clipboard"), np.zeros((8, 8, 3), np.uint8), "p")
    shape = (1, 4, 2, 2)
    one = Tap("block", "block", 0, "Block", Kind.BLOCK, shape=shape, layout=Layout.NCHW, grid=(2, 2), receptive=FIELD)
    return replace(Selection(card, Capture("net", shown, (one,), {}), one, 0, None), **more)


def looked(query: Any) -> Looked:
    maps = np.full((2, 2, 2), 0.25, np.float32)
    seen, none = np.ones((2, 2), bool), np.zeros(2, np.float32)
    return Looked("block", query, False, AttentionMaps(maps, seen, np.zeros((2, 0), np.float32), none, np.ones(2)))


def test_the_recording_comes_first_then_the_heads_and_the_middle(page: Page) -> None:
    page.presenter.follow(selection(), "")
    assert isinstance(page.engine.request, RecordAttention)
    assert page.view.message
    page.record()
    assert not page.view.message
    assert [type(request) for request, _ in page.engine.asked] == [RecordAttention, SummariseHeads, Look]
    assert page.engine.request.query == (1, 1)
    page.engine.answer(looked((1, 1)), page.ticket(Look))
    assert page.view.tiles.names == ("mean", "0", "1")
    assert page.host.heat is not None


def test_the_pointer_asks_and_an_answer_before_the_last_is_shown_too(page: Page) -> None:
    page.record()
    page.host.pointer.over_layer.emit(0, 0)
    first = page.ticket(Look)
    page.host.pointer.over_layer.emit(0, 1)
    assert [request.query for request, _ in page.engine.asked[first - 1 :]] == [(0, 0), (0, 1)]
    page.engine.answer(looked((0, 0)), first)
    assert page.presenter.looked is not None
    assert page.presenter.looked.query == (0, 0)
    assert page.presenter.waiting
    page.engine.fail("Lost.", page.ticket(Look))
    assert "Lost." in page.view.note.text()
    page.host.pointer.left.emit()
    assert page.engine.request.query == (1, 1)


def test_heads_without_numbers_say_why_and_are_not_asked_again(page: Page) -> None:
    page.record()
    page.engine.fail("Too many.", page.ticket(SummariseHeads))
    assert "TOO MANY." in page.view.table_title.text()
    asked = page.ticket(SummariseHeads)
    page.presenter.follow(selection(channel=1), "")
    assert page.ticket(SummariseHeads) == asked
    nats = np.zeros(2)
    page.presenter.leave()
    page.record()
    page.engine.answer(HeadSummary("block", nats, nats, np.zeros((2, 0)), 4, 0.0), page.ticket(SummariseHeads))
    assert page.view.table.model().rowCount() == 2


def test_a_rollout_is_stopped_and_run_again(page: Page) -> None:
    page.record()
    page.view.set_mode("rollout")
    assert isinstance(page.engine.request, FlowThrough)
    page.engine.tell("half", 0.5)
    assert page.view.running
    page.view.start_button.click()
    assert not page.view.running
    assert page.view.note.text() == "Stopped."
    asked = len(page.engine.asked)
    page.presenter.follow(selection(), "")
    assert len(page.engine.asked) == asked
    page.view.start_button.click()
    assert len(page.engine.asked) == asked + 1
    page.presenter.leave()
    assert not page.presenter.waiting
    assert page.engine.cancelled
