"""The size of all text: a percentage of the system's font, and lengths that follow it."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import shiboken6
from PySide6.QtWidgets import QWidget

BASE_PX = 13  # of the text that all lengths in the source are meant for
STEPS = (80, 90, 100, 110, 125, 150, 175, 200)  # per cent
USUAL = 100

_factor = 1.0
_percent = USUAL
_held: WeakKeyDictionary[QWidget, dict[str, tuple[int, ...]]] = WeakKeyDictionary()


def set_font_px(pixels: int, percent: int) -> None:
    """Text is so high from now on, `percent` of what it is by itself; everything given to `hold` follows."""
    global _factor, _percent
    _factor, _percent = pixels / BASE_PX, percent
    for widget in list(_held):
        if shiboken6.isValid(widget):
            for name, lengths in _held[widget].items():
                getattr(widget, name)(*map(px, lengths))


def px(length: float) -> int:
    """Logical pixels of a length that holds text, which `length` pixels are enough for at the usual size."""
    return round(length * _factor)


def factor() -> float:
    """Height of the text, relative to the usual one."""
    return _factor


def percent() -> int:
    """What the person has set: height of the text in per cent of the system's."""
    return _percent


def hold(widget: QWidget, setter: str, *lengths: int) -> None:
    """Calls a setter of a widget ("setFixedHeight") with lengths that fit the text, now and whenever its size changes; the
    last call with one setter counts."""
    _held.setdefault(widget, {})[setter] = lengths
    getattr(widget, setter)(*map(px, lengths))


def stepped(percent: int, by: int) -> int:
    """The next larger (+1) or smaller (-1) size; 0: the usual one. At either end the size stays."""
    if not by:
        return USUAL
    return next(_beyond(percent, by), min(max(percent, STEPS[0]), STEPS[-1]))


def _beyond(percent: int, by: int) -> Iterator[int]:
    return (step for step in (STEPS if by > 0 else reversed(STEPS)) if (step - percent) * by > 0)
