"""What is chosen beside the folder: pictures that belong together, and where the test pictures are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from explorer.core.data_sets import GROUPS
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.widgets.choice import choice, on_choice

_TITLES = {
    "none": tr("None"),
    "folder": tr("Folders below a class"),
    "name": tr("Same name, other number"),
    "burst": tr("Bursts"),
}
_GROUPS = tr(
    "Pictures of one group are never divided between learning and test: frames of one video are so alike that the test would be too "
    "easy. Bursts: captured here, or taken within two seconds of each other."
)
_TEST = tr(
    "Test pictures in another folder, with folders that are called as the classes; else a part of each class is held out"
)


class DataSetChoices(QWidget):
    """`groups_chosen` carries one of GROUPS; `test_asked` and `test_cleared` are about the test folder."""

    groups_chosen = Signal(str)
    test_asked = Signal()
    test_cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.groups = choice(tr("Groups"), _GROUPS, [(_TITLES[name], name) for name in GROUPS])
        self.groups.setMaximumWidth(10_000)
        self.groups.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.test, self.clear = QPushButton(), QToolButton()
        self.test.setToolTip(_TEST)
        self.test.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clear.setText("✕")
        self.clear.setToolTip(tr("No other folder: the test pictures are of the data set again"))
        self.clear.setAccessibleName(tr("No test folder"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.current().space)
        grid.setVerticalSpacing(theme.current().tight)
        for at, (title, widget) in enumerate(((tr("Groups"), self.groups), (tr("Test"), self.test))):
            label = QLabel(title)
            label.setToolTip(widget.toolTip())
            label.setBuddy(widget)
            grid.addWidget(label, at, 0)
        row = QHBoxLayout()
        grid.addLayout(row, 1, 1)  # empty as yet
        row.setSpacing(theme.current().tight)
        row.addWidget(self.test, 1)
        row.addWidget(self.clear)
        grid.addWidget(self.groups, 0, 1)
        grid.setColumnStretch(1, 1)
        on_choice(self.groups, self.groups_chosen.emit, str)
        self.test.clicked.connect(self._ask)
        self.clear.clicked.connect(self._clear)
        self._inside, self._test = False, ""
        self.set_place("none", "")

    def set_inside(self, inside: bool) -> None:
        """Whether there are test pictures in a folder."""
        self._inside = inside
        self._show_test()

    def set_place(self, groups: str, test: str) -> None:
        """What is chosen."""
        self.groups.setCurrentIndex(max(self.groups.findData(groups), 0))
        self._test = test
        self._show_test()

    def _show_test(self) -> None:
        test, inside = self._test, self._inside
        words = Path(test).name or test if test else tr("Folder “test”") if inside else tr("Held out")
        self.test.setText(words)
        self.test.setAccessibleName(tr("Test pictures: {words}. Choose a folder", words=words))
        self.test.setToolTip(f"{test}\n{_TEST}" if test else _TEST)
        self.clear.setVisible(bool(test))

    def _ask(self, *_: object) -> None:
        self.test_asked.emit()

    def _clear(self, *_: object) -> None:
        self.test_cleared.emit()
