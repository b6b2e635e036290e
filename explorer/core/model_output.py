"""What a model's output is, ready to be shown: classes, a class for every cell of the picture, boxes, or none of these."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.arrays import Array
from explorer.core.boxes import Affine, Box

NO_CLASS = 65535  # of a cell whose values are not finite
BACKGROUND = ("background", "__background__")  # labels of what is no object


@dataclass(frozen=True, slots=True)
class Guess:
    """One line of the prediction. `logit` is the number as the model gives it, whatever it is (`Scores.quantity`)."""

    index: int
    label: str
    logit: float
    probability: float


@dataclass(frozen=True, slots=True)
class Classes:
    """The class vector, best first; () where its values are not finite."""

    guesses: tuple[Guess, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassArea:
    """A class of a class map and its share of the picture, 0..1."""

    index: int
    label: str
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class ClassMap:
    """Semantic segmentation: the class with the largest value of every cell."""

    key: str  # of the output that it is made of
    cells: Array  # (h, w) uint16, NO_CLASS where a value is not finite; read-only
    classes: int
    box: Box  # where the cells lie on the original picture, in its pixels; past it where the input is padded
    areas: tuple[ClassArea, ...]  # of the cells that lie on the picture, the largest first


@dataclass(frozen=True, slots=True)
class FoundBox:
    """An object that was found. `box` is in pixels of the original picture."""

    index: int
    label: str
    score: float  # as the model gives it
    box: Box


@dataclass(frozen=True, slots=True)
class Boxes:
    """Object detection: boxes with class and score, the best score first."""

    key: str  # of the part of the output that holds `boxes`, `labels` and `scores`
    found: tuple[FoundBox, ...]
    affine: Affine  # from the original picture to the input tensor, in which the model says its boxes


@dataclass(frozen=True, slots=True)
class OutputTensor:
    """A tensor that a model returns; `key` names it where there are several."""

    key: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def text(self) -> str:
        """ "out: 1×21×65×65 float32" """
        shape = "×".join(str(size) for size in self.shape)
        return f"{self.key}: {shape} {self.dtype}" if self.key else f"{shape} {self.dtype}"


@dataclass(frozen=True, slots=True)
class OtherOutput:
    """An embedding, a picture, or anything else: named by its tensors, not interpreted."""

    tensors: tuple[OutputTensor, ...] = ()

    @property
    def text(self) -> str:
        return ", ".join(tensor.text for tensor in self.tensors)


ModelOutput = Classes | ClassMap | Boxes | OtherOutput
NO_CLASSES, UNREAD = Classes(), OtherOutput()


def output_json(output: ModelOutput) -> dict[str, object]:
    """What JSON says of an output, but for the classes, which stand under "prediction". Boxes are x0, y0, x1, y1 in pixels of the
    picture; shares are of the picture's area."""
    if isinstance(output, Classes):
        return {"kind": "classes"}
    if isinstance(output, ClassMap):
        areas = [{"index": a.index, "label": a.label, "share": a.share} for a in output.areas]
        return {"kind": "class map", "output": output.key, "size": list(output.cells.shape), "classes": areas}
    if isinstance(output, Boxes):
        found = [
            {"index": f.index, "label": f.label, "score": f.score, "box": [f.box.x0, f.box.y0, f.box.x1, f.box.y1]}
            for f in output.found
        ]
        return {"kind": "boxes", "boxes": found}
    tensors = [{"output": t.key, "shape": list(t.shape), "dtype": t.dtype} for t in output.tensors]
    return {"kind": "other", "tensors": tensors}
