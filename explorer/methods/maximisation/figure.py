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


def figure(found: Maximised, about: FigureSubject) -> FigureDescription:
    """One picture large, several as tiles."""
    pictures = [np.asarray(each, np.uint8) for each in tiles(found.pictures)]
    target = found.objective.text
    label = about.class_name(found.objective.channels[0]) if not found.objective.tap else target
    first: FigurePart = PicturePart("", pictures[0])
    if len(pictures) > 1:
        first = TilesPart("", tuple(pictures), tuple(str(n + 1) for n in range(len(pictures))), numbers=False)
    curve = CurvesPart(
        "Objective",
        (FigureCurve("", np.arange(len(found.curve)), found.curve),),
        FigureAxis("step"),
        FigureAxis("value"),
    )
    rows: list[tuple[FigurePart, ...]] = [(first, curve) if len(found.curve) > 1 else (first,)]
    s = found.settings
    value = f"Value {written(found.value)}" if found.value is not None else f"Growing, step {found.step} of {s.steps}"
    how = f"Activation maximisation (Olah et al. 2017), {found.step} steps, seed {s.seed}"
    title = f"Image that {'minimises' if found.objective.negative else 'maximises'} {label.removeprefix('not ')}"
    caption = about.caption(value, how, *found.notes, layer=bool(found.objective.tap))
    return FigureDescription(title, tuple(rows), caption, file_name("maximised", label.replace(" ", "-")))
