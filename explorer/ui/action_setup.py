"""Registers everything a person can ask for, fills the menus, and opens the dialogs about the window."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from explorer import catalogue
from explorer.core import translation
from explorer.core.models import Preprocess
from explorer.core.registry import Problem
from explorer.core.render import ScaleMode, SortKey
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.actions import Action, Actions
from explorer.ui.appearance import Appearance
from explorer.ui.command_search import CommandSearch
from explorer.ui.compare.compare_actions import CompareActions
from explorer.ui.context_menus import ContextMenus
from explorer.ui.controller import Controller
from explorer.ui.enlarging import Enlarging
from explorer.ui.figures.figure_desk import FigureDesk
from explorer.ui.figures.film_recorder import FilmRecorder
from explorer.ui.gestures import key_groups
from explorer.ui.guide.guidance import Guidance
from explorer.ui.lessons.lesson_desk import LessonDesk
from explorer.ui.menu_bar import MenuBar
from explorer.ui.menus import Menus
from explorer.ui.navigation import Navigation
from explorer.ui.opening import Opening
from explorer.ui.take_away import TakeAway


class Commands(Opening):
    """Lives as long as the window."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        window = self.window
        self.take_away, self._navigation = TakeAway(controller), Navigation(controller)
        self.guidance, self.figures = Guidance(controller), FigureDesk(controller)
        self.lessons = LessonDesk(controller, self.agreed, self.guidance.define, self.guidance.runs.close)
        self.films = FilmRecorder(controller, self.figures.explore)
        self.enlarging = Enlarging(self.window)
        self.appearance = Appearance(window, controller.settings, self._restyled)
        self.actions = Actions(window, window.workspaces)
        self._register()
        self._menus = Menus(self, self.actions, self.choose_column_preprocess)
        self.menu_bar = MenuBar(window.menuBar(), self.actions, self._menus)
        self.context_menus = ContextMenus(window, self.actions, self._menus)
        self.actions.add_source(self._navigation.go_to_layer)
        self.actions.add_source(self._menus.to_open)
        self.actions.add_source(self.guidance.to_find)
        self._search = CommandSearch(window.commands, self.actions, controller.settings)
        window.keys.set_groups(key_groups(self.actions.registered))
        self._connect()
        self._tell_keys()

    def open_paths(self, paths: list[str]) -> None:
        """As `Opening`, and lessons: kits, and folders with a lesson.toml."""
        from explorer.ui.incoming import classify

        lessons = classify(paths).lessons
        if lessons:
            self.lessons.open(Path(lessons[0]))
        else:
            super().open_paths(paths)

    def _register(self) -> None:
        """All commands, in the order of the menus."""
        c = self.controller
        undo, sound = c.interventions.own_actions(), c.listening.own_actions()
        explore = self.window.explore.channel.own_actions()
        self.actions.add(
            *self._navigation.own_actions(),
            *self.own_actions(),
            *sound,
            *undo,
            *CompareActions(c.compare).own_actions(),
        )
        for name, commands in c.views.actions().items():
            try:
                self.actions.add(*commands())
            except Exception as error:  # noqa: BLE001 - somebody's code: everything else goes on
                c.broken.append(
                    Problem(
                        name,
                        "",
                        tr("its commands cannot be added: {name}: {error}", name=type(error).__name__, error=error),
                    )
                )
        shown = (*self._view_actions(), *self.enlarging.own_actions())
        taken = (*self.figures.own_actions(), *self.films.own_actions(), *self.take_away.own_actions())
        self.actions.add(*taken, *explore, *shown, *self._window_actions())

    def _view_actions(self) -> tuple[Action, ...]:
        maps = partial(Action, place="View/Maps")
        explore = partial(Action, context="explore")
        show, reading = (
            partial(self.window.explore.input.setCurrentIndex, 0),
            tr("Input, prediction and the layer's numbers"),
        )
        views = tr("Feature maps, PCA colours or similarity of the layer; attention in Compare")
        modules = tr("All modules of the model, with search")
        return (
            maps("view.next_view", tr("Next view of the layer"), self.next_view, ("Shift+V",), about=views),
            maps("view.sort", tr("Next sort order"), self.next_sort, ("S",), context="explore"),
            maps("view.scale", tr("Next scale"), self.next_scale, ("C",)),
            explore("view.input", tr("Show the input"), show, ("I",), "View/Input", about=reading),
            explore("go.search", tr("Search the modules"), self.search, ("/",), "Go/Layers", about=modules),
            *self.appearance.own_actions(),
        )

    def _window_actions(self) -> tuple[Action, ...]:
        end, find = partial(Action, place="File/End"), partial(Action, place="Help/Find")
        early, closed = self._no_engine, self._navigation.no_model
        settings, names = tr("Device, threads, memory"), tr("Every command, layer, model and input by name")
        values = partial(
            Action, place="Model/Open", context="explore", about=tr("Input size, crop, mean and std, channels")
        )
        return (
            end("file.settings", tr("Settings …"), self.choose_settings, ("Ctrl+,",), about=settings, why_not=early),
            end("file.quit", tr("Quit"), self.window.close, ("Ctrl+Q",)),
            values("model.preprocess", tr("Preprocessing …"), self.choose_preprocess, why_not=closed),
            Action(
                "model.arguments",
                tr("Other inputs …"),
                self.choose_arguments,
                place="Model/Open",
                context="explore",
                about=tr("Numbers, tensors and pictures that the model takes besides the opened input"),
                why_not=self._no_arguments,
            ),
            *self.lessons.own_actions(),
            *self.guidance.own_actions(),
            find("help.commands", tr("Commands …"), self.show_commands, ("Ctrl+K",), about=names),
            find("help.keys", tr("Keyboard shortcuts"), self.show_keys, ("?",)),
            Action("help.about", tr("About and folders …"), self.show_about, place="Help/About"),
        )

    def _no_engine(self) -> str:
        return "" if self.controller.engine is not None else tr("Torch is still being loaded.")

    def _no_arguments(self) -> str:
        card = self.controller.card
        if card is None or card.given:
            return self._navigation.no_model()
        return tr("The model takes the opened input alone.")

    def _connect(self) -> None:
        c, bar, w, menus = self.controller, self.window.toolbar, self.window, self._menus
        bar.bind(self.actions)
        self.actions.refused.connect(self._refuse)
        for menu, fill in (
            (bar.model_menu, menus.fill_models),
            (bar.input_menu, menus.fill_inputs),
            (bar.live_menu, menus.fill_live),
            (w.explore.channel.menu, menus.fill_copies),
        ):
            menu.aboutToShow.connect(partial(fill, menu))
        c.compare.model_menu.connect(menus.fill_column_models)
        c.compare.input_menu.connect(menus.fill_column_inputs)
        c.compare.files_dropped.connect(self.open_in_column)
        w.dropped.connect(self.open_dropped)
        w.went_back.connect(partial(self.actions.run, self.actions["go.back"]))
        w.went_forward.connect(partial(self.actions.run, self.actions["go.forward"]))
        w.explore.input.assumed.clicked.connect(partial(self.actions.run, self.actions["model.preprocess"]))
        w.explore.input.further.clicked.connect(partial(self.actions.run, self.actions["model.arguments"]))
        w.explore.input.picture.activated.connect(self.choose_input)

    def _tell_keys(self) -> None:
        """In the tool tips of the widgets that do what an action does."""
        explore, compare, mark = self.window.explore, self.window.compare, self.actions.mark
        transport, tabs = explore.input.transport, explore.input
        mark(explore.maps.shows, "view.next_view")
        mark(explore.maps.sort, "view.sort")
        mark(explore.maps.scale, "view.scale")
        mark(explore.strip.play, "go.play")
        mark(explore.strip.links, "go.connections")
        strip = explore.input.folder
        for button, name in ((strip.all, "input.gallery"), (strip.back, "input.last"), (strip.ahead, "input.next")):
            self.actions.bind(button, name)
        mark(transport.back, "input.last_frame")
        mark(transport.toggle, "input.play")
        mark(transport.ahead, "input.next_frame")
        mark(compare.view, "view.next_view")
        mark(compare.fold, "compare.matrix")
        for at, name in enumerate(("view.input", "go.search")):
            tabs.setTabToolTip(at, self.actions[name].tip)

    def _refuse(self, words: str) -> None:
        """Says why a key did nothing; what went wrong before that and what is going on stay."""
        if self.window.banner.kind in ("", "info"):
            self.window.banner.show_message(words)
            self.window.place_banner()

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
        every, shows = [view.id for view in catalogue.views_of("explore")], self.controller.session.shows
        at = every.index(shows) if shows in every else -1
        self.controller.change(shows=every[(at + 1) % len(every)])

    def show_keys(self) -> None:
        self.window.keys.open()

    def show_commands(self, typed: str = "") -> None:
        self._search.open(typed)

    def _restyled(self) -> None:
        self.controller.view.restyle()
        self.controller.features.follow()
        self.controller.compare.restyle()

    # --- dialogs ---

    def choose_preprocess(self) -> None:
        from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog

        card = self.controller.card
        if card is None:
            return
        now, own = card.preprocess, self.controller.own_preprocess or card.preprocess
        if not isinstance(now, Preprocess) or not isinstance(own, Preprocess):
            self.controller.say(now.says)
            return
        dialog = PreprocessDialog(now, own, self.window, card.convertible)
        if dialog.exec() and dialog.preprocess != now:
            self.controller.set_preprocess(dialog.preprocess)
        dialog.deleteLater()

    def choose_arguments(self) -> None:
        from explorer.ui.dialogs.arguments_dialog import ArgumentsDialog

        card = self.controller.card
        if card is None or not card.given:
            return
        dialog = ArgumentsDialog(card.given, self.window)
        if dialog.exec() and dialog.chosen != card.spec.arguments:
            self.controller.open_model(replace(card.spec, arguments=dialog.chosen))
        dialog.deleteLater()

    def choose_column_preprocess(self, key: int) -> None:
        """That of one column of Compare alone."""
        from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog

        compare = self.controller.compare
        card = compare.views[key].card
        if card is None:
            return
        now, own = card.preprocess, compare.own_preprocess(card)
        if not isinstance(now, Preprocess) or not isinstance(own, Preprocess):
            self.controller.say(now.says)
            return
        dialog = PreprocessDialog(now, own, self.window, card.convertible)
        if dialog.exec():
            compare.set_preprocess(key, dialog.preprocess)
        dialog.deleteLater()

    def choose_settings(self) -> None:
        from explorer.ui.dialogs.settings_dialog import SettingsDialog

        c = self.controller
        if c.engine is None:
            return
        budget = c.settings.number("budget")
        now, language = theme.current().name, c.settings.text(translation.SETTING)
        dialog = SettingsDialog(c.engine, c.engine.device, c.engine.threads, budget, now, self.window, language)
        if dialog.exec():
            values = dialog.values
            for name, value in (("device", values.device), ("threads", values.threads), ("budget", values.budget)):
                c.settings.put(name, value)
            c.settings.put(translation.SETTING, values.language)
            if values.theme != theme.current().name:
                self.appearance.set_theme(values.theme)
            c.desk.use(values.device, values.threads, values.budget)
        dialog.deleteLater()

    def show_about(self) -> None:
        from explorer.ui.dialogs.about import AboutDialog

        dialog = AboutDialog(self.window, self.controller.broken)
        dialog.exec()
        dialog.deleteLater()
