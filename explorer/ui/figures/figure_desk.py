"""Finds the figure of whatever a person points at, copies it with its values, or opens the dialog that exports it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_numbers import as_tsv
from explorer.core.figure.figure_parts import FigureDescription, FigurePart
from explorer.core.figure.layer_figures import file_name
from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.figures.compare_figures import CompareFigures
from explorer.ui.figures.explore_figures import ExploreFigures
from explorer.ui.figures.figure_dialog import FigureDialog
from explorer.ui.figures.figure_files import drawn, figure_image
from explorer.ui.figures.figure_settings import remembered_style
from explorer.ui.method_page.opened import TellsFigure
from explorer.ui.notices import failure_of

Make = Callable[[], FigureDescription | None]
_NOTHING = tr("There is nothing to draw yet: nothing is shown or computed here.")
_PAGE = tr("This page has no result yet.")


class FigureDesk:
    """`add` says which widget has which figure; a widget without one has that of what it stands in."""

    def __init__(self, controller: Controller) -> None:
        self._c, self._window = controller, controller.window
        self._sources: dict[QWidget, Make] = {}
        self.explore, self.compare = ExploreFigures(controller), CompareFigures(controller.compare)
        self.dialog: FigureDialog | None = None
        self._add_explore()
        self._add_compare()
        for name in controller.views.there:
            self._add_workspace(name)
        controller.views.made.connect(self._add_workspace)
        self._window.figure_asked.connect(self._asked)

    def _add_explore(self) -> None:
        window, pages = self._window.explore, self._c.pages
        self.add(window, self.explore.maps)
        self.add(window.maps, self.explore.maps)
        self.add(window.channel, self._page_or_channel)
        self.add(window.channel.map, self.explore.channel)
        self.add(window.channel.curve, self.explore.channel)
        self.add(window.input, self.explore.input)
        self.add(window.strip, self.explore.layers)
        for name in pages.made_names:
            self._add_page(name)
        pages.made.connect(self._add_page)

    def _add_page(self, name: str) -> None:
        part = self._c.pages.page(name)
        self.add(part.view, part.figure if isinstance(part, TellsFigure) else _nothing)

    def _add_workspace(self, name: str) -> None:
        for widget, make in self._c.views[name].figures():
            self.add(widget, make)
            self._sources.setdefault(self._window.workspaces[name], make)  # the first of them

    def _add_compare(self) -> None:
        self.add(self._window.compare, self.compare.whole)
        self.add(self._c.compare.pairs.panel.figures, self.compare.measured)
        for name, part in self._c.compare.pairs.parts.items():
            if isinstance(part.view, QWidget):
                self.add(part.view, partial(self.compare.pair, name))

    def add(self, widget: QWidget, make: Make) -> None:
        """The figure of a widget."""
        self._sources[widget] = make

    # --- which figure

    def near(self, widget: QWidget | None) -> FigureDescription | None:
        """That of a widget, else of the nearest that it stands in; None: there is none."""
        while widget is not None:
            make = self._sources.get(widget)
            found = make() if make is not None else None
            if found is not None:
                return found
            widget = widget.parentWidget()
        return None

    def here(self) -> FigureDescription | None:
        """Of what has the keyboard, else of the workspace in front."""
        focus = QApplication.focusWidget()
        inside = focus is not None and focus.window() is self._window
        found = self.near(focus) if inside else None
        return found or self.near(self._window.workspaces[self._window.workspace])

    def page(self) -> FigureDescription | None:
        """Of the open method page."""
        part = self._c.pages.open_page
        return part.figure() if isinstance(part, TellsFigure) else None

    def _page_or_channel(self) -> FigureDescription | None:
        return self.page() or self.explore.channel()

    # --- commands

    def own_actions(self) -> tuple[Action, ...]:
        """Copying and exporting figures."""
        about = tr("The figure as a picture, and its numbers as a table, of what has the focus")
        where = tr("PDF, SVG or PNG of what has the focus, in millimetres, with provenance")
        save, nothing = "File/Save", self._why_nothing
        export = partial(self._export_of)
        return (
            Action(
                "figure.copy", tr("Copy figure and values"), self.copy, ("Ctrl+C",), "Edit/Copy", "", about, "", nothing
            ),
            Action(
                "figure.export", tr("Export figure …"), self.export, ("Ctrl+Shift+E",), save, "", where, "", nothing
            ),
            Action("figure.maps", tr("Maps as figure …"), partial(export, self.explore.maps), (), save, "explore"),
            Action(
                "figure.channel", tr("Channel as figure …"), partial(export, self.explore.channel), (), save, "explore"
            ),
            Action(
                "figure.page",
                tr("Page as figure …"),
                partial(export, self.page),
                (),
                save,
                "explore",
                why_not=lambda: "" if self.page() is not None else _PAGE,
            ),
        )

    def _why_nothing(self) -> str:
        return "" if self.here() is not None else _NOTHING

    def copy(self) -> None:
        """Puts the figure of what has the focus on the clipboard."""
        self.copy_figure(self.here())

    def export(self) -> None:
        """Opens the dialog with the figure of what has the focus."""
        self._open(self.here())

    def _export_of(self, make: Make) -> None:
        self._open(make())

    def _asked(self, of: QWidget, copied: bool, alone: FigurePart | None) -> None:
        found = self.near(of)
        if alone is not None:
            found = _of_part(of, alone, found)
        if copied:
            self.copy_figure(found)
        else:
            self._open(found)

    def copy_figure(self, figure: FigureDescription | None) -> None:
        """The picture, and the values as tab-separated text."""
        if figure is None:
            self._c.say(_NOTHING)
            return
        style = remembered_style(self._c.settings)
        try:
            image = figure_image(drawn(figure, style), style)
        except ExplorerError as error:
            self._c.fail(failure_of(error))
            return
        data, table = QMimeData(), as_tsv(figure)
        data.setImageData(image)
        data.setText(table)
        data.setData("text/tab-separated-values", table.encode())
        QGuiApplication.clipboard().setMimeData(data)
        self._c.say(tr("Copied the figure and its values."))

    def _open(self, figure: FigureDescription | None) -> None:
        if figure is None:
            self._c.say(_NOTHING)
            return
        self.dialog = FigureDialog(figure, self._c.settings, self._c.save, self.copy_figure, self._window)
        self.dialog.exec()
        self.dialog.deleteLater()
        self.dialog = None


def _of_part(of: QWidget, part: FigurePart, whole: FigureDescription | None) -> FigureDescription:
    """A panel alone, with the provenance of the figure that it stands in."""
    name = of.accessibleName()
    title = f"{whole.title}: {name}" if whole is not None and whole.title else name
    return FigureDescription(title, ((part,),), whole.caption if whole is not None else "", file_name(name))


def _nothing() -> FigureDescription | None:
    return None
