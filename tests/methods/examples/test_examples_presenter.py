"""The page Examples without an engine, a thread or a window: what is read, asked for, shown and opened."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from fake_host import FakeHost, card, selection
from fake_indexes import FOLDER, FakeReader
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from explorer.core.data_index import ChannelTop
from explorer.core.example_pictures import ExamplePicture, FileState, ReadExamples
from explorer.core.index_requests import LocateCells
from explorer.core.inputs import InputRef
from explorer.methods.examples.presenter import Presenter
from explorer.ui.widgets import text

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise")
MODEL = card().digest


class Made:
    def __init__(self, qtbot: Any, *readers: FakeReader) -> None:
        self.engine, self.host = FakeEngine(), FakeHost()
        for reader in readers:
            self.host.indexes.put(reader)
        self.page = Presenter(self.engine.client, self.host)  # type: ignore[arg-type]
        qtbot.addWidget(self.page.view)
        self.page.view.resize(300, 900)
        self.page.view.show()

    def rest(self, qtbot: Any) -> None:
        """Until what follows the hand has been asked for."""
        qtbot.waitUntil(lambda: not self.page._rest.isActive() and not self.page.crops._timer.isActive())

    def asked(self, kind: type) -> list[Any]:
        return [request for request, _ in self.engine.asked if isinstance(request, kind)]

    def values(self) -> list[str]:
        return [tile.shown.value for tile in self.page.view.tiles.tiles if tile.shown is not None]


@pytest.fixture
def made(qtbot: Any) -> Callable[..., Made]:
    return lambda *readers: Made(qtbot, *readers)


def picture(asked: Any, **more: Any) -> ExamplePicture:
    return ExamplePicture(asked, crop=np.full((8, 8, 3), 200, np.uint8), whole=np.zeros((40, 60, 3), np.uint8), **more)


def test_the_nine_best_of_the_selected_channel(made: Any, qtbot: Any) -> None:
    reader = FakeReader(model=MODEL)
    m = made(reader)
    m.page.follow(selection(2), "")
    best = np.argsort(-reader.maxima[:, 2])[:9]
    assert m.values() == [text.number(float(v), 4) for v in reader.maxima[best, 2]]
    assert m.page.view.bars.bars == ()  # what takes longer follows when the hand rests
    m.rest(qtbot)
    (request,) = m.asked(ReadExamples)
    assert [a.ref.path for a in request.asked] == [f"{FOLDER}/{'ab'[n % 2]}/{n}.png" for n in best]
    assert [a.cell for a in request.asked] == [(n % 8, n % 5) for n in best]
    assert {bar.label for bar in m.page.view.bars.bars} == {"a", "b"}
    m.engine.answer(tuple(map(picture, request.asked[:4])), partial=True)
    assert [tile.picture is not None for tile in m.page.view.tiles.tiles] == [True] * 4 + [False] * 5
    m.engine.answer(tuple(map(picture, request.asked)))
    assert all(tile.picture is not None for tile in m.page.view.tiles.tiles)
    assert not m.page.waiting


def test_scrubbing_reads_the_list_and_asks_for_nothing(made: Any, qtbot: Any) -> None:
    reader = FakeReader(channels=40, model=MODEL)
    m = made(reader)
    for channel in range(40):
        m.page.follow(selection(channel), "")
    assert m.engine.asked == []
    assert reader.asked == ["top"] * 40
    m.rest(qtbot)
    assert [type(request) for request, _ in m.engine.asked] == [ReadExamples]  # of the channel where the hand rests


def test_crops_that_were_read_are_there_at_once(made: Any, qtbot: Any) -> None:
    m = made(FakeReader(model=MODEL))
    m.page.follow(selection(0), "")
    m.rest(qtbot)
    m.engine.answer(tuple(map(picture, m.engine.request.asked)))
    m.page.follow(selection(1), "")
    m.page.follow(selection(0), "")
    assert all(tile.picture is not None for tile in m.page.view.tiles.tiles)
    m.rest(qtbot)
    assert len(m.asked(ReadExamples)) == 1


def test_an_answer_for_another_channel_is_passed_over(made: Any, qtbot: Any) -> None:
    m = made(FakeReader(model=MODEL))
    m.page.follow(selection(0), "")
    m.rest(qtbot)
    first = m.engine.request
    m.page.follow(selection(1), "")
    m.engine.answer(tuple(map(picture, first.asked)), ticket=1)
    shown = [tile.picture for tile in m.page.view.tiles.tiles]
    m.rest(qtbot)
    assert shown == [None] * 9
    assert m.engine.cancelled


def test_a_click_opens_the_picture_with_the_cell_in_one_step(made: Any) -> None:
    reader = FakeReader(model=MODEL)
    m = made(reader)
    m.page.follow(selection(3), "")
    second = int(np.argsort(-reader.maxima[:, 3])[1])
    m.page.view.tiles.tiles[1].click()
    path = f"{FOLDER}/{'ab'[second % 2]}/{second}.png"
    assert m.host.went == [
        {"input": InputRef("picture", path), "tap": "relu", "channel": 3, "cell": (second % 8, second % 5)}
    ]


def test_cells_that_the_index_lacks_are_asked_for_when_the_hand_rests(made: Any, qtbot: Any) -> None:
    m = made(FakeReader(model=MODEL))
    m.page.set_order("least")
    m.page.follow(selection(0), "")
    assert m.asked(LocateCells) == []
    m.rest(qtbot)
    (request,) = m.asked(LocateCells)
    of = request.of
    entries = tuple(type(e)(e.picture, e.value, (1, 2)) for e in of.entries)
    m.engine.answer(ChannelTop(of.tap, of.channel, entries, of.order, pictures=of.pictures), ticket=len(m.engine.asked))
    assert m.page.found is not None
    assert {e.cell for e in m.page.found.entries} == {(1, 2)}
    # known from now on
    m.page.follow(selection(1), "")
    m.page.follow(selection(0), "")
    assert {e.cell for e in m.page.found.entries} == {(1, 2)}


def test_order_and_class_are_remembered(made: Any) -> None:
    m = made(FakeReader(model=MODEL))
    m.page.follow(selection(0), "")
    m.page.set_order("above half")
    m.page.view.bars.chosen.emit("b")
    assert m.page.found is not None
    assert {entry.picture.label for entry in m.page.found.entries} == {"b"}
    assert json.loads(m.host.settings.text("method/examples")) == {"order": "above half", "label": "b", "store": ""}
    assert m.page.view.label.currentData() == "b"


def test_ties_at_the_limit_are_said(made: Any) -> None:
    reader = FakeReader(model=MODEL)
    reader.maxima[:5, 2] = 6.0
    m = made(reader)
    m.page.follow(selection(2), "")
    assert m.page.view.status.text().startswith("5 of 12 pictures reach the maximum 6")


def test_without_an_index_it_says_so_and_leads_to_the_workspace(made: Any) -> None:
    m = made()
    m.page.follow(selection(0), "")
    assert "No data set has been indexed for this model" in m.page.view.none_words.text()
    assert m.page.view.listed.isHidden()
    m.page.view.make.click()
    assert m.host.workspaces == ["dataset"]
    m.host.indexes.put(FakeReader(model=MODEL))
    m.host.indexes.refresh()
    assert not m.page.view.listed.isHidden()
    assert len(m.values()) == 9


def test_a_layer_that_is_not_in_the_index(made: Any) -> None:
    reader = FakeReader(model=MODEL)
    m = made(reader)
    reader.taps = ()
    m.page.follow(selection(0), "")
    assert "has no values of this layer" in m.page.view.none_words.text()


def test_files_that_are_gone_are_said_in_place_and_a_moved_data_set_is_asked_for(
    made: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    m = made(FakeReader(model=MODEL))
    m.page.follow(selection(0), "")
    m.rest(qtbot)
    asked = m.engine.request.asked
    gone = ExamplePicture(asked[0], FileState.GONE, "There is no file x.")
    m.engine.answer((gone, picture(asked[1], state=FileState.CHANGED)), partial=True)
    tiles = m.page.view.tiles.tiles
    assert "file is gone" in tiles[0].toolTip()
    assert "file changed" in tiles[1].toolTip()
    at = tiles[0].mapToGlobal(QPoint(5, 5))
    QApplication.sendEvent(tiles[0], QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), at))
    assert "file is gone" in QToolTip.text()
    assert m.page.view.moved.isHidden()
    m.engine.answer((gone, *(ExamplePicture(a, FileState.GONE, folder_gone=True) for a in asked[2:])))
    assert not m.page.view.moved.isHidden()
    from explorer.ui.data_index import moved_data

    monkeypatch.setattr(moved_data.QFileDialog, "getExistingDirectory", lambda *_: "/elsewhere")
    m.page.view.choose.click()
    assert m.host.indexes.moved == [(f"/{MODEL}.fmindex", "/elsewhere")]
    m.rest(qtbot)
    assert m.engine.request.folder == "/elsewhere"
    assert m.page.view.moved.isHidden()


def test_a_growing_index_changes_nothing_under_the_pointer(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = FakeReader(model=MODEL)
    m = made(reader)
    m.page.follow(selection(0), "")
    before = m.values()
    reader.maxima[3, 0] = 9.0
    monkeypatch.setattr(type(m.page.view), "pointed", property(lambda _: True))
    m.host.indexes.refresh()
    assert m.values() == before
    m.page.view.left.emit()
    assert m.values()[0] == "9.000"


def test_a_growing_index_does_not_read_the_same_crops_again(made: Any, qtbot: Any) -> None:
    m = made(FakeReader(model=MODEL))
    m.page.follow(selection(0), "")
    m.rest(qtbot)
    m.engine.answer(tuple(picture(each) for each in m.asked(ReadExamples)[-1].asked))
    m.host.indexes.refresh()
    m.page.view.left.emit()
    m.rest(qtbot)
    assert len(m.asked(ReadExamples)) == 1


def test_leaving_gives_up_what_was_asked_for(made: Any, qtbot: Any) -> None:
    m = made(FakeReader(model=MODEL))
    m.page.follow(selection(0), "")
    m.rest(qtbot)
    m.page.leave()
    assert not m.page.waiting
    assert m.engine.cancelled


def test_a_guide_names_the_index_that_comes_with_the_program_by_its_data_set(made: Any) -> None:
    own, inside = FakeReader(pictures=20, model=MODEL), FakeReader(model=MODEL, data="gallery")
    facts = inside.facts()
    inside.facts = lambda: replace(facts, path="/inside.fmindex", shipped=True)  # type: ignore[method-assign]
    m = made(own, inside)
    m.page.follow(selection(0), "")
    assert (m.page.facts_of(selection(0)) or {})["data"] == (FOLDER,)
    m.page.set_params(replace(m.page.params, store="gallery", order="least"))
    known = m.page.facts_of(selection(0)) or {}
    assert (known["data"], known["order"]) == (("gallery",), ("least",))
