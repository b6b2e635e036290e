"""What the command palette offers for what is typed, and the running of what is taken."""

from __future__ import annotations

from explorer.core.fuzzy import score
from explorer.ui.actions import Action, Actions
from explorer.ui.key_names import shown
from explorer.ui.settings import Settings
from explorer.ui.widgets.command_palette import CommandPalette, PaletteEntry

_KIND = "commands"  # of what settings remember


class CommandSearch:
    """Commands that were taken lately come first among equals. Layers, models and inputs are found by typing only."""

    def __init__(self, palette: CommandPalette, actions: Actions, settings: Settings) -> None:
        self._palette, self._actions, self._settings = palette, actions, settings
        self._passing: tuple[Action, ...] = ()
        self._offered: list[Action] = []
        palette.searched.connect(self._search)
        palette.chosen.connect(self._run)

    def open(self, typed: str = "") -> None:
        """The palette, with something typed already."""
        self._passing = self._actions.passing
        self._palette.open(typed)

    def _search(self, typed: str) -> None:
        recent = self._settings.recent(_KIND)
        late = {name: at for at, name in enumerate(recent)}
        passing = self._passing if typed.strip() else [action for action in self._passing if action.id in late]
        every = [(_fit(typed, action), action) for action in (*self._actions.registered, *passing)]
        every.sort(key=lambda one: (-one[0], late.get(one[1].id, len(late)), bool(self._actions.why_not(one[1]))))
        self._offered = [action for fit, action in every if fit]
        self._palette.set_entries([self._entry(action) for action in self._offered])

    def _entry(self, action: Action) -> PaletteEntry:
        keys = shown(action.keys[0]) if action.keys else ""
        return PaletteEntry(action.title, action.menu, keys, self._actions.why_not(action))

    def _run(self, row: int) -> None:
        action = self._offered[row]
        self._settings.remember(_KIND, action.id)
        self._actions.run(action)


def _fit(typed: str, action: Action) -> int:
    """A match of the title counts more than one of its menu."""
    return max(2 * score(typed, action.title), score(typed, f"{action.menu} {action.title}"))
