"""The menu bar: its menus are filled whenever they open."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu, QMenuBar

from explorer.core.translation import tr
from explorer.ui.actions import MENUS, Actions
from explorer.ui.menus import Menus, clear

_TITLES = {
    "File": tr("File"),
    "Edit": tr("Edit"),
    "View": tr("View"),
    "Go": tr("Go"),
    "Model": tr("Model"),
    "Input": tr("Input"),
    "Analyse": tr("Analyse"),
    "Compare": tr("Compare"),
    "Transfer": tr("Transfer"),
    "Dataset": tr("Dataset"),
    "Lessons": tr("Lessons"),
    "Help": tr("Help"),
}


class MenuBar:
    """Lives as long as the bar whose menus it fills. Their first letters, which differ, open them with Alt."""

    def __init__(self, bar: QMenuBar, actions: Actions, menus: Menus) -> None:
        self._actions, self._menus = actions, menus
        self._kept: list[QMenu] = []
        for title in MENUS:
            menu = bar.addMenu(f"&{_TITLES[title]}")
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(partial(self._fill, menu, title))
            self._kept.append(menu)

    def _fill(self, menu: QMenu, title: str) -> None:
        if title == "Model":
            self._menus.fill_models(menu)
            return
        clear(menu)
        section = ""
        for action in self._actions.in_menu(title):
            if section not in ("", action.place):
                menu.addSeparator()
            section = action.place
            self._menus.add_action(menu, action.id)
            if action.id == "file.session":
                self._menus.add_sessions(menu)
        if title == "Input":
            self._add_inputs(menu)

    def _add_inputs(self, menu: QMenu) -> None:
        cameras = menu.addMenu("Camera")
        cameras.aboutToShow.connect(partial(self._fill_cameras, cameras))
        self._menus.add_inputs(menu)

    def _fill_cameras(self, menu: QMenu) -> None:
        clear(menu)
        self._menus.fill_cameras(menu)
