"""Pictures that are enlarged, connections of layers, the folder of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from explorer.core.inputs import InputRef
from explorer.core.session.session import Session
from explorer.ui.dropped_words import dropped_words, words_of_column
from explorer.ui.widgets.drop_note import hint_drop
from tests.pictures.picture_state import State, explore, large


def _pair(app: Any) -> None:
    page = app.page("attribution")
    page.toggle()
    app.rest()
    page.check.click()
    app.rest()
    page.twin.enlarge()


def _map(app: Any) -> None:
    app.explore.channel.map.view.enlarge()


def _drag(app: Any) -> None:
    app.main_window.drop_note.say(dropped_words(["holiday.png"], "explore"))


def _drag_column(app: Any) -> None:
    panel = list(app._controller.compare.views.values())[1].panel
    hint_drop(panel, words_of_column(["mobilenet_v2.safetensors"]))


def _gallery(app: Any) -> None:
    app._controller.folder.choose(app.main_window)


def _folder(app: Any) -> None:
    """A picture of a folder with others beside it."""
    with TemporaryDirectory() as folder:
        for number in range(1, 9):
            path = Path(folder) / f"shot{number}.png"
            Image.fromarray(np.full((60, 80, 3), (20 * number, 90, 250 - 25 * number), np.uint8)).save(path)
        app.open_input(InputRef("picture", str(Path(folder) / "shot3.png")))
        app.rest()
        app.until(lambda: not app._controller.folder.waiting)


def room_states() -> Mapping[str, State]:
    """Results that have room; what lies over the window while something is chosen or let go."""
    one: Session = explore("stage2.0")
    return {
        "enlarged-map": State(one, _map),
        "enlarged-pair": State(explore("stage3.1", "attribution"), _pair),
        "strip-one-map": State(explore("stage2.0", single=True)),
        "strip-many": State(large()),
        "drop-note": State(one, _drag),
        "drop-column": State(replace(one, workspace="compare"), _drag_column),
        "folder-strip": State(one, _folder),
        "dialog-gallery": State(one, dialog=_gallery),
    }
