"""The Dataset workspace without an engine, a thread or a window: what is shown of an index, asked for and remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_host import card
from fake_indexes import FOLDER, FakeReader
from fake_lab import FakeLabHost
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from explorer.core.data_index import IndexProgress, Near, PictureState
from explorer.core.errors import ExplorerError
from explorer.core.example_pictures import ExamplePicture, FileState, ReadExamples
from explorer.core.index_requests import FindByName, FindNear, FindNearPicture, FindPlane, MakeIndex
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.dataset_place import DatasetPage, DatasetPlace
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.ui import theme
from explorer.ui.dataset.channels_panel import ChannelsPanel
from explorer.ui.dataset.channels_presenter import ChannelsPresenter
from explorer.ui.dataset.chosen_panel import ChosenPanel
from explorer.ui.dataset.chosen_presenter import ChosenPresenter
from explorer.ui.dataset.dataset_actions import making_actions
from explorer.ui.dataset.index_lab import IndexLab
from explorer.ui.dataset.index_list import IndexList
from explorer.ui.dataset.index_words import duration, progress_words
from explorer.ui.dataset.making_panel import MakingPanel
from explorer.ui.dataset.making_presenter import MakingPresenter
from explorer.ui.dataset.picture_pages import PAGE
from explorer.ui.dataset.pictures_panel import PicturesPanel
from explorer.ui.dataset.pictures_presenter import MOST, PicturesPresenter
from explorer.ui.dataset.scatter_panel import ScatterPanel
from explorer.ui.dataset.scatter_presenter import ScatterPresenter
from explorer.ui.graphics.scatter_plot import COLOURS

MODEL = card().digest
STORE = f"/{MODEL}.fmindex"


class Made:
    """The workspace in front, with one index of the open model, if any."""

    def __init__(self, *readers: FakeReader) -> None:
        self.host = FakeLabHost()
        for reader in readers:
            self.host.indexes.put(reader)
        self.host.state.amend(workspace="dataset")
        self.lab = IndexLab(self.host, self.host)  # type: ignore[arg-type]
        self.engine = self.host.engine

    @property
    def place(self) -> DatasetPlace:
        return self.host.session.dataset

    def asked(self, kind: type) -> list[Any]:
        return [request for request, _ in self.engine.asked if isinstance(request, kind)]

    def scatter(self) -> None:
        """To the page Scatter, and the engine's answer."""
        self.lab.move(page=DatasetPage.SCATTER)
        request = self.asked(FindPlane)[-1]
        self.engine.answer(self.host.indexes.reader(request.store).scatter(request.tap))


# --- making


@pytest.fixture
def making(qtbot: Any) -> Any:
    def make(*readers: FakeReader) -> Any:
        m = Made(*readers)
        m.panel, m.list = MakingPanel(), IndexList()
        qtbot.addWidget(m.panel)
        qtbot.addWidget(m.list)
        m.page = MakingPresenter(m.lab, m.panel, m.list)
        m.page.show()
        return m

    return make


def progress(done: int, total: int = 20, failed: int = 0, **more: Any) -> IndexProgress:
    return IndexProgress(STORE, done, total, failed, 10.0, (total - done) / 10, 2_000_000, **more)


def test_an_index_is_started_paused_and_goes_on(making: Any, tmp_path: Path) -> None:
    m = making()
    assert not m.panel.main.isEnabled()
    assert "Choose a folder" in m.panel.main.toolTip()
    assert m.page.take_paths([str(tmp_path)])
    assert m.place.data == str(tmp_path)
    m.panel.main.click()
    assert m.engine.request == MakeIndex(MODEL, str(tmp_path), "blocks", "")
    assert m.panel.main.text() == "Pause"
    m.engine.tell("Reading the data set …")
    m.engine.answer(progress(5, failed=1, failures=(("b.png", "It is damaged."),)), partial=True)
    assert m.panel.words.text() == "6 of 20 · 1 failed · 10.0 a second · 2 s left · 1.91 MiB"
    assert m.panel.progress.value() == 300
    assert m.panel.failures.item(0).text() == "b.png: It is damaged."
    reader = FakeReader(20, model=MODEL, data=str(tmp_path))
    reader.states[5:] = [PictureState.WAITING] * 15
    m.host.indexes.put(reader)
    m.panel.main.click()  # a pause
    assert m.engine.cancelled
    assert not m.page.waiting
    assert m.panel.main.text() == "Resume"
    assert m.panel.words.text() == "5 of 20 indexed: Resume goes on from here."
    m.panel.main.click()
    assert m.asked(MakeIndex)[-1] == MakeIndex(MODEL, str(tmp_path))


def test_a_ready_data_set_is_indexed_with_one_command_and_recent_ones_are_offered(making: Any, tmp_path: Path) -> None:
    m = making()
    ready = [action for action in making_actions(lambda: m.page) if action.place == "Dataset/Ready data sets"]
    assert [action.title for action in ready] == [
        "Index the sample gallery",
        "Index the drawn world, 1,000 pictures",
        "Index the drawn world, 10,000 pictures",
    ]
    ready[1].callback()
    assert m.engine.request == MakeIndex(MODEL, "demo:world:1000", "blocks", "")
    assert m.panel.data._whole == "Drawn world, 1,000 pictures"
    assert ready[0].why_not() == "An index is being made."
    m.page.toggle()
    for name in ("first", "second", "gone"):
        (tmp_path / name).mkdir()
        m.page.open(str(tmp_path / name))
    (tmp_path / "gone").rmdir()
    m.page.show()
    assert [entry.text() for entry in m.panel._recent] == ["Recent", "second", "first"]
    m.panel._recent[2].trigger()
    assert m.place.data == str(tmp_path / "first")


def test_pictures_are_not_offered_to_a_model_of_sounds(making: Any) -> None:
    m = making()
    m.host.card = replace(card(), preprocess=SoundPreprocess(rate=16000))
    m.page.show()
    entries = {entry.text(): entry.isEnabled() for entry in m.panel.menu.actions() if entry.text()}
    assert entries["Sample gallery"]
    assert not entries["Materials"]
    assert not entries["Drawn world, 1,000 pictures"]
    assert m.page.why_not_ready("demo:world") == "These are pictures; the model takes a sound."


def test_what_failed_is_listed_and_tried_again(making: Any) -> None:
    reader = FakeReader(4, model=MODEL)
    reader.states[1] = PictureState.FAILED
    m = making(reader)
    m.page.open(FOLDER)
    assert [m.panel.failures.item(at).text() for at in range(m.panel.failures.count())] == ["b/1.png: "]
    m.panel.retry.click()
    assert m.engine.request == MakeIndex(MODEL, FOLDER, retry=True)


def test_an_error_is_said_with_the_way_out(making: Any, tmp_path: Path) -> None:
    m = making()
    m.page.open(str(tmp_path))
    m.page.toggle()
    m.engine.fail("The disk is full.")
    assert m.panel.message.text() == "The disk is full."
    assert m.panel.main.isEnabled()


def test_layers_and_features_are_remembered_and_undone(making: Any) -> None:
    m = making()
    m.host.state.amend(model=ModelSpec("net"), input=InputRef("clipboard"))
    m.panel.taps_chosen.emit("layer3.*")
    m.panel.features_chosen.emit("relu")
    m.panel.cells_chosen.emit("conv")
    assert (m.place.taps, m.place.features, m.place.cells) == ("layer3.*", "relu", "conv")
    assert m.panel.taps.currentText() == "layer3.*"
    m.host.state.back()
    assert (m.place.taps, m.place.features, m.place.cells) == ("layer3.*", "relu", "")


def test_indexes_are_listed_chosen_and_removed(making: Any) -> None:
    m = making(FakeReader(model=MODEL), FakeReader(model="other"))
    assert m.list.list.count() == 2
    assert m.list.list.currentRow() == 0  # that of the open model
    m.list.list.setCurrentRow(1)
    assert m.place.store == "/other.fmindex"
    m.list.remove.click()
    assert m.host.indexes.removed == []  # it asks first
    m.list.remove.click()
    assert m.host.indexes.removed == ["/other.fmindex"]
    assert m.place.store == ""


def test_an_index_file_that_is_dropped_is_opened(making: Any, tmp_path: Path) -> None:
    m = making()
    (tmp_path / "a.fmindex").touch()
    assert m.page.take_paths([str(tmp_path / "a.fmindex")])
    assert m.host.indexes.added == [str(tmp_path / "a.fmindex")]
    (tmp_path / "a.png").touch()
    assert not m.page.take_paths([str(tmp_path / "a.png")])


def test_words_of_progress() -> None:
    assert duration(4000) == "1 h 6 min"
    assert duration(75) == "1 min 15 s"
    assert duration(0.2) == "1 s"
    assert progress_words(IndexProgress("", 0, 12, 0)) == "0 of 12"


# --- pictures


@pytest.fixture
def pictures(qtbot: Any) -> Any:
    def make(*readers: FakeReader) -> Any:
        m = Made(*readers)
        m.panel = PicturesPanel()
        qtbot.addWidget(m.panel)
        m.page = PicturesPresenter(m.lab, m.panel, 72)
        m.page.show()
        return m

    return make


def test_pictures_are_filtered_by_class_state_and_name(pictures: Any) -> None:
    reader = FakeReader(12, model=MODEL)
    reader.states[3] = PictureState.FAILED
    m = pictures(reader)
    assert len(m.panel.grid.items) == 12
    m.panel.label_chosen.emit("b")
    assert [item.path for item in m.panel.grid.items] == [f"b/{n}.png" for n in range(1, 12, 2)]
    m.panel.state_chosen.emit("failed")
    assert [item.path for item in m.panel.grid.items] == ["b/3.png"]
    m.panel.text_chosen.emit("nothing")
    assert m.engine.request == FindByName(STORE, "nothing", "b", PictureState.FAILED, MOST)  # not in this thread
    assert m.panel.note.text() == "Searching …"
    assert [item.path for item in m.panel.grid.items] == ["b/3.png"]
    m.engine.answer(())
    assert m.panel.note.text() == "Nothing fits the filters."
    m.panel.text_chosen.emit("/3")
    m.engine.answer((3,))
    assert [item.path for item in m.panel.grid.items] == ["b/3.png"]
    assert m.panel.note.text() == ""
    m.panel.text_chosen.emit("later")
    m.engine.fail("The index is damaged.")
    assert m.panel.note.text() == "The index is damaged."
    m.panel.text_chosen.emit("again")
    m.panel.text_chosen.emit("")
    m.engine.answer((5,))  # too late
    assert [item.path for item in m.panel.grid.items] == ["b/3.png"]


def test_only_pictures_in_sight_are_read(pictures: Any) -> None:
    reader = FakeReader(1000, model=MODEL)
    read: list[int] = []
    by_id = reader.pictures_by_id
    reader.pictures_by_id = lambda ids: read.extend(ids) or by_id(ids)  # type: ignore[method-assign,func-returns-value]
    m = pictures(reader)
    m.lab.move(page=DatasetPage.SCATTER)
    assert len(read) == PAGE
    m.lab.tell()
    assert len(read) == PAGE  # another page is in front
    items = m.panel.grid.items
    assert items[PAGE].path == "a/128.png"
    assert len(read) == 2 * PAGE
    reader.states[999] = PictureState.WAITING
    m.lab.move(page=DatasetPage.PICTURES)
    assert m.panel.grid.items is items  # the same pictures: the grid stays where it was scrolled to
    assert items[-1].tip == "b/999.png\nb\nstill to be indexed"
    reader.pictures_by_id = lambda _: (_ for _ in ()).throw(ExplorerError("It is damaged."))  # type: ignore[method-assign]
    assert items[300].tip == "It is damaged."


def test_pictures_of_one_name_in_two_indexes_are_not_taken_for_each_other(pictures: Any) -> None:
    m = pictures(FakeReader(4, model=MODEL), FakeReader(4, model="other", data="/elsewhere"))
    grid = m.panel.grid
    assert grid._pictures.missing(0, 1) == ("a/0.png",)
    m.panel.wanted.emit(("a/0.png",))
    grid.set_thumbnails({"a/0.png": np.zeros((9, 9, 3), np.uint8)})
    assert grid._pictures.missing(0, 1) == ()
    asked = m.engine.request.asked[0]
    m.lab.move(store="/other.fmindex")
    assert grid._pictures.missing(0, 1) == ("a/0.png",)
    m.engine.answer((ExamplePicture(asked, crop=np.zeros((9, 9, 3), np.uint8)),))  # too late
    assert grid._pictures.missing(0, 1) == ("a/0.png",)


def test_thumbnails_are_asked_for_in_sight_and_a_refused_one_is_not_asked_again(pictures: Any) -> None:
    m = pictures(FakeReader(4, model=MODEL))
    m.panel.wanted.emit(("a/0.png", "b/1.png"))
    asked = m.engine.request
    assert [each.ref.path for each in asked.asked] == [f"{FOLDER}/a/0.png", f"{FOLDER}/b/1.png"]
    small = np.zeros((9, 9, 3), np.uint8)
    m.engine.answer(
        (ExamplePicture(asked.asked[0], crop=small), ExamplePicture(asked.asked[1], FileState.GONE, folder_gone=True))
    )
    assert "is not at /pictures any more" in m.panel.note.text()
    m.panel.wanted.emit(("b/1.png",))
    assert len(m.asked(ReadExamples)) == 1


def test_a_double_click_opens_the_picture_in_explore(pictures: Any) -> None:
    m = pictures(FakeReader(4, model=MODEL))
    m.panel.jumped.emit("a/2.png")
    assert m.host.went == [{"input": InputRef("picture", f"{FOLDER}/a/2.png"), "workspace": "explore"}]


def test_an_index_of_another_model_opens_that_model_too(pictures: Any) -> None:
    reader = FakeReader(4, model="other")
    facts = reader.facts
    reader.facts = lambda: replace(facts(), spec={"id": "demo:shapes-cnn", "untrained": False})  # type: ignore[method-assign]
    m = pictures(reader)
    assert m.panel.empty.text().startswith("No index is shown")
    m.lab.move(store="/other.fmindex")
    m.panel.jumped.emit("a/2.png")
    (went,) = m.host.went
    assert went["model"] == ModelSpec("demo:shapes-cnn")
    assert went["tap"] == "relu"


# --- channels


@pytest.fixture
def channels(qtbot: Any) -> Any:
    def make(*readers: FakeReader) -> Any:
        m = Made(*readers)
        m.panel = ChannelsPanel()
        qtbot.addWidget(m.panel)
        m.page = ChannelsPresenter(m.lab, m.panel)
        m.page.show()
        assert m.panel.table.order == ()  # another page is in front
        m.lab.move(page=DatasetPage.CHANNELS)
        return m

    return make


def test_the_table_follows_explore_and_a_row_leads_there(channels: Any) -> None:
    reader = FakeReader(model=MODEL)
    m = channels(reader)
    table = m.panel.table
    assert table.order == (0, 1, 2, 3)
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    best = int(np.argmax(reader.maxima.max(0)))
    assert table.order[0] == best
    table.chosen.emit(3)
    assert m.host.session.channel == 3
    assert m.panel.histogram._counts.sum() == 12
    m.panel.open.click()
    assert m.host.went == [{"tap": "relu", "channel": 3, "cell": None, "workspace": "explore", "page": "examples"}]


def test_of_another_model_the_channel_is_remembered_here(channels: Any) -> None:
    m = channels(FakeReader(model="other"))
    m.lab.move(store="/other.fmindex")
    m.panel.table.chosen.emit(2)
    assert (m.place.tap, m.place.channel) == ("relu", 2)
    assert m.host.session.channel == 0


def test_what_is_not_kept_is_said(channels: Any) -> None:
    reader = FakeReader(model=MODEL)

    def no_values(*_: Any) -> Any:
        raise ExplorerError("The values of all pictures are not kept for relu.")

    reader.histogram = no_values  # type: ignore[method-assign]
    m = channels(reader)
    assert m.panel.note.text() == "The values of all pictures are not kept for relu."
    assert len(m.panel.table.order) == 4


# --- scatter


def test_the_lasso_selects_and_can_be_undone(qtbot: Any) -> None:
    reader = FakeReader(40, model=MODEL)
    m = Made(reader)
    panel = ScatterPanel()
    qtbot.addWidget(panel)
    page = ScatterPresenter(m.lab, panel)
    page.show()
    assert m.asked(FindPlane) == []  # another page is in front
    m.lab.move(page=DatasetPage.SCATTER)
    assert panel.plot.message.text() == "Computing the plane …"
    assert m.engine.request == FindPlane(STORE, "relu")
    m.engine.answer(reader.scatter("relu"))
    assert page.found is not None
    assert panel.plot._say(7) == "b/7.png   b"
    lasso = ((-1.0, -1.0), (0.5, -1.0), (0.5, 2.0), (-1.0, 2.0))
    panel.lassoed.emit(lasso)
    left = np.flatnonzero(reader.maxima[:, 0] < 0.5)
    assert [item.path for item in panel.grid.items] == [reader.picture(int(n)).name for n in left]
    assert panel.inside._whole.startswith(f"{len(left)} of 40 inside the lasso: ")
    panel.chosen.emit(7)
    assert m.place.picture == "b/7.png"
    m.host.state.back()
    m.host.state.back()
    assert panel.grid.items == ()


def test_classes_inside_the_lasso_are_counted(qtbot: Any) -> None:
    m, panel = Made(FakeReader(40, model=MODEL)), ScatterPanel()
    qtbot.addWidget(panel)
    _page = ScatterPresenter(m.lab, panel)
    m.scatter()
    panel.lassoed.emit(((-1.0, -1.0), (2.0, -1.0), (2.0, 2.0), (-1.0, 2.0)))
    assert len(panel.grid.items) == 40
    assert panel.inside._whole == "40 of 40 inside the lasso: “a” 20, “b” 20"


def test_while_an_index_grows_its_plane_is_not_computed_at_each_look(qtbot: Any) -> None:
    reader = FakeReader(40, model=MODEL)
    reader.states[20:] = [PictureState.WAITING] * 20
    m, panel = Made(reader), ScatterPanel()
    qtbot.addWidget(panel)
    _page = ScatterPresenter(m.lab, panel)
    m.scatter()
    for done, asked in ((21, 1), (22, 2), (39, 3), (40, 4)):
        reader.states[:done] = [PictureState.DONE] * done
        m.lab.tell()
        assert len(m.asked(FindPlane)) == asked
    m.engine.fail("The index is damaged.")
    assert panel.plot.message.text() == "The index is damaged."


def test_no_class_has_the_colour_of_pictures_without_one(qtbot: Any) -> None:
    panel = ScatterPanel()
    qtbot.addWidget(panel)
    panel.show_points(np.zeros((3, 2)), (-1, 0, 7), str, "", [f"class {n}" for n in range(8)])
    grey = QColor(theme.current().dim)
    assert "no&nbsp;class" in panel.names.text()
    assert min(QColor(colour).saturation() for colour in COLOURS) > 80 > grey.saturation()


def test_an_index_that_is_damaged_meanwhile_is_said_on_the_scatter_page(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = FakeReader(40, model=MODEL)
    m, panel = Made(reader), ScatterPanel()
    qtbot.addWidget(panel)
    _page = ScatterPresenter(m.lab, panel)
    m.scatter()

    def damaged(*_: Any) -> Any:
        raise ExplorerError("The index is damaged.")

    monkeypatch.setattr(reader, "pictures_by_id", damaged)
    panel.lassoed.emit(((-1.0, -1.0), (2.0, -1.0), (2.0, 2.0), (-1.0, 2.0)))
    assert panel.note.text() == "The index is damaged."


# --- the chosen picture


@pytest.fixture
def chosen(qtbot: Any) -> Any:
    def make(*readers: FakeReader) -> Any:
        m = Made(*readers)
        m.panel = ChosenPanel()
        qtbot.addWidget(m.panel)
        m.page = ChosenPresenter(m.lab, m.panel)
        m.page.show()
        return m

    return make


def test_neighbours_of_the_chosen_picture_need_no_forward(chosen: Any) -> None:
    reader = FakeReader(30, model=MODEL)
    m = chosen(reader)
    m.lab.move(picture="a/4.png")
    assert m.engine.request == FindNearPicture(STORE, 4, "relu", 12)
    m.engine.answer(reader.nearest(reader.feature(4), count=12, without=4))
    unit = reader.maxima / np.linalg.norm(reader.maxima, axis=1, keepdims=True)
    order = [n for n in np.argsort(-(unit @ unit[4])) if n != 4][:12]
    assert [item.path for item in m.panel.grid.items] == [reader.picture(int(n)).name for n in order]
    assert m.asked(FindNear) == []
    assert "cosine" in m.panel.near_note.text()
    assert "number" in m.panel.facts.text()  # its value and rank on the selected channel


def test_neighbours_of_an_input_that_is_not_in_the_index_take_a_forward(chosen: Any) -> None:
    m = chosen(FakeReader(30, model=MODEL))
    m.panel.near_chosen.emit("input")
    (request,) = m.asked(FindNear)
    assert (request.tap, request.picture) == ("relu", m.host.picture)
    m.engine.answer((Near(FakeReader(30).picture(5), 0.5),))
    assert [item.path for item in m.panel.grid.items] == ["b/5.png"]
    assert m.panel.near_note.text() == "to the input, by relu, cosine: 0.500"


def test_neighbours_of_the_cell_that_is_selected_in_explore(chosen: Any) -> None:
    reader = FakeReader(30, model=MODEL)
    m = chosen(reader)
    m.panel.near_chosen.emit("cell")
    assert m.panel.near_note.text() == "Select a cell in Explore."
    m.host.change(cell=(3, 2), tap="relu", input=InputRef("clipboard"))
    assert "keeps no cells of relu; it has none" in m.panel.near_note.text()
    reader.of = replace(reader.of, cells=True)
    reader.taps, reader.cell_taps = (reader.of,), ("relu",)
    m.host.change(cell=(3, 1))
    assert m.asked(FindNear)[-1].cell == (3, 1)  # of an input that is not in the index: a forward
    m.host.change(input=reader.picture(4).ref(FOLDER))
    assert m.engine.request == FindNearPicture(STORE, 4, "relu", 12, (3, 1))
    m.engine.answer((Near(reader.picture(5), 0.5, (6, 7)),))
    assert m.panel.near_note.text().startswith("to cell 3, 1 of Explore's input")
    assert "cell 6, 7" in m.panel.grid.items[0].tip
    m.panel.grid.wanted.emit(("b/5.png",))
    asked = m.asked(ReadExamples)[-1]
    assert (asked.asked[0].cell, asked.receptive) == ((6, 7), reader.of.receptive)  # the part that the cell sees
    m.panel.leapt.emit("b/5.png")
    assert (m.host.session.cell, m.host.session.workspace) == ((6, 7), "explore")


def test_an_answer_about_a_cell_is_of_the_layer_that_was_asked_for(chosen: Any) -> None:
    reader = FakeReader(30, model=MODEL)
    reader.of = replace(reader.of, cells=True)
    reader.taps, reader.cell_taps = (reader.of,), ("relu",)
    m = chosen(reader)
    m.host.change(cell=(3, 1), tap="relu", input=reader.picture(4).ref(FOLDER))
    m.panel.near_chosen.emit("cell")
    m.host.change(workspace="explore")
    m.host.change(tap="another", cell=None)
    m.engine.answer((Near(reader.picture(5), 0.5, (6, 7)),))
    assert "by relu" in m.panel.near_note.text()


def test_neighbours_of_the_input_follow_where_the_layer_changes_with_it(chosen: Any) -> None:
    reader = FakeReader(30, model=MODEL)
    m = chosen(reader)
    m.panel.near_chosen.emit("input")
    m.host.change(tap="relu", channel=2, input=reader.picture(4).ref(FOLDER))
    assert m.engine.request == FindNearPicture(STORE, 4, "relu", 12)


def test_without_features_it_says_why(chosen: Any) -> None:
    reader = FakeReader(model=MODEL)
    reader.feature_taps = ()  # type: ignore[assignment]
    m = chosen(reader)
    assert "keeps no features" in m.panel.near_note.text()


def test_a_file_that_is_gone_is_said_in_place(chosen: Any) -> None:
    m = chosen(FakeReader(30, model=MODEL))
    m.lab.move(picture="a/4.png")
    (request,) = m.asked(ReadExamples)
    m.engine.answer((ExamplePicture(request.asked[0], FileState.GONE),), ticket=1)
    assert m.panel.facts.text().startswith("The file is gone; its values of 01 January 1970 stay.")
