"""Everything a person can ask for, bound to the controller: keys, menus, what is opened, and the dialogs about the window."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from explorer.core.features import OF_LAYER
from explorer.core.render import ScaleMode, SortKey
from explorer.ui import keys, theme
from explorer.ui.controller import Controller
from explorer.ui.menus import Menus
from explorer.ui.opening import Opening
from explorer.ui.take_away import TakeAway


class Commands(Opening):
    """Lives as long as the window."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self.take_away = TakeAway(controller)
        self._menus = Menus(self)
        self.window.keys.set_groups(keys.KEYS)
        keys.bind(self)
        self._connect()

    def _connect(self) -> None:
        c, bar, w = self.controller, self.window.toolbar, self.window
        bar.back.connect(c.back)
        bar.forward.connect(c.forward)
        bar.settings.connect(self.choose_settings)
        bar.theme_toggled.connect(self.toggle_theme)
        bar.keys.connect(self.show_keys)
        bar.model_menu.aboutToShow.connect(lambda: self._menus.fill_models(bar.model_menu))
        bar.input_menu.aboutToShow.connect(lambda: self._menus.fill_inputs(bar.input_menu))
        bar.live_menu.aboutToShow.connect(lambda: self._menus.fill_live(bar.live_menu))
        c.compare.model_menu.connect(self._menus.fill_column_models)
        c.compare.input_menu.connect(self._menus.fill_column_inputs)
        c.compare.files_dropped.connect(self.open_in_column)
        w.dropped.connect(self.open_paths)
        w.explore.input.picture.dropped.connect(self.open_paths)
        w.explore.input.picture.activated.connect(self.choose_input)
        w.explore.channel.menu.aboutToShow.connect(lambda: self.take_away.fill(w.explore.channel.menu))

    def search(self) -> None:
        self.window.explore.input.setCurrentIndex(1)
        self.window.explore.input.tree.search.setFocus()

    def next_sort(self) -> None:
        now = self.controller.session
        keys = [key for key in SortKey if key is not SortKey.MEASURED or now.measured is not None]
        here = keys.index(now.sort) if now.sort in keys else 0
        self.controller.change(sort=keys[(here + 1) % len(keys)])

    def next_scale(self) -> None:
        if self.window.workspace == "compare":
            self.controller.compare.next_scale()
            return
        modes = list(ScaleMode)
        self.controller.change(scale=modes[(modes.index(self.controller.session.scale) + 1) % len(modes)])

    def next_view(self) -> None:
        """Maps, components, similarity of the layer; of every column, and attention there."""
        if self.window.workspace == "compare":
            self.controller.compare.next_view()
            return
        at = OF_LAYER.index(self.controller.session.shows)
        self.controller.change(shows=OF_LAYER[(at + 1) % len(OF_LAYER)])

    def show_keys(self) -> None:
        self.window.keys.open()

    def toggle_theme(self) -> None:
        self.set_theme("light" if theme.current().dark else "dark")

    def set_theme(self, name: str) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, theme.THEMES[name])
        self.controller.settings.put("theme", name)
        self.controller.view.restyle()
        self.controller.features.follow()
        self.controller.compare.restyle()

    # --- dialogs ---

    def choose_preprocess(self) -> None:
        from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog

        card = self.controller.card
        if card is None:
            return
        own = self.controller.own_preprocess or card.preprocess
        dialog = PreprocessDialog(card.preprocess, own, self.window, card.convertible)
        if dialog.exec() and dialog.preprocess != card.preprocess:
            self.controller.set_preprocess(dialog.preprocess)
        dialog.deleteLater()

    def choose_column_preprocess(self, key: int) -> None:
        """That of one column of Compare alone."""
        from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog

        compare = self.controller.compare
        card = compare.views[key].card
        if card is None:
            return
        dialog = PreprocessDialog(card.preprocess, compare.own_preprocess(card), self.window, card.convertible)
        if dialog.exec():
            compare.set_preprocess(key, dialog.preprocess)
        dialog.deleteLater()

    def choose_settings(self) -> None:
        from explorer.ui.dialogs.settings_dialog import SettingsDialog

        c = self.controller
        if c.engine is None:
            return
        budget = c.settings.number("budget")
        dialog = SettingsDialog(c.engine, c.engine.device, c.engine.threads, budget, theme.current().name, self.window)
        if dialog.exec():
            values = dialog.values
            for name, value in (("device", values.device), ("threads", values.threads), ("budget", values.budget)):
                c.settings.put(name, value)
            if values.theme != theme.current().name:
                self.set_theme(values.theme)
            c.desk.use(values.device, values.threads, values.budget)
        dialog.deleteLater()

    def show_about(self) -> None:
        from explorer.ui.dialogs.about import AboutDialog

        dialog = AboutDialog(self.window)
        dialog.exec()
        dialog.deleteLater()
