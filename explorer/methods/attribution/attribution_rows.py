"""The numbers beside an attribution, and its curves as they are plotted."""

from __future__ import annotations

from explorer.core.attribution import Attribution, Curve, SanityPair
from explorer.ui.graphics.curve_plot import CurveData
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row


def attribution_rows(attribution: Attribution, name: str) -> list[Row]:
    """What is explained (`name` of its class), its value, and what the method says of itself."""
    target = attribution.target
    rows = [
        Row("target", target.label if target.tap else name, target.label),
        Row(attribution.quantity or "value", text.number(attribution.value, 5)),
    ]
    if attribution.relus is not None:
        others = ", ".join(f"{count} {name}" for name, count in attribution.relus.others)
        rows.append(Row("ReLUs guided", attribution.relus.label, f"Others on the way: {others}" if others else ""))
    if attribution.layer:
        rows.append(Row("layer", attribution.layer))
    if attribution.gap is not None:
        tip = "Sum of the attribution minus (value − value at the baseline); 0 when complete"
        rows.append(Row("completeness gap", text.number(attribution.gap), tip))
    if attribution.baseline_value is not None:
        rows.append(Row("value at baseline", text.number(attribution.baseline_value, 5)))
    return rows


def twin_sentence(pair: SanityPair) -> str:
    """How alike the map of the randomised twin is."""
    return (
        f"Randomisation test (top {len(pair.randomised)} layers): rank correlation {text.number(pair.rank)}, "
        f"absolute values {text.number(pair.rank_absolute)}, SSIM {text.number(pair.ssim)}. Near 1 the attribution "
        "depends little on the learnt weights."
    )


def curve_data(curve: Curve) -> CurveData:
    """Scores over the per cent of pixels changed: deletion should fall at once, insertion rise at once."""
    name = f"{curve.kind}, area {text.number(curve.area)}"
    return CurveData(curve.shares * 100, curve.scores, name, "warm" if curve.kind == "deletion" else "accent")
