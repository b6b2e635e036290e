"""Which panels are seen large together, and which one a key means."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget

from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.graphics.panel import Panel
from explorer.ui.window import Window


class Enlarging(QObject):
    """A panel with a `pair` stands beside that part of the window, and that part beside it."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        window.enlarge_asked.connect(self.enlarge)

    def own_actions(self) -> tuple[Action, ...]:
        """The key."""
        about = tr("What has the focus or lies under the pointer, over the whole window; Esc is the way back")
        return (
            Action(
                "view.enlarge",
                tr("Enlarge the picture"),
                self.toggle,
                ("E",),
                "View/Window",
                about=about,
                why_not=self._why_not,
            ),
        )

    def toggle(self) -> None:
        """Shows a panel large, or sends it back."""
        if self._window.enlarged.isVisible():
            self._window.enlarged.dismiss()
        else:
            found = _panel_of(QApplication.focusWidget()) if _by_keys() else None
            found = found or _panel_of(QApplication.widgetAt(QCursor.pos())) or _panel_of(QApplication.focusWidget())
            found = found or self._main_panel()
            if found is not None:
                self.enlarge(found)

    def _main_panel(self) -> Panel | None:
        """The large map of Explore, the largest panel of another workspace."""
        map_ = self._window.explore.channel.map.view
        seen = (panel for panel in self._window.findChildren(Panel) if panel.isVisible())
        return map_ if map_.isVisible() else max(seen, key=_area, default=None)

    def _why_not(self) -> str:
        return "" if self._main_panel() is not None else tr("No picture is shown here.")

    def enlarge(self, asked: QWidget) -> None:
        """A panel with what it is a pair with; sends it back where it is large already."""
        shown = self._window.enlarged
        if shown.isVisible() and shown.isAncestorOf(asked):
            shown.dismiss()
            return
        if not asked.isVisible():
            return
        given = self._window.explore.input.picture
        pairs = [
            panel for panel in self._window.explore.channel.findChildren(Panel) if panel.pair and panel.isVisible()
        ]
        if isinstance(asked, Panel) and asked.pair:
            shown.show_parts([given, asked])
        elif asked is given:
            shown.show_parts([given, *pairs])
        else:
            shown.show_parts([asked])


def _by_keys() -> bool:
    """Whether the focus is shown: somebody goes by keyboard."""
    panel = _panel_of(QApplication.focusWidget())
    return panel is not None and panel.ringed


def _area(panel: Panel) -> int:
    return int(panel.width() * panel.height())


def _panel_of(widget: QWidget | None) -> Panel | None:
    while widget is not None and not isinstance(widget, Panel):
        widget = widget.parentWidget()
    return widget
