"""The figure of CKA: the matrix with the layers' names on its axes and the best monotonic path."""

from __future__ import annotations

from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.figure.panel_parts import cka_part
from explorer.core.representations import ENOUGH, Cka
from explorer.core.translation import tr


def figure(found: Cka, about: FigureSubject) -> FigureDescription:
    """Colours run from 0 to 1; grey where there are too few inputs."""
    names = [side.card.name if side.card is not None else "" for side in about.pair.sides] if about.pair else ["", ""]
    letters = [side.letter for side in about.pair.sides] if about.pair else ["A", "B"]
    rows, columns = (f"{letter}: {name}" if name else letter for letter, name in zip(letters, names, strict=True))
    part = cka_part(found, rows, columns)
    few = (
        tr(
            "Grey: {count} inputs are too few for reliable values ({enough} or more are)",
            count=found.count,
            enough=ENOUGH,
        )
        if found.weak
        else ""
    )
    of = tr(
        "{count:,} inputs, {pool} over cells; dots: the best monotonic path (Kornblith et al. 2019)",
        count=found.count,
        pool=found.pool,
    )
    unknown = "" if found.known.all() else tr("Layers that do not vary over the inputs have no value")
    return FigureDescription(
        tr("Layer similarity (CKA)"),
        ((part,),),
        about.caption(of, few, unknown, *found.notes),
        file_name("cka", *names),
    )
