"""Plain frozen values that every part of the application exchanges. Standard library and numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal

from numpy.typing import NDArray

Array = NDArray[Any]


class Layout(StrEnum):
    """How an activation is laid out; N is always the batch."""

    NCHW = "NCHW"
    NHWC = "NHWC"
    NLC = "NLC"  # tokens
    NC = "NC"  # vector
    NCT = "NCT"  # sequence
    NCDHW = "NCDHW"  # clip or volume: slices of maps
    OTHER = "other"


class Kind(StrEnum):
    """What a tap's module does, as far as a person looking for a layer cares."""

    CONV = "conv"
    LINEAR = "linear"
    NORM = "norm"
    ACTIVATION = "activation"
    POOL = "pool"
    ATTENTION = "attention"
    BLOCK = "block"  # a module with children
    FUNCTION = "function"  # no module: the result of a function inside one
    OTHER = "other"


class ExplorerError(Exception):
    """An error a person can act on: what happened, why, and the way out. Never carries tensors."""

    def __init__(self, what: str, why: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.todo = what, why, todo

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.todo) if part)


IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True, repr=False)
class Preprocess:
    """How an original picture becomes the model's input tensor.

    In this order: channels, resize, crop or pad, scale to 0..1, (x - mean) / std. Other numbers of channels than 1 and 3
    are red, green and blue in turn, and so are three values of mean and std.
    """

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

    @property
    def label(self) -> str:
        """What is said wherever a map of these weights is shown."""
        if not self.trained and self.seed is None:
            return "weights as its file made them"
        return "trained" if self.trained else f"untrained, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a person asked to open; enough to open it again."""

    id: str  # "torchvision:resnet50", "demo:NAME", "file:PATH.py:FACTORY", "resnet50"
    weights: str = ""  # a file the person gave
    untrained: bool = False
    seed: int = 0
    preprocess: Preprocess | None = None  # None: what comes with the model
    size: tuple[int, int] | None = None  # (height, width) that its positions are made for, where the weights do not say


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


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the user interface knows of an open model."""

    spec: ModelSpec
    name: str
    source: str  # "demo", "torchvision", "file"
    weights: WeightsInfo
    preprocess: Preprocess
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

    @property
    def by_chance(self) -> str:
        """Why its predictions mean nothing, "" where they do."""
        if not self.weights.trained:
            return self.weights.label
        return "" if self.head_trained else "last layer never trained"

    @property
    def digest(self) -> str:
        """Tells two open models apart: identity, code, weights and preprocessing."""
        return "|".join((self.spec.id, self.code, self.weights.sha256, repr(self.preprocess)))


@dataclass(frozen=True, slots=True)
class InputRef:
    """Where an input comes from; enough to open it again."""

    kind: Literal["picture", "video", "camera", "scene", "clipboard", "sample"]
    path: str = ""
    frame: int = 0  # of a video or the animated scene


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded input in original coordinates: (H, W, C) uint8 or uint16 or float32 (0..1), C in {1, 3}, read-only."""

    ref: InputRef
    pixels: Array
    digest: str  # sha256 of the pixels and their shape, 16 hex digits
    name: str = ""
    notes: tuple[str, ...] = ()  # "alpha composed over white", "EXIF orientation 6 applied", ...
    small: Array | None = None  # see `shown`; None: `pixels` are as the screen wants them

    @property
    def shown(self) -> Array:
        """(h, w, 3) uint8 for the screen: the whole picture, no side longer than `core.shrunk.MOST_PIXELS`."""
        return self.pixels if self.small is None else self.small

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in original pixels."""
        return int(self.pixels.shape[0]), int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True)
class Affine:
    """input-tensor = original * scale + offset, per axis, in pixel-edge coordinates (pixel i covers i .. i+1)."""

    scale_y: float
    scale_x: float
    offset_y: float
    offset_x: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixel-edge coordinates: y0 <= y < y1. May reach past the picture (padding)."""

    y0: float
    x0: float
    y1: float
    x1: float

    def cut(self, other: Box) -> Box:
        """The part inside the other box; without area where there is none."""
        y0, x0 = max(self.y0, other.y0), max(self.x0, other.x0)
        return Box(y0, x0, max(y0, min(self.y1, other.y1)), max(x0, min(self.x1, other.x1)))


@dataclass(frozen=True, slots=True)
class Field:
    """Receptive field of a spatial tap in input-tensor pixels: cell (i, j) may depend on
    rows [start_y + i*jump_y, start_y + i*jump_y + size_y), likewise columns. The union over all paths and channels."""

    jump_y: float
    jump_x: float
    start_y: float
    start_x: float
    size_y: float
    size_x: float
    # True: the gradient of every cell reaches the four sides of its box, cut off at the picture. False: an upper bound
    exact: bool = True
    # True: through attention, global pooling or statistics every cell may depend on the whole input;
    # the box then only says over which pixels the cell stands
    whole: bool = False
    # pixels outside it reach no cell at all: cut off, or left over by a stride. None: the whole picture
    within: Box | None = None

    def box(self, y: int, x: int) -> Box:
        y0, x0 = self.start_y + y * self.jump_y, self.start_x + x * self.jump_x
        box = Box(y0, x0, y0 + self.size_y, x0 + self.size_x)
        return box if self.within is None else box.cut(self.within)


@dataclass(frozen=True, slots=True)
class Tap:
    """A place in the model where values can be seen: (module path, call index, output key)."""

    name: str  # unique: "layer1.0.relu", "layer1.0.relu_1", "attn[0]"
    path: str
    call: int
    type: str  # class of the module
    kind: Kind
    key: str = ""  # of a tuple or dict output
    shape: tuple[int, ...] = ()  # with the batch dimension first
    dtype: str = ""
    layout: Layout = Layout.OTHER
    grid: tuple[int, int] | None = None  # (h, w) of the cells: (1, T) of a line; None without a place
    prefix: int = 0  # tokens before the grid: CLS, registers
    # cell index of each token after the prefix, row-major in the grid, -1 for padding; None: as they come
    order: tuple[int, ...] | None = field(default=None, repr=False)
    batched: bool = True  # False: the first dimension is not the batch (windows merged into it)
    receptive: Field | None = None  # None: not spatial
    detail: str = ""  # "3x3 s2 depthwise"
    parameters: int = 0  # of this module with its children
    macs: int = 0  # multiply-adds of this call with its children
    nbytes: int = 0
    leaf: bool = True
    alias: str = ""  # name of the earlier tap whose values these are
    then: str = ""  # class of the layer that takes these very values next; "" when a function or nothing does
    observable: bool = True
    reason: str = ""  # why not observable, or why there is no grid

    @property
    def channels(self) -> int:
        """Number of feature maps (tokens' features, vector entries)."""
        if self.layout in (Layout.NCHW, Layout.NCT, Layout.NC, Layout.NCDHW):
            return self.shape[1] if len(self.shape) > 1 else 1
        return self.shape[-1] if self.shape else 0


@dataclass(frozen=True, slots=True)
class Kernel:
    """Weights of a convolution or linear layer as numbers: weight (out, in/groups, kh, kw) or (out, in), bias (out,) or None."""

    weight: Array
    bias: Array | None
    stride: tuple[int, ...] = ()
    padding: str = ""
    dilation: tuple[int, ...] = ()
    groups: int = 1


@dataclass(frozen=True, slots=True)
class Guess:
    """One line of the prediction."""

    index: int
    label: str
    logit: float
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """True values of one forward.

    `values[tap.name]` is read-only, without the batch dimension, in the tap's own dtype (bfloat16 and half as float32).
    """

    model: str  # ModelCard.digest
    picture: Picture
    taps: tuple[Tap, ...]  # all taps in execution order, also those not kept or not observable
    values: Mapping[str, Array]
    prediction: tuple[Guess, ...] = ()  # best first; () when the output is no class vector
    seconds: float = 0.0  # of the forward
    watched: bool = False  # the first, watched forward of this model and size, which takes longer
    device: str = "cpu"
    dropped: tuple[str, ...] = ()  # names not kept for the byte budget; recomputed on demand
    number: int = 0  # running number of the forward
    notes: tuple[str, ...] = ()  # what a person must know about it: "the GPU ran out of memory; computed on the CPU"
    edits: str = ""  # core.edits.digest_of the ablations it was made under; "" without any

    @property
    def nbytes(self) -> int:
        """Bytes that its values hold; some mappings make values from others when they are asked for, and say so."""
        held: int | None = getattr(self.values, "nbytes", None)
        return held if held is not None else sum({id(v): v.nbytes for v in self.values.values()}.values())

    def tap(self, name: str) -> Tap:
        for tap in self.taps:
            if tap.name == name:
                return tap
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Progress:
    """What long work says while it runs. `fraction` None: not known."""

    text: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as text, safe to hand across threads."""

    what: str
    why: str = ""
    todo: str = ""
    details: str = ""  # traceback, for "copy details"
    type: str = ""

    @property
    def text(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.todo) if part)
