"""The menus of the tool bar, made anew whenever they open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from explorer.core.types import InputRef, ModelSpec
from explorer.ui.explore.opener import file_ref
from explorer.ui.widgets.text import tip as text_tip

if TYPE_CHECKING:
    from explorer.ui.commands import Commands


class Menus:
    """What there is to open: models, pictures, what moves."""

    def __init__(self, commands: Commands) -> None:
        self._commands, self._controller = commands, commands.controller

    def fill_models(self, menu: QMenu) -> None:
        menu.clear()
        self._add_models(menu, self._commands.open_model)
        menu.addSeparator()
        self._add(
            menu,
            "Another model …\tCtrl+M",
            self._commands.choose_model,
            "By name, from a weights file or from your own Python file",
        )
        act = self._add(
            menu, "Preprocessing …", self._commands.choose_preprocess, "Input size, crop, mean and std, channels"
        )
        act.setEnabled(self._controller.card is not None)
        self._add(menu, "About and folders …", self._commands.show_about)

    def fill_column_models(self, key: int, menu: QMenu) -> None:
        compare = self._controller.compare

        def take(spec: ModelSpec, allow_download: bool = False) -> None:
            if self._commands.agreed(spec):
                compare.set_model(key, spec, allow_download)

        menu.clear()
        self._add_models(menu, take)
        menu.addSeparator()
        self._add_edits(key, menu)
        tip = "Input size, crop, mean and std, channels: of this column alone"
        act = self._add(menu, "Preprocessing …", lambda: self._commands.choose_column_preprocess(key), tip)
        act.setEnabled(compare.views[key].card is not None)
        now, card = compare.doc.column(key).model, compare.views[key].card
        if now is not None and (card is None or card.spec != now):
            self._add(
                menu,
                f"Try {now.id} again",
                lambda: take(now),
                "The model did not open; tries again and asks for what is missing",
            )
        if now is not None and not now.weights and not now.untrained:
            self._add(menu, "The same, untrained", lambda: take(replace(now, untrained=True)), "Random weights, seed 0")
        self._add(menu, "Another model …", lambda: self._commands.choose_model(now=now, take=take))

    def _add_edits(self, key: int, menu: QMenu) -> None:
        """Whether a column shows its model as it is, or as it is edited in Explore."""
        compare = self._controller.compare
        held, there = compare.doc.column(key).edits, compare.edits_in_explore(key)
        hint = "" if not there else "\talready applied" if there == held else f"\t{len(there)}"
        tip = "Applies the edits active in Explore; choose this again after later changes there"
        if not there:
            hint, tip = "\tno edits", "Open this model in Explore and edit channels on the page Ablation"
        act = self._add(menu, f"With the edits of Explore{hint}", lambda: compare.set_edits(key, there), tip)
        act.setEnabled(bool(there) and there != held)
        act = self._add(menu, "Without edits", lambda: compare.set_edits(key, ()), "The model as it was opened")
        act.setEnabled(bool(held))

    def fill_column_inputs(self, key: int, menu: QMenu) -> None:
        compare = self._controller.compare
        self._clear(menu)
        act = self._add(menu, "Shared input", lambda: compare.set_input(key, None), "As chosen at the top")
        act.setEnabled(compare.doc.column(key).input is not None)
        self._add(menu, "Open picture …", lambda: self._commands.choose_column_input(key))
        self._fill_samples(menu, partial(compare.set_input, key))

    def _add_models(self, menu: QMenu, take: Callable[[ModelSpec], None]) -> None:
        """The models that are ready to open, and those that were open lately."""
        from explorer.engine.models import catalogue

        ready = [entry for entry in catalogue() if entry.ready]
        for section, demo in (("Demo models", True), ("Ready to open", False)):
            part = [entry for entry in ready if entry.id.startswith("demo:") is demo]
            if part:
                menu.addSection(section)
            for entry in part:
                title = f"{entry.title}\t{entry.says}" if entry.says else entry.title
                self._add(menu, title, lambda e=entry: take(ModelSpec(e.id)), str(entry.weights or ""))
        recent = [name for name in self._controller.settings.recent("models") if name not in {e.id for e in ready}]
        if recent:
            menu.addSection("Recent")
            for name in recent[:6]:
                self._add(
                    menu, name, lambda n=name: take(ModelSpec(n, untrained=n.startswith(("torchvision:", "timm:"))))
                )

    def _clear(self, menu: QMenu) -> None:
        menu.clear()
        for part in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            part.deleteLater()

    def fill_inputs(self, menu: QMenu) -> None:
        self._clear(menu)
        self._add(menu, "Open picture or video …\tCtrl+O", self._commands.choose_input)
        self._add(
            menu, "Open folder …", self._commands.choose_folder, "The first picture of a folder; N and P go through it"
        )
        self._add(menu, "Paste\tCtrl+V", self._commands.paste)
        self._add(menu, "Next in folder\tN", lambda: self._controller.neighbour(1))
        self._add(menu, "Previous in folder\tP", lambda: self._controller.neighbour(-1))
        self._fill_samples(menu, self._controller.open_input)
        recent = [path for path in self._controller.settings.recent("inputs") if _is_file(path)]
        if recent:
            menu.addSection("Recent")
            for path in recent[:8]:
                self._add(menu, Path(path).name, lambda p=path: self._controller.open_input(file_ref(p)), path)
        menu.addSeparator()
        self._add(menu, "Open session …\tCtrl+Shift+O", self._commands.choose_session)
        self._add(menu, "Save session …\tCtrl+S", self._commands.save_session)

    def _fill_samples(self, menu: QMenu, take: Callable[[InputRef], object]) -> None:
        """Single pictures as they are, each larger group in a menu of its own."""
        from explorer.engine.inputs.samples import PICTURES, sample_pictures

        menu.addSection("Samples")
        parts = {PICTURES: menu}
        for sample in sample_pictures():
            part = parts.get(sample.group) or parts.setdefault(sample.group, menu.addMenu(sample.group))
            self._add(part, sample.title, lambda s=sample: take(InputRef("sample", s.name)))

    def fill_live(self, menu: QMenu) -> None:
        menu.clear()
        live = self._controller.live
        act = self._add(menu, "Pause\tSpace" if live.playing else "Play\tSpace", self._controller.toggle_live)
        ref = self._controller.session.input
        act.setEnabled(live.playing or (ref is not None and ref.kind in ("video", "scene")))
        menu.addSeparator()
        self._add(menu, "Animated test scene\tL", lambda: self._controller.play_input(InputRef("scene")))
        self._add(menu, "Video file …", self._commands.choose_video)
        menu.addSection("Camera")
        # without a list the first choice is offered all the same: starting it says what is missing
        for device, title in live.cameras() or [("", "First camera")]:
            self._add(menu, title, lambda d=device, t=title: self._controller.play_camera(d, t))

    def _add(self, menu: QMenu, title: str, what: Callable[[], object], tip: str = "") -> QAction:
        action = menu.addAction(title.replace("&", "&&"))
        action.setToolTip(text_tip(tip or title.split("\t")[0]))
        action.triggered.connect(lambda _on: what())
        return action


def _is_file(path: str) -> bool:
    """Whether a remembered path still leads to a file; a settings file may hold anything."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # a NUL, too long a name, a circle of links, a folder that may not be looked into
        return False
