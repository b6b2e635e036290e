"""Every key of the window, and the sheet that tells them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from explorer.core.compare import MOST
from explorer.core.types import InputRef

if TYPE_CHECKING:
    from explorer.ui.commands import Commands

# what `?` shows; the keys that widgets handle themselves are told here too
KEYS = (
    (
        "Layers",
        (
            ("J  K", "next, previous layer"),
            ("PgDn  PgUp", "next, previous stage"),
            ("Wheel  ← →", "scrub in maps or layer strip"),
            ("F", "play through the layers"),
            ("/", "search the modules"),
            ("M", "Compare: the matrix of CKA"),
            ("Arrows", "move in the matrix of CKA"),
        ),
    ),
    (
        "Channels",
        (
            ("Arrows", "move the selection (maps)"),
            ("S", "next sort order"),
            ("C", "next scale"),
            ("Shift + V", "maps, PCA colours, similarity"),
            ("Esc", "clear the pinned location"),
            ("+  −  0", "zoom in, out, fit (in the maps)"),
            ("Ctrl + wheel", "zoom around the pointer"),
            ("Ctrl + 1 … 9", "the pages beneath the map"),
            ("Ctrl + Z", "undo the last edit of channels"),
            ("Drag  Shift + ← →", "mark a region (large map)"),
        ),
    ),
    (
        "Input",
        (
            ("Ctrl + O", "open a picture or video"),
            ("Ctrl + V", "paste a picture or a path"),
            ("N  P", "next, previous in folder"),
            ("Space", "play or pause"),
            (",  .", "previous, next frame"),
            ("L", "animated test scene"),
        ),
    ),
    (
        "Compare",
        (
            (f"Ctrl + 1 … {MOST}", "to column A, B …"),
            ("Ctrl + ← →", "to the column beside it"),
            ("Shift + V", "next view, also attention"),
            ("Arrows", "choose a head (attention)"),
            ("Shift + arrows", "move the location (attention)"),
            ("Ctrl + Z", "undo a change of the columns"),
            ("Ctrl + Shift + Z", "redo it"),
        ),
    ),
    (
        "Copy & export",
        (
            ("Ctrl + C", "copy the maps as a picture"),
            ("Ctrl + Shift + C", "copy as Python"),
            ("Ctrl + E", "save the values (NPZ)"),
            ("Ctrl + S", "save the session"),
        ),
    ),
    (
        "Window",
        (
            ("Ctrl + M", "choose a model"),
            ("Alt + 1  2", "Explore, Compare"),
            ("Alt + ← →", "back, forward"),
            ("Ctrl + T", "light or dark"),
            ("Ctrl + ,", "device, threads, memory"),
            ("F11", "full screen"),
            ("?", "keyboard shortcuts"),
        ),
    ),
)


_IN_EXPLORE = {
    *(
        "F",
        "/",
        "I",
        "S",
        "Ctrl+M",
        "Ctrl+Z",
        "Ctrl+C",
        "Ctrl+Shift+C",
        "Ctrl+E",
        *(f"Ctrl+{at}" for at in range(1, 10)),
    ),
}


_IN_COMPARE = {"M"}


def bind(commands: Commands) -> None:
    """The keys of the window; those that widgets handle themselves are theirs."""
    c, w = commands.controller, commands.window
    keys: dict[str, Callable[[], object]] = {
        "J": lambda: c.step(1),
        "K": lambda: c.step(-1),
        "PgDown": lambda: c.page(1),
        "PgUp": lambda: c.page(-1),
        "Alt+1": lambda: c.show_workspace("explore"),
        "Alt+2": lambda: c.show_workspace("compare"),
        "F": w.explore.strip.play.toggle,
        "/": commands.search,
        "I": lambda: w.explore.input.setCurrentIndex(0),
        "S": commands.next_sort,
        "C": commands.next_scale,
        "M": w.compare.fold.toggle,
        "Shift+V": commands.next_view,
        "Ctrl+O": commands.choose_input,
        "Ctrl+V": commands.paste,
        "N": lambda: c.neighbour(1),
        "P": lambda: c.neighbour(-1),
        "Space": c.toggle_live,
        ",": lambda: c.step_frame(-1),
        ".": lambda: c.step_frame(1),
        "L": lambda: c.play_input(InputRef("scene")),
        "Ctrl+C": commands.take_away.copy_maps,
        "Ctrl+Shift+C": commands.take_away.copy_python,
        "Ctrl+E": commands.take_away.save_values,
        "Ctrl+S": commands.save_session,
        "Ctrl+Shift+O": commands.choose_session,
        "Ctrl+M": commands.choose_model,
        "Alt+Left": c.back,
        "Alt+Right": c.forward,
        "Ctrl+T": commands.toggle_theme,
        "Ctrl+Z": c.understand.ablation.undo,
        **{
            f"Ctrl+{at}": partial(w.explore.channel.set_page, page)
            for at, page in enumerate(w.explore.channel.names[:9], 1)
        },
        "Ctrl+,": commands.choose_settings,
        "F11": lambda: w.setWindowState(w.windowState() ^ Qt.WindowState.WindowFullScreen),
        "?": commands.show_keys,
        "F1": commands.show_keys,
        "Ctrl+Q": w.close,
    }
    for key, what in keys.items():
        # what acts on one workspace belongs to it, and sleeps while it is hidden
        home = w.explore if key in _IN_EXPLORE else w.compare if key in _IN_COMPARE else w
        shortcut = QShortcut(QKeySequence(key), home)
        shortcut.activated.connect(what)
    for key, what in _in_compare(commands).items():
        QShortcut(QKeySequence(key), w.compare).activated.connect(what)


def _in_compare(commands: Commands) -> dict[str, Callable[[], object]]:
    """What keys mean in that workspace alone."""
    compare = commands.controller.compare
    return {
        "Ctrl+Z": compare.undo,
        "Ctrl+Shift+Z": compare.redo,
        "Ctrl+Y": compare.redo,
        "Ctrl+Left": lambda: compare.focus_beside(-1),
        "Ctrl+Right": lambda: compare.focus_beside(1),
        **{f"Ctrl+{at + 1}": partial(compare.focus_on, at) for at in range(MOST)},
    }
