"""What is said of a column in a line. Pure."""

from __future__ import annotations

from explorer.core.interventions import Edit, Edits
from explorer.ui.model_pane.edit_words import region_name


def edits_line(edits: Edits) -> str:
    """The edits of a column, those alike together: "3 edits: features.0.0 channels 4, 7 zero; fc all channels mean"."""
    if not edits:
        return ""
    alike: dict[tuple[object, ...], list[Edit]] = {}
    for edit in edits:
        alike.setdefault((edit.tap, edit.mode, edit.region), []).append(edit)
    count = len(edits)
    return f"{count} edit{'s' * (count != 1)}: " + "; ".join(_together(some) for some in alike.values())


def _together(edits: list[Edit]) -> str:
    first = edits[0]
    channels = sorted({channel for edit in edits for channel in edit.channels})
    which = f"channel{'s' * (len(channels) != 1)} {', '.join(map(str, channels))}"
    if any(not edit.channels for edit in edits):
        which = "all channels"
    where = f" {region_name(first.region)}" if first.region is not None else ""
    return f"{first.tap} {which}{where} {'held' if first.mode == 'freeze' else first.mode}"
