"""The figure of a maximised picture: the pictures, and the objective at each step."""

from __future__ import annotations

import numpy as np

from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import (
    CurvesPart,
    FigureAxis,
    FigureCurve,
    FigureDescription,
    FigurePart,
    PicturePart,
    TilesPart,
)
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.maximisation import Maximised
from explorer.core.maximised_pictures import tiles
from explorer.core.translation import tr


def figure(found: Maximised, about: FigureSubject) -> FigureDescription:
    """One picture large, several as tiles."""
    pictures = [np.asarray(each, np.uint8) for each in tiles(found.pictures)]
    target = found.objective.target
    label = about.class_name(found.objective.channels[0]) if not found.objective.tap else target
    first: FigurePart = PicturePart("", pictures[0])
    if len(pictures) > 1:
        first = TilesPart("", tuple(pictures), tuple(str(n + 1) for n in range(len(pictures))), numbers=False)
    curve = CurvesPart(
        tr("Objective"),
        (FigureCurve("", np.arange(len(found.curve)), found.curve),),
        FigureAxis(tr("step")),
        FigureAxis(tr("value")),
    )
    rows: list[tuple[FigurePart, ...]] = [(first, curve) if len(found.curve) > 1 else (first,)]
    s = found.settings
    value = (
        tr("Value {written}", written=written(found.value))
        if found.value is not None
        else tr("Growing, step {step} of {steps}", step=found.step, steps=s.steps)
    )
    how = tr("Activation maximisation (Olah et al. 2017), {step} steps, seed {seed}", step=found.step, seed=s.seed)
    title = (
        tr("Image that minimises {label}", label=label)
        if found.objective.negative
        else tr("Image that maximises {label}", label=label)
    )
    caption = about.caption(value, how, *found.notes, layer=bool(found.objective.tap))
    return FigureDescription(title, tuple(rows), caption, file_name("maximised", label.replace(" ", "-")))
