"""The figure of a probe: how often the classifier on each layer is right, with its interval and the baselines."""

from __future__ import annotations

import numpy as np

from explorer.core.figure.figure_parts import CurvesPart, FigureAxis, FigureCurve, FigureDescription, TablePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.probe import ALL_LAYERS, PIXELS, UNTRAINED, Point, Probe
from explorer.core.translation import tr


def figure(found: Probe, about: FigureSubject) -> FigureDescription:
    """A curve for each number of pictures a class; what all layers together give, and the pixels, as lines across."""
    taps = found.taps
    sizes = list(dict.fromkeys(point.per_class for point in found.curve))
    curves = []
    for size in sizes:
        name = tr("{size} pictures a class", size=size) if size else tr("all pictures")
        curves.append(_curve(name, [p for p in found.curve if p.per_class == size], taps))
        of = [p for p in found.baselines if p.per_class == size]
        curves.append(
            _curve(tr("untrained, {name}", name=name), [p for p in of if p.baseline == UNTRAINED], taps, True)
        )
        together = next((p for p in found.curve if p.per_class == size and p.tap == ALL_LAYERS), None)
        for what, point in (
            (tr(ALL_LAYERS), together),
            (tr("pixels"), next((p for p in of if p.baseline == PIXELS), None)),
        ):
            if point is not None and len(taps):
                level = np.full(len(taps), 100 * point.accuracy)
                curves.append(FigureCurve(f"{what}, {name}", np.arange(len(taps)), level, dashed=True))
    rows = tuple(
        (
            tr(p.baseline) if p.baseline else p.title,
            str(p.per_class or tr("all")),
            *(f"{100 * v:.1f}" for v in (p.accuracy, p.low, p.high)),
        )
        for p in (*found.curve, *found.baselines)
    )
    part = CurvesPart(
        "",
        tuple(c for c in curves if len(c.x)),
        FigureAxis(tr("layer")),
        FigureAxis(tr("accuracy"), "%", (0, 100)),
        taps,
    )
    data = tr("{data}: {count} test pictures", data=found.data.name, count=len(found.tested))
    how = tr(
        "{method}, {draws} draws, seed {seed}; bands are 95 % intervals",
        method=found.params.method,
        draws=found.params.draws,
        seed=found.params.seed,
    )
    stopped = "" if found.final else tr("Stopped at {done} of {total} pictures", done=found.done, total=found.total)
    table = TablePart(
        tr("Accuracy in %"), (tr("layer"), tr("pictures a class"), tr("accuracy"), tr("low"), tr("high")), rows
    )
    caption = about.caption(data, how, stopped, *found.warnings, *found.notes)
    return FigureDescription(tr("What layers know"), ((part,), (table,)), caption, "probe")


def _curve(name: str, points: list[Point], taps: tuple[str, ...], dashed: bool = False) -> FigureCurve:
    places = {tap: at for at, tap in enumerate(taps)}
    known = [p for p in points if p.tap in places]
    mean, low, high = (np.array([100 * getattr(p, part) for p in known]) for part in ("accuracy", "low", "high"))
    return FigureCurve(name, np.array([places[p.tap] for p in known], float), mean, low, high, dashed)
