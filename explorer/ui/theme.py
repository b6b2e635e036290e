"""One palette and one spacing scale for each theme; everything that has a colour takes it from here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from explorer.core.render import colormaps
from explorer.core.system.paths import resources
from explorer.core.translation import tr
from explorer.ui import text_size

# where the system names no font of its own (headless, bare X11); the first one that is installed
_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "Cantarell", "Ubuntu", "Roboto", "DejaVu Sans")


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb and lengths in logical pixels. Text colours reach 4.5:1 on every surface they are used on; in the theme
    of high contrast 7:1, and lines and marks 3:1."""

    name: str
    title: str
    window: str  # behind the panels
    panel: str
    control: str  # buttons, fields
    hover: str  # a control under the pointer
    track: str  # what a bar or slider runs in
    line: str  # separators, frames
    text: str
    dim: str  # text of second rank
    off: str  # text that cannot be chosen
    accent: str  # selected, current, focused
    on_accent: str  # text on it
    warm: str  # you are pointing here
    beam: str  # the same on a photograph, which is as dark in either theme
    error: str
    mosaic_gap: str
    dark: bool
    # one scale: 4 inside a control, 8 between things that belong together, 12 inside a panel, 16 between groups
    tight: int = 4
    space: int = 8
    inset: int = 12
    group: int = 16
    radius: int = 6
    row: int = 22

    @property
    def diverging(self) -> str:
        """The colour map for signed values whose zero recedes into this theme's background."""
        return colormaps.diverging_for(self.dark)


DARK = Theme(
    name="dark",
    title=tr("Dark"),
    window="#15171c",
    panel="#1b1e25",
    control="#232732",
    hover="#2c313d",
    track="#2c313d",
    line="#2c313d",
    text="#e8eaf0",
    dim="#a0a6b4",
    off="#8a90a0",
    accent="#5cc8ff",
    on_accent="#0b1a24",
    warm="#ffb454",
    beam="#ffb454",
    error="#ff7b72",
    mosaic_gap="#1b1e25",
    dark=True,
)
LIGHT = Theme(
    name="light",
    title=tr("Light"),
    window="#eceef2",
    panel="#ffffff",
    control="#f0f2f6",
    hover="#e2e6ed",
    track="#dfe3ea",
    line="#d3d8e0",
    text="#1a1d24",
    dim="#565d6b",
    off="#656c79",
    accent="#0b6bb8",
    on_accent="#ffffff",
    warm="#d97706",
    beam="#ffb454",
    error="#b42318",
    mosaic_gap="#ffffff",
    dark=False,
)
CONTRAST = Theme(
    name="contrast",
    title=tr("High contrast"),
    window="#000000",
    panel="#000000",
    control="#0d0d0d",
    hover="#262626",
    track="#3a3a3a",
    line="#8c8c8c",
    text="#ffffff",
    dim="#e4e4e4",
    off="#b8b8b8",
    accent="#7fdcff",
    on_accent="#000000",
    warm="#ffd028",
    beam="#ffd028",
    error="#ff9678",
    mosaic_gap="#5e5e5e",
    dark=True,
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST)}

_current = DARK


def current() -> Theme:
    """The theme that was applied last; widgets ask for it whenever they paint."""
    return _current


def apply(app: QApplication, theme: Theme, percent: int = text_size.USUAL) -> None:
    """Style, palette, font and style sheet of the whole application; open widgets repaint themselves. `percent`: size of all text."""
    choose(app, theme, percent)
    dress(app)


def choose(app: QApplication, theme: Theme, percent: int = text_size.USUAL) -> None:
    """All of it but the style sheet: Qt looks up its rules again for every widget that is put into another one, so that a window is
    made in half the time without them, and dressed once it is whole."""
    global _current
    font = ui_font()
    font.setPixelSize(round(font.pixelSize() * percent / 100))
    text_size.set_font_px(font.pixelSize(), percent)
    _current = replace(theme, row=text_size.px(theme.row))
    app.setStyle("Fusion")
    app.setFont(font)
    app.setPalette(_palette(theme))


def dress(app: QApplication) -> None:
    """The style sheet of the theme that was chosen."""
    app.setStyleSheet(_sheet(_current))
    text_size.set_font_px(app.font().pixelSize(), text_size.percent())  # what is held is measured by the new style


def ui_font() -> QFont:
    """The system's font with digits of equal width, at least 13 px high, so that numbers do not dance."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if not QFontInfo(font).exactMatch():
        installed = set(QFontDatabase.families())
        font.setFamilies([f for f in _FAMILIES if f in installed] or [font.family()])
    font.setPixelSize(max(text_size.BASE_PX, QFontInfo(font).pixelSize()))
    if hasattr(QFont, "Tag"):
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours as WCAG 2 defines it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.panel),
        (role.AlternateBase, theme.control),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.off),
        (role.Button, theme.control),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.warm),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent),
        (role.ToolTipBase, theme.control),
        (role.ToolTipText, theme.text),
        (role.Light, theme.hover),
        (role.Midlight, theme.line),
        (role.Mid, theme.line),
        (role.Dark, theme.line),
        (role.Shadow, theme.window),
        (role.Accent, theme.accent),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.off))
    return palette


def _sheet(theme: Theme) -> str:
    sheet = _QSS
    for name in (
        "window",
        "panel",
        "control",
        "hover",
        "track",
        "line",
        "text",
        "dim",
        "off",
        "accent",
        "on_accent",
        "warm",
        "error",
    ):
        sheet = sheet.replace(f"@{name};", f"{getattr(theme, name)};").replace(f"@{name} ", f"{getattr(theme, name)} ")
    folder, ink = resources() / "icons", "dark" if theme.dark else "light"
    sheet = _TEXT_LENGTH.sub(lambda m: f"{m[1]}: {text_size.px(int(m[2]))}px", sheet)
    return re.sub(r"@icon\(([a-z-]+)\)", lambda m: f'url("{(folder / f"{m[1]}-{ink}.svg").as_posix()}")', sheet)


_TEXT_LENGTH = re.compile(r"(font-size|min-height|max-height): (\d+)px")  # what follows the size of the text

_QSS = """
QToolTip { color: @text; background: @control; border: 1px solid @line; padding: 4px; }
QFrame#panel { background: @panel; border: 1px solid @line; border-radius: 8px; }
QFrame#panel[target="true"] { border: 1px solid @accent; }
QFrame#plain { background: transparent; border: none; }
QFrame#banner { background: @panel; border: 1px solid @line; border-left: 4px solid @accent; border-radius: 6px; }
QFrame#banner[kind="error"] { border-left: 4px solid @error; }
QFrame#card { background: @panel; border: 1px solid @warm; border-radius: 10px; }
QTextBrowser#done { border: none; border-left: 3px solid @accent; padding-left: 8px; background: transparent; }
QTextBrowser#lesson { border: none; background: transparent; }
QLabel#done { border: none; border-left: 3px solid @accent; padding-left: 8px; }
QLabel#dim { color: @dim; }
QLabel#warm { color: @text; border: 1px solid @warm; border-radius: 4px; padding: 6px; }
QLabel#title { font-weight: 600; font-size: 17px; }
QPushButton, QToolButton, QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit {
  background: @control; color: @text; border: 1px solid @line; border-radius: 6px; padding: 3px 10px; min-height: 18px; }
QLineEdit, QSpinBox, QDoubleSpinBox { padding: 3px 6px; selection-background-color: @accent; selection-color: @on_accent; }
QPushButton[small="true"] { padding: 2px 5px; font-size: 12px; }
QPushButton:hover, QToolButton:hover, QComboBox:hover { background: @hover; }
QPushButton:focus, QToolButton:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QLineEdit:focus {
  border: 1px solid @accent; }
QPushButton[main="true"]:enabled { background: @accent; color: @on_accent; border: 1px solid @accent; }
QPushButton[main="true"]:focus { border: 2px solid @text; }
QPushButton:checked, QToolButton:checked, QPushButton:default:pressed {
  background: @accent; color: @on_accent; border: 1px solid @accent; }
QPushButton:checked:focus, QToolButton:checked:focus { border: 2px solid @text; }
QPushButton:disabled, QToolButton:disabled, QComboBox:disabled { color: @off; }
QComboBox { padding-right: 0; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @line; selection-background-color: @accent;
  selection-color: @on_accent; outline: 0; }
QComboBox::down-arrow { image: @icon(chevron-down); width: 12px; height: 12px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
  border: none; width: 16px; background: transparent; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: @icon(chevron-up); width: 9px; height: 9px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: @icon(chevron-down); width: 9px; height: 9px; }
QCheckBox { spacing: 6px; border: 1px solid transparent; border-radius: 4px; }
QCheckBox:focus { border: 1px solid @accent; }
QCheckBox::indicator, QTableView::indicator { width: 12px; height: 12px; border: 1px solid @off; border-radius: 3px; background: @control; }
QCheckBox::indicator:checked, QTableView::indicator:checked { background: @accent; border: 1px solid @accent; image: @icon(check); }
QRadioButton { spacing: 6px; }
QRadioButton::indicator { width: 12px; height: 12px; border: 1px solid @off; border-radius: 7px; background: @control; }
QRadioButton::indicator:checked { border: 4px solid @accent; width: 6px; height: 6px; background: @on_accent; }
QRadioButton::indicator:focus { border: 1px solid @accent; }
QToolButton { padding: 3px 6px; max-height: 18px; }
QToolButton#narrow { padding: 3px 0; }
QToolButton#fold { background: transparent; border: 1px solid transparent; color: @dim; padding: 2px 0; }
QToolButton#fold:hover, QToolButton#fold:focus { color: @text; }
QToolButton#fold:checked { background: transparent; color: @text; border: 1px solid transparent; }
QToolButton#fold:focus { border: 1px solid @accent; }
QToolButton#help { padding: 0 3px; min-height: 15px; max-height: 15px; border-radius: 8px; color: @dim; font-weight: 600; }
QToolButton#help:hover, QToolButton#help:focus { color: @text; border: 1px solid @accent; }
QToolButton::menu-indicator { image: none; }
QTreeView { background: @panel; border: 1px solid transparent; outline: 0; }
QTreeView:focus { border: 1px solid @accent; }
QTreeView::item { padding: 2px 0; }
QTreeView::item:selected { background: @accent; color: @on_accent; }
QListWidget { background: @control; border: 1px solid @line; border-radius: 6px; outline: 0; }
QListWidget:focus, QListView#grid:focus { border: 1px solid @accent; }
QListView#grid { background: @control; border: 1px solid @line; border-radius: 6px; outline: 0; }
QListView[row="true"]::item:selected { background: @accent; }
QListWidget::item { padding: 2px 4px; }
QListWidget::item:selected { background: @accent; color: @on_accent; }
QHeaderView::section { background: @panel; color: @dim; border: none; border-bottom: 1px solid @line; padding: 3px 6px; }
QToolButton#page { color: @dim; background: transparent; border: none; border-bottom: 2px solid @line; border-radius: 0;
  padding: 4px 3px; font-size: 12px; }
QToolButton#page:checked { color: @text; background: transparent; border-bottom: 2px solid @accent; }
QToolButton#page:hover { color: @text; }
QWidget#pages:focus QToolButton#page:checked { color: @accent; }
QTableView { background: @control; border: 1px solid @line; border-radius: 6px; outline: 0; }
QTableView:focus { border: 1px solid @accent; }
QTableView::item { padding: 0 4px; }
QTableView QHeaderView::section { padding: 2px 4px; font-size: 12px; }
QHeaderView::up-arrow { image: @icon(chevron-up); width: 9px; height: 9px; }
QHeaderView::down-arrow { image: @icon(chevron-down); width: 9px; height: 9px; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QTableView::item:selected { background: @accent; color: @on_accent; }
QTableView#numbers { background: transparent; border: none; }
QTableView#numbers:focus { border: 1px solid @accent; }
QTableView#numbers::item { padding: 0; }
QTableView#numbers QHeaderView { background: transparent; }
QTableView#numbers QHeaderView::section { border: none; padding: 0 0 0 12px; }
QListView#bars { background: transparent; border: 1px solid transparent; outline: 0; }
QListView#bars:focus { border: 1px solid @accent; border-radius: 4px; }
QToolButton#chip { padding: 1px 6px; min-height: 16px; border-radius: 5px; }
QListView#commands { background: transparent; border: none; outline: 0; }
QLineEdit#commands { font-size: 15px; padding: 5px 8px; }
QFrame#shade { background: rgba(0, 0, 0, 150); border: none; }
QScrollArea#plate, QWidget#plate { background: @panel; border-radius: 10px; }
QScrollArea#plate, QFrame#plate { border: 1px solid @line; }
QLabel#plate { background: @control; color: @text; border: 1px solid @line; border-radius: 4px; padding: 4px 8px; }
QLabel#key { color: @accent; }
QSlider:horizontal { min-height: 16px; }
QSlider::groove:horizontal { background: @track; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal { background: @accent; width: 12px; margin: -4px 0; border-radius: 6px; }
QSlider::handle:horizontal:focus { background: @text; border: 2px solid @accent; width: 8px; }
QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: @off; }
QTabWidget::pane { border: none; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @dim; border: none; border-bottom: 2px solid @line; padding: 4px 12px; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @accent; }
QProgressBar { background: @track; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QMenuBar { background: @window; color: @text; border-bottom: 1px solid @line; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 4px; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @panel; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 4px 20px 4px 12px; border-radius: 4px; }
QMenu::item:selected { background: @accent; color: @on_accent; }
QMenu::item:disabled { color: @off; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QSplitter::handle { background: transparent; }
QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @track; border-radius: 4px; margin: 1px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @off; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
