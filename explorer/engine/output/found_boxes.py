"""Object detection: `boxes` (N, 4) as x0, y0, x1, y1 in pixels of the input tensor, `labels` (N,) and `scores` (N,), as torchvision's
detection models return them for each picture."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import Affine, to_original
from explorer.core.model_output import Boxes, FoundBox
from explorer.core.translation import tr
from explorer.engine.capture.outputs import has_values


def boxes_key(tensors: Mapping[str, Tensor], said: bool) -> str | None:
    """The part of the output with boxes, "" for the whole of it; None where there is none.

    Raises ExplorerError where its file says that there are boxes (`said`) and there are none."""
    ends = [key for key in tensors if key.rpartition(".")[2] == "boxes"]
    for key in ends:
        part = key.rpartition(".")[0]
        three = [tensors.get(name) for name in _names(part)]
        if all(tensor is not None for tensor in three) and _fit(*three):  # type: ignore[arg-type]
            return part
    if said:
        raise ExplorerError(
            tr("The output of the model holds no boxes."),
            tr("Boxes are a dict with “boxes” (N, 4), “labels” (N,) and “scores” (N,)."),
            tr("Return such a dict, or say another kind of OUTPUT."),
        )
    return None


def _names(part: str) -> tuple[str, str, str]:
    boxes, labels, scores = (f"{part}.{name}" if part else name for name in ("boxes", "labels", "scores"))
    return boxes, labels, scores


def _fit(boxes: Tensor, labels: Tensor, scores: Tensor) -> bool:
    plain = all(has_values(tensor) or not tensor.numel() for tensor in (boxes, labels, scores))
    whole = not labels.is_floating_point() and boxes.is_floating_point() and scores.is_floating_point()
    rows = len(boxes) if boxes.dim() else -1
    return plain and whole and tuple(boxes.shape) == (rows, 4) and tuple(labels.shape) == tuple(scores.shape) == (rows,)


def boxes_in(tensors: Mapping[str, Tensor], part: str, labels: tuple[str, ...], affine: Affine) -> Boxes:
    """The boxes on the original picture, by score; those that are not finite are left out."""
    names = _names(part)
    places, classes, scores = (tensors[name].detach().cpu() for name in names)
    good = torch.isfinite(places).all(1) & torch.isfinite(scores)
    rows = zip(places[good].double().tolist(), classes[good].tolist(), scores[good].double().tolist(), strict=True)
    found = [
        FoundBox(index, _label(index, labels), score, to_original(affine, Box(y0, x0, y1, x1)))
        for (x0, y0, x1, y1), index, score in rows
    ]
    return Boxes(part, tuple(sorted(found, key=lambda each: -each.score)), affine)


def _label(index: int, labels: tuple[str, ...]) -> str:
    return labels[index] if 0 <= index < len(labels) else tr("class {index}", index=index)
