"""What is asked of the engine: to grow pictures, and for what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import NoneType
from typing import ClassVar

from explorer.core.inputs import Picture
from explorer.core.maximisation import LayerProgress, Maximised, MaximiseSettings, Objective, key_of
from explorer.core.maximised_pictures import LayerPictures, Natural
from explorer.core.requests import Request

_COMPUTE = "explorer.methods.maximisation.compute"


@dataclass(frozen=True, slots=True)
class MaximiseTarget:
    """One picture: of which model (ModelCard.digest) and objective, made how."""

    model: str
    objective: Objective
    settings: MaximiseSettings

    @property
    def key(self) -> str:
        return key_of(self.model, self.objective, self.settings)


@dataclass(frozen=True)
class Grow(Request[Maximised]):
    """The growing picture, then the finished one. `settings.start` is "" or the digest of `picture`, which also saves a forward
    to find the layers."""

    handler: ClassVar[str] = f"{_COMPUTE}:grow"
    answer = Maximised

    target: MaximiseTarget
    picture: Picture | None = field(compare=False, repr=False)


@dataclass(frozen=True)
class FindKept(Request[Maximised | None]):
    """What is kept of a target, finished or interrupted; None where nothing is."""

    handler: ClassVar[str] = f"{_COMPUTE}:find_kept"
    answer = (Maximised, NoneType)

    target: MaximiseTarget


@dataclass(frozen=True)
class Forget(Request[None]):
    """Throws away how far an interrupted one has come."""

    handler: ClassVar[str] = f"{_COMPUTE}:forget"
    answer = NoneType

    target: MaximiseTarget


@dataclass(frozen=True, slots=True)
class Layer:
    """All channels of a layer (`tap`, of `count` channels) of a model, and how their pictures are made: from noise."""

    model: str
    tap: str
    count: int
    settings: MaximiseSettings


@dataclass(frozen=True)
class GrowLayer(Request[LayerProgress]):
    """A picture of every channel; what is kept is not made anew."""

    handler: ClassVar[str] = f"{_COMPUTE}:grow_layer"
    answer = LayerProgress

    layer: Layer


@dataclass(frozen=True)
class FindThumbs(Request[LayerPictures]):
    """Small pictures of those of the channels that are kept."""

    handler: ClassVar[str] = f"{_COMPUTE}:find_thumbs"
    answer = LayerPictures

    layer: Layer
    channels: tuple[int, ...]


@dataclass(frozen=True)
class NaturalMeans(Request[Natural]):
    """The best of the sample pictures for every channel of a tap, over more and more of them."""

    handler: ClassVar[str] = f"{_COMPUTE}:natural_means"
    answer = Natural

    model: str
    tap: str
