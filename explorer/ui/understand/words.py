"""Results of the engine as the lines that the tabs show. Pure."""

from __future__ import annotations

from typing import Any

from explorer.core.activations import Capture
from explorer.core.caveats import flags
from explorer.core.geometry.cells import Region, prefix_name
from explorer.core.interventions import Edit
from explorer.core.method import MethodSpec
from explorer.core.models import ModelCard

# what the pages about what was learnt show
_LEARNT = {"ablation": "result", "maximise": "picture"}


def edit_title(edit: Edit) -> str:
    """What an edit does, for the list of active ones, the layer last: "zero: channel 12  ·  features.3"."""
    which = f"channel {edit.channels[0]}" if len(edit.channels) == 1 else f"{len(edit.channels)} channels"
    which = which if edit.channels else "all channels"
    where = f", {region_name(edit.region).partition(' ')[2]}" if edit.region is not None else ""
    return f"{'held' if edit.mode == 'freeze' else edit.mode}: {which}{where}  ·  {edit.tap}"


def region_name(region: Region) -> str:
    """Cells by their corners, both within: "cell (3, 4)", "cells (3, 4) … (7, 9)"; a prefix token by its name."""
    y0, x0, y1, x1 = region
    if y0 < 0:
        return prefix_name(x0) if x1 == x0 + 1 else f"{prefix_name(x0)} … {prefix_name(x1 - 1)}"
    return f"cell ({y0}, {x0})" if (y1 - y0, x1 - x0) == (1, 1) else f"cells ({y0}, {x0}) … ({y1 - 1}, {x1 - 1})"


def edited_mark(edits: tuple[Edit, ...]) -> str:
    """What stands beside a prediction under edits."""
    count = len(edits)
    return f"{count} {'region' if any(e.region for e in edits) else 'channel'}{'s' * (count != 1)} edited"


def page_flags(card: ModelCard, capture: Capture, page: str, spec: MethodSpec[Any, Any] | None = None) -> str:
    """What must be known of all that a page shows: random weights where it is about what was learnt, answers that differ."""
    result = spec.noun if spec is not None else _LEARNT.get(page, "")
    classes = spec is not None and spec.about_classes
    repeat = capture.repeat if capture.repeat is not None and not capture.repeat.same else None
    said = flags(card, repeat, result, classes) if result else (repeat.text,) if repeat is not None else ()
    return "\n".join(f"{line[:1].upper()}{line[1:].rstrip('.')}." for line in said)
