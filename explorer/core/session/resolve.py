"""Pure: session + what has been captured -> what each panel shows now, and which request is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.session.session import Session
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What Explore shows now."""

    tap: Tap | None = None  # None: nothing captured yet
    values: Array | None = None
    channel: int = 0
    missing: bool = False  # the tap was dropped for the byte budget: ask for it
    reason: str = ""  # why there is nothing to show


def strip_taps(taps: Iterable[Tap], blocks: bool) -> tuple[Tap, ...]:
    """The film of layers: every observable tap with values of its own, those of containers on request.

    A container that adds something of its own (a residual sum) is always there; one that hands on its child's
    output only when `blocks` is set.
    """
    return tuple(tap for tap in taps if tap.observable and (blocks or not tap.alias))


def nearest(taps: Iterable[Tap], name: str) -> Tap | None:
    """The tap called `name`, or the one whose values it shares; else the first."""
    every = tuple(taps)
    by_name = {tap.name: tap for tap in every}
    tap = by_name.get(name)
    if tap is not None:
        return tap
    return next((t for t in every if t.observable), None)


def first_tap(taps: Iterable[Tap]) -> str:
    """What is shown of a newly opened model: the first activation with maps, else one with a sequence, else the first tap."""
    seen = [tap for tap in taps if tap.observable]
    mapped = [tap for tap in seen if tap.grid is not None and tap.grid[0] > 1]
    mapped = mapped or [tap for tap in seen if tap.layout == "NCT" or (tap.grid is not None and tap.grid[1] > 1)]
    activation = [tap for tap in mapped if tap.kind == "activation"]
    chosen = (activation or mapped or seen)[:1]
    return chosen[0].name if chosen else ""


def resolve(session: Session, capture: Capture | None) -> View:
    """What to show for this session with this capture."""
    if capture is None:
        return View()
    tap = nearest(capture.taps, session.tap)
    if tap is None:
        return View(reason=tr("This model has no layer that can be seen."))
    if not tap.observable:
        return View(tap, reason=tap.reason)
    values = capture.values.get(tap.name)
    channel = min(max(session.channel, 0), max(tap.channels - 1, 0))
    return View(tap, values, channel, missing=values is None)


def stage(tap: Tap) -> str:
    """The part of the model a tap belongs to, for the brackets under the strip: 'layer1', 'features.4', 'encoder.layers.3'."""
    parts = tap.path.split(".")
    if parts[:1] == [""]:
        return "output"
    kept = 1
    while kept < len(parts) - 1 and not any(c.isdigit() for c in parts[kept - 1]) and kept < 3:
        kept += 1
    return ".".join(parts[:kept])


def relative_depth(taps: Iterable[Tap], name: str) -> float:
    """0 at the first tap, 1 at the last, by position in execution order."""
    names = [tap.name for tap in taps if tap.observable]
    return names.index(name) / max(1, len(names) - 1) if name in names else 0.0
