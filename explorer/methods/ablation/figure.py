"""The figure of an ablation: what the edits do to the classes, and the ranking of the layer's channels."""

from __future__ import annotations

from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import BarsPart, FigureDescription, FigurePart, NotePart, TablePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.interventions import Ablation, Edit, Ranking
from explorer.core.translation import tr

_LISTED = 24  # channels of a ranking


def figure(found: Ablation | Ranking, about: FigureSubject) -> FigureDescription:
    """Of edits, with the ranking in `about.further` where there is one; or of a ranking alone."""
    ranking = found if isinstance(found, Ranking) else about.further
    rows: list[tuple[FigurePart, ...]] = []
    if isinstance(found, Ablation):
        rows.append((_shifts(found), _edits(found)))
    if isinstance(ranking, Ranking) and ranking.effects:
        rows.append((rank_part(ranking, about.class_name(ranking.index)),))
    notes = (found.note,) if found.note else ()
    card = about.selection.card.name if about.selection is not None else ""
    rows = rows or [(NotePart(tr("No edits and no ranking.")),)]
    return FigureDescription(
        tr("Ablation"),
        tuple(rows),
        about.caption(*notes, layer=isinstance(found, Ranking)),
        file_name(card, "ablation"),
    )


def _shifts(found: Ablation) -> FigurePart:
    if not found.shifts:
        return NotePart(tr("This model has no class predictions."), tr("Effect on the classes"))
    shown = found.shifts[:10]
    words = tuple(f"{100 * s.before:.1f} → {100 * s.after:.1f} %" for s in shown)
    points = tuple(s.points for s in shown)
    return BarsPart(tr("Effect in percentage points"), tuple(s.label for s in shown), points, words, True)


def _edits(found: Ablation) -> TablePart:
    return TablePart(
        tr("Edits"), (tr("layer"), tr("what"), tr("how")), tuple((e.tap, _what(e), tr(e.mode)) for e in found.edits)
    )


def _what(edit: Edit) -> str:
    channels = ", ".join(map(str, edit.channels)) if edit.channels else tr("all")
    where = (
        ""
        if edit.region is None
        else tr(
            ", cells {region}–{region2} × {region3}–{region4}",
            region=edit.region[0],
            region2=edit.region[2],
            region3=edit.region[1],
            region4=edit.region[3],
        )
    )
    return tr("channel {channels}{where}", channels=channels, where=where)


def rank_part(ranking: Ranking, name: str) -> BarsPart:
    """The channels that the class needs most, by what its logit loses."""
    shown = ranking.effects[:_LISTED]
    values = tuple(effect.logit for effect in shown)
    words = tuple(
        tr("{written} ({written2} points)", written=written(e.logit, 3), written2=written(e.points, 2)) for e in shown
    )
    note = (
        tr("{done} of {total} channels", done=ranking.done, total=ranking.total) if ranking.done < ranking.total else ""
    )
    title = tr("Change of the logit of {name} without one channel of {tap}", name=name, tap=ranking.tap)
    return BarsPart(title, tuple(tr("channel {channel}", channel=e.channel) for e in shown), values, words, True, note)
