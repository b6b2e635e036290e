"""Components and similarity side by side, in the real window with the real worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hands import point, surface
from looks import message
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows
from explorer.core.session.session import from_json, to_json
from explorer.engine.representations import components
from explorer.engine.representations.cell_vectors import vectors_of
from explorer.engine.representations.similarity import buddies

Opened = Callable[..., Any]
Plainly = Callable[..., np.ndarray]


def panels(app: Any) -> list[Any]:
    return [view.features for view in app.compare.columns]


def cells(app: Any, at: int, tap: str) -> Any:
    view = app.compare.columns[at]
    return vectors_of(view.capture, tap, view.of.preprocess)


def choose(box: Any, value: object) -> None:
    """As a person does in the drop-down."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def to_layer(app: Any, tap: str) -> None:
    """The first column there; the other one follows."""
    control, first = app.compare, app.compare.columns[0]
    control.scrub(first.key, [each.name for each in first.layers].index(tap))


def at(panel: Any, cell: tuple[int, int]) -> QPoint:
    return panel.places.frame(cell).center().toPoint()


def torchs(values: np.ndarray, row: int, query: np.ndarray | None = None) -> np.ndarray:
    """Cosines by torch of every row with one row, or with one of `query`."""
    every = torch.tensor(values)
    asked = torch.tensor((values if query is None else query)[row][None])
    return torch.cosine_similarity(every, asked).numpy()


def two_inputs(app: Any) -> None:
    """The second column on another picture."""
    app.compare.set_input(1, InputRef("sample", "house"))
    app.rest()


# --- components


def test_another_models_colours_are_turned_onto_the_first_columns(opened: Opened) -> None:
    app = opened("model", "other")
    to_layer(app, "2")
    choose(app.compare.view, Shows.COMPONENTS)
    app.rest()
    one, two = (cells(app, n, "2") for n in range(2))
    first = components.colours(components.fit([one]), one)
    turned = components.aligned(components.fit([two]), [two], [(one, first)])[0]
    a, b = panels(app)
    assert a.places.isVisible()
    np.testing.assert_array_equal(a.places.rgb, first.rgb)
    np.testing.assert_array_equal(b.places.rgb, turned.rgb)
    assert "PCA of this" in a.note.text()
    assert f"aligned to A (Procrustes, 2), {'low' if turned.comparable < 0.6 else ''}" in b.note.text()
    assert f"agreement {turned.comparable:.2f}, residual {turned.residual:.2f}" in b.note.text()


def test_only_the_foreground_of_all_columns_has_colours(opened: Opened) -> None:
    app = opened("model", "other")
    bar = app.compare
    to_layer(app, "2")
    assert not bar.foreground.isVisible()
    choose(bar.view, Shows.COMPONENTS)
    app.rest()
    whole = [panel.places.rgb for panel in panels(app)]
    bar.foreground.click()
    app.rest()
    for panel, every, at in zip(panels(app), whole, range(2), strict=True):
        values = cells(app, at, "2").values
        _, _, axes = np.linalg.svd(values - values.mean(0), full_matrices=False)
        axes = axes[:1] * np.sign(axes[0, np.abs(axes[0]).argmax()])
        kept = ((values - values.mean(0)) @ axes[0] > 0).reshape(every.shape[:2])
        assert 0 < kept.sum() < kept.size
        assert not panel.places.rgb[~kept].any()
        assert panel.places.rgb[kept].any(-1).all()
        assert f"foreground: {kept.sum()} of {kept.size} locations" in panel.note.text()
    kept_doc = from_json(to_json(app.whole_session())).comparison
    assert kept_doc.foreground
    bar.foreground.click()
    app.rest()
    for panel, every in zip(panels(app), whole, strict=True):
        np.testing.assert_array_equal(panel.places.rgb, every)


def test_two_pictures_of_one_layer_share_a_basis(opened: Opened, plainly: Plainly) -> None:
    app = opened("model", "model")
    two_inputs(app)
    to_layer(app, "2")
    app.compare.view_all(Shows.COMPONENTS)
    app.rest()
    rows = [plainly("model", 2, view.picture, view.card.preprocess) for view in app.compare.columns]
    both = np.concatenate(rows)
    _, singular, axes = np.linalg.svd(both - both.mean(0), full_matrices=False)
    axes = axes[:3] * np.sign(axes[np.arange(3), np.abs(axes[:3]).argmax(1)])[:, None]
    for panel, values in zip(panels(app), rows, strict=True):
        scores = (values - both.mean(0)) @ axes.T / (singular[:3] / np.sqrt(len(both)))
        oracle = torch.sigmoid(2 * torch.tensor(scores)).mul(255).round().numpy()
        assert np.abs(panel.places.rgb.reshape(-1, 3) - oracle).max() <= 1
        assert "One PCA of 2 columns of this layer, 32 locations" in panel.note.text()


def test_every_column_has_a_view_of_its_own(opened: Opened) -> None:
    app = opened("model", "other")
    a, b = app.compare.columns
    choose(b.view, Shows.SIMILARITY)
    app.rest()
    assert a.mosaic.isVisible()
    assert b.features.places.isVisible()
    assert not b.minus.isVisible()
    assert a.view.currentData() == Shows.MAPS
    assert app.compare.scale.isEnabled()
    found = []
    for _ in range(4):
        app.press(Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
        app.rest()
        found.append([column.shows for column in app.compare.doc.columns])
    assert found == [[shows] * 2 for shows in (Shows.COMPONENTS, Shows.SIMILARITY, Shows.ATTENTION, Shows.MAPS)]
    assert b.mosaic.isVisible()
    assert b.minus.isVisible()


def test_a_column_says_whose_picture_it_still_is(opened: Opened) -> None:
    app = opened("model", "other")
    to_layer(app, "1")
    app.compare.view_all(Shows.COMPONENTS)
    app.rest()
    before = [panel.places.rgb for panel in panels(app)]
    to_layer(app, "2")
    for panel, rgb in zip(panels(app), before, strict=True):
        assert panel.places.rgb is rgb
        assert "showing 1" in panel.places.stale
    app.rest()
    assert [panel.places.stale for panel in panels(app)] == ["", ""]
    assert all(panel.places.rgb.shape == (4, 4, 3) for panel in panels(app))


# --- similarity


def test_one_cursor_asks_each_model_about_the_same_place(opened: Opened, plainly: Plainly) -> None:
    app = opened("model", "other")
    to_layer(app, "0")
    app.compare.view_all(Shows.SIMILARITY)
    app.rest()
    a, b = panels(app)
    rows = [
        plainly(name, 0, view.picture, view.card.preprocess)
        for name, view in zip(("model", "other"), app.compare.columns, strict=True)
    ]
    point(b.places, at(b, (2, 5)))
    for column, values in zip(panels(app), rows, strict=True):
        np.testing.assert_allclose(column.similarity.values.reshape(-1), torchs(values, 2 * 8 + 5), atol=1e-5)
    QTest.mouseClick(surface(a.places), Qt.MouseButton.LeftButton, pos=at(a, (6, 3)))
    point(b.places, at(b, (0, 0)))
    for column, values in zip(panels(app), rows, strict=True):
        np.testing.assert_allclose(column.similarity.values.reshape(-1), torchs(values, 6 * 8 + 3), atol=1e-5)
    assert [panel.places.marks[0] for panel in (a, b)] == [(6, 3)] * 2
    assert "Esc" in b.note.text()
    QTest.keyClick(a.places, Qt.Key.Key_Escape)
    assert app.compare.doc.kept is None
    point(a.places, at(a, (1, 1)))
    assert [panel.places.marks[0] for panel in (a, b)] == [(1, 1)] * 2


def test_the_place_in_the_first_picture_is_looked_for_in_the_second(opened: Opened, plainly: Plainly) -> None:
    app = opened("model", "model")
    two_inputs(app)
    to_layer(app, "0")
    app.compare.view_all(Shows.SIMILARITY)
    app.rest()
    a, b = panels(app)
    assert not a.first.isVisible()
    assert b.first.isEnabled()
    b.first.click()
    app.rest()
    rows = [plainly("model", 0, view.picture, view.card.preprocess) for view in app.compare.columns]
    pairs = {int(one): int(two) for one, two in buddies(cells(app, 0, "0"), cells(app, 1, "0"))}
    mutual = set()
    for cell in ((0, 0), (3, 4), (7, 7), (2, 6), *((y, 3) for y in range(8))):
        point(a.places, at(a, cell))
        row = cell[0] * 8 + cell[1]
        one, two = panels(app)
        oracle = torchs(rows[1], row, rows[0])
        np.testing.assert_allclose(two.similarity.values.reshape(-1), oracle, atol=1e-5)
        np.testing.assert_allclose(one.similarity.values.reshape(-1), torchs(rows[0], row), atol=1e-5)
        best = two.similarity.best[0] * 8 + two.similarity.best[1]
        assert best == oracle.argmax()
        assert b.places.marks == (None, two.similarity.best)
        assert two.mutual == (pairs.get(row) == best)
        assert ("not mutual" in b.note.text()) is (not two.mutual)
        mutual.add(two.mutual)
    assert mutual == {True, False}


def test_what_cannot_be_compared_says_why_in_place(opened: Opened) -> None:
    app = opened("model", "other")
    to_layer(app, "2")
    app.compare.view_all(Shows.SIMILARITY)
    app.rest()
    assert not panels(app)[1].first.isEnabled()
    assert "different model" in panels(app)[1].first.toolTip()
    for shows in (Shows.SIMILARITY, Shows.COMPONENTS):
        app.compare.view_all(shows)
        to_layer(app, "6")
        app.rest()
        for panel in panels(app):
            assert not panel.places.drawn
            assert "one vector" in message(panel.places)
    assert not app.compare.scale.isEnabled()
    assert "have their own scales" in app.compare.scale.toolTip()


def test_a_place_beyond_the_crop_is_not_seen(opened: Opened) -> None:
    app = opened("model", "other")
    to_layer(app, "0")
    app.compare.view_all(Shows.SIMILARITY)
    app.rest()
    app.compare.point((0.01, 0.5))
    assert all("does not see" in message(panel.places) for panel in panels(app))
    app.compare.point((0.5, 0.5))
    assert all(panel.places.drawn for panel in panels(app))


def test_a_column_that_is_taken_away_or_added_leaves_the_others_as_they_are(opened: Opened) -> None:
    app = opened("model", "other", "model")
    to_layer(app, "0")
    app.compare.view_all(Shows.COMPONENTS)
    app.rest()
    app.compare.columns[1].remove.click()
    app.rest()
    a, b = panels(app)
    np.testing.assert_array_equal(a.places.rgb, b.places.rgb)  # the same model, layer and picture
    assert "agreement 1.00" in b.note.text()
    app.compare.duplicate(app.compare.columns[1].key)
    app.rest()
    assert [column.shows for column in app.compare.doc.columns] == [Shows.COMPONENTS] * 3
    np.testing.assert_array_equal(panels(app)[2].places.rgb, b.places.rgb)


@pytest.mark.parametrize("view", [Shows.COMPONENTS, Shows.SIMILARITY])
def test_another_picture_for_all_is_drawn_anew(opened: Opened, view: Shows) -> None:
    app = opened("model", "other")
    to_layer(app, "0")
    app.compare.view_all(view)
    app.rest()
    before = [panel.places.rgb for panel in panels(app)]
    app.open_input(InputRef("sample", "house"))
    app.rest()
    for panel, rgb in zip(panels(app), before, strict=True):
        assert panel.places.stale == ""
        assert not np.array_equal(panel.places.rgb, rgb)


@pytest.mark.parametrize("shows", [Shows.COMPONENTS, Shows.SIMILARITY])
def test_of_what_moves_all_columns_are_drawn_from_the_same_frame(opened: Opened, qtbot: Any, shows: Shows) -> None:
    app = opened("model", "other")
    to_layer(app, "0")
    app.compare.view_all(shows)
    app.rest()
    frames: list[str] = []

    def moved() -> bool:
        sheets = [column.sheet.picture.digest for column in panels(app)]
        assert len(set(sheets)) == 1
        assert [panel.places.stale for panel in panels(app)] == ["", ""]
        frames.extend({sheets[0]} - set(frames))
        return len(frames) > 4

    app.live.play(InputRef("scene"))
    qtbot.waitUntil(moved, timeout=60_000)
    app.live.stop()

    def at_rest() -> bool:
        digests = {column.sheet.picture.digest for column in panels(app)}
        return bool(digests == {app.picture.digest}) and not any(panel.places.stale for panel in panels(app))

    qtbot.waitUntil(at_rest, timeout=60_000)
    app.rest()
    one = cells(app, 0, "0")
    if shows is Shows.COMPONENTS:
        np.testing.assert_array_equal(panels(app)[0].places.rgb, components.colours(components.fit([one]), one).rgb)
    else:
        found, cell = panels(app)[0].similarity.values, panels(app)[0].places.marks[0]
        np.testing.assert_allclose(found.reshape(-1), torchs(one.values, one.row(cell)), atol=1e-6)


@pytest.mark.parametrize("view", [Shows.COMPONENTS, Shows.SIMILARITY])
def test_columns_come_and_go_while_frames_run_through_them(opened: Opened, qtbot: Any, view: Shows) -> None:
    """A column that has nothing to draw yet is no reason to draw the others from before it was there."""
    app = opened("model", "other")
    control = app.compare
    control.view_all(view)
    app.rest()
    app.live.unpaced()
    app.live.play(InputRef("scene"))
    qtbot.waitUntil(lambda: app.live.playing, timeout=20_000)
    for act in (lambda: control.duplicate(control.doc.columns[0].key), control.undo, control.redo, control.undo):
        qtbot.wait(120)
        act()
        control.follow_features()
        assert control.keys == {column.key for column in control.doc.columns}
    app.live.stop()
    app.rest()
