"""Everything a person can ask for by key, menu, button or command palette: one `Action` each, in one registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QWidget

from explorer.core.translation import uncapitalised
from explorer.ui.key_names import shown
from explorer.ui.widgets.text import tip

EVERYWHERE = ""
# the menus in their order, each with its sections
_MENUS = {
    "File": ("Open", "Session", "Save", "End"),
    "Edit": ("Undo", "Copy", "Paste"),
    "View": ("Workspace", "Maps", "Input", "Text", "Window"),
    "Go": ("History", "Layers"),
    "Model": ("Open",),
    "Input": ("Folder", "Live", "Sound"),
    "Analyse": ("Pages",),
    "Compare": ("Columns", "Focus"),
    "Transfer": ("Data", "Probe", "Training"),
    "Dataset": ("Index", "Ready data sets", "Pictures"),
    "Lessons": ("Inside", "Open", "Step", "Teacher", "Author"),
    "Help": ("Guides", "Learn", "Find", "About"),
}
MENUS = tuple(_MENUS)
_PLACES = {f"{menu}/{section}": at for at, (menu, section) in enumerate((m, s) for m in _MENUS for s in _MENUS[m])}


def _can_run() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Action:
    """A command.

    `keys`: the first is the one that is shown. `place`: "File/Save", a menu and a section of it. `context`: the workspace
    that it acts in. `family`: what the key sheet says, in one row, of all that have the same. `why_not`: why it
    cannot run now, "" when it can.
    """

    id: str
    title: str
    callback: Callable[[], object]
    keys: tuple[str, ...] = ()
    place: str = ""
    context: str = EVERYWHERE
    about: str = ""
    family: str = ""
    why_not: Callable[[], str] = _can_run

    @property
    def menu(self) -> str:
        """The menu that it stands in."""
        return self.place.partition("/")[0]

    @property
    def name(self) -> str:
        """The title without the dots that announce a dialog."""
        return self.title.removesuffix(" …")

    @property
    def tip(self) -> str:
        """For a tool tip: what it does, and its key."""
        words = self.about or self.name
        return tip(f"{words}  ( {shown(self.keys[0])} )" if self.keys else words)


class Actions(QObject):
    """The registry: makes the shortcuts and runs what is asked for. `refused` says which command cannot run now, and why.

    A shortcut belongs to its workspace and sleeps while that is hidden; two that can act at one time never share a key.
    """

    refused = Signal(str)

    def __init__(self, window: QWidget, workspaces: Mapping[str, QWidget]) -> None:
        super().__init__(window)
        self._window, self._homes = window, {EVERYWHERE: window, **workspaces}
        self._actions: dict[str, Action] = {}
        self._shortcuts: list[QShortcut] = []
        self._sources: list[Callable[[], Iterable[Action]]] = []

    def add(self, *actions: Action) -> None:
        """ValueError for an id that exists, a menu or a workspace that does not, and a key that is taken."""
        for action in actions:
            if action.id in self._actions:
                raise ValueError(f"There are two actions {action.id}.")
            if action.context not in self._homes:
                raise ValueError(f"{action.id} is for a workspace {action.context}, which does not exist.")
            if action.place not in _PLACES:
                raise ValueError(f"{action.id} is for a menu {action.place}, which does not exist.")
            for key in action.keys:
                self._check_free(key, action)
            self._actions[action.id] = action
            self._shortcuts += [self._shortcut(key, action) for key in action.keys]

    def add_source(self, source: Callable[[], Iterable[Action]]) -> None:
        """Commands that come and go, such as one for each model; they have no keys and are asked for anew each time."""
        self._sources.append(source)

    def _check_free(self, key: str, action: Action) -> None:
        for other in self._actions.values():
            overlap = EVERYWHERE in (action.context, other.context) or action.context == other.context
            if overlap and any(QKeySequence(key) == QKeySequence(taken) for taken in other.keys):
                raise ValueError(f"{key} is the key of {other.id} and of {action.id}.")

    def _shortcut(self, key: str, action: Action) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self._homes[action.context])
        shortcut.activated.connect(partial(self.run, action))
        return shortcut

    def __getitem__(self, name: str) -> Action:
        return self._actions[name]

    @property
    def registered(self) -> tuple[Action, ...]:
        """Those that are always there, in the order of the menus."""
        return tuple(sorted(self._actions.values(), key=lambda action: _PLACES[action.place]))

    @property
    def passing(self) -> tuple[Action, ...]:
        """Those of the sources, as of now."""
        return tuple(action for source in self._sources for action in source())

    def in_menu(self, menu: str) -> tuple[Action, ...]:
        """Those of one menu, in their order."""
        return tuple(action for action in self.registered if action.menu == menu)

    def why_not(self, action: Action) -> str:
        """Why it cannot run now; "" when it can."""
        if action.context and not self._homes[action.context].isVisibleTo(self._window):
            return f"Works in the workspace {action.context.capitalize()}."
        return action.why_not()

    def run(self, action: Action) -> bool:
        """Whether it ran."""
        why = self.why_not(action)
        if why:
            self.refused.emit(f"{action.name}: {uncapitalised(why)}")
            return False
        action.callback()
        return True

    def bind(self, button: QAbstractButton, name: str) -> None:
        """A button that runs an action, with its tool tip and accessible name."""
        action = self._actions[name]

        def clicked(*_checked: object) -> None:
            self.run(action)

        button.setToolTip(action.tip)
        button.setAccessibleName(action.name)
        button.clicked.connect(clicked)

    def mark(self, widget: QWidget, name: str) -> None:
        """Adds the key of an action to the tool tip of a widget that does the same."""
        widget.setToolTip(f"{widget.toolTip()}  ( {shown(self._actions[name].keys[0])} )")
