"""What all dialogs are made of: a title, a body, one sentence that says what is missing, and the buttons."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.core.translation import tr
from explorer.engine.models.weights.locate import OPENED
from explorer.ui import text_size, theme
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.scrolling import Scrolling

PROGRAM_FILTER = tr("Exported programs and ONNX models (*.pt2 *.onnx);;All files (*)")
NEW_WEIGHTS_FILTER = tr("Weights (*.safetensors)")
WEIGHTS_FILTER = tr("Weights ({list});;All files (*)", list=" ".join(f"*{suffix}" for suffix in OPENED))
PYTHON_FILTER = tr("Python files (*.py);;All files (*)")


_FRAME = 40  # px that the system puts around a window, at most
_LONG_WORD = re.compile(r"\S{30}(?=\S)")
TALLEST = 740  # so that a window fits a projector of 1280 x 800 with the system's bars
_SHEET = """
QRadioButton {{ spacing: 6px; }}
QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {off}; border-radius: 7px; background: {control}; }}
QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {accent}; background: {on_accent}; }}
QRadioButton:focus, QCheckBox:focus {{ color: {accent}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {line}; }}
QSpinBox:disabled, QDoubleSpinBox:disabled, QLineEdit:disabled {{ color: {off}; }}
QPushButton:default {{ border: 1px solid {accent}; }}
QPushButton:default:disabled {{ border: 1px solid {line}; }}
QPlainTextEdit {{ background: {panel}; border: 1px solid {line}; border-radius: 6px; }}
QPlainTextEdit:focus {{ border: 1px solid {accent}; }}
"""


def dialog_sheet() -> str:
    """Style of what only dialogs have, in the colours of the current theme."""
    scale = theme.current()
    names = ("off", "control", "accent", "on_accent", "line", "panel")
    return _SHEET.format(**{name: getattr(scale, name) for name in names})


def breakable(text: str) -> str:
    """The same to the eye, with places to break a long path at, which would widen the window else."""
    return _LONG_WORD.sub(lambda word: word[0] + "\u200b", text)


def room_for(dialog: QWidget) -> QSize:
    """What a window over another can be large: as its screen, less the frame that the system draws, or as the window beneath."""
    room, below = dialog.screen().availableSize() - QSize(0, _FRAME), dialog.parentWidget()
    return room if below is None else room.expandedTo(below.window().size() - QSize(0, _FRAME))


class Note(QLabel):
    """A sentence of second rank that explains what stands above it."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(breakable(text), parent)
        self.setObjectName("dim")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def setText(self, text: str) -> None:
        super().setText(breakable(text))


class ProblemLine(QLabel):
    """What is missing or wrong, in place. Keeps its room while there is nothing to say, so that nothing jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.wrong = False

    def say(self, text: str, wrong: bool = False) -> None:
        """`wrong`: something must be mended; else something is only still to be chosen."""
        self.wrong = wrong
        self.setText(breakable(text))
        self.setAccessibleName(text)
        self._colour()

    def _colour(self) -> None:
        palette, scale = self.palette(), theme.current()
        palette.setColor(QPalette.ColorRole.WindowText, scale.error if self.wrong else scale.dim)
        self.setPalette(palette)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # the application's palette only: this label's own change is what `_colour` does
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._colour()


class Dialog(QDialog):
    """Subclasses fill `body`, and call `judge` whenever something changed: the first button is on while nothing is missing."""

    def __init__(self, title: str, accept: str, parent: QWidget | None = None, refuse: str = tr("Cancel")) -> None:
        super().__init__(parent)
        self._scrolls = False  # whether the screen is too low for it
        self.setWindowTitle(title)
        self.setStyleSheet(dialog_sheet())
        scale = theme.current()
        heading = QLabel(title)
        heading.setObjectName("title")
        self.body = QVBoxLayout()
        self.body.setSpacing(scale.space)
        self.problem = ProblemLine()
        self.buttons = QDialogButtonBox()
        self.extras = QHBoxLayout()
        kinds = QDialogButtonBox.ButtonRole
        self.ok = self.buttons.addButton(accept, kinds.AcceptRole)
        self.cancel = self.buttons.addButton(refuse, kinds.RejectRole)
        self.ok.setDefault(True)
        self.cancel.setAutoDefault(False)
        line = QHBoxLayout()
        line.setSpacing(scale.group)
        nest(line, self.extras)
        line.addWidget(self.problem, 1)
        line.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(scale.group, scale.inset, scale.group, scale.inset)
        column.setSpacing(scale.inset)
        column.addWidget(heading)
        nest(column, self.body, 1)
        nest(column, line)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def judge(self, problem: str, wrong: bool = False) -> None:
        """Says what is missing, "" for nothing, and lets the person go on accordingly."""
        self.problem.say(problem, wrong)
        self.ok.setEnabled(not problem)

    def showEvent(self, event: QShowEvent) -> None:
        self._make_room()
        super().showEvent(event)

    def _make_room(self) -> None:
        """Wrapped sentences need the more height the narrower they are, which Qt leaves to the window to see to."""
        layout = self.layout()
        assert layout is not None  # made with the dialog
        # without a wrapped sentence in sight its height for a width is -1
        least = max(layout.totalMinimumHeightForWidth(self.width()), layout.totalMinimumSize().height())
        room = room_for(self)
        if least > room.height() and not self._scrolls:
            self._scroll()
        needed = min(least, TALLEST, room.height())
        self.setMinimumHeight(needed)
        self.resize(QSize(self.width(), max(self.height(), needed)).boundedTo(room))

    def _scroll(self) -> None:
        """The body in a place that can be lower than it."""
        layout, holder, focused = self.layout(), QWidget(), self.focusWidget()
        assert isinstance(layout, QVBoxLayout)  # made with the dialog
        at = layout.indexOf(self.body)
        layout.removeItem(self.body)
        self.body.setParent(None)
        holder.setLayout(self.body)
        self.body.setContentsMargins(0, 0, 0, 0)
        place = Scrolling(holder)
        layout.insertWidget(at, place, 1)
        self.resize(self.width() + place.verticalScrollBar().sizeHint().width(), self.height())
        self._scrolls = True
        if focused is not None:
            focused.setFocus()

    def add_extra(self, text: str) -> QPushButton:
        """A button at the left end."""
        button = QPushButton(text)
        button.setAutoDefault(False)
        self.extras.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        return button


class FileField(QWidget):
    """A path that is typed or chosen. `changed` carries it, with ~ expanded."""

    changed = Signal(str)

    def __init__(self, name: str, what: str, filters: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._filters = what, filters
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        # what is dropped is the dialog's to judge; a line would take it as text
        self.line.setAcceptDrops(False)
        self.browse = QPushButton(tr("Browse …"))
        self.browse.setAutoDefault(False)
        self.browse.setAccessibleName(tr("Browse: {name}", name=name))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)
        self.setFocusProxy(self.line)
        self.line.textChanged.connect(self._edited)
        self.browse.clicked.connect(self._choose)

    def _edited(self) -> None:
        self.changed.emit(self.path)

    @property
    def path(self) -> str:
        """What stands there, "" for nothing."""
        text = self.line.text().strip().strip("\"'")
        try:
            return str(Path(text).expanduser()) if text else ""
        except RuntimeError:  # ~nobody
            return text

    def set_path(self, path: str) -> None:
        self.line.setText(path)

    def _choose(self) -> None:
        path = choose_file(self, self._title, self.path, self._filters)
        if path:
            self.set_path(path)


def choose_file(parent: QWidget, title: str, start: str, filters: str) -> str:
    """The system's file dialog; "" when the person chose nothing."""
    return QFileDialog.getOpenFileName(parent, title, start, filters)[0]


def choose_new_file(parent: QWidget, title: str, start: str, filters: str) -> str:
    """The system's dialog for a file to be written; "" when the person chose none."""
    return QFileDialog.getSaveFileName(parent, title, start, filters)[0]


def choose_folder(parent: QWidget, title: str) -> str:
    """The system's dialog for a folder; "" when the person chose none."""
    return QFileDialog.getExistingDirectory(parent, title)


def is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # no permission, too long, a NUL
        return False


def form() -> QGridLayout:
    """Labels at the left, fields at the right."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.current().inset)
    grid.setVerticalSpacing(theme.current().space)
    grid.setColumnStretch(1, 1)
    return grid


def fixed_font() -> QFont:
    """Equal widths, for code, paths and hashes."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(text_size.px(12))
    return font


def file_table(name: str, columns: Sequence[str], wide: Collection[int], numbers: Collection[int] = ()) -> QTableWidget:
    """A table of files without rows yet. `wide`: the columns that take what is left; `numbers`: those whose head stands at the right."""
    table = QTableWidget(0, len(columns))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(columns))
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setTabKeyNavigation(False)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    for at in range(len(columns)):
        mode = QHeaderView.ResizeMode.Stretch if at in wide else QHeaderView.ResizeMode.ResizeToContents
        header.setSectionResizeMode(at, mode)
        side = Qt.AlignmentFlag.AlignRight if at in numbers else Qt.AlignmentFlag.AlignLeft
        head = table.horizontalHeaderItem(at)
        if head is not None:
            head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return table
