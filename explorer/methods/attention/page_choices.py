"""What is chosen on the page Attention, for a session file: mode, direction, head, the token that asks, how it is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QComboBox

from explorer.core.attention_queries import Spot
from explorer.methods.attention.view import MODES, AttentionView

_MOST = 1 << 20  # heads and tokens


def choices_of(view: AttentionView, head: int | None, spot: Spot | None) -> dict[str, Any]:
    """As plain values."""
    return {
        "mode": view.mode if view.chosen else "",
        "direction": view.direction.currentIndex(),
        "fusion": view.fusion.currentIndex(),
        "start": view.start.value(),
        "mass": view.mass.value(),
        "one_scale": view.one_scale.isChecked(),
        "head": head,
        "spot": spot,
    }


def choose(view: AttentionView, held: Mapping[str, Any]) -> tuple[int | None, Spot | None]:
    """(the head, the token that asks) of what a file says; the rest goes into the view. What cannot be is passed over."""
    for box, name in ((view.direction, "direction"), (view.fusion, "fusion")):
        _set_index(box, held.get(name))
    for number, name in ((view.start, "start"), (view.mass, "mass")):
        if _whole(held.get(name)):
            number.setValue(held[name])
    if isinstance(held.get("one_scale"), bool):
        view.one_scale.setChecked(held["one_scale"])
    if held.get("mode") in MODES:
        view.set_mode(str(held["mode"]))
    head = held.get("head")
    return head if _whole(head) else None, _spot(held.get("spot"))


def _set_index(box: QComboBox, at: Any) -> None:
    if _whole(at) and at < box.count():
        box.setCurrentIndex(at)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST


def _spot(value: Any) -> Spot | None:
    if _whole(value):
        return int(value)
    if isinstance(value, list) and len(value) == 2:
        pair = [float(each) for each in value if isinstance(each, (int, float)) and not isinstance(each, bool)]
        if len(pair) == 2 and all(math.isfinite(each) and abs(each) < _MOST for each in pair):
            return pair[0], pair[1]
    return None
