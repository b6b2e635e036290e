"""Which layer each column is at when one of them moves: the document under the link. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from explorer.core.session import layer_links
from explorer.core.session.comparison import Column, Comparison, Link
from explorer.core.session.resolve import first_tap
from explorer.ui.compare.view import ColumnView

Views = Mapping[int, ColumnView]


def scrubbed(doc: Comparison, views: Views, key: int, index: int) -> Comparison:
    """One column at a place of its film, and those that are linked to it where that leads."""
    view = views[key]
    if not view.film:
        return doc
    index = min(max(index, 0), len(view.film) - 1)
    out = doc.change(key, tap=view.film[index].name)
    lead = out.column(key)
    for other in out.columns if lead.follows else ():
        place = _linked(doc.link, views, lead, index, other) if other.follows and other.key != key else None
        if place is not None:
            film = views[other.key].film
            out = out.change(other.key, tap=film[layer_links.offset_to(place, other.offset, len(film))].name)
    return out


def place_for(doc: Comparison, views: Views, column: Column) -> int | None:
    """Where the first other column that can be followed leads this one to, without its offset; None without any."""
    for lead in doc.columns:
        view = views[lead.key]
        if lead.key != column.key and lead.follows and lead.tap in {tap.name for tap in view.film}:
            return _linked(doc.link, views, lead, view.layers.index(lead.tap), column)
    return None


def tap_for(doc: Comparison, views: Views, key: int) -> str:
    """The layer a column begins with: the linked one, else the one it had, else the first with maps."""
    column, view = doc.column(key), views[key]
    place = place_for(doc, views, column) if column.follows else None
    if place is not None:
        return view.film[layer_links.offset_to(place, column.offset, len(view.film))].name
    known = view.capture is not None and any(tap.name == column.tap for tap in view.capture.taps)
    return view.film[view.layers.index(column.tap)].name if known and view.film else first_tap(view.film)


def jumped(doc: Comparison, views: Views, key: int, index: int, other: int, place: int) -> Comparison:
    """Two columns at places of their own: the first as if it were scrubbed there, the other with the offset that this takes.

    What is frozen stays.
    """
    doc = doc if doc.column(key).frozen else scrubbed(doc, views, key, index)
    column = replace(doc.column(other), tap=views[other].film[place].name)
    if column.frozen:
        return doc
    led = place_for(doc, views, column) if column.follows else None
    return doc.change(other, tap=column.tap, offset=column.offset if led is None else place - led)


def locked(doc: Comparison, views: Views, key: int, on: bool) -> Comparison:
    """A column that follows the link, or not; how far it went on its own stays as its offset."""
    column, view = replace(doc.column(key), locked=on), views[key]
    place = place_for(doc, views, column) if column.follows else None
    offset = column.offset if place is None else view.layers.index(column.tap) - place
    return doc.change(key, locked=on, offset=offset)


def relinked(doc: Comparison, link: Link) -> Comparison:
    """Another link, without offsets."""
    return replace(doc, link=link, columns=tuple(replace(column, offset=0) for column in doc.columns))


def _linked(link: Link, views: Views, lead: Column, index: int, other: Column) -> int | None:
    """Where a link leads another column to when one is at a place, without the other's offset."""
    view = views[lead.key]
    base = layer_links.offset_to(index, -lead.offset, len(view.film))
    if link is Link.PATH:
        route = view.routes.get(other.key, ())
        return route[base] if base < len(route) else None
    return layer_links.linked(link, view.strides, base, views[other.key].strides)
