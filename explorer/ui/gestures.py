"""Keys and movements of the mouse that widgets take themselves: what the key sheet says of them."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.core.translation import msgid, tr, uncapitalised
from explorer.ui.actions import Action
from explorer.ui.key_names import joined

Rows = list[tuple[str, str]]  # (keys, what they do)

_GESTURES = {
    "Go": ((tr("Wheel  ← →"), tr("scrub in maps or layer strip")), (tr("Side buttons"), tr("back, forward (mouse)"))),
    msgid("Maps"): (
        (tr("Arrows"), tr("move the selection")),
        (tr("Esc"), tr("clear the pinned location")),
        ("+  −  0", tr("zoom in, out, fit")),
        (tr("Ctrl + wheel"), tr("zoom around the pointer")),
        (tr("Double click"), tr("enlarge a picture; fit one that is zoomed")),
        (tr("Drag  Shift + ← →"), tr("select a region (large map)")),
        (tr("Arrows  Return  Space"), tr("move, open, play (examples)")),
    ),
    "Compare": (
        (tr("Arrows"), tr("move in the CKA matrix")),
        (tr("Arrows"), tr("choose a head (attention)")),
        (tr("Shift + arrows"), tr("move the location (attention)")),
    ),
    "Dataset": (
        (tr("Return"), tr("open a picture or channel in Explore")),
        (tr("Drag  Esc"), tr("draw, clear the lasso (scatter)")),
        (tr("Delete"), tr("remove an index (asks)")),
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
