"""What a maximised picture is asked for, and what comes of it. Plain values; the engine does the work."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import Cell, title_of
from explorer.core.params import ParamKind, flag, integer, params_of, real
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed

RECIPE = 1  # raised whenever the same settings make another picture, so that old ones are not shown for new
_PICTURES = 64  # made together
_SWITCHES = frozenset({"fourier", "decorrelate", "jitter", "scale", "rotate", "redirect", "negative"})
_TEXTS = frozenset({"tap", "start"})
_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Objective:
    """What is to be made large: the mean over the cells of a weighted sum of channels.

    `tap` '' is what the model itself returns, so that `channels` are then its classes (the logits, never the softmax).
    """

    tap: str = ""
    channels: tuple[int, ...] = (0,)
    weights: tuple[float, ...] = ()  # of the channels, () for 1 each
    cell: Cell | None = None  # (row, column), (-1, t) of the prefix token t; None: the mean over all cells
    negative: bool = False  # minimise the target instead

    def __post_init__(self) -> None:
        if not self.channels or any(not _whole(c) or c < 0 for c in self.channels):
            raise _wrong("channels", self.channels, tr("They are whole numbers from 0 on."))
        if self.weights and len(self.weights) != len(self.channels):
            raise _wrong("weights", self.weights, tr("There are {count} channels.", count=len(self.channels)))
        if not all(_finite(w) for w in self.weights) or (self.weights and not any(self.weights)):
            raise _wrong("weights", self.weights, tr("They are finite numbers, not all of them zero."))
        if self.cell is not None and not _is_cell(self.cell):
            raise _wrong(
                "cell", self.cell, tr("It is a row and a column, from 0 on, or row -1 for a token before the grid.")
            )

    @property
    def text(self) -> str:
        """What a person reads beside the picture."""
        return tr("not {target}", target=self.target) if self.negative else self.target

    @property
    def target(self) -> str:
        """What is made large, or small where it is `negative`."""
        many = (
            tr("{count} channels", count=len(self.channels))
            if len(self.channels) > 1
            else tr("channel {channels}", channels=self.channels[0])
        )
        what = tr("class {channels}", channels=self.channels[0]) if not self.tap and len(self.channels) == 1 else many
        where = tr(" of {tap}", tap=self.tap) if self.tap else ""
        cell = "" if self.cell is None else tr(" at {title_of}", title_of=title_of(self.cell).strip("()"))
        return f"{what}{where}{cell}"


def _is_cell(cell: tuple[int, ...]) -> bool:
    return len(cell) == 2 and all(_whole(i) for i in cell) and cell[0] >= -1 and cell[1] >= 0


def class_logit(number: int, negative: bool = False) -> Objective:
    """The logit of one class of the model's own output."""
    return Objective("", (number,), negative=negative)


@dataclass(frozen=True, slots=True)
class MaximiseSettings:
    """How the picture is made. Every trick is a switch, so that its effect can be seen.

    Fourier parameterisation, colour decorrelation, transforms and diversity: Olah, Mordvintsev and Schubert,
    Feature Visualization, Distill 2017.
    """

    size: int = integer(
        0,
        tr("Size"),
        tr("Of the shorter side, in the proportions of the model's input; 0: the model's own size"),
        low=0,
        high=4096,
        unit="px",
        step=16,
        least=tr("own"),
    )
    steps: int = integer(
        256,
        tr("Steps"),
        tr("Each step is a forward to the layer, a gradient and an update"),
        low=1,
        high=1 << 20,
        step=64,
    )
    rate: float = 0.07  # Adam's learning rate
    seed: int = integer(
        0,
        tr("Seed"),
        tr("Of the start noise and the transformations: another seed gives another image"),
        low=0,
        high=1 << 62,
    )
    fourier: bool = flag(
        True,
        tr("Fourier"),
        tr("Optimises Fourier coefficients instead of pixels: without it, high-frequency noise dominates"),
    )
    decay: float = 1.25  # how much less high frequencies move: 1 / frequency ** decay
    decorrelate: bool = flag(
        True,
        tr("Colours"),
        tr("Decorrelates colours as they vary in photographs; for three channels only"),
        option="--decorrelation",
    )
    jitter: bool = flag(
        True,
        tr("Jitter"),
        tr("Shifts the image at every step by whole pixels, up to a 12th of its side: suppresses pixel patterns"),
    )
    scale: bool = flag(True, tr("Scale"), tr("Scales the image at every step, 0.85 to 1.15"))
    rotate: bool = flag(
        True, tr("Rotation"), tr("Rotates the image at every step, up to 15° to either side"), option="--rotation"
    )
    redirect: bool = flag(
        True,
        tr("Redirection"),
        tr("Passes a gradient while a ReLU blocks all of it: for channels that are zero at the start"),
        option="--redirection",
    )
    batch: int = integer(
        1, tr("Images"), tr("Generated together, each from its own noise"), low=1, high=_PICTURES, option="--images"
    )
    diversity: float = real(
        0.0,
        tr("Diversity"),
        tr("Weight of the penalty on similar images; for 2 or more images"),
        low=0.0,
        high=1e6,
        when={"batch": tuple(str(count) for count in range(2, _PICTURES + 1))},
        step=0.5,
    )
    start: str = ""  # digest of the picture it starts from, "" for noise

    def __post_init__(self) -> None:
        for param in params_of(MaximiseSettings):
            value, low, high = getattr(self, param.name), param.low or 0, param.high or 0
            if param.kind is ParamKind.INTEGER and not (_whole(value) and low <= value <= high):
                raise _wrong(param.name, value, tr("It is a whole number from {low} to {high}.", low=low, high=high))
            param.checked(value)
        for name, least in (("rate", 1e-9), ("decay", 0.0)):
            value = getattr(self, name)
            if not _finite(value) or not least <= value <= 1e6:
                raise _wrong(name, value, tr("It is a finite number, and not negative."))


def to_json(value: Objective | MaximiseSettings) -> str:
    return json.dumps(asdict(value))


def objective_from_json(text: str) -> Objective:
    """Raises ExplorerError when the text is none; unknown fields of newer versions are ignored."""
    values = _read(text, Objective, "objective")
    for name in ("channels", "weights", "cell"):
        if isinstance(values.get(name), list):
            values[name] = tuple(values[name])
    _check_types(values)
    return _made(Objective, values)


def settings_from_json(text: str) -> MaximiseSettings:
    """Raises ExplorerError when the text is none; unknown fields of newer versions are ignored."""
    values = _read(text, MaximiseSettings, "settings")
    _check_types(values)
    return _made(MaximiseSettings, values)


@dataclass(frozen=True, slots=True, eq=False)
class Maximised:
    """A picture made to excite a target, finished or growing."""

    model: str  # ModelCard.digest
    objective: Objective
    settings: MaximiseSettings
    pictures: Array  # (batch, H, W, channels) uint8, read-only: what the model sees before (x - mean) / std
    step: int
    # (step,) float32: the objective at each step, of the transformed pictures, the batch's mean; it always climbs:
    # of a negative it is minus the activation
    curve: Array
    value: float | None = None  # the objective of `pictures` as they are, the batch's mean; None while it grows
    notes: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return self.value is not None

    @property
    def key(self) -> str:
        return key_of(self.model, self.objective, self.settings)


@dataclass(frozen=True, slots=True, eq=False)
class MaximiseState:
    """All that is needed to go on as if there had been no pause: the parameters and Adam's two averages of them."""

    parameters: Array
    mean: Array
    square: Array
    curve: Array  # (step,) float32
    blocked: bool = False  # the last gradient was zero everywhere

    @property
    def step(self) -> int:
        return len(self.curve)


@dataclass(frozen=True, slots=True, eq=False)
class LayerProgress:
    """How far "every channel of this layer" is."""

    tap: str
    done: tuple[int, ...]  # channels whose picture is there
    total: int
    latest: Maximised | None = None  # finished or growing
    failed: tuple[tuple[int, str], ...] = ()  # channels that could not be made, and why; the others go on

    @property
    def fraction(self) -> float:
        growing = self.latest is not None and not self.latest.done
        part = self.latest.step / self.latest.settings.steps if growing and self.latest is not None else 0.0
        return min(1.0, (len(self.done) + len(self.failed) + part) / self.total) if self.total else 1.0


def key_of(model: str, objective: Objective, settings: MaximiseSettings) -> str:
    """32 hex digits that name one picture: the model's digest, what is asked for, and how it is made."""
    text = json.dumps([RECIPE, model, asdict(objective), asdict(settings)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _wrong(name: str, value: Any, why: str) -> ExplorerError:
    return ExplorerError(tr("“{name}” cannot be {value}.", name=name, value=str(value)[:40]), why)


def _read(text: str, kind: type, what: str) -> dict[str, Any]:
    try:
        data = parsed(text)
        if not isinstance(data, Mapping):
            raise ValueError(tr("it is no object"))
    except (ValueError, RecursionError) as error:
        raise ExplorerError(tr("This is not a {what} of a generated image.", what=what), f"{error}.") from None
    names = {f.name for f in fields(kind)}
    return {key: value for key, value in data.items() if key in names}


def _made(kind: type[_Kind], values: dict[str, Any]) -> _Kind:
    try:
        return kind(**values)
    except TypeError as error:  # a number where a list belongs
        raise ExplorerError(tr("These are not values of a generated image."), f"{error}.") from None


def _check_types(values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name in _SWITCHES and not isinstance(value, bool):
            raise _wrong(name, value, tr("It is on or off."))
        if name in _TEXTS and not isinstance(value, str):
            raise _wrong(name, value, tr("It is a text."))
