"""Save pixels of the maps and the values; copy a script. Figures are `ui.figures`."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
from PySide6.QtGui import QGuiApplication

from explorer.core import render
from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.errors import Failure
from explorer.core.layer_views import Shows
from explorer.core.models import ModelCard
from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.save_as import ask_path, plain_name

_LEAST_SIDE = 448  # px that a saved map is enlarged to, cell by cell


class TakeAway:
    """Everything that leaves the window."""

    def __init__(self, controller: Controller) -> None:
        self._c = controller

    def own_actions(self) -> tuple[Action, ...]:
        """Copying and saving what Explore shows."""
        why, edit, save = self._nothing_shown, "Edit/Copy", "File/Save"
        maps = tr("Every map of the layer as it is coloured, or the view of the layer that is shown")
        script = tr("A torch script that computes the values of this layer")
        keep = tr("Save the values of this layer (NPZ) …")
        return tuple(
            Action(name, title, callback, keys, menu, "explore", about, "", why)
            for name, title, callback, keys, menu, about in (
                ("copy.python", tr("Copy as Python"), self.copy_python, ("Ctrl+Shift+C",), edit, script),
                ("save.maps", tr("Save all maps as PNG …"), self.save_maps, (), save, maps),
                ("save.map", tr("Save this map as PNG …"), self.save_map, (), save, ""),
                ("save.values", keep, self.save_values, ("Ctrl+E",), save, ""),
                ("save.all_values", tr("Save the values of all layers (NPZ) …"), self.save_all_values, (), save, ""),
            )
        )

    def _nothing_shown(self) -> str:
        return "" if self._c.view.shown is not None else tr("No layer is shown yet.")

    # --- pictures ---

    def maps_picture(self) -> Array | None:
        """(H, W, 3): all maps as they are shown, every cell at least one pixel; or the layer in one picture."""
        shown = self._c.view.shown
        if shown is None:
            return None
        if self._c.session.shows is not Shows.MAPS:
            places = self._c.features.panel.places
            return None if places.rgb is None or places.stale else _enlarged(places.rgb)
        if shown.maps is not None and shown.limits is not None:
            count, height, width = shown.maps.shape
            grid = render.fit_grid(count, height, width, 1200, 1600)
            return render.mosaic(shown.maps, grid, shown.limits, shown.colormap, shown.order).rgb
        view = self._c.window.explore.maps.stack.currentWidget()
        assert view is not None  # one of its pages is always in front
        image = view.grab().toImage().convertToFormat(view.grab().toImage().Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()

    def map_picture(self) -> Array | None:
        """(H, W, 3): the selected map, each cell a square of whole pixels."""
        shown = self._c.view.shown
        if shown is None or shown.maps is None or shown.limits is None:
            return self.maps_picture()
        channel = min(self._c.session.channel, len(shown.maps) - 1)
        one = render.rgb_of(render.colorize(shown.maps[channel], render.pick(shown.limits, channel), shown.colormap))
        return _enlarged(one)

    def save_maps(self) -> None:
        shows = self._c.session.shows
        self._save_picture(self.maps_picture(), "" if shows is Shows.MAPS else f"-{shows}")

    def save_map(self) -> None:
        self._save_picture(self.map_picture(), f"-{self._c.session.channel}")

    def _save_picture(self, rgb: Array | None, more: str = "") -> None:
        shown, capture, card = self._c.view.shown, self._c.view.capture, self._c.view.card
        if rgb is None:
            self._say(tr("This layer has no picture to export."))
            return
        if shown is None or capture is None or card is None:
            return
        if self._edited(capture):
            return
        path = self._ask(tr("Save picture"), f"{plain_name(shown.tap.name)}{more}.png", tr("PNG (*.png)"))
        if path:
            self._c.save(path, partial(_picture_file, rgb, card, capture, shown.tap))

    # --- values ---

    def save_values(self) -> None:
        shown = self._c.view.shown
        if shown is not None:
            self._save_values([shown.tap.name], f"{plain_name(shown.tap.name)}.npz")

    def save_all_values(self) -> None:
        capture = self._c.view.capture
        if capture is not None:
            self._save_values([tap.name for tap in capture.taps if tap.observable and not tap.alias], "all-layers.npz")

    def _save_values(self, names: list[str], default: str) -> None:
        capture, card = self._c.view.capture, self._c.view.card
        if capture is None or card is None:
            return
        if self._edited(capture):
            return
        path = self._ask(tr("Save values"), default, tr("NumPy archive (*.npz)"))
        if path:
            self._c.save_values(path, card, capture, tuple(names))

    def python(self) -> str:
        """The script for the current tap, '' when there is none."""
        from explorer.engine import export

        shown, capture, card = self._c.view.shown, self._c.view.capture, self._c.view.card
        return export.as_python(card, capture, shown.tap) if shown and capture and card else ""

    def copy_python(self) -> None:
        capture = self._c.view.capture
        script = "" if capture is None or self._edited(capture) else self.python()
        if script:
            QGuiApplication.clipboard().setText(script)
            self._say(tr("Copied a torch script that computes this layer's values."))

    # --- inside ---

    def _edited(self, capture: Capture) -> bool:
        """Says that values under edits are not given away: whoever computes them again would find others."""
        if capture.edits:
            why = tr("Files and scripts describe how to compute values without edits.")
            self._c.fail(
                Failure(tr("The shown values are edited."), why, tr("Clear the edits on the page Ablation first."))
            )
        return bool(capture.edits)

    def _say(self, words: str) -> None:
        self._c.say(words)

    def _ask(self, title: str, default: str, kinds: str) -> str:
        return ask_path(self._c.window, self._c.settings, title, default, kinds)


def _picture_file(rgb: Array, card: ModelCard, capture: Capture, tap: Tap) -> bytes:
    """A .png with its manifest inside."""
    from explorer.engine import export

    return export.png(rgb, json.dumps(export.manifest(card, capture, [tap])))


def _enlarged(rgb: Array) -> Array:
    """(H, W, 3): each cell a square of whole pixels."""
    factor = max(1, -(-_LEAST_SIDE // max(rgb.shape[:2])))
    return rgb.repeat(factor, 0).repeat(factor, 1)
