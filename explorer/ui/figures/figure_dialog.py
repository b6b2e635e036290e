"""The dialog that exports a figure: how it is drawn at the left, how it looks at the right, where it goes beneath."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import DPIS, FONTS, MM_PER_INCH, SUFFIXES, WIDTHS, FigureDescription, FigureStyle
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.dialogs.parts import dialog_sheet
from explorer.ui.figures.figure_files import drawn, figure_encoder, figure_image
from explorer.ui.figures.figure_settings import remember_style, remembered_style
from explorer.ui.save_as import ask_path
from explorer.ui.settings import Settings
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph

_SOON = 80  # ms from a change to the preview
_PREVIEW_DPI = 120
_SIZE = 1020, 720  # px, where there is room
_KINDS = {".pdf": tr("PDF (*.pdf)"), ".svg": tr("SVG (*.svg)"), ".png": tr("PNG (*.png)")}


class FigureDialog(QDialog):
    """`save` writes bytes to a path and says so; `copy` puts a figure on the clipboard. What is chosen is remembered."""

    def __init__(
        self,
        figure: FigureDescription,
        settings: Settings,
        save: Callable[[str, Callable[[], bytes]], None],
        copy: Callable[[FigureDescription], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export figure"))
        self.setStyleSheet(dialog_sheet())
        self.figure, self._settings, self._save, self._copy = figure, settings, save, copy
        style = remembered_style(settings)
        self.wide, self.unit = _spin(*WIDTHS, 1, tr("Width")), QComboBox()
        self.unit.addItems(["mm", "px"])
        self.unit.setAccessibleName(tr("Unit of the width"))
        self.dpi = QSpinBox()
        self.dpi.setRange(*DPIS)
        self.dpi.setAccessibleName(tr("Pixels an inch"))
        self.dpi.setToolTip(tr("Of a PNG, and what pixels of the width are counted in"))
        self.font_size = _spin(*FONTS, 1, tr("Font size"))
        self.font_size.setSuffix(tr(" pt"))
        self.light, self.dark = QRadioButton(tr("Light")), QRadioButton(tr("Dark"))
        self.numbers, self.bar = QCheckBox(tr("Channel numbers")), QCheckBox(tr("Colour bars"))
        self.caption = QCheckBox(tr("Caption with provenance"))
        self.formats = {suffix: QRadioButton(suffix[1:].upper()) for suffix in _KINDS}
        self._groups = [QButtonGroup(self), QButtonGroup(self)]
        for button in (self.light, self.dark):
            self._groups[0].addButton(button)
        for button in self.formats.values():
            self._groups[1].addButton(button)
        self.path, self.browse = QLineEdit(), QToolButton()
        self.path.setAccessibleName(tr("File"))
        self.browse.setText("…")
        self.browse.setToolTip(tr("Choose a folder and a name"))
        self.preview, self.said, self._image = QLabel(), paragraph(True), QImage()
        self.save_button, self.copy_button = QPushButton(tr("Save")), QPushButton(tr("Copy"))
        self.save_button.setDefault(True)
        self.copy_button.setToolTip(tr("The figure and its values, to the clipboard"))
        self._soon = QTimer(self, singleShot=True, interval=_SOON)
        self._lay_out()
        self._show_style(style)
        self._choose_format(settings.text("figure/format", ".pdf"))
        self._connect()
        self._fit()
        self.draw()
        self.save_button.setFocus()

    # --- how it stands

    def _lay_out(self) -> None:
        form, scale = QFormLayout(), theme.current()
        form.setSpacing(scale.space)
        for label, parts in (
            (tr("Format"), tuple(self.formats.values())),
            (tr("Width"), (self.wide, self.unit)),
            (tr("Resolution"), (self.dpi,)),
            (tr("Font size"), (self.font_size,)),
            (tr("Paper"), (self.light, self.dark)),
        ):
            form.addRow(label, _row(*parts))
        for box in (self.numbers, self.bar, self.caption):
            form.addRow("", box)
        form.addRow(tr("File"), _row(self.path, self.browse))
        left = QVBoxLayout()
        nest(left, form)
        left.addWidget(self.said)
        left.addStretch(1)
        buttons = QHBoxLayout()
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.save_button)
        nest(left, buttons)
        holder = QWidget()
        left.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(left)
        text_size.hold(holder, "setFixedWidth", 360)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName(tr("Preview of the figure"))
        self.preview.setMinimumSize(1, 1)
        area = QScrollArea()
        area.setWidget(self.preview)
        area.setWidgetResizable(True)
        area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        heading, whole = QLabel(self.windowTitle()), QHBoxLayout()
        heading.setObjectName("title")
        whole.addWidget(holder)
        whole.addWidget(area, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(scale.group, scale.inset, scale.group, scale.inset)
        column.addWidget(heading)
        nest(column, whole, 1)
        self.area = area
        self.dpi.setSuffix(tr(" dpi"))
        self.path.setMinimumWidth(160)

    def _fit(self) -> None:
        """Large, but within the window that it stands over."""
        parent = self.parentWidget()
        room = QSize(_SIZE[0], _SIZE[1]) if parent is None else parent.window().size() - QSize(80, 80)
        self.resize(QSize(*_SIZE).boundedTo(room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_image()

    def _show_style(self, style: FigureStyle) -> None:
        self._millimetres = style.width_mm
        self.dpi.setValue(style.dpi)
        self.unit.setCurrentIndex(int(self._settings.text("figure/unit") == "px"))
        self._show_width()
        self.font_size.setValue(style.font_pt)
        (self.dark if style.theme == "dark" else self.light).setChecked(True)
        for box, on in ((self.numbers, style.numbers), (self.bar, style.colour_bar), (self.caption, style.caption)):
            box.setChecked(on)

    def _connect(self) -> None:
        self.wide.valueChanged.connect(self._read_width)
        self.dpi.valueChanged.connect(self._dpi_changed)
        self.unit.currentIndexChanged.connect(self._show_width)
        self.font_size.valueChanged.connect(self._changed)
        for box in (self.light, self.numbers, self.bar, self.caption):
            box.toggled.connect(self._changed)
        for suffix, button in self.formats.items():
            button.clicked.connect(partial(self._choose_format, suffix))
        self._soon.timeout.connect(self.draw)
        self.browse.clicked.connect(self._browse)
        self.path.textChanged.connect(self._path_changed)
        self.save_button.clicked.connect(self.save)
        self.copy_button.clicked.connect(self._copied)

    # --- what is chosen

    @property
    def chosen(self) -> FigureStyle:
        """As it is set."""
        return FigureStyle(
            self._millimetres,
            self.dpi.value(),
            self.font_size.value(),
            "dark" if self.dark.isChecked() else "light",
            self.numbers.isChecked(),
            self.bar.isChecked(),
            self.caption.isChecked(),
        )

    @property
    def suffix(self) -> str:
        """Of the chosen format."""
        return next(suffix for suffix, button in self.formats.items() if button.isChecked())

    def _show_width(self, *_: object) -> None:
        """The width in the chosen unit."""
        pixels = self.unit.currentText() == "px"
        scale = self.dpi.value() / MM_PER_INCH if pixels else 1.0
        self.wide.blockSignals(True)
        self.wide.setDecimals(0 if pixels else 1)
        self.wide.setRange(WIDTHS[0] * scale, WIDTHS[1] * scale)
        self.wide.setValue(self._millimetres * scale)
        self.wide.blockSignals(False)

    def _read_width(self, value: float) -> None:
        pixels = self.unit.currentText() == "px"
        self._millimetres = value / self.dpi.value() * MM_PER_INCH if pixels else value
        self._changed()

    def _dpi_changed(self) -> None:
        """Pixels stay where the width is in pixels."""
        if self.unit.currentText() == "px":
            self._millimetres = self.wide.value() / self.dpi.value() * MM_PER_INCH
        self._changed()

    def _changed(self, *_: object) -> None:
        self._soon.start()

    def _choose_format(self, suffix: str, *_: object) -> None:
        suffix = suffix if suffix in SUFFIXES else ".pdf"
        self.formats[suffix].setChecked(True)
        written = self.path.text()
        if written:
            old = Path(written)
            fresh = str(old.with_suffix(suffix) if old.suffix.lower() in SUFFIXES else f"{old}{suffix}")
        else:
            fresh = str(_free(Path(self._settings.text("save_folder") or Path.home()), self.figure.name, suffix))
        self.path.setText(fresh)

    def _path_changed(self, text: str) -> None:
        """The format follows the name; what would be replaced is said on the button."""
        suffix = Path(text).suffix.lower()
        if suffix in self.formats:
            self.formats[suffix].setChecked(True)
        self.save_button.setText(tr("Replace") if text and Path(text).is_file() else tr("Save"))

    def _browse(self) -> None:
        kinds = ";;".join([_KINDS[self.suffix], *(kind for suffix, kind in _KINDS.items() if suffix != self.suffix)])
        path = ask_path(self, self._settings, tr("Export figure"), Path(self.path.text()).name, kinds)
        if path:
            self.path.setText(path if Path(path).suffix.lower() in SUFFIXES else path + self.suffix)

    # --- what comes of it

    def draw(self) -> None:
        """The preview: about as large as on paper, smaller where there is no room."""
        style = replace(self.chosen, dpi=_PREVIEW_DPI)
        try:
            drawing = drawn(self.figure, style)
            image = figure_image(drawing, style)
        except ExplorerError as error:
            self.said.setText(str(error))
            self.save_button.setEnabled(False)
            return
        self._image = image
        self._show_image()
        self.save_button.setEnabled(True)
        pixels = round(drawing.height / MM_PER_INCH * self.dpi.value())
        size = tr(
            "{width:.1f} × {height:.1f} mm, {width_px:,} × {pixels:,} px as PNG",
            width=drawing.width,
            height=drawing.height,
            width_px=self.chosen.width_px,
            pixels=pixels,
        )
        self.said.setText(size)

    def _show_image(self) -> None:
        if self._image.isNull():
            return
        whole = QPixmap.fromImage(self._image)
        # the same with and without the bar beside it: a picture that made the bar come and go would never rest
        room = self.area.maximumViewportSize().width() - self.area.verticalScrollBar().sizeHint().width()
        smooth = Qt.TransformationMode.SmoothTransformation
        self.preview.setPixmap(whole if whole.width() <= room else whole.scaledToWidth(room, smooth))

    def _remember(self) -> None:
        remember_style(self._settings, self.chosen)
        self._settings.put("figure/unit", self.unit.currentText())
        self._settings.put("figure/format", self.suffix)

    def _copied(self) -> None:
        self._remember()
        self._copy(self.figure)
        self.said.setText(tr("Copied the figure and its values."))

    def save(self) -> None:
        """Writes the file and closes; says what is wrong instead."""
        path = Path(self.path.text().strip()).expanduser()
        if not path.name or not path.parent.is_dir():
            self.said.setText(
                tr("The folder {parent} is not there.", parent=path.parent) if path.name else tr("Name a file.")
            )
            return
        if path.suffix.lower() not in SUFFIXES:
            path = path.with_name(path.name + self.suffix)
        try:
            make = figure_encoder(self.figure, self.chosen, path.suffix.lower())
        except ExplorerError as error:
            self.said.setText(str(error))
            return
        self._remember()
        self._settings.put("save_folder", str(path.parent))
        self._save(str(path), make)  # on the worker: hundreds of megapixels take seconds
        self.accept()


def _free(folder: Path, name: str, suffix: str) -> Path:
    """A file that is not there yet."""
    path, number = folder / f"{name}{suffix}", 2
    while path.exists():
        path, number = folder / f"{name}-{number}{suffix}", number + 1
    return path


def _spin(low: float, high: float, decimals: int, name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setAccessibleName(name)
    return box


def _row(*parts: QWidget) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        line.addWidget(part, int(isinstance(part, QLineEdit)))
    line.addStretch(0 if any(isinstance(part, QLineEdit) for part in parts) else 1)
    return holder
