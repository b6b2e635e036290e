"""Score-CAM, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.core.activations import Layout
from explorer.core.arrays import Array
from explorer.core.method import Explanation, MethodSpec, Scope
from explorer.core.params import integer
from explorer.core.selection import Selection


@dataclass(frozen=True, slots=True)
class ScoreCamParams:
    """Of which class, and after how many channels it can be stopped."""

    class_: int = integer(-1, "Class", "The class that is explained; -1: the best", low=-1, least="the best")
    batch: int = integer(8, "Batch", "Channels of one step, after which it can be stopped", low=1, high=256)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCam:
    """cam: (h, w) float32 on the cells of the layer, not negative; weights: (channels,), they add up to 1."""

    tap: str
    index: int
    cam: Array
    weights: Array


def _unavailable(selection: Selection, _params: ScoreCamParams) -> str:
    if selection.tap.layout != Layout.NCHW:
        return "Score-CAM needs a layer of maps, as of a convolution."
    return "" if selection.capture.scores is not None else "This model has no class predictions."


def _to_json(result: ScoreCam) -> dict[str, Any]:
    return {
        "tap": result.tap,
        "class": result.index,
        "cam": result.cam.tolist(),
        "weights": result.weights.tolist(),
    }


def _write(result: ScoreCam) -> str:
    y, x = divmod(int(result.cam.argmax()), result.cam.shape[1])
    return f"class {result.index}: largest {result.cam.max():.4g} at ({y}, {x}) of {result.tap}"


SPEC = MethodSpec(
    id="score-cam",
    title="Score-CAM",
    about="Which cells of a layer raise a class, without gradients",
    package="score_cam",
    scope=Scope.LAYER,
    params=ScoreCamParams,
    result=ScoreCam,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    kinds=("picture",),
    noun="map",
    about_classes=True,
    source="Wang et al. 2020, Score-CAM: score-weighted visual explanations for convolutional neural networks",
    explained=Explanation(
        shows="The sum of the layer's maps, each weighted by the probability of the class when the input is multiplied by that map.",
        read="Bright cells hold what the class needs to be recognised.",
        misleads="Masked inputs are pictures that the network has never seen; a uniform map counts as no mask at all.",
    ),
)
