"""The numbers beside an attribution, and its curves as they are plotted."""

from __future__ import annotations

import numpy as np

from explorer.core.attribution import METHODS, Attribution, Curve, SanityPair
from explorer.core.geometry.affine import input_affine
from explorer.core.models import AnyPreprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.translation import tr
from explorer.ui.graphics.curve_plot import CurveData
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row


def attribution_rows(attribution: Attribution, name: str) -> list[Row]:
    """What is explained (`name` of its class), its value, and what the method says of itself."""
    target = attribution.target
    rows = [
        Row(tr("target"), target.label if target.tap else name, target.label),
        Row(attribution.quantity or tr("value"), text.number(attribution.value, 5)),
    ]
    if attribution.relus is not None:
        others = ", ".join(f"{count} {name}" for name, count in attribution.relus.others)
        rows.append(
            Row(
                tr("ReLUs guided"),
                attribution.relus.label,
                tr("Others on the way: {others}", others=others) if others else "",
            )
        )
    if attribution.layer:
        rows.append(Row(tr("layer"), attribution.layer))
    if attribution.gap is not None:
        tip = tr("Sum of the attribution minus (value − value at the baseline); 0 when complete")
        rows.append(Row(tr("completeness gap"), text.number(attribution.gap), tip))
    if attribution.baseline_value is not None:
        rows.append(Row(tr("value at baseline"), text.number(attribution.baseline_value, 5)))
    if is_of_sound(attribution) and "baseline" in METHODS[attribution.method].reads:
        rows.append(Row(tr("baseline"), baseline_words(attribution)))
    return rows


def is_of_sound(attribution: Attribution) -> bool:
    """Whether it is of a sound."""
    return attribution.settings.sound is not None


def baseline_words(attribution: Attribution) -> str:
    """What the moments of a sound are replaced by."""
    what, spectrogram = attribution.settings.baseline, attribution.values.shape[1] > 1
    if what == "mean":
        return tr("mean of each band") if spectrogram else tr("mean of the samples")
    return what


def time_curve(attribution: Attribution, size: tuple[int, int], pre: AnyPreprocess) -> CurveData | None:
    """The map of a sound of `size` summed over channels and bands, over its milliseconds; None of a picture."""
    if not isinstance(pre, SoundPreprocess) or not is_of_sound(attribution):
        return None
    sums, affine = attribution.values.sum((0, 1), dtype=np.float64), input_affine(size, pre)
    times = (np.arange(len(sums)) + 0.5 - affine.offset_x) / affine.scale_x
    inside = times <= size[1]  # what is behind the sound is padding
    return CurveData(times[inside], sums[inside], tr("attribution over time"))


def level_curve(attribution: Attribution) -> CurveData | None:
    """The level of each band of the baseline over its frequency; None where it is no spectrogram, or changes in time."""
    sound, ground = attribution.settings.sound, attribution.ground
    if sound is None or ground is None or not sound.bands or np.ptp(ground, axis=-1).any():
        return None
    return CurveData(
        np.array(sound.bands),
        ground[0, :, 0],
        tr("baseline: {baseline_words}", baseline_words=baseline_words(attribution)),
        "dim",
    )


def twin_sentence(pair: SanityPair) -> str:
    """How alike the map of the randomised twin is."""
    return tr(
        "Randomisation test (top {count} layers): rank correlation {rank}, absolute values "
        "{rank_absolute}, SSIM {ssim}. Near 1 the attribution depends little on the learnt weights.",
        count=len(pair.randomised),
        rank=text.number(pair.rank),
        rank_absolute=text.number(pair.rank_absolute),
        ssim=text.number(pair.ssim),
    )


def curve_data(curve: Curve) -> CurveData:
    """Scores over the per cent of pixels changed: deletion should fall at once, insertion rise at once."""
    name = tr("{kind}, area {area}", kind=curve.kind, area=text.number(curve.area))
    return CurveData(curve.shares * 100, curve.scores, name, "warm" if curve.kind == "deletion" else "accent")
