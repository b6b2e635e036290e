"""The page Attention: what it draws against the engine's own functions on a recording of the same picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hands import point, surface
from looks import heat, inside, marks, message, order, pointed, selected, table_rows
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from explorer.core.attention import AttentionKind, mass_mask
from explorer.core.attention_queries import FlowAsked
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelSpec
from explorer.core.target import Target
from explorer.engine.attention.flow import relevance, rollout
from explorer.engine.attention.heads import summarise
from explorer.engine.attention.looks import looks_at, seen_by
from explorer.engine.attention.norms import token_norms
from explorer.engine.attention.record import ForwardAttention, find
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.runner import Event, Lane
from explorer.ui.attention.words import NONE

NETS = """
import torch
from torch import nn
from explorer.engine.models.demo.vit import VisionTransformer

PREPROCESS = {"height": 32, "width": 32, "resize": 32}

def made(net):
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.4)
    return net

def make_deep():
    return made(VisionTransformer(5, width=24, depth=3, heads=3, registers=1, size=32))

class Windows(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.out = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 4)
        self.qkv = nn.Linear(8, 24)

    def forward(self, x):
        n, size, shift = len(x), 4, 2
        x = self.embed(x).permute(0, 2, 3, 1).roll((-shift, -shift), (1, 2))
        x = x.view(n, 2, size, 2, size, 8).transpose(2, 3).reshape(-1, size * size, 8)
        q, k, v = self.qkv(x).unflatten(2, (3, 2, 4)).permute(2, 0, 3, 1, 4)
        y = ((q @ k.mT).softmax(-1) @ v).transpose(1, 2).reshape(n, -1, 8)
        return self.out(y.mean(1))

def make_windows():
    return made(Windows())

class Channels(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.out = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 4)

    def forward(self, x):
        t = self.embed(x).flatten(2).unflatten(1, (2, 4))
        return self.out(((t @ t.mT).softmax(-1) @ t).flatten(1, 2).mean(2))

def make_channels():
    return made(Channels())

def make_plain():
    return made(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)))
"""
WAIT = 60_000


@pytest.fixture
def open_net(window: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    path = tmp_path / "nets.py"
    path.write_text(NETS)

    def open_one(factory: str = "make_deep", tap: str = "blocks.1.attention") -> Any:
        app = window(size=(1280, 1000))
        app.start(ModelSpec(f"file:{path}:{factory}"), InputRef("sample", "cat"))
        app.wait_capture()
        app.change(tap=tap, channel=1, cell=None)
        app.open_page("attention")
        app.rest()
        return app

    return open_one


def control(app: Any) -> Any:
    return app.page("attention")


def tiles(app: Any) -> Any:
    return control(app).tiles


def recording(app: Any) -> ForwardAttention:
    """The same picture through the same network, recorded here."""
    loaded = app.loaded
    return find(loaded.module, to_tensor(app.picture, loaded.card.preprocess))


def value(app: Any, label: str) -> str:
    return next(row.value for row in table_rows(control(app).numbers) if row.label == label)


def choose(box: Any, data: object) -> None:
    """As a hand does."""
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def show(app: Any, mode: str) -> None:
    choose(control(app).modes, mode)
    app.rest()


def hover(app: Any, y: float, x: float) -> None:
    """The pointer over a point of the input picture, both from 0 to 1."""
    view = app.explore.input.picture
    point(view, QPoint(0, view.height() - 1))
    point(view, inside(view, y, x))


def mean_first(maps: Any) -> Any:
    return np.concatenate([maps.mean(0, keepdims=True), maps])


def test_every_head_is_drawn_as_the_engine_says(open_net: Any) -> None:
    app = open_net()
    expected = looks_at(recording(app).of("blocks.1.attention"), 0)
    assert np.array_equal(tiles(app).values, mean_first(expected.maps))
    assert tiles(app).names == ("mean", "0", "1", "2")
    chips = control(app).chips
    assert chips.names == ("CLS", "register 1")
    assert chips.at == 0
    assert [float(said.split()[0]) for said in chips.says] == pytest.approx(100 * expected.prefix.mean(0), abs=0.05)
    bounds = value(app, "rows sum to").split(" … ")
    low, high = bounds[0], bounds[-1]
    assert float(low) == pytest.approx(expected.sums.min(), abs=1e-6)
    assert float(high) == pytest.approx(expected.sums.max(), abs=1e-6)
    assert "CLS attends to" in control(app).headline.text()
    control(app).choose_head(2)
    on = 100 * float(expected.maps[2].sum())
    assert value(app, "on patches") == f"{on:.1f} %"


def test_the_patch_under_the_pointer_asks_and_the_chosen_one_comes_back(open_net: Any) -> None:
    app = open_net()
    one = recording(app).of("blocks.1.attention")
    hover(app, 0.3, 0.9)
    app.rest()
    assert control(app).looked.query == (1, 3)
    assert np.array_equal(tiles(app).values, mean_first(looks_at(one, (1, 3)).maps))
    assert pointed(tiles(app)) == (1, 3)
    app.explore.input.picture.left.emit()
    app.rest()
    assert control(app).looked.query == 0
    hover(app, 0.9, 0.1)
    picture = app.explore.input.picture
    at = QPointF(picture.picture.left() + 0.1 * picture.picture.width(), 0.9 * picture.picture.height())
    QTest.mouseClick(surface(picture), Qt.MouseButton.LeftButton, pos=at.toPoint())
    picture.left.emit()
    app.rest()
    assert control(app).looked.query == (3, 0)


def test_cells_of_maps_and_tiles_ask_too(open_net: Any) -> None:
    app = open_net()
    one = recording(app).of("blocks.1.attention")
    app.explore.maps.mosaic.hovered.emit(5, 2, 1)
    app.rest()
    assert np.array_equal(tiles(app).values, mean_first(looks_at(one, (2, 1)).maps))
    app.explore.maps.mosaic.left.emit()
    tiles(app).hovered.emit(1, 0, 3)
    app.rest()
    assert control(app).looked.query == (0, 3)
    tiles(app).selected.emit(2, 0, 3)
    tiles(app).left.emit()
    app.rest()
    assert control(app).looked.query == (0, 3)
    assert control(app).head == 1
    app.change(cell=(3, 3))
    app.rest()
    assert control(app).looked.query == (3, 3)
    app.change(cell=(-1, 1))
    app.rest()
    assert control(app).looked.query == 1
    assert control(app).chips.at == 1


def test_tokens_before_the_grid_are_chosen_by_hand_and_key(open_net: Any, qtbot: Any) -> None:
    app = open_net()
    chips = control(app).chips
    qtbot.mouseClick(chips.findChildren(QToolButton)[1], Qt.MouseButton.LeftButton)
    app.rest()
    assert np.array_equal(tiles(app).values, mean_first(looks_at(recording(app).of("blocks.1.attention"), 1).maps))
    qtbot.keyClick(chips, Qt.Key.Key_Left)
    app.rest()
    assert control(app).looked.query == 0


def test_who_looks_at_a_patch(open_net: Any) -> None:
    app = open_net()
    choose(control(app).direction, True)
    control(app).choose((12.0, 20.0))
    app.rest()
    expected = seen_by(recording(app).of("blocks.1.attention"), (1, 2))
    assert np.array_equal(tiles(app).values, mean_first(expected.maps))
    assert value(app, "columns sum to")
    assert "attended by" in control(app).headline.text()


def test_the_picture_shows_the_head_and_the_mask_of_its_mass(open_net: Any) -> None:
    app = open_net()
    tab, picture = control(app), app.explore.input.picture
    one = looks_at(recording(app).of("blocks.1.attention"), 0).maps[1]
    control(app).choose_head(1)
    assert heat(picture).shape[:2] == (5, 5)  # the last cells go on to the edge of what they see
    brightest = np.unravel_index(one.argmax(), one.shape)
    assert heat(picture)[brightest][3] == 190
    choose(tab.overlay, "mask")
    tab.mass.setValue(80)
    drawn = [[heat(picture)[y, x, 3] == 0 for x in range(4)] for y in range(4)]
    assert np.array_equal(drawn, mass_mask(one, 0.8))
    assert value(app, "80 % of it on") == f"{int(mass_mask(one, 0.8).sum())} of 16 patches"
    choose(tab.overlay, "")
    assert heat(picture) is None


def test_heads_are_sorted_and_the_tiles_with_them(open_net: Any) -> None:
    app = open_net()
    table = control(app).table
    found = summarise(recording(app).of("blocks.1.attention"))
    titles = [column.title for column in table.rows.columns]
    assert titles == ["head", "entropy", "distance", "CLS", "reg"]
    assert [table.rows.columns[1].key(head) for head in sorted(table.order)] == pytest.approx(found.entropy)
    size = app.picture.size[0]
    assert [table.rows.columns[2].key(head) for head in sorted(table.order)] == pytest.approx(
        found.distance * size / 32
    )  # pixels of the picture
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert table.order == tuple(np.argsort(-found.entropy))
    assert order(tiles(app)) == [0, *(h + 1 for h in table.order)]
    table.selectRow(0)
    assert control(app).head == table.order[0]
    assert selected(tiles(app))[0] == table.order[0] + 1


def test_the_block_follows_the_layer(open_net: Any) -> None:
    app = open_net()
    record = recording(app)
    for tap, number, words in (
        ("blocks.2.gelu", 2, "nearest preceding"),
        ("blocks.0", 0, "inside this layer"),
        ("blocks.2.attention.q", 2, "around this layer"),
    ):
        app.change(tap=tap)
        app.rest()
        assert np.array_equal(tiles(app).values, mean_first(looks_at(record.of(f"blocks.{number}.attention"), 0).maps))
        assert words in control(app).where.toolTip()


def test_all_blocks_at_once_and_a_click_goes_there(open_net: Any, qtbot: Any) -> None:
    app = open_net()
    show(app, "blocks")
    hover(app, 0.6, 0.3)
    app.rest()
    record, view = recording(app), control(app).blocks
    assert [row.number for row in view.rows] == [0, 1, 2]
    for row in view.rows:
        assert np.array_equal(row.maps, looks_at(record.of(row.name), (2, 1)).maps)
    app.explore.channel.scroll_to(view)
    qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=view.tile(2, 1).center().toPoint())
    app.rest()
    assert app.session.tap == "blocks.2.attention.out"
    assert (control(app).block, control(app).head) == (2, 1)
    view.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(view, key)
    app.rest()
    assert (control(app).block, control(app).head) == (1, 2)


def test_rollout_and_relevance_are_those_of_the_methods(open_net: Any) -> None:
    app = open_net()
    record, tab = recording(app), control(app)
    show(app, "rollout")
    assert tiles(app).values[0] == pytest.approx(rollout(list(record.records.values())).map)
    assert float(value(app, "row sums to")) == pytest.approx(1, abs=1e-6)
    choose(tab.fusion, "max")
    tab.first_block.setValue(1)
    app.rest()
    assert tiles(app).values[0] == pytest.approx(rollout(list(record.records.values()), 0, "max", 1).map)
    tab.first_block.setValue(0)
    show(app, "relevance")
    app.explore.input.prediction.chosen.emit(3)
    app.rest()
    loaded = app.loaded
    x = to_tensor(app.picture, loaded.card.preprocess)
    expected = relevance(loaded.module, x, Target("", 3), discover(loaded.module, x.clone()).plan, record.calls)
    assert tiles(app).values[0] == pytest.approx(expected.map)
    assert "class 3" in tab.headline.text()
    assert not tab.run_row.isVisible()


def test_lengths_of_tokens_with_those_that_stick_out(open_net: Any) -> None:
    app = open_net()
    record = recording(app)
    show(app, "norms")
    loaded = app.loaded
    x = to_tensor(app.picture, loaded.card.preprocess)
    expected = token_norms(loaded.module, x, discover(loaded.module, x.clone()).plan, record.calls)
    assert np.array_equal(tiles(app).values, np.stack([one.norms for one in expected]))
    assert np.array_equal(marks(tiles(app)), np.stack([one.outliers for one in expected]))
    assert value(app, "outliers") == f"{int(expected[1].outliers.sum())} of 16 patches"
    tiles(app).selected.emit(2, 0, 0)
    app.rest()
    assert app.session.tap == "blocks.2"
    assert selected(tiles(app))[0] == 2


def test_windows_are_shown_alone_and_at_their_place(open_net: Any) -> None:
    app = open_net("make_windows", "embed")
    one = recording(app).of("attention")
    assert one.call.kind is AttentionKind.WINDOWS
    control(app).choose((30.0, 2.0))  # the last row and the first column: its window goes over both edges
    app.rest()
    assert control(app).looked.query == (7, 0)
    whole = looks_at(one, (7, 0))
    rows, columns = [6, 7, 0, 1], [6, 7, 0, 1]
    assert tiles(app).rows.tolist() == rows
    assert tiles(app).columns.tolist() == columns
    assert np.array_equal(tiles(app).values, mean_first(whole.maps)[:, rows][:, :, columns])
    assert pointed(tiles(app)) == (1, 2)
    picture = app.explore.input.picture
    for y, x in np.ndindex(8, 8):
        dark = tuple(heat(picture)[y, x]) == (0, 0, 0, 185)
        assert dark == (not whole.seen[y, x])
    tiles(app).hovered.emit(1, 0, 3)
    app.rest()
    assert control(app).looked.query == (6, 1)


def test_channels_are_a_table_without_a_picture(open_net: Any) -> None:
    app = open_net("make_channels", "embed")
    one = recording(app).of("attention")
    assert one.call.kind is AttentionKind.CHANNELS
    assert tiles(app).values == pytest.approx(one.weights.rows(np_index(4))[0].numpy(), abs=1e-6)
    assert tiles(app).names == ("0", "1")
    assert not control(app).direction.isVisible()
    assert "no map over the input" in control(app).kind.text()
    assert heat(app.explore.input.picture) is None


def np_index(count: int) -> Any:
    import torch

    return torch.arange(count)


def test_a_model_without_attention_says_why(open_net: Any) -> None:
    app = open_net("make_plain", "1")
    assert control(app).message == NONE
    assert not control(app).body.isVisible()
    assert message(tiles(app)) == NONE


def test_it_belongs_to_one_picture_and_leaves_nothing_behind(open_net: Any) -> None:
    app = open_net()
    picture = app.explore.input.picture
    first = tiles(app).values
    app.open_input(InputRef("sample", "house"))
    app.rest()
    assert not np.array_equal(tiles(app).values, first)
    assert np.array_equal(tiles(app).values, mean_first(looks_at(recording(app).of("blocks.1.attention"), 0).maps))
    control(app).choose((3.0, 3.0))
    app.rest()
    assert heat(picture) is not None
    app.open_page("values")
    assert heat(picture) is None
    assert picture.window_box is None
    assert app.explore.channel.map.isVisible()
    hover(app, 0.2, 0.2)
    assert not control(app).waiting
    app.open_page("attention")
    app.rest()
    assert control(app).looked.query == (0, 0)
    assert heat(picture) is not None


def test_a_stale_answer_is_not_drawn_and_a_failure_is_said(open_net: Any) -> None:
    app = open_net()
    before = control(app).looked
    stale = looks_at(recording(app).of("blocks.0.attention"), 1)
    from explorer.core.attention_queries import Looked

    app.change(tap="blocks.2.attention")
    app.receive(Event(1, Lane.FORWARD, "look", value=Looked("blocks.0.attention", 1, False, stale)))
    assert control(app).looked is None
    app.rest()
    assert control(app).looked.name == "blocks.2.attention"
    assert before.name == "blocks.1.attention"
    app.desk.worker.attentions.look = None  # the worker's next look fails
    control(app).choose((3.0, 3.0))
    app.rest()
    assert "Internal error" in control(app).note.text()
    assert app.banner.kind != "error"


def test_long_work_is_stopped_and_begun_again(open_net: Any) -> None:
    app = open_net()
    tab = control(app)
    choose(tab.modes, "rollout")
    assert tab.start.text() == "Cancel"
    tab.start.click()
    app.rest()
    assert not control(app).waiting
    assert tab.note.text() == "Stopped."
    assert tab.start.isVisible()
    tab.start.click()
    app.rest()
    assert isinstance(control(app).drawing.asked(0, 0), FlowAsked)
    assert tiles(app).values is not None


def test_edits_must_go_first(open_net: Any) -> None:
    from explorer.core.interventions import Edit

    app = open_net()
    app.page("ablation").put((Edit("blocks.0.gelu", (1,)),))
    app.rest()
    assert "without edits" in control(app).message


def test_it_has_its_key_and_its_memory_is_counted(open_net: Any) -> None:
    app = open_net()
    assert app.desk.cached_bytes == app.desk.bench.store.nbytes + control(app).attending.nbytes
    app.open_page("values")
    key = getattr(Qt.Key, f"Key_{app.explore.channel.names.index('attention') + 1}")
    app.press(key, Qt.KeyboardModifier.ControlModifier)
    assert app.explore.channel.page == "attention"
    app.rest()
    assert isinstance(app.picture, Picture)
    tabs = app.explore.channel.tabs
    seen = (button for button in tabs.findChildren(QToolButton) if not button.isHidden())
    assert all(tabs.rect().contains(button.geometry()) for button in seen)
