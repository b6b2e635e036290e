"""Figures of a layer and of one of its channels, as they are shown: the same colours, order and limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer.core import render
from explorer.core.activations import Capture
from explorer.core.arrays import Array
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import (
    BarsPart,
    ColourScale,
    CurvesPart,
    FigureAxis,
    FigureCurve,
    FigureDescription,
    FigureFrame,
    FigurePart,
    HistogramPart,
    PicturePart,
    TablePart,
    TilesPart,
    scale_of,
)
from explorer.core.figure.figure_subject import caption_of, input_part, prediction_part
from explorer.core.figure.panel_parts import sequence_part
from explorer.core.geometry.cells import Cell
from explorer.core.models import ModelCard
from explorer.core.session.display import Display
from explorer.core.translation import tr

_NAMED = 20  # entries of a vector with names


def file_name(*parts: str) -> str:
    """Names as a file may be called."""
    return re.sub(r"[^\w.-]+", "-", "-".join(part for part in parts if part)).strip("-") or "figure"


def tiles_of(shown: Display, channel: int = -1, title: str = "", labels: tuple[str, ...] = ()) -> TilesPart:
    """Every map with its channel number, in the order that is shown. `shown` has maps and limits."""
    assert shown.maps is not None
    assert shown.limits is not None
    part = mosaic_part(
        shown.maps, shown.limits, shown.colormap, shown.order, labels, shown.unit, channel, shown.chosen_colours
    )
    return replace(part, title=title)


def mosaic_part(
    maps: Array,
    limits: render.Limits,
    colormap: str,
    order: Array | None = None,
    labels: Sequence[str] = (),
    unit: str = "",
    channel: int = -1,
    chosen: bool = False,
) -> TilesPart:
    """(C, h, w) maps as tiles in an order; `labels` are by number of the map, () for these numbers. `chosen`: the colour map was
    chosen, else that of signed values follows the paper."""
    order = np.arange(len(maps)) if order is None else np.asarray(order)
    rgb = render.rgb_of(render.colorize(maps, limits, colormap))
    with np.errstate(invalid="ignore"):
        flat = maps.reshape(len(maps), -1).astype(np.float64)
        measures = [(float(row.min()), float(row.max()), float(row.mean())) for row in flat]
    framed = np.flatnonzero(order == channel)
    return TilesPart(
        "",
        tuple(rgb[at] for at in order),
        tuple(labels[int(at)] if labels else str(int(at)) for at in order),
        scale_of(limits, colormap, unit, chosen=chosen),
        (tr("minimum"), tr("maximum"), tr("mean")),
        tuple(measures[int(at)] for at in order),
        int(framed[0]) if framed.size else -1,
    )


def channel_part(shown: Display, channel: int, cell: Cell | None = None, title: str = "") -> PicturePart:
    """One map with its own limits. `shown` has maps and limits."""
    assert shown.maps is not None
    assert shown.limits is not None
    values = shown.maps[channel]
    rgb = render.rgb_of(render.colorize(values, render.pick(shown.limits, channel), shown.colormap))
    framed = cell is not None and 0 <= cell[0] < values.shape[0] and 0 <= cell[1] < values.shape[1]
    frames = (FigureFrame(cell[0], cell[1], 1, 1),) if framed and cell is not None else ()
    note = (
        tr("cell ({cell}, {cell2}): {written}", cell=cell[0], cell2=cell[1], written=written(float(values[cell])))
        if framed and cell is not None
        else ""
    )
    scale = scale_of(shown.limits, shown.colormap, shown.unit, channel, chosen=shown.chosen_colours)
    return PicturePart(title, rgb, scale, np.asarray(values), frames, note)


def layer_part(shown: Display, capture: Capture | None, channel: int = -1, title: str = "") -> FigurePart:
    """Maps, a sequence or a vector."""
    if shown.maps is not None:
        return tiles_of(shown, channel, title)
    if shown.sequence is not None:
        return _sequence(shown, capture, title)
    return _vector(shown, capture, title)


def _sequence(shown: Display, capture: Capture | None, title: str) -> FigurePart:
    """Channels down, steps across; of a long one the value of largest size of each piece."""
    values = np.asarray(shown.sequence)
    limits = shown.limits or render.limits(values[None], render.ScaleMode.PER_LAYER)
    text = capture.text if capture is not None else None
    names = tuple(token.piece for token in text.tokens) if text is not None else ()
    scale = scale_of(limits, shown.colormap, shown.unit, chosen=shown.chosen_colours)
    across = tr("token") if text is not None else tr("step")
    return sequence_part(values, limits, shown.colormap, names, across, scale, title)


def _vector(shown: Display, capture: Capture | None, title: str) -> FigurePart:
    """The largest entries by name where it is the class vector, else all as a curve."""
    values = np.asarray(shown.plain, np.float64).reshape(-1)
    labels = {guess.index: guess.label for guess in capture.prediction} if capture is not None else {}
    of_classes = (
        bool(labels) and capture is not None and len(values) >= len(capture.prediction) and shown.tap.path == ""
    )
    if of_classes or len(values) <= _NAMED:
        order = np.argsort(-values, kind="stable")[:_NAMED] if of_classes else np.arange(len(values))
        names = tuple(labels.get(int(at), tr("class {at}", at=int(at))) if of_classes else str(int(at)) for at in order)
        words = tuple(written(float(values[at])) for at in order)
        signed = bool((values < 0).any())
        return BarsPart(title, names, tuple(float(values[at]) for at in order), words, signed)
    curve = FigureCurve("", np.arange(len(values)), values)
    return CurvesPart(title, (curve,), FigureAxis(tr("channel")), FigureAxis(tr("value"), shown.unit))


def layer_figure(shown: Display, card: ModelCard, capture: Capture, channel: int = -1) -> FigureDescription:
    """All maps of a layer as they are shown."""
    count = len(shown.plain)
    title = f"{shown.tap.name}: {count} {(tr('channel') if count == 1 else tr('channels'))}"
    part = layer_part(shown, capture, channel)
    order = "" if shown.order is None or bool((np.diff(shown.order) > 0).all()) else tr("Sorted")
    return FigureDescription(
        title, ((part,),), caption_of(card, capture, shown.tap, order), file_name(card.name, shown.tap.name)
    )


def channel_figure(
    shown: Display, card: ModelCard, capture: Capture, channel: int, cell: Cell | None = None
) -> FigureDescription:
    """One channel large beside the input, and how often which value occurs."""
    caption, name = caption_of(card, capture, shown.tap), file_name(card.name, shown.tap.name, str(channel))
    title = tr("Channel {channel} of {tap}", channel=channel, tap=shown.tap.name)
    if shown.maps is None:
        return FigureDescription(title, ((_line(shown, channel),),), caption, name)
    part = channel_part(shown, channel, cell, tr("Feature map"))
    values = shown.maps[channel].reshape(-1)
    return FigureDescription(
        title, ((input_part(capture), part), (_histogram(values, shown.unit), _statistics(values))), caption, name
    )


def _line(shown: Display, channel: int) -> FigurePart:
    if shown.sequence is None:
        return layer_part(shown, None)
    values = np.asarray(shown.sequence[channel], np.float64)
    curve = FigureCurve("", np.arange(len(values)), values)
    return CurvesPart("", (curve,), FigureAxis(tr("step")), FigureAxis(tr("value"), shown.unit))


def _histogram(values: Array, unit: str) -> HistogramPart:
    finite = np.asarray(values, np.float64)[np.isfinite(values)]
    counts, edges = np.histogram(finite if finite.size else np.zeros(1), 32)
    return HistogramPart(tr("Histogram"), counts, edges, FigureAxis(tr("value"), unit), FigureAxis(tr("cells")))


def _statistics(values: Array) -> TablePart:
    finite = np.asarray(values, np.float64)[np.isfinite(values)]
    told = (
        (tr("minimum"), finite.min()),
        (tr("maximum"), finite.max()),
        (tr("mean"), finite.mean()),
        (tr("standard deviation"), finite.std()),
        (tr("above 0"), (finite > 0).mean()),
    )
    rows = tuple((name, written(float(value))) for name, value in told) if finite.size else ()
    bad = values.size - finite.size
    return TablePart(tr("Values"), (), (*rows, *(((tr("not finite"), str(bad)),) if bad else ())))


def prediction_figure(card: ModelCard, capture: Capture) -> FigureDescription:
    """The input beside what the model says of it."""
    best = prediction_part(capture)
    parts = (input_part(capture), *((best,) if best is not None else ()))
    return FigureDescription("", (parts,), caption_of(card, capture, None), file_name(card.name, "prediction"))


def picture_figure(
    rgb: Array,
    title: str,
    card: ModelCard,
    capture: Capture,
    shown: Display,
    frames: tuple[FigureFrame, ...] = (),
    scale: ColourScale | None = None,
    note: str = "",
    values: Array | None = None,
) -> FigureDescription:
    """A layer in one picture (components, similarity, a view of a package) beside the input."""
    part = PicturePart(title, rgb, scale, values, frames, note)
    caption = caption_of(card, capture, shown.tap)
    return FigureDescription("", ((input_part(capture), part),), caption, file_name(card.name, shown.tap.name, title))
