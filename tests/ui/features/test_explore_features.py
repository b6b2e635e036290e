"""All channels of a layer in one picture, in the real window with the real worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hands import point, surface, turn
from looks import message, read_out
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from explorer.core.inputs import InputRef
from explorer.core.layer_views import Colouring, Shows
from explorer.core.render import colormaps
from explorer.core.session.session import from_json, to_json
from explorer.ui import theme
from explorer.ui.graphics.cells_on_image import text_of

Opened = Callable[..., Any]
Plainly = Callable[..., np.ndarray]


def places(app: Any) -> Any:
    return app.explore.features.places


def note(app: Any) -> str:
    return app.explore.features.note.text()


def choose(box: Any, value: object) -> None:
    """As a person does in the drop-down."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def seen(app: Any) -> tuple[Any, Any]:
    return app.picture, app.card.preprocess


def svd_colours(cells: np.ndarray, fitted: np.ndarray | None = None) -> np.ndarray:
    """(cells, 3) by numpy and torch alone."""
    base = cells if fitted is None else fitted
    _, singular, axes = np.linalg.svd(base - base.mean(0), full_matrices=False)
    axes = axes[:3] * np.sign(axes[np.arange(3), np.abs(axes[:3]).argmax(1)])[:, None]
    scores = (cells - base.mean(0)) @ axes.T / (singular[:3] / np.sqrt(len(base)))
    return torch.sigmoid(2 * torch.tensor(scores)).mul(255).round().numpy()


def off_by(app: Any, oracle: np.ndarray) -> float:
    return float(np.abs(places(app).rgb.reshape(-1, 3).astype(int) - oracle).max())


def middle(app: Any, cell: tuple[int, int]) -> QPoint:
    return places(app).frame(cell).center().toPoint()


def questions(app: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of what the worker is asked from now on."""
    asked: list[str] = []
    original = app.desk.runner.submit

    def submit(lane: Any, work: Any, key: str = "") -> int:
        asked.append(key)
        return original(lane, work, key)

    monkeypatch.setattr(app.desk.runner, "submit", submit)
    return asked


# --- components


def test_components_are_what_numpy_makes_of_plain_torch(opened: Opened, plainly: Plainly) -> None:
    app = opened("model")
    assert app.explore.maps.mosaic.isVisible()
    app.change(tap="2")
    choose(app.explore.maps.shows, Shows.COMPONENTS)
    app.rest()
    assert places(app).isVisible()
    assert not app.explore.maps.sort.isVisible()
    cells = plainly("model", 2, *seen(app))
    assert off_by(app, svd_colours(cells)) <= 1
    assert "16 locations × 8 channels" in note(app)
    total = ((cells - cells.mean(0)) ** 2).sum()
    shares = np.linalg.svd(cells - cells.mean(0))[1][:3] ** 2 / total
    np.testing.assert_allclose(places(app).shown_legend.shares, shares, rtol=1e-4)
    said = read_out(places(app), (1, 2))
    assert said.startswith(text_of((1, 2)))
    assert said.endswith("σ")


def test_scrubbing_shows_whose_picture_it_still_is_and_never_a_new_name_over_an_old_layer(
    opened: Opened, plainly: Plainly, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("model")
    app.change(tap="1", shows=Shows.COMPONENTS)
    app.rest()
    before = places(app).rgb
    turn(places(app), 1)
    assert app.session.tap == "2"
    assert places(app).rgb is before
    assert "showing 1" in places(app).stale
    assert note(app) == ""
    assert app.commands.take_away.maps_picture() is None
    app.rest()
    assert places(app).stale == ""
    assert off_by(app, svd_colours(plainly("model", 2, *seen(app)))) <= 1
    asked = questions(app, monkeypatch)
    app.change(tap="1")  # it is there already: nothing is asked, nothing waited for
    assert places(app).stale == ""
    np.testing.assert_array_equal(places(app).rgb, before)
    assert not asked


def test_a_pinned_basis_paints_other_pictures_of_the_layer(opened: Opened, plainly: Plainly) -> None:
    app = opened("model")
    panel = app.explore.features
    app.change(tap="2", shows=Shows.COMPONENTS)
    app.rest()
    cat = plainly("model", 2, *seen(app))
    choose(panel.colouring, Colouring.PINNED)
    app.rest()
    assert "pinned on" in note(app)
    app.open_input(InputRef("sample", "house"))
    app.rest()
    house = plainly("model", 2, *seen(app))
    assert off_by(app, svd_colours(house, cat)) <= 1
    assert off_by(app, svd_colours(house)) > 10
    app.change(tap="0")
    app.rest()
    assert "The pinned PCA is of 2" in note(app)
    assert off_by(app, svd_colours(plainly("model", 0, *seen(app)))) <= 1


@pytest.mark.parametrize("lasts", [True, False])
def test_a_pinned_basis_is_in_the_session(opened: Opened, plainly: Plainly, lasts: bool) -> None:
    app = opened("model")
    if not lasts:
        app.open_pixels(np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8), "pasted")
        app.rest()
    app.change(tap="2", shows=Shows.COMPONENTS, colouring=Colouring.PINNED)
    app.rest()
    cat = plainly("model", 2, *seen(app))
    app.open_input(InputRef("sample", "house"))
    app.rest()
    kept = from_json(to_json(app.whole_session()))
    again = opened("model")
    again.restore(kept)
    again.rest()
    house = plainly("model", 2, *seen(again))
    if lasts:
        assert off_by(again, svd_colours(house, cat)) <= 1
        assert "pinned on" in note(again)
        assert "cat" in note(again).lower()
        assert again.whole_session().pinned == kept.pinned
        assert not again.failures
    else:
        assert off_by(again, svd_colours(house)) <= 1
        assert "pinned on" in note(again)
        assert [failure.what for failure in again.failures] == ["The pinned colours of 2 cannot be recomputed."]
        assert "clipboard is no longer available" in again.failures[0].why


def test_the_pinned_colours_of_a_file_wait_for_their_layer(opened: Opened, plainly: Plainly) -> None:
    app = opened("model")
    app.change(tap="2", shows=Shows.COMPONENTS, colouring=Colouring.PINNED)
    app.rest()
    cat = plainly("model", 2, *seen(app))
    app.open_input(InputRef("sample", "house"))
    app.change(tap="0")
    app.rest()
    again = opened("model")
    again.restore(from_json(to_json(app.whole_session())))
    again.rest()
    assert "The pinned PCA is of 2" in note(again)
    again.change(tap="2")
    again.rest()
    assert off_by(again, svd_colours(plainly("model", 2, *seen(again)), cat)) <= 1


def test_colours_go_on_from_the_layer_before(opened: Opened) -> None:
    from explorer.core.layer_views import Sheet
    from explorer.engine.representations import components
    from explorer.engine.representations.cell_vectors import vectors_of

    app = opened("model")
    app.change(tap="1", shows=Shows.COMPONENTS, colouring=Colouring.LIKE)
    app.rest()
    assert "no previous layer" in note(app)
    app.change(tap="2")
    app.rest()
    capture, pre = app.capture, app.card.preprocess
    one, two = (vectors_of(capture, tap, pre) for tap in ("1", "2"))
    oracle = components.aligned(components.fit([two]), [two], [(one, components.colours(components.fit([one]), one))])[
        0
    ]
    np.testing.assert_array_equal(places(app).rgb, oracle.rgb)
    assert f"agreement {oracle.comparable:.2f}, residual {oracle.residual:.2f}" in note(app)
    assert Sheet(capture, "2", pre).key == app.explore.features.painted.sheet


def test_the_foreground_is_where_the_first_component_is_positive(opened: Opened, plainly: Plainly) -> None:
    app = opened("model")
    app.change(tap="0", shows=Shows.COMPONENTS)
    app.rest()
    app.explore.features.foreground.click()
    app.rest()
    cells = plainly("model", 0, *seen(app))
    _, _, axes = np.linalg.svd(cells - cells.mean(0), full_matrices=False)
    first = axes[0] * np.sign(axes[0][np.abs(axes[0]).argmax()])
    keep = (cells - cells.mean(0)) @ first > 0
    assert f"foreground: {keep.sum()} of 64 locations" in note(app)
    assert not places(app).rgb.reshape(-1, 3)[~keep].any()
    assert np.abs(places(app).rgb.reshape(-1, 3)[keep] - svd_colours(cells[keep])).max() <= 1
    app.history.back()
    app.rest()
    assert not app.session.foreground
    assert off_by(app, svd_colours(cells)) <= 1


def test_of_what_moves_every_picture_that_comes_is_drawn(opened: Opened, qtbot: Any) -> None:
    app = opened("model")
    app.change(tap="0", shows=Shows.COMPONENTS)
    app.rest()
    seen_pictures = [places(app).rgb]

    def moved() -> bool:
        assert places(app).stale == ""
        if places(app).rgb is not seen_pictures[-1]:
            seen_pictures.append(places(app).rgb)
        return len(seen_pictures) > 4

    app.live.play(InputRef("scene"))
    qtbot.waitUntil(moved, timeout=60_000)
    app.live.stop()

    def at_rest() -> bool:
        """The frame that stays is captured once more, and then painted."""
        return bool(app.explore.features.painted.sheet[1] == app.picture.digest) and not places(app).stale

    qtbot.waitUntil(at_rest, timeout=60_000)
    app.rest()
    assert at_rest()


def test_the_picture_is_what_is_taken_along(opened: Opened) -> None:
    app = opened("model")
    app.change(tap="0", shows=Shows.COMPONENTS)
    app.rest()
    figure = app.commands.figures.explore.maps()
    part = figure.parts[1]
    assert np.array_equal(part.rgb, places(app).rgb)
    app.commands.figures.copy_figure(figure)
    assert not QGuiApplication.clipboard().image().isNull()
    picture = app.commands.take_away.maps_picture()
    assert picture.shape == (448, 448, 3)
    assert np.array_equal(picture[30::56, 30::56], places(app).rgb)


# --- similarity


def test_similarity_follows_the_pointer_and_is_torchs_cosine(
    opened: Opened, plainly: Plainly, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("model")
    app.change(tap="0", shows=Shows.SIMILARITY, cell=None)
    app.rest()
    cells = torch.tensor(plainly("model", 0, *seen(app)))
    asked = questions(app, monkeypatch)
    for y, x in ((4, 4), (0, 7), (6, 1)):
        point(places(app), middle(app, (y, x)))
        oracle = torch.cosine_similarity(cells, cells[y * 8 + x][None]).reshape(8, 8).numpy()
        np.testing.assert_allclose(app.explore.features.similarity.values, oracle, atol=1e-5)
        table = colormaps.table(theme.current().diverging).astype(int)
        wanted = table[np.rint((np.clip(oracle, -1, 1) + 1) / 2 * 255).astype(int)]
        assert np.abs(places(app).rgb - wanted).max() <= np.abs(np.diff(table, axis=0)).max()
        rest = np.where(np.arange(64) == y * 8 + x, -2, oracle.reshape(-1))
        assert places(app).marks == ((y, x), divmod(int(rest.argmax()), 8))
        assert f"row\u00a0{y}, col\u00a0{x}" in note(app)
    assert not asked  # one product a move, nothing of the engine


def test_a_click_keeps_the_place_through_layers_and_escape_lets_it_go(opened: Opened) -> None:
    app = opened("model")
    app.change(tap="0", shows=Shows.SIMILARITY, cell=None)
    app.rest()
    QTest.mouseClick(surface(places(app)), Qt.MouseButton.LeftButton, pos=middle(app, (5, 2)))
    assert app.session.cell == (5, 2)
    point(places(app), middle(app, (1, 1)))
    assert places(app).marks[0] == (5, 2)
    app.change(tap="2")
    app.rest()
    assert app.session.cell == (2, 1)  # the cell of half the grid that stands there
    assert places(app).marks[0] == (2, 1)
    QTest.keyClick(places(app), Qt.Key.Key_Down)
    assert app.session.cell == (3, 1)
    QTest.keyClick(places(app), Qt.Key.Key_Escape)
    assert app.session.cell is None
    point(places(app), middle(app, (1, 3)))
    assert places(app).marks[0] == (1, 3)


def test_tokens_have_places_without_their_prefix_and_vectors_say_that_they_have_none(opened: Opened) -> None:
    app = opened("tokens")
    app.change(tap="block", shows=Shows.COMPONENTS)
    app.rest()
    assert places(app).rgb.shape == (4, 4, 3)
    for shows in (Shows.COMPONENTS, Shows.SIMILARITY):
        app.change(tap="head", shows=shows)
        app.rest()
        assert not places(app).drawn
        assert "one vector" in message(places(app))
        assert not app.explore.features.waiting


def test_the_key_goes_round_and_the_way_back_too(opened: Opened) -> None:
    app = opened("model")
    found = []
    for _ in range(3):
        QTest.keyClick(app.explore.widget, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
        app.rest()
        found.append(app.session.shows)
    assert found == [Shows.COMPONENTS, Shows.SIMILARITY, Shows.MAPS]
    app.history.back()
    app.rest()
    assert app.session.shows is Shows.SIMILARITY
    assert places(app).isVisible()
    assert places(app).hasFocus()
