"""Films from the window: of all layers, and of the layer on the screen while the input moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.ui.figures import film_recorder


@pytest.fixture
def app(window: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    driver = window()
    driver.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    driver.wait_capture()
    driver.rest()
    monkeypatch.setattr(film_recorder, "_WIDE", 160)
    monkeypatch.setattr(film_recorder, "ask_path", lambda *_: str(tmp_path / "film.gif"))
    return driver


def test_every_layer_is_a_frame(app: Any, tmp_path: Path) -> None:
    app.commands.films.save_layers()
    app.until((tmp_path / "film.gif").exists)
    with Image.open(tmp_path / "film.gif") as image:
        assert image.width == 160
        assert image.n_frames > 2  # type: ignore[attr-defined]


def test_a_film_that_is_cancelled_is_not_written(app: Any, tmp_path: Path) -> None:
    app.commands.films.save_layers()
    app.until(lambda: app.banner.kind == "progress")
    app.banner.cancel.click()
    assert app.banner.kind != "progress"
    app.rest()
    assert not (tmp_path / "film.gif").exists()


def test_a_live_input_is_filmed_until_it_is_stopped(app: Any, tmp_path: Path) -> None:
    films = app.commands.films
    action = app.commands.actions["film.live"]
    assert "stands still" in action.why_not()
    app.live.play(InputRef("scene"))
    app.until(lambda: app.live.playing)
    assert action.why_not() == ""
    films.toggle()
    app.until(lambda: len(films._frames) > 3)
    films.toggle()
    assert not films.recording
    app.until((tmp_path / "film.gif").exists)
    app.live.stop()
    app.rest()
    with Image.open(tmp_path / "film.gif") as image:
        assert image.n_frames > 2  # type: ignore[attr-defined]
