"""The frame: menu bar and toolbar on top, a workspace beneath; messages, keys and commands over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.dropped_words import dropped_words
from explorer.ui.incoming import local_paths
from explorer.ui.widgets.context_request import ContextRequest, ask_for_menu
from explorer.ui.widgets.scrolling import Scrolling

_APPLICATION = "Feature Map Explorer"


def _always() -> bool:
    return True


class Window(QMainWindow):
    """Emits `closing` before it closes, `dropped` with the paths of files that were let go over it, `went_back` and `went_forward`
    for the buttons at the side of a mouse, `help_asked` with the name of a page and the button "?" that was pressed, `enlarge_asked`
    with the panel that is to be seen large, `figure_asked` with the widget whose figure is wanted, whether it is to be copied, and its
    own part or None, `menu_asked` with a ContextRequest. `first` is called with the empty window, before anything heavy is imported for
    what stands in it: it may show it."""

    closing = Signal()
    went_back = Signal()
    went_forward = Signal()
    dropped = Signal(list)
    help_asked = Signal(str, QWidget)
    enlarge_asked = Signal(QWidget)
    figure_asked = Signal(QWidget, bool, object)
    menu_asked = Signal(object)

    def __init__(self, first: Callable[[Self], None] | None = None) -> None:
        super().__init__()
        self._model, self._document = "", ""
        self.may_close: Callable[[], bool] = _always  # asked before it closes by hand
        self.show_title()
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self.setMinimumSize(640, 420)
        self._built = False
        if first is not None:
            starting = QLabel(tr("Starting …"), self)
            starting.setObjectName("dim")
            starting.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.setCentralWidget(starting)
            first(self)
        self._build()
        self._built = True

    def _build(self) -> None:
        """What stands in the window; pyqtgraph comes with it."""
        from explorer.ui.compare.workspace import CompareWorkspace
        from explorer.ui.explore.workspace import ExploreWorkspace
        from explorer.ui.toolbar import Toolbar
        from explorer.ui.widgets.banner import Banner
        from explorer.ui.widgets.command_palette import CommandPalette
        from explorer.ui.widgets.drop_note import DropNote
        from explorer.ui.widgets.enlarged import Enlarged
        from explorer.ui.widgets.hints import mark_hint
        from explorer.ui.widgets.keysheet import KeySheet

        self.toolbar, self.explore, self.compare = Toolbar(), ExploreWorkspace(), CompareWorkspace()
        self._workspaces = QStackedWidget()
        self.workspaces: dict[str, QWidget] = {}
        self._places: dict[str, Scrolling] = {}
        self.add_workspace("explore", self.explore)
        self.add_workspace("compare", self.compare)
        page = QWidget()
        column = self._column = QVBoxLayout(page)
        inset = theme.current().space
        column.setContentsMargins(inset, theme.current().tight, inset, inset)
        column.setSpacing(inset)
        column.addWidget(self.toolbar)
        column.addWidget(self._workspaces, 1)
        mark_hint(self.toolbar, self.menuBar())
        self.setCentralWidget(page)
        # over the page, so that nothing moves when something is said
        self.banner = Banner(page)
        self.keys = KeySheet(page)
        self.commands = CommandPalette(page)
        self.enlarged = Enlarged(page)
        self.drop_note = DropNote(page)
        self.explore.maps.mosaic.setFocus()  # arrows and letters work from the first moment

    def add_workspace(self, name: str, widget: QWidget) -> None:
        """One more, behind the others."""
        self.workspaces[name] = widget
        self._places[name] = Scrolling(widget)
        self._workspaces.addWidget(self._places[name])

    def insert_line(self, line: QWidget) -> None:
        """Between the tool bar and the workspaces."""
        self._column.insertWidget(1, line)

    def show_workspace(self, name: str) -> None:
        """Brings one to the front."""
        self._workspaces.setCurrentWidget(self._places[name])
        self.toolbar.show_workspace(name)
        self.place_banner()

    @property
    def workspace(self) -> str:
        """The name of the one in front."""
        front = self._workspaces.currentWidget()
        return next(name for name, place in self._places.items() if place is front)

    def place_banner(self) -> None:
        """At the lower edge of the maps, where it hides least."""
        name = self.workspace
        maps = self.explore.maps if name == "explore" else self.workspaces[name]
        beneath = {"explore": 44, "compare": 124}.get(name, 12)
        whole = self.centralWidget()
        assert whole is not None  # made with the window
        corner = maps.mapTo(whole, maps.rect().bottomLeft())
        width = maps.width() - 24
        height = (
            self.banner.heightForWidth(width) if self.banner.hasHeightForWidth() else self.banner.sizeHint().height()
        )
        self.banner.setGeometry(QRect(corner.x() + 12, corner.y() - height - beneath, width, height))
        self.banner.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._built:
            self.place_banner()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._built and self.banner.kind in ("error", "info"):
            self.banner.dismiss()  # wherever the keys are, unless what has them takes this one
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Of what has no menu of its own."""
        widget = self.childAt(event.pos())
        if widget is not None:
            ask_for_menu(widget, event)

    def customEvent(self, event: QEvent) -> None:
        from explorer.ui.widgets.drop_note import DropHint
        from explorer.ui.widgets.enlarged import EnlargeRequest
        from explorer.ui.widgets.figure_request import FigureRequest
        from explorer.ui.widgets.help_button import HelpRequest

        if isinstance(event, ContextRequest):
            self.menu_asked.emit(event)
        elif isinstance(event, HelpRequest):
            self.help_asked.emit(event.about, event.beside)
        elif isinstance(event, EnlargeRequest):
            self.enlarge_asked.emit(event.part)
        elif isinstance(event, DropHint):
            self.drop_note.say(event.words, event.over)
        elif isinstance(event, FigureRequest):
            self.figure_asked.emit(event.of, event.copied, event.alone)

    def show_title(self, model: str | None = None, document: str | None = None, modified: bool = False) -> None:
        """The name of the open model, and of the file of the session with a star where it is not saved; None: as before."""
        self._model = self._model if model is None else model
        if document is not None:
            self._document = document.replace("[*]", "[*][*]")
            self.setWindowModified(modified and bool(document))
        star = f"{self._document}[*]" if self._document else ""
        self.setWindowTitle(" — ".join(part for part in (star, self._model, _APPLICATION) if part))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.BackButton:
            self.went_back.emit()
        elif event.button() == Qt.MouseButton.ForwardButton:
            self.went_forward.emit()
        else:
            super().mousePressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = local_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.drop_note.say(dropped_words(paths, self.workspace))

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.drop_note.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_note.hide()
        paths = local_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)
