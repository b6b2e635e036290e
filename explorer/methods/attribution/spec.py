"""Attribution: which parts of the input mattered for a class, a channel or a cell."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from explorer.core.activations import Layout
from explorer.core.attribution import (
    BASELINES,
    METHODS,
    OF_PICTURES,
    OF_SOUNDS,
    Attribution,
    AttributionSettings,
    Baseline,
    Check,
    Offers,
)
from explorer.core.geometry.cells import title_of
from explorer.core.method import Explanation, Further, Measured, MethodRequest, MethodSpec, PictureRequest, Scope
from explorer.core.models import kind_of
from explorer.core.params import Choice, choice, integer, layer, real
from explorer.core.selection import Selection
from explorer.core.sound_grid import SoundGrid
from explorer.core.target import Target
from explorer.core.translation import msgid, tr

_USUAL = AttributionSettings()
_TARGETS = (msgid("class"), msgid("channel"), msgid("cell"))


def _reading(name: str) -> dict[str, list[str]]:
    """The methods for which a setting counts."""
    return {"method": [method for method, about in METHODS.items() if name in about.reads]}


def _drawing() -> list[dict[str, list[str]]]:
    """Where random numbers are drawn: for noisy copies, and for a baseline of noise."""
    return [_reading("seed"), {**_reading("baseline"), "baseline": ["noise"]}]


@dataclass(frozen=True, slots=True)
class AttributionParams:
    """How, and of what."""

    method: str = choice(
        "gradient",
        tuple(METHODS),
        tr("Method"),
        tr("Attribution method; choosing one runs it"),
        titles=[method.title for method in METHODS.values()],
    )
    target: str = choice(
        "class", _TARGETS, tr("Target"), tr("Target of the attribution; select a class in the prediction")
    )
    layer: str = layer(tr("Layer"), tr("Layer of Grad-CAM"), when=_reading("layer"))
    baseline: Baseline = choice(
        _USUAL.baseline,
        BASELINES,
        tr("Baseline"),
        tr("Value that replaces a pixel, or a moment"),
        when=_reading("baseline"),
    )
    samples: int = integer(
        _USUAL.samples,
        tr("Samples"),
        tr("Noisy copies that are averaged"),
        low=1,
        high=10_000,
        when=_reading("samples"),
    )
    noise: float = real(
        _USUAL.noise,
        tr("Noise"),
        tr("Standard deviation of the noise, as a fraction of the input's range"),
        low=0.0,
        high=10.0,
        when=_reading("noise"),
    )
    steps: int = integer(
        _USUAL.steps, tr("Steps"), tr("Points on the way from the baseline"), low=1, high=10_000, when=_reading("steps")
    )
    window: int = integer(
        _USUAL.window,
        tr("Window"),
        tr("Side of the window that is covered; 0: 15 of 224"),
        low=0,
        high=10_000,
        unit="px",
        least=tr("automatic"),
        when=_reading("window"),
    )
    stride: int = integer(
        _USUAL.stride,
        tr("Stride"),
        tr("From one window to the next; 0: 8 of 224"),
        low=0,
        high=10_000,
        unit="px",
        least=tr("automatic"),
        when=_reading("stride"),
    )
    window_ms: int = integer(
        _USUAL.window_ms,
        tr("Window"),
        tr("Length of the window that is covered"),
        low=1,
        high=60_000,
        unit="ms",
        when=_reading("window_ms"),
    )
    stride_ms: int = integer(
        _USUAL.stride_ms,
        tr("Stride"),
        tr("From one window to the next, at most a window"),
        low=1,
        high=60_000,
        unit="ms",
        when=_reading("stride_ms"),
    )
    band_hz: int = integer(
        _USUAL.band_hz,
        tr("Band"),
        tr("Height of a window on a spectrogram, every half of it another one; 0: all frequencies"),
        low=0,
        high=400_000,
        unit="Hz",
        least=tr("all"),
        when=_reading("band_hz"),
    )
    seed: int = integer(_USUAL.seed, tr("Seed"), tr("Of the random numbers"), low=0, when=_drawing())


Asked = MethodRequest[AttributionParams, Attribution]


@dataclass(frozen=True)
class OffersRequest(PictureRequest[Offers]):
    """Which methods there are for a target."""

    handler: ClassVar[str] = "explorer.methods.attribution.compute:offers"
    answer: ClassVar[type[Any]] = Offers

    target: Target


@dataclass(frozen=True)
class CheckRequest(PictureRequest[Check]):
    """What speaks for or against an attribution."""

    handler: ClassVar[str] = "explorer.methods.attribution.compute:check"
    answer: ClassVar[type[Any]] = Check

    attribution: Attribution


def settings_of(params: AttributionParams, black: tuple[float, ...], sound: SoundGrid | None) -> AttributionSettings:
    """As the engine takes them; `black` in model-input space, `sound`: how the tensor of a sound is laid out."""
    given = {each.name: getattr(params, each.name) for each in fields(params) if each.name not in ("method", "target")}
    return AttributionSettings(**given, black=black, sound=sound)


def target_of(asked: Asked) -> Target:
    """The number that is explained."""
    if asked.params.target == "class":
        return Target("", asked.class_index or 0)
    return Target(asked.tap, asked.channel or 0, asked.cell)


def class_name(selection: Selection, index: int) -> str:
    """The label of a class where the model has labels."""
    labels = selection.card.labels
    return labels[index] if index < len(labels) else tr("class {index}", index=index)


def _choices(selection: Selection) -> dict[str, tuple[Choice, ...]]:
    """What can be explained, by its name."""
    index = selection.class_index
    channel = tr("channel {channel}", channel=selection.channel) if selection.tap.layout != Layout.OTHER else ""
    titles = (
        "" if index is None else tr("class: {class_name}", class_name=class_name(selection, index)),
        tr("{channel} (mean)", channel=channel) if channel else "",
        tr("{channel} at {title_of}", channel=channel, title_of=title_of(selection.cell))
        if channel and selection.cell is not None
        else "",
    )
    reasons = (
        tr("This model has no class predictions."),
        tr("The layout of this layer is unknown."),
        tr("Select a cell in the map."),
    )
    several = zip(_TARGETS, titles, reasons, strict=True)
    sound = kind_of(selection.card.preprocess) == "sound"
    fits, why_not = (OF_SOUNDS, tr("It is for pictures.")) if sound else (OF_PICTURES, tr("It is for sounds."))
    return {
        "target": tuple(
            Choice(kind, title or tr("no {kind}", kind=kind), "", "" if title else why) for kind, title, why in several
        ),
        "baseline": tuple(Choice(name, tr(name), "", "" if name in fits else why_not) for name in BASELINES),
    }


def _unavailable(selection: Selection, _params: AttributionParams) -> str:
    nothing = selection.class_index is None and selection.tap.layout == Layout.OTHER
    return tr("This layer cannot be explained: its layout is unknown.") if nothing else ""


def _offers(selection: Selection, params: AttributionParams) -> OffersRequest:
    asked = SPEC.request(selection, params)
    return OffersRequest(asked.model, asked.seen, asked.picture, target_of(asked))


def _check(asked: Asked, attribution: Attribution) -> CheckRequest:
    return CheckRequest(asked.model, asked.seen, asked.picture, attribution)


def _whole(attribution: Attribution) -> bool:
    return attribution.fraction >= 1


def _unfinished(attribution: Attribution) -> str:
    said = [] if _whole(attribution) else [tr("Stopped at {fraction:.0%}.", fraction=attribution.fraction)]
    return "; ".join([*said, *attribution.notes])


def _to_json(attribution: Attribution) -> dict[str, Any]:
    return {
        "method": attribution.method,
        "target": attribution.target.label,
        "value": attribution.value,
        "quantity": attribution.quantity,
        "values": attribution.values.tolist(),
        "notes": list(attribution.notes),
    }


def _write(attribution: Attribution) -> str:
    return f"{attribution.method}: {attribution.target.label} = {attribution.value:.5g}"


def _facts(result: Attribution) -> Measured:
    return {"by": (result.method,)}


def _check_facts(check: Check) -> Measured:
    """How alike the map and that of the randomised network are, and the areas of the curves; without what is not a number."""
    pair = check.pair
    numbers = {"sanity.rank": pair.rank, "sanity.rank_absolute": pair.rank_absolute, "sanity.ssim": pair.ssim}
    for name, curve in (("deletion.area", check.deletion), ("insertion.area", check.insertion)):
        numbers |= {name: curve.area} if curve is not None else {}
    return {name: (float(number),) for name, number in numbers.items() if math.isfinite(number)}


SPEC: MethodSpec[AttributionParams, Attribution] = MethodSpec(
    id="attribution",
    title=tr("Attribution"),
    about=tr("Attribution: pixels or moments that matter for a class, a channel or a cell"),
    package="explorer.methods.attribution",
    scope=Scope.CLASS,
    scope_of=lambda params: Scope(params.target),
    params=AttributionParams,
    result=Attribution,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    choices=_choices,
    offers=_offers,
    describe=lambda params: METHODS[params.method].about,
    further=(
        Further(
            tr("Sanity check"),
            tr("Randomisation test: the same method with the top layers randomised; deletion and insertion curves"),
            _check,
            _whole,
            _check_facts,
        ),
    ),
    unfinished=_unfinished,
    noun=tr("map"),
    about_classes=True,
    runs_on_change=True,
    over_input=True,
    own_presenter=True,
    command=False,  # `explain` writes files and names its target in its own way
    kinds=("picture", "sound"),
    facts=_facts,
    explained=Explanation(
        shows=tr(
            "Which pixels, or times and frequencies, of this input the value of a class, a channel or a cell depends "
            "on, by one of several methods."
        ),
        read=tr(
            "Amber supports the target, blue opposes it; methods without a sign show sizes only, and occlusion "
            "and Grad-CAM are as coarse as their window or layer."
        ),
        misleads=tr(
            "A map can look convincing and hardly depend on what was learnt: run the sanity check, whose map "
            "after randomisation must differ; and where a class is near 100 %, gradients are small also at "
            "pixels that matter."
        ),
    ),
    source="Simonyan et al. 2014 (gradient); Zeiler and Fergus 2014 (deconvnet, occlusion); Springenberg et al. "
    "2015 (guided backpropagation); Selvaraju et al. 2017 (Grad-CAM); Smilkov et al. 2017 (SmoothGrad); "
    "Sundararajan et al. 2017 (integrated gradients); Adebayo et al. 2018 (sanity checks); Petsiuk et al. "
    "2018 (deletion, insertion)",
)
