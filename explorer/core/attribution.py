"""Plain results of attribution methods, and the choices that lead to them. numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.core.arrays import Array
from explorer.core.models import AnyPreprocess, Preprocess
from explorer.core.params import Choice
from explorer.core.sound_grid import SoundGrid
from explorer.core.target import Target
from explorer.core.translation import msgid, tr

Baseline = Literal["mean", "silence", "black", "blur", "noise"]
Need = Literal["gradient", "relu", "layer", "stateless"]
BASELINES: tuple[Baseline, ...] = (
    msgid("mean"),
    msgid("silence"),
    msgid("black"),
    msgid("blur"),
    msgid("noise"),
)
OF_SOUNDS: tuple[Baseline, ...] = ("mean", "silence", "noise")
OF_PICTURES: tuple[Baseline, ...] = ("mean", "black", "blur", "noise")


@dataclass(frozen=True, slots=True)
class AttributionSettings:
    """Every choice of every method; each method reads its own.

    `baseline` is what a pixel is replaced by: "mean" is 0 in model-input space, the mean colour of the preprocessing; "black" is
    `black`, which the caller knows from the preprocessing; "blur" is the picture itself, blurred by a twentieth of its longer
    side; "noise" is uniform between the picture's extremes. Of a sound (`sound`): "mean" is the mean of each band over this
    sound, "silence" what the preprocessing makes of no sound.
    """

    layer: str = ""  # Grad-CAM: a spatial tap; "": the last one before the pooling that the target depends on
    samples: int = 25  # SmoothGrad: noisy copies
    noise: float = 0.15  # SmoothGrad: standard deviation as a share of the input's range
    seed: int = 0  # of any noise
    steps: int = 50  # integrated gradients: points on the way
    baseline: Baseline = "mean"
    black: tuple[float, ...] = (0.0,)  # of each channel in model-input space; one for all
    window: int = 0  # occlusion: side in input pixels; 0: 15 of 224
    stride: int = 0  # occlusion: 0: 8 of 224
    batch: int = 8  # inputs in one forward
    window_ms: int = 50  # occlusion of a sound
    stride_ms: int = 25
    band_hz: int = 0  # occlusion of a spectrogram: height of a window, every half of it another one; 0: all bands
    sound: SoundGrid | None = None  # how a sound's tensor is laid out; None: a picture


@dataclass(frozen=True, slots=True)
class ReluCount:
    """ReLUs on the way from the input to the target, by how they are treated."""

    guided: int
    total: int
    others: tuple[tuple[str, int], ...] = ()  # other activations on the way, which pass gradients as they are

    @property
    def label(self) -> str:
        """ "17 of 17"."""
        return tr("{guided} of {total}", guided=self.guided, total=self.total)


@dataclass(frozen=True, slots=True)
class AttributionMethod:
    """One way to attribute.

    needs: "gradient" (none in integer and quantised models), "relu" (on the way to the target), "layer" (a spatial tap before it),
    "stateless" (answers that do not depend on the inputs before). reads: the fields of `AttributionSettings` that count.
    signed: whether its map says what speaks against the target.
    """

    title: str
    about: str  # one line, with paper and year
    needs: tuple[Need, ...]
    reads: tuple[str, ...] = ()
    signed: bool = True


TIME_OCCLUSION = "time-occlusion"

METHODS: dict[str, AttributionMethod] = {
    "gradient": AttributionMethod(
        tr("Gradient"),
        tr(
            "How the target changes with each pixel. Simonyan, Vedaldi, Zisserman: Deep inside convolutional networks, 2013."
        ),
        ("gradient",),
    ),
    "gradient-x-input": AttributionMethod(
        tr("Gradient × input"),
        tr("The gradient times the pixel. Shrikumar, Greenside, Shcherbina, Kundaje: Not just a black box, 2016."),
        ("gradient",),
    ),
    "guided-backprop": AttributionMethod(
        tr("Guided backpropagation"),
        tr(
            "Only positive gradients pass a ReLU; sharp, but hardly tells classes apart. Springenberg and others: Striving for "
            "simplicity, 2014."
        ),
        ("gradient", "relu"),
    ),
    "deconvnet": AttributionMethod(
        tr("Deconvnet"),
        tr(
            "Positive gradients pass a ReLU whatever its input was. Zeiler, Fergus: Visualizing and understanding convolutional "
            "networks, 2014."
        ),
        ("gradient", "relu"),
    ),
    "grad-cam": AttributionMethod(
        "Grad-CAM",
        tr("A layer's maps weighted by their mean gradient. Selvaraju and others: Grad-CAM, 2017."),
        ("gradient", "layer"),
        ("layer",),
        signed=False,
    ),
    "guided-grad-cam": AttributionMethod(
        tr("Guided Grad-CAM"),
        tr("Guided backpropagation where the Grad-CAM is. Selvaraju and others: Grad-CAM, 2017."),
        ("gradient", "relu", "layer"),
        ("layer",),
    ),
    "smoothgrad": AttributionMethod(
        "SmoothGrad",
        tr("The mean gradient over noisy copies of the picture. Smilkov and others: SmoothGrad, 2017."),
        ("gradient", "stateless"),
        ("samples", "noise", "seed"),
    ),
    "integrated-gradients": AttributionMethod(
        tr("Integrated gradients"),
        tr(
            "The gradient summed on the way from a baseline to the picture. Sundararajan, Taly, Yan: Axiomatic attribution, 2017."
        ),
        ("gradient", "stateless"),
        ("steps", "baseline"),
    ),
    "occlusion": AttributionMethod(
        tr("Occlusion"),
        tr(
            "What the target loses when a window is covered. Zeiler, Fergus: Visualizing and understanding convolutional networks, "
            "2014."
        ),
        ("stateless",),
        ("window", "stride", "baseline"),
    ),
    TIME_OCCLUSION: AttributionMethod(
        tr("Occlusion in time"),
        tr(
            "What the target loses when some milliseconds are covered, of a spectrogram also some Hz. Zeiler, Fergus: Visualizing and "
            "understanding convolutional networks, 2014."
        ),
        ("stateless",),
        ("window_ms", "stride_ms", "band_hz", "baseline"),
    ),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A method, and why it cannot be had for a target: "" where it can."""

    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be asked of a target: methods, and the layers of those that look at one, the usual one first."""

    target: Target
    methods: tuple[Offer, ...]
    layers: tuple[str, ...] = ()

    @property
    def choices(self) -> dict[str, tuple[Choice, ...]]:
        """As they are offered, by parameter."""
        usual = Choice("", tr("default: {layers}", layers=self.layers[0]) if self.layers else tr("default layer"))
        known = [(offer, METHODS[offer.name]) for offer in self.methods]
        return {
            "method": tuple(Choice(o.name, method.title, method.about, o.reason) for o, method in known),
            "layer": (usual, *(Choice(name, name) for name in self.layers)),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """A map over the model's input that says what mattered for a target.

    `values` is float32, read-only, shaped as the input without the batch: (C, H, W); (1, H, W) where a method tells no channels
    apart (Grad-CAM, occlusion). Of a sound, however its tensor is laid out, H are the bands, lowest first (1 of a waveform), and W
    the places in time. `fraction` below 1: a partial result, more will come.
    """

    method: str
    target: Target
    settings: AttributionSettings
    values: Array
    value: float  # of the target on this input
    fraction: float = 1.0
    cam: Array | None = None  # (h, w): Grad-CAM on the layer's own grid
    layer: str = ""  # the tap of the Grad-CAM
    relus: ReluCount | None = None  # guided backpropagation and deconvnet
    baseline_value: float | None = None  # of the target on the baseline
    ground: Array | None = None  # (C, H, W) or with sides of 1: the baseline of a sound
    gap: float | None = None  # completeness: sum of values - (value - baseline_value)
    notes: tuple[str, ...] = ()
    quantity: str = ""  # what the value of a class is: "logit", "probability", ...


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """How the target falls (deletion) or rises (insertion) while pixels go or come in the order of an attribution.

    `shares[i]` of the pixels, the most important first, are changed where the score is `scores[i]`: the class's probability, or
    the value of a target inside the network. `area` is the mean height (trapezoids over shares 0..1) of what is computed so far.
    """

    kind: Literal["deletion", "insertion"]
    shares: Array
    scores: Array
    area: float
    fraction: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class SanityPair:
    """The same method on the model with its top layers randomised; an attribution of what was learnt must change.

    1 means alike, 0 unlike. `rank` is Spearman's correlation of the signed maps, `rank_absolute` and `ssim` of the absolute ones;
    NaN where a map is constant.
    """

    original: Attribution
    twin: Attribution
    rank: float
    rank_absolute: float
    ssim: float
    randomised: tuple[str, ...]  # module paths, from the output down
    seed: int
    fraction: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What speaks for or against an attribution; grows while it is computed."""

    pair: SanityPair
    deletion: Curve | None = None
    insertion: Curve | None = None
    without: str = ""  # why there are no curves

    @property
    def fraction(self) -> float:
        """Of the whole check that is done."""
        if self.without:
            return self.pair.fraction
        parts = (self.deletion, self.insertion)
        return (self.pair.fraction + sum(part.fraction for part in parts if part is not None)) / 3


def misfit(method: str, sound: bool) -> str:
    """Why a method is not for this kind of input; "" where it is."""
    if method == "occlusion" and sound:
        return tr("Its windows are pixels: choose Occlusion in time.")
    return tr("It is for sounds: choose Occlusion.") if method == TIME_OCCLUSION and not sound else ""


def black_of(pre: AnyPreprocess) -> tuple[float, ...]:
    """Black in model-input space, one value a channel; 0 of what is no picture."""
    if not isinstance(pre, Preprocess):
        return (0.0,)
    return tuple(-m / s for m, s in zip(pre.means, pre.stds, strict=True))
