"""Keys and movements of the mouse that widgets take themselves: what the key sheet says of them."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.core.translation import msgid, tr, uncapitalised
from explorer.ui.actions import Action
from explorer.ui.key_names import joined

Rows = list[tuple[str, str]]  # (keys, what they do)

_GESTURES = {
    "Go": (("Wheel  ← →", "scrub in maps or layer strip"), ("Side buttons", "back, forward (mouse)")),
    msgid("Maps"): (
        ("Arrows", "move the selection"),
        ("Esc", "clear the pinned location"),
        ("+  −  0", "zoom in, out, fit"),
        ("Ctrl + wheel", "zoom around the pointer"),
        ("Double click", "enlarge a picture; fit one that is zoomed"),
        ("Drag  Shift + ← →", "select a region (large map)"),
        ("Arrows  Return  Space", "move, open, play (examples)"),
    ),
    "Compare": (
        ("Arrows", "move in the CKA matrix"),
        ("Arrows", "choose a head (attention)"),
        ("Shift + arrows", "move the location (attention)"),
    ),
    "Dataset": (
        ("Return", "open a picture or channel in Explore"),
        ("Drag  Esc", "draw, clear the lasso (scatter)"),
        ("Delete", "remove an index (asks)"),
    ),
}


def key_groups(actions: Iterable[Action]) -> tuple[tuple[str, Rows], ...]:
    """Headings, which are menus, with a row for each command that has a key, or for all of a family."""
    groups: dict[str, dict[str, list[str]]] = {}
    for action in actions:
        if action.keys:
            rows = groups.setdefault(action.menu, {})
            rows.setdefault(action.family or uncapitalised(action.name), []).append(action.keys[0])
    told = {heading: [(joined(keys), what) for what, keys in rows.items()] for heading, rows in groups.items()}
    for heading, gestures in _GESTURES.items():
        told.setdefault(heading, []).extend(gestures)
    return tuple((tr(heading), rows) for heading, rows in told.items())
