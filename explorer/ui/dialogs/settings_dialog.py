"""Device, threads, memory, theme and language."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from explorer.core import translation
from explorer.core.translation import tr
from explorer.engine.capture.cache import default_budget
from explorer.engine.worker import Ready
from explorer.ui import text_size
from explorer.ui import theme as themes
from explorer.ui.dialogs.parts import Dialog, Note, form
from explorer.ui.widgets.choice import ElidedComboBox
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.nesting import nest

GIB = 1 << 30
SMALLEST = 0.125  # GiB
_DEVICE = tr(
    "Device of the forward passes. If it fails or its memory is full, the application reports it and continues on the CPU."
)
_BUDGET = tr("For cached feature maps. What does not fit is computed again when it is shown: slower, same values.")


@dataclass(frozen=True, slots=True)
class SettingsValues:
    """`budget` in bytes, 0 for a quarter of the memory; `threads` at least 1; `theme` a name from `theme.THEMES`; `language`
    one from `translation.languages`, "" for that of the system."""

    device: str
    threads: int
    budget: int
    theme: str
    language: str = translation.SYSTEM


class SettingsDialog(Dialog):
    """`device` "" and `threads` 0 stand for what is in use now. After `exec` said yes: `values`."""

    def __init__(
        self,
        ready: Ready,
        device: str,
        threads: int,
        budget: int,
        theme: str,
        parent: QWidget | None = None,
        language: str = translation.SYSTEM,
    ) -> None:
        super().__init__(tr("Settings"), tr("Apply"), parent)
        self.device, self.theme, self.language = ElidedComboBox(), ElidedComboBox(), ElidedComboBox()
        self.threads, self.budget = QSpinBox(), QDoubleSpinBox()
        self.automatic = QCheckBox(tr("&A quarter of the memory"))
        for field in (self.threads, self.budget):
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._given = budget
        self._fill_device(ready, device)
        self._fill_threads(ready, threads)
        self._fill_budget(budget)
        for name, scale in themes.THEMES.items():
            self.theme.addItem(scale.title, name)
        self.theme.setCurrentIndex(max(self.theme.findData(theme), 0))
        self._fill_languages(language)
        self._build(ready)
        self.judge("")
        self.device.setFocus()
        self.resize(600, 500)

    @property
    def values(self) -> SettingsValues:
        return SettingsValues(
            str(self.device.currentData()),
            self.threads.value(),
            self._bytes(),
            str(self.theme.currentData()),
            str(self.language.currentData()),
        )

    # ---- inside

    def _build(self, ready: Ready) -> None:
        computing, looks = Frame(tr("Computing")), Frame(tr("Appearance"))
        grid = form()
        rows: tuple[tuple[str, QWidget, str], ...] = (
            (tr("&Device"), self.device, _DEVICE),
            (tr("&Threads"), _row(self.threads), _threads_text(ready.cores)),
            (tr("&Memory"), _row(self.automatic, self.budget), _BUDGET),
        )
        for row, (name, widget, note) in enumerate(rows):
            label = QLabel(name)
            label.setBuddy((self.device, self.threads, self.automatic)[row])
            text_size.hold(label, "setMinimumWidth", 80)
            grid.addWidget(label, 2 * row, 0)
            grid.addWidget(widget, 2 * row, 1)
            grid.addWidget(Note(note), 2 * row + 1, 1)
        nest(computing.body, grid)
        grid = form()
        for row, (name, field) in enumerate(((tr("T&heme"), self.theme), (tr("&Language"), self.language))):
            label = QLabel(name)
            label.setBuddy(field)
            text_size.hold(label, "setMinimumWidth", 80)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(Note(tr("Another language is used from the next start on.")), 2, 1)
        nest(looks.body, grid)
        self.body.addWidget(computing)
        self.body.addWidget(looks)
        self.body.addStretch(1)

    def _fill_languages(self, language: str) -> None:
        self.language.setAccessibleName(tr("Language"))
        self.language.addItem(tr("System"), translation.SYSTEM)
        for name, title in translation.languages().items():
            self.language.addItem(title, name)
        self.language.setCurrentIndex(max(self.language.findData(language), 0))

    def _fill_device(self, ready: Ready, device: str) -> None:
        self.device.setAccessibleName(tr("Device"))
        for name, title in ready.devices:
            self.device.addItem(title if title == name.upper() else f"{title} ({name})", name)
        # one that is not there any more (a GPU of another computer) is not offered
        found = self.device.findData(device or ready.device)
        self.device.setCurrentIndex(found if found >= 0 else max(self.device.findData(ready.device), 0))

    def _fill_threads(self, ready: Ready, threads: int) -> None:
        self.threads.setRange(1, max(ready.cores, ready.threads, 1))
        self.threads.setValue(threads or ready.threads)
        self.threads.setAccessibleName(tr("Threads per forward"))
        self.threads.setSuffix(tr(" of {cores}", cores=ready.cores))

    def _fill_budget(self, budget: int) -> None:
        self.budget.setRange(SMALLEST, max(1024.0, budget / GIB))
        self.budget.setDecimals(3)
        self.budget.setSingleStep(0.5)
        self.budget.setSuffix(" GiB")
        self.budget.setAccessibleName(tr("Memory for feature maps"))
        self.budget.setValue((budget or default_budget()) / GIB)
        self.automatic.setChecked(not budget)
        self.budget.setEnabled(bool(budget))
        self.automatic.toggled.connect(self._automatic)

    def _automatic(self, on: bool) -> None:
        self.budget.setEnabled(not on)
        if on:
            self.budget.setValue(default_budget() / GIB)

    def _bytes(self) -> int:
        if self.automatic.isChecked():
            return 0
        # the field rounds; what was not touched stays what it was
        untouched = self._given and abs(self.budget.value() - self._given / GIB) < 0.001
        return self._given if untouched else round(self.budget.value() * GIB)


def _threads_text(cores: int) -> str:
    if cores == 1:
        return tr("There is one core, shared by forwards and the interface.")
    return tr(
        "Usually {cores}: one core is kept for the interface; with all cores in use, both become slower.",
        cores=cores - 1,
    )


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(themes.current().inset)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return row
