"""Attention between tokens on its page, with an engine that answers when the test says so: no torch, no thread."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from PySide6.QtCore import Qt

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.attention import AttentionCall, AttentionKind, AttentionMaps, Tokens
from explorer.core.attention_queries import Attending, Looked
from explorer.core.attention_requests import HeadPlace, Look, PlaceHead, RecordAttention
from explorer.core.boxes import ReceptiveField
from explorer.core.inputs import InputRef, Text
from explorer.core.interventions import Edit
from explorer.core.models import ModelCard, ModelSpec, WeightsInfo
from explorer.core.selection import Selection
from explorer.core.texts import TextPreprocess, token_row
from explorer.core.token_weights import EveryWeight, TokenWeights, WeighEverything, WeighTokens
from explorer.methods.attention.presenter import Presenter
from explorer.ui.method_page.pointer import Pointer

UNIT = ReceptiveField(1, 1, 0, 0, 1, 1)
PIECES = ("<pad>", "<unk>", "not", "so", "bad")


class Host:
    """Keeps what is drawn over the input."""

    parent_widget = settings = None
    session = SimpleNamespace(blocks=False, tap="block")

    def __init__(self) -> None:
        self.overlay, self.pointer = self, Pointer()
        self.heat = self.window = None
        self.interventions, self.said = self, ""
        self.edits: tuple[Edit, ...] = ()

    def put(self, edit: Edit) -> None:
        self.edits += (edit,)

    def say(self, words: str) -> None:
        self.said = words

    def set_heat(self, pixels: Any, *_box: Any, **_more: Any) -> None:
        self.heat = pixels

    def set_window(self, box: Any) -> None:
        self.window = box

    def set_border(self, _mask: Any) -> None:
        return None


class Page:
    def __init__(self, qtbot: Any, length: int = 4) -> None:
        self.engine, self.host = FakeEngine(), Host()
        self.presenter = Presenter(self.engine.client, self.host)  # type: ignore[arg-type]
        self.view = self.presenter.view
        for widget in (self.view, self.view.front):
            qtbot.addWidget(widget)
        cells = np.arange(-1, length, dtype=np.int32)[None]
        self.tokens = Tokens(length + 1, cells, (1, length), 1, UNIT)
        call = AttentionCall(
            "block", "block", 0, "A", AttentionKind.TOKENS, ((2, False),), 4, self.tokens, self.tokens, True, ("CLS",)
        )
        self.presenter.follow(self.selection(length), "")
        self.engine.answer(Attending((call,)), self.ticket(RecordAttention))

    @staticmethod
    def selection(length: int) -> Selection:
        pre = TextPreprocess(PIECES, length=length)
        card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(True), pre)
        text = Text(InputRef("text", "not bad"), "not bad", "t")
        tap = Tap(
            "block", "block", 0, "Block", Kind.BLOCK, shape=(1, length + 1, 8), layout=Layout.NLC, grid=(1, length)
        )
        capture = Capture("net", text, (tap,), {}, text=token_row(text.text, pre))
        return Selection(card, capture, tap, 0, None)

    def ticket(self, kind: type) -> int:
        return max(at for at, (request, _) in enumerate(self.engine.asked, 1) if isinstance(request, kind))

    def weigh(self, count: int = 5, step: int = 1, padding: int = 2) -> TokenWeights:
        """Head 0 attends to the first key, head 1 evenly to what is no padding."""
        weights = np.zeros((2, count, count), np.float32)
        weights[0, :, 0] = 1
        weights[1, :, : count - padding] = 1 / (count - padding)
        cells = -(-count // step)
        unseen = np.arange(count) >= count - padding
        small = weights[:, ::step, ::step][:, :cells, :cells]
        found = TokenWeights("block", small, count, count, (step, step), weights.mean(1), unseen, np.zeros(count, bool))
        self.engine.answer(found, self.ticket(WeighTokens))
        return found

    def answer_look(self, query: Any, to: bool = False) -> None:
        maps = np.full((2, 1, 4), 0.25, np.float32)
        none = np.zeros(2, np.float32)
        looked = AttentionMaps(maps, np.ones((1, 4), bool), np.zeros((2, 1), np.float32), none, np.ones(2))
        self.engine.answer(Looked("block", query, to, looked), self.ticket(Look))


@pytest.fixture
def page(qtbot: Any) -> Page:
    return Page(qtbot)


def test_a_text_opens_with_lines_between_its_words(page: Page) -> None:
    assert page.view.mode == "lines"
    page.weigh()
    lines = page.view.lines
    assert lines.values is not None
    assert lines.values[1] == pytest.approx([2 / 3, 1 / 6, 1 / 6, 0, 0])
    assert [label.text for label in lines._labels[0]] == ["CLS", "not", "bad", "<pad>", "<pad>"]
    assert "2 keys are padding, masked" in page.view.note.text()
    assert not page.view.to_matrix.isVisibleTo(page.view)


def test_a_token_that_is_pointed_at_shows_only_its_row_and_a_click_locks_it(page: Page, qtbot: Any) -> None:
    page.weigh()
    lines = page.view.lines
    lines.point(lines.place(False, 2))
    assert lines.marked == (False, 2)
    assert "“bad” attends to" in page.view.headline.text()
    assert len([line for _, some in lines._strokes() for line in some]) == 3
    assert page.engine.request.query == (0, 1)
    page.answer_look((0, 1))
    assert page.host.heat is not None
    lines.box.clicked.emit(lines.place(True, 0))
    lines.point(None)
    assert lines.marked == (True, 0)
    assert "attended by" in page.view.headline.text()
    qtbot.keyClick(lines, Qt.Key.Key_Escape)
    assert lines.marked is None
    assert "locked" not in page.view.headline.text()


def test_a_word_that_is_pointed_at_in_the_text_is_marked(page: Page) -> None:
    page.weigh()
    page.host.pointer.over_layer.emit(0, 1)
    page.host.pointer.over_token.emit(0)
    assert page.view.lines.marked == (False, 0)


def test_the_matrix_shows_one_head_with_its_overview(page: Page) -> None:
    found = page.weigh()
    page.view.set_mode("matrix")
    page.engine.answer(EveryWeight({"block": found}), page.ticket(WeighEverything))
    page.view.whose.setCurrentIndex(2)
    page.view.whose.activated.emit(2)
    matrix = page.view.matrix
    assert matrix.values is not None
    assert np.array_equal(matrix.values, found.weights[1])
    assert page.view.blocks.rows[0].maps is found.weights
    matrix.cells.hovered.emit(3, 0)
    assert "“<pad>” attends to  ·  head 1" in page.view.headline.text()


def test_too_many_tokens_for_lines_say_so_and_lead_to_the_matrix(qtbot: Any) -> None:
    page = Page(qtbot, 299)
    page.weigh(300, 2, padding=0)
    assert page.view.lines.values is None
    assert "300 queries and 300 keys" in page.view.lines.message.text()
    assert page.view.to_matrix.isVisibleTo(page.view)
    page.view.to_matrix.click()
    assert not page.view.save.isEnabled()
    assert page.view.mode == "matrix"
    assert page.view.matrix.values is not None
    assert page.view.matrix.values.shape == (150, 150)
    assert "largest of 2 × 2 weights" in page.view.note.text()
    page.view.matrix.chosen.emit(20)
    assert page.engine.request.query == (0, 19)


def test_padding_gives_way_where_there_are_more_tokens_than_lines(qtbot: Any) -> None:
    page = Page(qtbot, 60)
    page.weigh(61, padding=58)
    assert page.view.lines.values is not None
    assert page.view.lines.values.shape == (3, 3)


def test_what_fails_is_said_in_place_and_a_mode_that_was_chosen_stays(page: Page) -> None:
    page.engine.fail("No matrix.", page.ticket(WeighTokens))
    assert "No matrix." in page.view.lines.message.text()
    page.view.set_mode("heads")
    page.presenter.follow(page.selection(4), "")
    assert page.view.mode == "heads"


def test_the_head_that_is_shown_is_ablated_where_its_values_stand(page: Page) -> None:
    assert not page.view.ablate.isVisibleTo(page.view)
    page.presenter.choose_head(1)
    assert page.view.ablate.text() == "Ablate head 1"
    page.view.ablate.click()
    assert (page.engine.request.block, page.engine.request.head) == ("block", 1)
    page.engine.answer(HeadPlace("block", 1, "block.v", (4, 5, 6, 7)), page.ticket(PlaceHead))
    assert page.host.edits == (Edit("block.v", (4, 5, 6, 7)),)
    assert "channels 4–7 of block.v" in page.host.said
    page.view.ablate.click()
    page.engine.fail("No layer returns its values.", page.ticket(PlaceHead))
    assert "No layer returns" in page.view.note.text()


def test_the_weights_are_saved_with_the_names_of_their_tokens(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.weigh()
    saved: dict[str, bytes] = {}
    monkeypatch.setattr("explorer.methods.attention.token_views.ask_path", lambda *_: "x.csv")
    monkeypatch.setattr(page.host, "save", lambda path, make: saved.update({path: make()}), raising=False)
    page.view.save.click()
    lines = saved["x.csv"].decode().splitlines()
    assert lines[0] == "head,query,query_token,key,key_token,weight"
    assert len(lines) == 1 + 2 * 5 * 5
    assert lines[6] == "0,1,not,0,CLS,1.0"


def test_an_overview_that_cannot_be_had_says_why_once(page: Page) -> None:
    page.weigh()
    page.engine.fail("It does not fit into memory.", page.ticket(WeighEverything))
    assert "does not fit" in page.view.note.text()
    asked = len(page.engine.asked)
    page.presenter.follow(page.selection(4), "")
    assert not any(isinstance(request, WeighEverything) for request, _ in page.engine.asked[asked:])
