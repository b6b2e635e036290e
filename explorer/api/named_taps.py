"""A tap by its name, or an error that says why it cannot be had."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from explorer.core.activations import Tap
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr


def tap_named(taps: Sequence[Tap], name: str) -> Tap:
    """The tap, or an error that says why it cannot be had and which names are near."""
    by_name = {tap.name: tap for tap in taps}
    if name not in by_name:
        near = difflib.get_close_matches(name, by_name, 3)
        raise ExplorerError(
            tr("The model has no tap named {name}.", name=name),
            tr("Near: {list}.", list=", ".join(near)) if near else "",
            tr("The command layers lists them all."),
        )
    if not by_name[name].observable:
        raise ExplorerError(tr("The tap {name} cannot be seen: {reason}.", name=name, reason=by_name[name].reason))
    return by_name[name]
