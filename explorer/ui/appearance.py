"""How the window looks: its theme, the size of its text, full screen, and presenter mode."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.actions import Action
from explorer.ui.presenting import Presenting
from explorer.ui.remembered_look import TEXT, THEME, remembered_percent
from explorer.ui.settings import Settings
from explorer.ui.window import Window

_WIDE = 1800  # logical px of a screen with room for text half as large again


class Appearance:
    """`restyled` is called when colours or sizes have changed, for what draws pictures of its own."""

    def __init__(self, window: Window, settings: Settings, restyled: Callable[[], None]) -> None:
        self._window, self._settings, self._restyled = window, settings, restyled
        self._before = theme.DARK.name  # the theme before that of high contrast
        self.presenting = Presenting(window)
        self.presenting.began.connect(self._larger_for_a_room)
        self.presenting.ended.connect(self._usual_again)

    def own_actions(self) -> tuple[Action, ...]:
        """The menu View."""
        add, text = partial(Action, place="View/Window"), partial(Action, place="View/Text", family=tr("text size"))
        halo = tr(
            "Full screen without menus, bars and hints, with larger text and a ring round the pointer; Esc ends it"
        )
        smaller, larger = partial(self._at_end, -1), partial(self._at_end, 1)
        return (
            text("view.larger", tr("Larger text"), partial(self.step_text, 1), ("Ctrl+=", "Ctrl++"), why_not=larger),
            text("view.smaller", tr("Smaller text"), partial(self.step_text, -1), ("Ctrl+-",), why_not=smaller),
            text("view.usual_text", tr("Usual text size"), partial(self.step_text, 0), ("Ctrl+0",)),
            add("view.theme", tr("Light or dark"), self.toggle_theme, ("Ctrl+T",)),
            add(
                "view.contrast",
                tr("High contrast"),
                self.toggle_contrast,
                about=tr("Text at 7:1, lines and marks at 3:1"),
            ),
            add("view.present", tr("Presenter mode"), self.presenting.toggle, ("F11",), about=halo),
            add("view.full", tr("Full screen"), self.toggle_full_screen, ("Shift+F11",)),
        )

    # --- theme

    def toggle_theme(self) -> None:
        """Light where it was dark, and back."""
        self.set_theme(theme.LIGHT.name if theme.current().dark else theme.DARK.name)

    def toggle_contrast(self) -> None:
        """High contrast, or what was before it."""
        now = theme.current().name
        self._before = self._before if now == theme.CONTRAST.name else now
        self.set_theme(self._before if now == theme.CONTRAST.name else theme.CONTRAST.name)

    def set_theme(self, name: str) -> None:
        """By its name in `theme.THEMES`; remembered."""
        self._settings.put(THEME, name)
        self._apply(theme.THEMES[name], text_size.percent())

    # --- text

    def step_text(self, by: int) -> None:
        """Larger (+1), smaller (-1), the usual size (0); remembered, but for the time of a presentation."""
        percent = text_size.stepped(text_size.percent(), by)
        if not self.presenting.on:
            self._settings.put(TEXT, percent)
        self._apply(theme.current(), percent)

    def _at_end(self, by: int) -> str:
        at_end = text_size.stepped(text_size.percent(), by) == text_size.percent()
        return tr("Text is as {large} as it gets.", large=tr("large") if by > 0 else tr("small")) if at_end else ""

    def _larger_for_a_room(self) -> None:
        by = 1.5 if self._window.width() >= _WIDE else 1.25
        wanted = by * text_size.percent()
        self._apply(
            theme.current(), max(step for step in text_size.STEPS if step <= wanted or step == text_size.STEPS[0])
        )

    def _usual_again(self) -> None:
        self._apply(theme.current(), remembered_percent(self._settings))

    def _apply(self, look: theme.Theme, percent: int) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, look, percent)
        self._restyled()
        self._window.place_banner()

    # --- screen

    def toggle_full_screen(self) -> None:
        """The window with all that is in it on the whole screen, and back."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)
