"""What a forward gives: taps, their layouts and values, the prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.boxes import ReceptiveField
from explorer.core.model_output import UNREAD, Classes, Guess, ModelOutput
from explorer.core.repeatability import Repeat
from explorer.core.scores import Scores
from explorer.core.texts import TokenRow


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
    receptive: ReceptiveField | None = None  # None: not spatial
    detail: str = ""  # "3x3 s2 depthwise"
    parameters: int = 0  # of this module with its children
    macs: int = 0  # multiply-adds of this call with its children
    nbytes: int = 0
    leaf: bool = True
    alias: str = ""  # name of the earlier tap whose values these are
    then: str = ""  # class of the layer that takes these very values next; "" when a function or nothing does
    # names of the taps that it is made of with no tap in between, "" among them for the model's input; None: not followed
    fed_by: tuple[str, ...] | None = field(default=None, repr=False)
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


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """True values of one forward.

    `values[tap.name]` is read-only, without the batch dimension, in the tap's own dtype (bfloat16 and half as float32).
    """

    model: str  # ModelCard.digest
    picture: Input
    taps: tuple[Tap, ...]  # all taps in execution order, also those not kept or not observable
    values: Mapping[str, Array]
    output: ModelOutput = UNREAD  # what the model's output is
    seconds: float = 0.0  # of the forward
    watched: bool = False  # the first, watched forward of this model and size, which takes longer
    device: str = "cpu"
    dropped: tuple[str, ...] = ()  # names not kept for the byte budget; recomputed on demand
    number: int = 0  # running number of the forward
    notes: tuple[str, ...] = ()  # what a person must know about it: "the GPU ran out of memory; computed on the CPU"
    edits: str = ""  # core.interventions.digest_of the ablations it was made under; "" without any
    scores: Scores | None = None  # how the prediction is read; None when the output holds no class vector
    repeat: Repeat | None = None  # whether the model answers twice alike; None: not known
    text: TokenRow | None = None  # the tokens of a text

    @property
    def prediction(self) -> tuple[Guess, ...]:
        """The classes, best first; () when the output holds no class vector."""
        return self.output.guesses if isinstance(self.output, Classes) else ()

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
