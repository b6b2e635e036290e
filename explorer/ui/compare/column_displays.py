"""What the columns of a document draw, of what their views hold. Pure but for reading the theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from explorer.core import linked_places
from explorer.core.activations import Tap
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.geometry import picture_points
from explorer.core.models import ModelCard
from explorer.core.render import Limits, ScaleMode, normalized_mass
from explorer.core.session import difference
from explorer.core.session.comparison import Column, Comparison, SharedScale
from explorer.core.session.difference import Difference
from explorer.core.session.display import Display, rescaled
from explorer.core.session.session import Session
from explorer.ui import theme
from explorer.ui.compare.view import ColumnView

Views = Mapping[int, ColumnView]
_MODES = {
    SharedScale.PER_MAP: ScaleMode.PER_MAP,
    SharedScale.PER_LAYER: ScaleMode.PER_LAYER,
    SharedScale.ALL: ScaleMode.PER_LAYER,
    SharedScale.PERCENTILE: ScaleMode.PERCENTILE,
    SharedScale.ZSCORE: ScaleMode.PER_LAYER,
}


def resolved(doc: Comparison, views: Views) -> dict[int, tuple[Display | None, Difference | None]]:
    """What each column draws: values between its own or the shared limits, z-scores, or what is left without the first column's."""
    mode, dark = _MODES[doc.scale], theme.current().dark
    shown = {column.key: views[column.key].resolve(column, mode) for column in doc.columns}
    shown |= _with_one_sign(shown, mode, dark)
    less = {column.key: _less(doc, views, column, shown[column.key], mode) for column in doc.columns}
    if doc.scale in (SharedScale.ALL, SharedScale.PERCENTILE):
        plain = {key: each for key, each in shown.items() if each is not None and less[key] is None}
        limits = {key: each.limits for key, each in plain.items() if each.limits is not None}
        common = difference.together(list(limits.values()))
        shown |= {key: rescaled(plain[key], one, Session(), dark) for key, one in zip(limits, common, strict=True)}
    if doc.scale is SharedScale.ZSCORE:
        colormap = theme.current().diverging
        shown = {key: each and difference.standardised(each, colormap) for key, each in shown.items()}
    return {key: less[key] or (each, None) for key, each in shown.items()}


def _with_one_sign(shown: Mapping[int, Display | None], mode: ScaleMode, dark: bool) -> dict[int, Display | None]:
    """The same layer in the same colours, whichever column it stands in."""
    layers: dict[tuple[str, str], list[int]] = {}
    for key, each in shown.items():
        if each is not None and each.limits is not None:
            layers.setdefault((each.tap.name, each.tap.type), []).append(key)
    found: dict[int, Display | None] = {}
    for keys in layers.values():
        displays = [each for key in keys if (each := shown[key]) is not None]
        for key, each, limits in zip(keys, displays, difference.one_sign(displays, mode), strict=True):
            if limits is not None and limits is not each.limits:
                found[key] = rescaled(each, limits, Session(), dark)
    return found


def _less(
    doc: Comparison, views: Views, column: Column, shown: Display | None, mode: ScaleMode
) -> tuple[Display, Difference] | None:
    first = views[doc.columns[0].key]
    if not column.minus or shown is None or not alike(first, views[column.key]):
        return None
    base = first.resolve(replace(column, tap=shown.tap.name), mode)
    if shown.vector is None and steps_differ(first, views[column.key]):
        return None
    if base is None or base.tap.shape != shown.tap.shape:  # of other classes
        return None
    return difference.taken(shown, base, mode, theme.current().diverging)


def alike(one: ColumnView, other: ColumnView) -> bool:
    """Whether two different columns show the same architecture at the same input size."""
    if one is other or one.capture is None or other.capture is None:
        return False
    return difference.same_build(one.capture, other.capture)


def steps_differ(first: ColumnView, view: ColumnView) -> str:
    """Why the layers of a column have other steps than those of the first one; "" where they have the same."""
    if first is view or first.seen is None or view.seen is None:
        return ""
    return linked_places.steps_differ(first.seen, view.seen)


def mixed(doc: Comparison, views: Views) -> bool:
    """Whether not all columns show the same architecture."""
    first, *others = [views[column.key].capture for column in doc.columns]
    return any(first is not None and other is not None and not difference.same_build(first, other) for other in others)


def shares(doc: Comparison, views: Views) -> dict[int, tuple[Array, Limits]]:
    """The selected channel of every column that has maps as shares of its whole, in % a cell, on one scale; {} without the wish."""
    if not doc.share or not mixed(doc, views):
        return {}
    found: dict[int, Array] = {}
    for column in doc.columns:
        plain = views[column.key].pane.plain
        if plain is not None and plain.maps is not None:
            found[column.key] = normalized_mass.shares(plain.maps[min(column.channel, len(plain.maps) - 1)])
    return dict(
        zip(found, zip(found.values(), normalized_mass.share_limits(list(found.values())), strict=True), strict=True)
    )


def likeness(view: ColumnView, first: ColumnView) -> float:
    """Rank correlation of the masses of both layers over one picture; NaN where they have no cells in common."""
    sides = _maps_of(view), _maps_of(first)
    if sides[0] is None or sides[1] is None or sides[0][3].digest != sides[1][3].digest:
        return float("nan")
    # told on the finer grid
    fine, coarse = (sides[0], sides[1]) if sides[0][1][0].size >= sides[1][1][0].size else (sides[1], sides[0])
    at = picture_points.beneath(fine[0], fine[2].preprocess, coarse[0], coarse[2].preprocess, fine[3].size)
    return difference.likeness(fine[1], coarse[1], *at)


def _maps_of(view: ColumnView) -> tuple[Tap, Array, ModelCard, Input] | None:
    """(layer, its own maps, model, picture); None where there are none whose places on the input are known."""
    plain, of, capture = view.pane.plain, view.of, view.capture
    if plain is None or plain.maps is None or of is None or capture is None or plain.tap.receptive is None:
        return None
    return plain.tap, plain.maps, of, capture.picture
