"""Left in the Dataset workspace, above: what is indexed, how far it is, what failed. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from explorer.core.data_index import GALLERY
from explorer.core.ready_sets import DRAWN, GALLERY_TITLE, READY, data_title
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets.frames import Elided, Frame
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph
from explorer.ui.widgets.text import tip

TAPS = ((tr("Blocks"), "blocks"), (tr("Blocks and activations"), "activations"))
_LISTED = 200  # failures that are named one by one


class MakingPanel(Frame):
    """`folder_asked`, `file_asked` ask for data; `data_chosen` carries "gallery", "demo:NAME" or a recent path; `taps_chosen`,
    `features_chosen` and `cells_chosen` what `MakeIndex` takes; `toggled` starts, pauses and goes on; `retried` tries again what failed."""

    folder_asked = Signal()
    file_asked = Signal()
    data_chosen = Signal(str)
    taps_chosen = Signal(str)
    features_chosen = Signal(str)
    cells_chosen = Signal(str)
    toggled = Signal()
    retried = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("New index"), parent)
        self.choose, self.menu = QToolButton(), QMenu(self)
        self.choose.setText(tr("Choose ▾"))
        self.choose.setToolTip(
            tr("A folder of pictures, videos or sounds, a text file, or a ready data set; or drop it here")
        )
        self.choose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choose.setMenu(self.menu)
        self.menu.setToolTipsVisible(True)
        self.data, self.model = Elided(), Elided()
        self.taps = _pattern_box(
            tr("Layers"), tr("Which layers: blocks, all activations, or names and patterns with commas (layer3.*)")
        )
        self.features = _pattern_box(
            tr("Features"),
            tr(
                "Layers whose pooled features are kept, for neighbours and the scatter; empty: the last layer with cells. "
                "Bytes: 4 for each channel and picture"
            ),
        )
        self.cells = _pattern_box(
            tr("Cells"),
            tr(
                "Layers of which every cell is kept, for neighbours of a cell; empty: none. "
                "Bytes: 4 for each channel, cell and picture, at most 2 GiB"
            ),
        )
        self.main, self.retry = QPushButton(tr("Start")), QPushButton(tr("Try failed ones again"))
        self.retry.setToolTip(tr("Reads once more what could not be read"))
        self.progress, self.words = QProgressBar(), paragraph(True)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress of the index"))
        self.failures, self.message = QListWidget(), paragraph()
        self.failures.setAccessibleName(tr("What failed"))
        self.message.setObjectName("warm")
        self._pictures: dict[QAction, str] = {}  # entries of the menu that are pictures, with their tool tips
        self._recent: list[QAction] = []
        self._fill()
        self._lay_out()
        self.main.clicked.connect(self.toggled)
        self.retry.clicked.connect(self.retried)
        for box, signal in (
            (self.taps, self.taps_chosen),
            (self.features, self.features_chosen),
            (self.cells, self.cells_chosen),
        ):
            box.activated.connect(partial(_chosen, box, signal))
            line = box.lineEdit()
            assert line is not None  # it can be edited
            line.editingFinished.connect(partial(_chosen, box, signal))
        self.set_data("", "")
        self.set_running(False, "", True)
        self.set_progress(None, "")
        self.set_failures(())
        self.set_message("")

    def _fill(self) -> None:
        add = self.menu.addAction
        add(tr("Folder …")).triggered.connect(self.folder_asked)
        add(tr("Text file …")).triggered.connect(self.file_asked)
        self._ready = self.menu.addSection(tr("Ready data sets"))
        add(GALLERY_TITLE).triggered.connect(partial(self._choose, GALLERY))
        for each in (*DRAWN, *READY):
            entry = add(each.title)
            entry.setToolTip(tip(each.about))
            entry.triggered.connect(partial(self._choose, each.data))
            self._pictures[entry] = each.about

    def _choose(self, data: str, *_: object) -> None:
        self.data_chosen.emit(data)

    def _lay_out(self) -> None:
        line, form = QHBoxLayout(), QFormLayout()
        line.addWidget(self.data, 1)
        line.addWidget(self.choose)
        form.setSpacing(theme.current().tight)
        form.addRow(tr("Model"), self.model)
        form.addRow(tr("Layers"), self.taps)
        form.addRow(tr("Features"), self.features)
        form.addRow(tr("Cells"), self.cells)
        nest(self.body, line)
        nest(self.body, form)
        for part in (self.main, self.progress, self.words, self.message, self.failures, self.retry):
            self.add(part)

    # --- setters ---

    def set_data(self, title: str, whole: str) -> None:
        """What is indexed; "": nothing is chosen."""
        self.data.set_text(title or tr("No data chosen"))
        self.data.setToolTip(
            tip(whole or tr("A folder of pictures, videos or sounds, or a text file, a sentence a line"))
        )

    def set_model(self, name: str, kind: str = "picture") -> None:
        """What it is indexed with, and what that takes."""
        self.model.set_text(name or tr("none is open"))
        fits = kind == "picture"
        for entry, about in self._pictures.items():
            entry.setEnabled(fits)
            entry.setToolTip(tip(about if fits else tr("These are pictures; the model takes a {kind}.", kind=kind)))

    def set_recent(self, every: Sequence[str]) -> None:
        """Folders and text files that were chosen before, the last one first."""
        for entry in self._recent:
            self.menu.removeAction(entry)
            entry.deleteLater()
        self._recent = []
        if every:
            self._recent.append(self.menu.insertSection(self._ready, tr("Recent")))
        for data in every:
            entry = QAction(data_title(data), self.menu)
            entry.setToolTip(tip(data))
            entry.triggered.connect(partial(self._choose, data))
            self.menu.insertAction(self._ready, entry)
            self._recent.append(entry)

    def set_patterns(self, taps: str, features: str, cells: str, current: str) -> None:
        """What is chosen; `current`: the layer that is open in Explore. Emits nothing."""
        every = (
            (self.taps, taps, TAPS),
            (self.features, features, ((tr("Last with cells"), ""),)),
            (self.cells, cells, ((tr("None"), ""),)),
        )
        for box, value, items in every:
            box.blockSignals(True)
            box.clear()
            for title, data in (
                *items,
                *(((tr("{current} (open layer)", current=current), current),) if current else ()),
            ):
                box.addItem(title, data)
            at = box.findData(value)
            if at >= 0:
                box.setCurrentIndex(at)
            else:
                box.setEditText(value)
            if (line := box.lineEdit()) is not None:
                line.setCursorPosition(0)  # a long name is read from its beginning
            box.blockSignals(False)

    def set_running(self, running: bool, why_not: str, begun: bool) -> None:
        """Whether it is being made; `why_not`: why it cannot be started; `begun`: a part of it is there."""
        self.main.setText(tr("Pause") if running else tr("Resume") if begun else tr("Start"))
        self.main.setEnabled(running or not why_not)
        what = (
            tr("Pauses; what is indexed is kept")
            if running
            else tr("Goes on where it was")
            if begun
            else tr("Indexes the data")
        )
        self.main.setToolTip(tip(why_not) if why_not and not running else what)
        for part in (self.choose, self.taps, self.features, self.cells):
            part.setEnabled(not running)

    def set_progress(self, fraction: float | None, words: str) -> None:
        """How far it is; None: nothing has been made yet."""
        self.progress.setVisible(fraction is not None)
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * (fraction or 0.0)))
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def set_failures(self, failures: Sequence[tuple[str, str]], retry: bool = False) -> None:
        """(picture, why) of what could not be read."""
        self.failures.clear()
        for name, why in failures[:_LISTED]:
            self.failures.addItem(f"{name}: {why}")
            self.failures.item(self.failures.count() - 1).setToolTip(tip(f"{name}: {why}"))
        if len(failures) > _LISTED:
            self.failures.addItem(tr("and {count:,} more", count=len(failures) - _LISTED))
        self.failures.setVisible(bool(failures))
        text_size.hold(self.failures, "setFixedHeight", min(max(self.failures.count(), 1), 4) * theme.DARK.row + 6)
        self.retry.setVisible(bool(failures) and retry)

    def set_message(self, words: str) -> None:
        """What went wrong and the way out; "": nothing."""
        self.message.setText(words)
        self.message.setVisible(bool(words))


def _pattern_box(name: str, tip_: str) -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setAccessibleName(name)
    box.setToolTip(tip_)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box


def _chosen(box: QComboBox, signal: SignalInstance, *_: object) -> None:
    at = box.findText(box.currentText())
    signal.emit(box.itemData(at) if at >= 0 else box.currentText().strip())
