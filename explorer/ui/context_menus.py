"""What a right click offers: the actions of the registry that are about what lies under the pointer, made in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from explorer.ui.actions import Actions
from explorer.ui.compare.column import ColumnPanel
from explorer.ui.graphics.layer_strip import StripView
from explorer.ui.graphics.mosaic_panel import MosaicPanel
from explorer.ui.menus import Menus
from explorer.ui.widgets.context_request import ContextRequest
from explorer.ui.widgets.prediction import PredictionBars
from explorer.ui.window import Window

_PAGES = tuple(f"page.{name}" for name in ("values", "arithmetic", "attribution", "ablation", "maximise", "examples"))
_TAKE = ("Edit/Copy", "File/Save")  # sections of the menu bar
_INPUT = ("file.open", "file.folder", "input.paste", "input.gallery", "input.next", "input.last", "model.preprocess")


class ContextMenus:
    """Shows a menu for whatever asks the window for one."""

    def __init__(self, window: Window, actions: Actions, menus: Menus) -> None:
        self._window, self._actions, self._menus = window, actions, menus
        window.menu_asked.connect(self._show)

    def _show(self, request: ContextRequest) -> None:
        menu = self.menu_of(request.widget, request.at if request.by_mouse else None)
        if menu is not None:
            request.taken = True
            menu.exec(request.at)
            menu.deleteLater()

    def menu_of(self, widget: QWidget, at: QPoint | None = None) -> QMenu | None:
        """The menu of a widget or of what it stands in; None where there is none. `at`: where the mouse is on the screen: what lies
        there is selected first, as by a click."""
        known = next((one for one in _upwards(widget) if self._fill_of(one) is not None), None)
        fill = self._fill_of(known) if known is not None else None
        if known is None or fill is None:
            return None
        if at is not None:
            _select(widget, at)
        menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        fill(menu)
        if widget.actions():
            menu.addSeparator()
            menu.addActions(widget.actions())
        return menu

    def _fill_of(self, widget: QWidget) -> Callable[[QMenu], None] | None:
        explore = self._window.explore
        if isinstance(widget, ColumnPanel):
            return partial(self._column, widget)
        return {
            explore.maps: partial(self._fill, (_PAGES, _TAKE, ("view.sort", "view.scale", "view.next_view"))),
            explore.channel: partial(self._fill, (_PAGES, _TAKE)),
            explore.input.prediction: partial(self._fill, (("page.attribution", "page.ablation"),)),
            explore.input.picture: partial(self._fill, (_INPUT,)),
            explore.strip: partial(self._fill, (("go.play", "go.search", "view.next_view"), _TAKE)),
        }.get(widget)

    def _fill(self, groups: Iterable[Iterable[str]], menu: QMenu) -> None:
        for group in groups:
            menu.addSeparator()
            for name in group:
                self._menus.add_actions(
                    menu, *(one.id for one in self._actions.registered if name in (one.place, one.id))
                )

    def _column(self, panel: ColumnPanel, menu: QMenu) -> None:
        for button in (panel.lock, panel.minus_button, panel.freeze, panel.swap, panel.copy, panel.remove):
            if button.isVisible():
                _add_button(menu, button)
        self._fill((("view.next_view", "view.scale"), ("compare.add", "compare.matrix")), menu)


def _upwards(widget: QWidget) -> Iterable[QWidget]:
    one: QWidget | None = widget
    while one is not None:
        yield one
        one = one.parentWidget()


def _select(widget: QWidget, at: QPoint) -> None:
    """As a click on a tile, a layer or a class would."""
    point = widget.mapFromGlobal(at)
    if isinstance(widget, (MosaicPanel, StripView)):
        widget.box.clicked.emit(widget.in_view(QPointF(point)))
    bars = next((one for one in _upwards(widget) if isinstance(one, PredictionBars)), None)
    if bars is not None:
        index = bars.view.indexAt(bars.view.viewport().mapFromGlobal(at))
        if index.isValid():
            bars.view.clicked.emit(index)


def _add_button(menu: QMenu, button: QAbstractButton) -> None:
    words = button.accessibleName() or button.toolTip().split("\n")[0]
    entry = menu.addAction(words.split("  ( ")[0].replace("&", "&&"))
    entry.setCheckable(button.isCheckable())
    entry.setChecked(button.isChecked())
    entry.setEnabled(button.isEnabled())
    entry.setToolTip(button.toolTip())
    entry.triggered.connect(lambda _on: button.click())
