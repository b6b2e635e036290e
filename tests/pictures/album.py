"""Brings one window into state after state and pictures each."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from explorer import catalogue
from explorer.ui.remembered_look import TEXT
from explorer.ui.settings import Settings
from tests.pictures.geometry import findings
from tests.pictures.language import is_pseudo, untranslated
from tests.pictures.picture_state import CNN, WORLD, State
from tests.pictures.states import states
from tests.support.driver import windows

START, PLUG_IN = "start", "plug-in"
_LEVELS = 12  # of layouts in layouts
_NAMES = ("Feature Map Explorer", "Qt", "Python")
_PACKAGE = Path(__file__).parents[1] / "support" / "plugin"


@dataclass(frozen=True, slots=True)
class Picture:
    """`findings`: what of it is cut off or lies over something else."""

    name: str
    pixels: QPixmap
    findings: tuple[str, ...]


def names() -> tuple[str, ...]:
    """Of all states, in the order of the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        return (START, *states(Path(folder)), PLUG_IN)


def album(wanted: Sequence[str], theme: str, size: tuple[int, int], text: int = 100) -> Iterator[Picture]:
    """A picture of each of the states that are wanted; `text`: its size in per cent."""
    with tempfile.TemporaryDirectory() as folder:
        known = states(Path(folder))
        with windows() as opened:
            app = opened(size=size, theme_name=theme, settings=_settings(text))
            app.start(CNN, WORLD)
            if START in wanted:
                yield _of_window(app, START)
            app.wait_capture()
            app.rest()
            for name, state in known.items():
                if name in wanted:
                    yield _pictured(app, name, state)
        if PLUG_IN in wanted:
            yield from _plug_in(theme, size)


def _settings(text: int) -> Settings:
    settings = Settings(lasting=False)
    settings.put(TEXT, text)
    return settings


def _pictured(app: Any, name: str, state: State) -> Picture:
    _put_away(app)
    app.restore(state.session)
    app.rest()
    assert app.session.tap == state.session.tap, f"{name}: there is no layer {state.session.tap}"
    if state.session.workspace == "compare":
        app.compare.point((0.45, 0.4))
        app.rest()
    if state.act is not None:
        state.act(app)
        app.rest()
    return _of_window(app, name) if state.dialog is None else _of_dialog(app, name, state.dialog)


def _put_away(app: Any) -> None:
    """What the state before has left over the window."""
    app.main_window.enlarged.dismiss()
    app.main_window.drop_note.hide()
    app.keys.hide()
    app.palette.hide()
    app.guide.close()
    app.guide.page_help.hide()
    app.guide.glossary.hide()
    app.guide.offer_line.hide()
    if app.banner.kind:
        app.main_window.banner.dismiss()
    app.page("ablation").put(())
    app.explore.point_away()
    app.rest()


def _settle(app: Any) -> None:
    """What has grown moves what holds it, and that the next one, a turn of the loop each."""
    for _ in range(_LEVELS):
        app.qt.processEvents()


def _of_window(app: Any, name: str) -> Picture:
    _settle(app)
    return Picture(name, app.grab(), (*findings(app.main_window), *_english(app, app.main_window)))


def _of_dialog(app: Any, name: str, open_dialog: Callable[[Any], None]) -> Picture:
    """The dialog over its window."""
    taken: list[Picture] = []

    def take() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        app.rest()  # what it shows may still be read
        _settle(app)
        told = (*_too_large(app.main_window, dialog), *findings(dialog), *_english(app, dialog))
        taken.append(Picture(name, _over(app.grab(), dialog), told))
        dialog.reject()

    QTimer.singleShot(300, take)
    open_dialog(app)
    return taken[0]


def _too_large(window: QWidget, dialog: QWidget) -> Iterator[str]:
    """The window is as large as the screen."""
    if dialog.width() > window.width() or dialog.height() > window.height():
        yield f"the dialog is {dialog.width()} × {dialog.height()} px, the screen {window.width()} × {window.height()}"


def _english(app: Any, root: QWidget) -> tuple[str, ...]:
    """What is not translated, where the window is in the pseudo-language."""
    if not is_pseudo():
        return ()
    card = app.card
    return untranslated(root, frozenset((*(card.labels if card is not None else ()), *_NAMES)))


def _over(behind: QPixmap, dialog: QWidget) -> QPixmap:
    painter = QPainter(behind)
    rest = behind.deviceIndependentSize().toSize() - dialog.size()
    painter.fillRect(behind.rect(), "#80000000")
    painter.drawPixmap(QPoint(rest.width() // 2, rest.height() // 2), dialog.grab())
    painter.end()
    return behind


def _plug_in(theme: str, size: tuple[int, int]) -> Iterator[Picture]:
    """A package of which some parts cannot be used: what does not work is a line, what works is there."""
    with _package(), windows() as opened:
        app = opened(size=size, theme_name=theme, settings=Settings(lasting=False))
        app.start(CNN, WORLD)
        app.wait_capture()
        app.rest()
        yield _of_dialog(app, PLUG_IN, lambda app: app.commands.show_about())


@contextmanager
def _package() -> Iterator[None]:
    """The package of the tests as if it were installed."""
    registries = (catalogue.methods, catalogue.inputs, catalogue.workspaces)
    sys.path.insert(0, str(_PACKAGE))
    try:
        _forget(registries)
        yield
    finally:
        sys.path.remove(str(_PACKAGE))
        for module in [module for module in sys.modules if module.split(".")[0] == "fme_example"]:
            del sys.modules[module]
        _forget(registries)


def _forget(registries: Sequence[Any]) -> None:
    for registry in registries:
        registry.again()
