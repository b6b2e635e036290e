"""Ablation: what happens to the prediction when a channel is replaced."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from explorer.core.activations import Layout
from explorer.core.interventions import Ablation, Shift
from explorer.core.method import Explanation, MethodSpec, Scope
from explorer.core.params import choice
from explorer.core.selection import Selection
from explorer.core.translation import msgid, tr

MODES = (msgid("zero"), msgid("mean"))


@dataclass(frozen=True, slots=True)
class AblationParams:
    """What is put in the place of the channel."""

    mode: str = choice(
        "zero", MODES, tr("Replace by"), tr("Zero, or the mean of the channel over its cells"), option="--with"
    )


def _unavailable(selection: Selection, _params: AblationParams) -> str:
    unknown = selection.tap.layout == Layout.OTHER
    return tr("This layer cannot be edited: its layout is unknown.") if unknown else ""


def row_of(shift: Shift) -> dict[str, Any]:
    """What happens to one class, as JSON takes it."""
    row = {key: value for key, value in asdict(shift).items() if key not in ("before", "after")}
    row |= {"before": shift.before, "after": shift.after, "difference": shift.after - shift.before}
    row |= {"points": shift.points}
    return {**row, "repeatability_points": shift.noise, "within_repeatability": shift.by_chance} if shift.noise else row


def points_of(shift: Shift) -> str:
    """What a class gains or loses, beside what the model's own answers differ by."""
    if not shift.noise:
        return f"{shift.points:+7.2f} pp"
    return f"{shift.points:+7.2f} ±{shift.noise:.2f} pp{tr(' (not more than by chance)') * shift.by_chance}"


def _to_json(result: Ablation) -> dict[str, Any]:
    return {"resumed": result.resumed, "note": result.note, "classes": [row_of(shift) for shift in result.shifts]}


def _write(result: Ablation) -> str:
    lines = (f"{s.before:7.2%} -> {s.after:7.2%}  {points_of(s)}  {s.label}" for s in result.shifts)
    return "\n".join(lines) or tr("No class predictions: the output is not a class vector.")


SPEC = MethodSpec(
    id="ablation",
    title=tr("Ablation"),
    about=tr("Ablation: edit channels and see the change of the prediction"),
    package="explorer.methods.ablation",
    scope=Scope.CHANNEL,
    params=AblationParams,
    result=Ablation,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    source="Morcos et al. 2018 (single directions)",
    noun=tr("result"),
    own_presenter=True,
    while_live=True,
    under_edits=True,
    command=False,
    explained=Explanation(
        shows=tr(
            "What the prediction is when channels, or regions of them, are replaced by zero, by their mean or "
            "by values that are held."
        ),
        read=tr(
            "A probability that falls without a channel needed it; the ranking removes every channel of the "
            "layer in turn."
        ),
        misleads=tr(
            "Zero may be a value that the next layers have never seen, and a channel without effect may have a "
            "twin that does its work: several together can do what none does alone; near 100 % softmax hides "
            "changes of the logit."
        ),
    ),
)
