"""What this is, under which terms, made with what, and where its files are."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QWidget

from explorer import __version__, catalogue
from explorer.core.registry import Problem
from explorer.core.system import paths
from explorer.core.translation import tr
from explorer.engine.models.weights import locate
from explorer.ui.dialogs.parts import Dialog, Note, form
from explorer.ui.widgets.frames import Elided, Frame
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import column_of

_WHAT = tr(
    "Look inside neural networks while they run: every feature map of every layer, on your own model and picture, offline."
)
_LICENCE = tr("Apache License 2.0. It comes without warranty of any kind.")
_QT = tr(
    "Qt and PySide6 are used under the GNU Lesser General Public License, version 3. They are separate, unchanged libraries "
    "that may be replaced by other builds. Their sources are at code.qt.io. Video is decoded by FFmpeg, through PyAV, under "
    "version 3 of the same licence; its sources are at ffmpeg.org."
)
_AROUND, _MOST = 150, 740  # px: what stands round the sections, and the height that every screen has
# what it is called, and the distribution whose version counts
_LIBRARIES = (
    ("PySide6", ("PySide6-Essentials", "PySide6")),
    ("PyTorch", ("torch",)),
    ("torchvision", ("torchvision",)),
    ("NumPy", ("numpy",)),
    ("Pillow", ("pillow",)),
    ("PyAV", ("av",)),
    ("safetensors", ("safetensors",)),
)


def libraries() -> tuple[tuple[str, str], ...]:
    """(name, version) of what the application stands on; what is not installed is left out. Imports none of them."""
    found = [("Python", platform.python_version()), ("Qt", qVersion())]
    found += [(name, known) for name, distributions in _LIBRARIES if (known := _version(distributions))]
    return tuple(found)


def folders() -> tuple[tuple[str, Path], ...]:
    """(what it holds, folder)."""
    target = paths.download_dir() or paths.data_dir() / "weights"
    return (
        (tr("Weights"), target),
        (tr("Settings"), paths.config_dir()),
        (tr("Data"), paths.data_dir()),
        (tr("Cache"), paths.cache_dir()),
        (tr("Samples"), paths.resources()),
    )


def searched() -> str:
    """The folders that weights are looked for in, in their order, one a line."""
    places = enumerate(locate.places(), 1)
    return "\n".join([tr("Search order:"), *(f"{number}. {folder}" for number, folder in places)])


def notices() -> Path:
    """The licences of everything inside a packaged application; there is no such file in an installation from source."""
    return paths.resources() / "NOTICES.txt"


class AboutDialog(Dialog):
    """Only to be read; folders can be opened. `broken`: what of plug-ins failed in this window, beside what cannot be loaded."""

    def __init__(self, parent: QWidget | None = None, broken: Sequence[Problem] = ()) -> None:
        super().__init__("Feature Map Explorer", tr("Close"), parent)
        self.setWindowTitle(tr("About Feature Map Explorer"))
        self.cancel.hide()
        self.open_buttons: dict[str, QPushButton] = {}
        self.body.addWidget(QLabel(tr("Version {version}", version=__version__)))
        what = QLabel(_WHAT)
        what.setWordWrap(True)
        self.body.addWidget(what)
        problems = (*catalogue.problems(), *broken)
        sections = QWidget()
        what_fails = [_not_used(problems)] if problems else []
        column_of(sections, *what_fails, self._terms(), self._made_with(), self._places()).addStretch(1)
        self.area = QScrollArea()  # of a window of 800 px not all has room
        self.area.setWidget(sections)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self.area, 1)
        self.judge("")
        self.ok.setFocus()
        self.resize(660, min(sections.sizeHint().height() + _AROUND, _MOST))

    def _terms(self) -> Frame:
        panel = Frame(tr("Licences"))
        licence = QLabel(_LICENCE)
        licence.setWordWrap(True)
        panel.add(licence)
        panel.add(Note(_QT))
        if notices().is_file():
            panel.add(self._all_licences())
        return panel

    def _all_licences(self) -> QPushButton:
        button = QPushButton(tr("All licences of the included software"))
        button.setAutoDefault(False)
        button.clicked.connect(self._show_notices)
        self.licences = button
        return button

    def _made_with(self) -> Frame:
        panel = Frame(tr("Built with"))
        grid = form()
        grid.setColumnStretch(3, 1)
        for at, (name, known) in enumerate(libraries()):
            row, column = at // 2, 2 * (at % 2)
            label = QLabel(name)
            label.setObjectName("dim")
            grid.addWidget(label, row, column)
            grid.addWidget(Elided(known), row, column + 1)
        nest(panel.body, grid)
        return panel

    def _places(self) -> Frame:
        panel = Frame(tr("Folders"))
        grid = form()
        for row, (name, folder) in enumerate(folders()):
            label = QLabel(name)
            label.setObjectName("dim")
            label.setToolTip(searched() if name == "Weights" else "")
            button = QPushButton(tr("Open") if folder.is_dir() else tr("Create and open"))
            button.setAutoDefault(False)
            button.setAccessibleName(tr("{text} the folder {name}", text=button.text(), name=name))
            button.clicked.connect(partial(self._open, folder))
            self.open_buttons[name] = button
            grid.addWidget(label, row, 0)
            grid.addWidget(Elided(str(folder)), row, 1)
            grid.addWidget(button, row, 2)
        nest(panel.body, grid)
        return panel

    def _show_notices(self) -> None:
        self._show(notices())

    def _open(self, folder: Path, _checked: bool = False) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.problem.say(
                tr("{folder} cannot be created: {strerror}.", folder=folder, strerror=error.strerror or error),
                wrong=True,
            )
            return
        self._show(folder)

    def _show(self, path: Path) -> None:
        opened = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        self.problem.say("" if opened else tr("No installed program opens {path}.", path=path), wrong=not opened)


def _not_used(problems: Sequence[Problem]) -> Frame:
    """Plug-ins that cannot be used, with the reason, a line each."""
    panel = Frame(tr("Plug-ins that are not used"))
    for problem in problems:
        panel.add(Note(problem.text))
    return panel


def _version(distributions: tuple[str, ...]) -> str:
    for name in distributions:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return ""
