"""What is said of edits. Pure."""

from __future__ import annotations

from explorer.core.geometry.cells import Region, prefix_name
from explorer.core.interventions import Edit
from explorer.core.translation import ntr, tr


def edit_title(edit: Edit) -> str:
    """What an edit does, for the list of active ones, the layer last: "zero: channel 12  ·  features.3"."""
    which = _channels(edit.channels) if edit.channels else tr("all channels")
    where = f", {region_name(edit.region).partition(' ')[2]}" if edit.region is not None else ""
    done = {"zero": tr("zero"), "mean": tr("mean"), "freeze": tr("held")}[edit.mode]
    return f"{done}: {which}{where}  ·  {edit.tap}"


def region_name(region: Region) -> str:
    """Cells by their corners, both within: "cell (3, 4)", "cells (3, 4) … (7, 9)"; a prefix token by its name."""
    y0, x0, y1, x1 = region
    if y0 < 0:
        return prefix_name(x0) if x1 == x0 + 1 else f"{prefix_name(x0)} … {prefix_name(x1 - 1)}"
    return (
        tr("cell ({y0}, {x0})", y0=y0, x0=x0)
        if (y1 - y0, x1 - x0) == (1, 1)
        else tr("cells ({y0}, {x0}) … ({y1}, {x1})", y0=y0, x0=x0, y1=y1 - 1, x1=x1 - 1)
    )


def edited_mark(edits: tuple[Edit, ...]) -> str:
    """What stands beside a prediction under edits."""
    if any(edit.region for edit in edits):
        return ntr("{n} region edited", "{n} regions edited", len(edits))
    if not all(edit.channels for edit in edits):
        return ntr("{n} layer edited", "{n} layers edited", len(edits))
    count = len({(edit.tap, channel) for edit in edits for channel in edit.channels})
    return ntr("{n} channel edited", "{n} channels edited", count)


def _channels(channels: tuple[int, ...]) -> str:
    """One, those from one to another (a head's), or how many."""
    if len(channels) == 1:
        return tr("channel {channels}", channels=channels[0])
    together = channels == tuple(range(channels[0], channels[-1] + 1))
    return (
        tr("channels {channels}–{channels2}", channels=channels[0], channels2=channels[-1])
        if together
        else tr("{count} channels", count=len(channels))
    )
