"""The figure of an attribution: the input, the map over it, that of the randomised network beside it, and the curves."""

from __future__ import annotations

from explorer.core.attribution import METHODS, Attribution, Check, Curve
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import (
    ColourScale,
    CurvesPart,
    FigureAxis,
    FigureCurve,
    FigureDescription,
    FigurePart,
    PicturePart,
)
from explorer.core.figure.figure_subject import FigureSubject, HeatStyle, input_part, rgb_from
from explorer.core.figure.layer_figures import file_name
from explorer.core.render import colormaps, overlay
from explorer.core.render.input_overlay import Overlays
from explorer.core.selection import Selection
from explorer.core.sounds import Sound
from explorer.core.translation import tr


def figure(found: Attribution, about: FigureSubject) -> FigureDescription:
    """`about.further` is the Check, where there is one: its pair stands beside the map, each on a scale of its own."""
    selection, check = about.selection, about.further
    assert selection is not None  # an attribution is about an input
    method = METHODS[found.method].title
    target = found.target.label if found.target.tap else about.class_name(found.target.channel)
    parts: list[FigurePart] = [input_part(selection.capture), over_part(method, found, selection, about.heat)]
    rows: list[tuple[FigurePart, ...]] = []
    more: list[str] = []
    if isinstance(check, Check):
        pair = check.pair
        beside = over_part(
            tr("Top {count} layers randomised", count=len(pair.randomised)), pair.twin, selection, about.heat
        )
        parts.append(beside)
        more.append(
            tr(
                "Sanity check (randomised: {randomised} and {count} more, seed {seed}): rank correlation "
                "{written}, of absolute values {written2}, SSIM {written3}",
                randomised=pair.randomised[0],
                count=len(pair.randomised) - 1,
                seed=pair.seed,
                written=written(pair.rank),
                written2=written(pair.rank_absolute),
                written3=written(pair.ssim),
            )
            if pair.randomised
            else ""
        )
        curves = [curve for curve in (check.deletion, check.insertion) if curve is not None]
        if curves:
            rows.append((_curves(curves, isinstance(selection.capture.picture, Sound)),))
    rows.insert(0, tuple(parts))
    quantity = found.quantity or "value"
    said = tr(
        "{method} of {target}, {quantity} {written}",
        method=method,
        target=target,
        quantity=quantity,
        written=written(found.value, 5),
    )
    layer = tr("Grad-CAM at {layer}", layer=found.layer) if found.layer else ""
    clipped = tr(
        "Colours are clipped at the {percentile:g}th percentile of absolute values", percentile=about.heat.percentile
    )
    partial = tr("Stopped at {fraction:.0%}", fraction=found.fraction) if found.fraction < 1 else ""
    caption = about.caption(said, layer, *more, clipped, partial, *found.notes, layer=bool(found.target.tap))
    title = tr("What matters for {target}", target=target)
    return FigureDescription(
        title, tuple(rows), caption, file_name(selection.card.name, found.method, target.replace(" ", "-"))
    )


def over_part(title: str, found: Attribution, selection: Selection, heat: HeatStyle) -> PicturePart:
    """The map over the whole input, as the window draws it; its values are those of the model's input."""
    signed = heat.signed and METHODS[found.method].signed
    picture, pre = selection.capture.picture, selection.card.preprocess
    drawn = Overlays().draw(found.values, picture, pre, signed, heat.percentile, heat.strength)
    top = overlay.heat(found.values, signed, heat.percentile).top
    colours = colormaps.table("blue-black-amber" if signed else "inferno")
    words = tr("against … for the target") if signed else tr("size of the attribution")
    scale = ColourScale(colours, -top if signed else 0.0, top, words)
    time = None
    if isinstance(picture, Sound):
        time = FigureAxis(tr("time"), "s", (picture.first, picture.first + picture.seconds))
    rgb = rgb_from(drawn)
    aspect = rgb.shape[0] / rgb.shape[1] if isinstance(picture, Sound) else 0.0
    return PicturePart(title, rgb, scale, overlay.combine(found.values, signed), aspect=aspect, x=time)


def _curves(curves: list[Curve], of_sound: bool) -> CurvesPart:
    """Scores over the share of pixels, of a sound of model inputs, that are changed."""
    drawn = tuple(
        FigureCurve(
            tr("{kind}, area {written}", kind=c.kind, written=written(c.area, 3)),
            c.shares * 100,
            c.scores,
            dashed=c.kind == "insertion",
        )
        for c in curves
    )
    changed = FigureAxis(tr("values of the model input") if of_sound else tr("pixels"), "%", (0, 100))
    return CurvesPart(tr("Deletion and insertion"), drawn, changed, FigureAxis(tr("score")))
