"""What is known of a model without opening it: how to open it, its weights, its preprocessing, its card."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar, Literal

from explorer.core.abilities import EVERYTHING, Abilities
from explorer.core.any_input import Input, kind_of_input
from explorer.core.errors import ExplorerError
from explorer.core.other_inputs import Argument
from explorer.core.scores import OutputKind, Probabilities
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.texts import TextPreprocess
from explorer.core.translation import tr

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True, repr=False)
class Preprocess:
    """How an original picture becomes the model's input tensor.

    In this order: channels, resize, crop or pad, scale to 0..1, (x - mean) / std. Other numbers of channels than 1 and 3
    are red, green and blue in turn, and so are three values of mean and std.
    """

    UNIT: ClassVar[str] = "px"  # of an input
    DEPTHS: ClassVar[tuple[str, str]] = (tr("edges, colours"), tr("parts, objects"))  # what early and late layers see

    height: int = 224
    width: int = 224
    fit: Literal["crop", "letterbox", "stretch", "stretch-crop", "keep"] = (
        "crop"  # "stretch-crop": stretched, then cropped
    )
    resize: int = 256  # px of the shorter side before the centre crop; only for "crop" and "stretch-crop"
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    channels: int = 3
    interpolation: Literal["bilinear", "bicubic", "nearest", "lanczos", "box", "hamming"] = "bilinear"
    resizer: Literal["pillow", "torch", "torch-float"] = (
        "pillow"  # whose arithmetic; "torch-float": of unrounded values
    )
    rounding: Literal["even", "down"] = "even"  # of half a pixel where the middle is cut out
    order: Literal["rgb", "bgr"] = "rgb"  # of the model's channels; mean and std stay those of red, green, blue
    fill: tuple[float, ...] = (0.0,)  # in 0..1: what is padded
    transform_input: bool = False  # torchvision's conversion from ImageNet's mean and std to 0.5, after the rest

    @property
    def says(self) -> str:
        """In one sentence."""
        return tr(
            "Takes pictures of {width} × {height} px, {channels} channels.",
            width=self.width,
            height=self.height,
            channels=self.channels,
        )

    def __repr__(self) -> str:
        """What differs from the usual is told, so that digests of models in old files stay what they are."""
        always = ("height", "width", "fit", "resize", "mean", "std", "channels", "interpolation")
        told = [
            f"{part.name}={getattr(self, part.name)!r}"
            for part in fields(self)
            if part.name in always or getattr(self, part.name) != part.default
        ]
        return f"Preprocess({', '.join(told)})"

    @property
    def means(self) -> tuple[float, ...]:
        """One a channel of the model, with the conversion in it."""
        plain = zip(self._each(self.mean), self._each(self.std), self.conversion, strict=True)
        return tuple(mean - offset * std / factor for mean, std, (factor, offset) in plain)

    @property
    def stds(self) -> tuple[float, ...]:
        """One a channel of the model, with the conversion in it."""
        return tuple(std / factor for std, (factor, _) in zip(self._each(self.std), self.conversion, strict=True))

    def _each(self, values: tuple[float, ...]) -> tuple[float, ...]:
        made = tuple(values[number % len(values)] for number in range(self.channels))
        return made[::-1] if self.order == "bgr" and self.channels == 3 else made

    @property
    def conversion(self) -> tuple[tuple[float, float], ...]:
        """(factor, offset) a channel of torchvision's `transform_input`, (1, 0) without it."""
        if not self.transform_input:
            return ((1.0, 0.0),) * self.channels
        made = tuple((std / 0.5, (mean - 0.5) / 0.5) for mean, std in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True))
        return tuple(made[number % 3] for number in range(self.channels))


AnyPreprocess = Preprocess | TextPreprocess | SoundPreprocess


def of_pictures(preprocess: AnyPreprocess) -> Preprocess:
    """That of a model that takes pictures. Raises ExplorerError for any other."""
    if isinstance(preprocess, Preprocess):
        return preprocess
    raise ExplorerError(tr("This needs a model that takes pictures."), preprocess.says, tr("Open a model of pictures."))


def kind_of(preprocess: AnyPreprocess) -> str:
    """What a model with this preprocessing takes: "picture", "sound" or "text"."""
    if isinstance(preprocess, SoundPreprocess):
        return "sound"
    return "text" if isinstance(preprocess, TextPreprocess) else "picture"


def takes(preprocess: AnyPreprocess, given: Input) -> bool:
    """Whether a model with this preprocessing takes inputs of this kind."""
    return kind_of_input(given) == kind_of(preprocess)


@dataclass(frozen=True, slots=True)
class WeightsInfo:
    """Where a model's numbers come from. `sha256` is of the file, or of the state the model was made with.

    Neither trained nor with a seed: a person's own file made the model and does not say whether it has learnt anything.
    """

    trained: bool
    path: str = ""
    sha256: str = ""
    seed: int | None = None
    note: str = ""
    in_memory: bool = False  # of a module that a Python program has made

    @property
    def label(self) -> str:
        """What is said wherever a map of these weights is shown."""
        if not self.trained and self.seed is None:
            if self.in_memory:
                return tr("weights in memory")
            return tr("weights as its file made them")
        return tr("trained") if self.trained else tr("untrained, seed {seed}", seed=self.seed)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a person asked to open; enough to open it again."""

    id: str  # "torchvision:resnet50", "demo:NAME", "file:PATH.py:FACTORY", "resnet50"
    weights: str = ""  # a file the person gave
    untrained: bool = False
    seed: int = 0
    preprocess: AnyPreprocess | None = None  # None: what comes with the model
    size: tuple[int, int] | None = None  # (height, width) that its positions are made for, where the weights do not say
    output: str = ""  # key of the output that holds the class vector; "": the likeliest
    probabilities: Probabilities = "auto"  # how its numbers become probabilities
    arguments: tuple[tuple[str, str], ...] = ()  # (name, value as text) of other inputs that a person has set


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that was measured of a model on pictures that no training has seen."""

    key: str  # the same for every model
    short: str  # what it is, in a word or two
    what: str  # and in full
    unit: str  # "%", "nats", "px"; "" for a share from 0 to 1
    digits: int  # after the point
    value: float
    beside: tuple[tuple[str, float], ...] = ()  # (what it is to be compared with, its value): "untrained", "raw pixels"
    pictures: int = 0  # that it was measured on, 0: not said


class AssumedNote(str):
    """A note on a card that says what was assumed; `brief`: of what, in a word or two, for a line of several."""

    brief: str

    def __new__(cls, text: str, brief: str = "") -> AssumedNote:  # a copy gets the second part by itself
        note = super().__new__(cls, text)
        note.brief = brief
        return note


@dataclass(frozen=True)
class ModelCard:
    """What the user interface knows of an open model."""

    spec: ModelSpec
    name: str
    source: str  # "demo", "torchvision", "file"
    weights: WeightsInfo
    preprocess: AnyPreprocess
    labels: tuple[str, ...] = ()  # of the output classes, () when unknown
    parameters: int = 0
    description: str = ""
    notes: tuple[str, ...] = ()  # what was left out or assumed while opening
    code: str = ""  # sha256 of the Python file that made the model, "" for built-in ones
    head_trained: bool = True  # False: the layer that gives the scores has learnt nothing, whatever the others have
    facts: tuple[tuple[str, str], ...] = ()  # (what, value): how it was made and how good it is
    figures: tuple[Figure, ...] = ()  # how good it is, as numbers
    classifies: bool = True  # False: its output vector is a description of the picture, no scores of classes
    convertible: bool = False  # whether torchvision's own weights of it want `transform_input`
    arguments: tuple[str, ...] = ()  # what a person's file says that its forward takes besides the input
    given: tuple[Argument, ...] = ()  # its other inputs, which can be set
    output_kind: OutputKind = "auto"  # what its output is, where whoever made it says so
    independent: bool = False  # its classes do not exclude each other: a sigmoid of each, no softmax
    abilities: Abilities = EVERYTHING

    @property
    def assumed(self) -> tuple[AssumedNote, ...]:
        """The notes that say what of its input and its classes is not known and was assumed."""
        return tuple(note for note in self.notes if isinstance(note, AssumedNote))

    @property
    def by_chance(self) -> str:
        """Why its predictions mean nothing, "" where they do."""
        if not self.weights.trained:
            return self.weights.label
        return "" if self.head_trained else tr("last layer never trained")

    def class_name(self, index: int) -> str:
        """The label of a class, or its number where the model has none."""
        return self.labels[index] if index < len(self.labels) else tr("class {index}", index=index)

    @cached_property
    def digest(self) -> str:
        """Tells two open models apart: identity, code, weights, preprocessing, and how the class vector is read where a
        person has chosen that."""
        chosen = (self.spec.output, self.spec.probabilities)
        read = () if chosen == ("", "auto") else chosen
        read = (*read, repr(self.spec.arguments)) if self.spec.arguments else read
        return "|".join((self.spec.id, self.code, self.weights.sha256, repr(self.preprocess), *read))
