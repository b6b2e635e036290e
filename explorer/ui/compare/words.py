"""What is said of a column in a line. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.core.interventions import Edit, Edits
from explorer.core.translation import ntr, tr
from explorer.ui.model_pane.edit_words import region_name

_PARTS = re.compile(r"[-_/.\s·:]+")  # between the parts of a name
_WORTH = 4  # characters that must be saved


def without_common(names: Sequence[str]) -> list[str]:
    """Names without the parts that all begin with, "…" in their place: what is left tells them apart."""
    if len(names) < 2 or len(set(names)) == 1:
        return list(names)
    cuts = [match.end() for match in _PARTS.finditer(names[0])]
    common = [cut for cut in cuts if all(name.startswith(names[0][:cut]) and len(name) > cut for name in names)]
    cut = max(common, default=0)
    return [f"…{name[cut:].lstrip()}" for name in names] if cut >= _WORTH else list(names)


def edits_line(edits: Edits) -> str:
    """The edits of a column, those alike together: "3 edits: features.0.0 channels 4, 7 zero; fc all channels mean"."""
    if not edits:
        return ""
    alike: dict[tuple[object, ...], list[Edit]] = {}
    for edit in edits:
        alike.setdefault((edit.tap, edit.mode, edit.region), []).append(edit)
    count = len(edits)
    return ntr(
        "{count} edit: {list}",
        "{count} edits: {list}",
        count,
        count=count,
        list="; ".join(_together(some) for some in alike.values()),
    )


def _together(edits: list[Edit]) -> str:
    first = edits[0]
    channels = sorted({channel for edit in edits for channel in edit.channels})
    which = ntr("channel {list}", "channels {list}", len(channels), list=", ".join(map(str, channels)))
    if any(not edit.channels for edit in edits):
        which = tr("all channels")
    where = f" {region_name(first.region)}" if first.region is not None else ""
    return f"{first.tap} {which}{where} {(tr('held') if first.mode == 'freeze' else first.mode)}"
