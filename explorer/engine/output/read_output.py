"""What the output of an open model is, by what its card says and by what the output looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from explorer.core.any_input import Input
from explorer.core.boxes import Box
from explorer.core.geometry.affine import input_affine, to_original
from explorer.core.inputs import Picture
from explorer.core.model_output import Boxes, Classes, ClassMap, ModelOutput, OtherOutput, OutputTensor
from explorer.core.models import ModelCard, Preprocess
from explorer.core.scores import Scores
from explorer.engine.capture.outputs import shape_of, tensors_of
from explorer.engine.capture.values import guesses
from explorer.engine.output.class_map import class_map, is_scores, map_key
from explorer.engine.output.found_boxes import boxes_in, boxes_key


def output_of(output: object, card: ModelCard, scores: Scores | None, given: Input) -> ModelOutput:
    """The output of a forward of `given`. `scores`: how its class vector is read, None without one.

    Raises ExplorerError where the card says that it is a class map or boxes, and it is none.
    """
    tensors, kind = tensors_of(output), card.output_kind
    if isinstance(given, Picture) and isinstance(card.preprocess, Preprocess):
        affine = input_affine(given.size, card.preprocess)
        if kind in ("auto", "boxes") and (part := boxes_key(tensors, kind == "boxes")) is not None:
            return boxes_in(tensors, part, card.labels, affine)
        if kind == "class map" or (kind == "auto" and scores is None):
            key = map_key(tensors, card.labels, card.spec.output, kind == "class map")
            if key is not None:
                box = to_original(affine, Box(0.0, 0.0, float(card.preprocess.height), float(card.preprocess.width)))
                return class_map(tensors[key], key, card.labels, box, given.size)
    if scores is not None and kind in ("auto", "classes") and card.classifies:
        return Classes(guesses(output, card.labels, scores))
    return _other(tensors)


def output_again(
    output: object, like: ModelOutput, labels: tuple[str, ...], scores: Scores | None, size: tuple[int, int]
) -> ModelOutput:
    """The output of another forward of the same input (under edits), read as `like` was; `size` of the input."""
    tensors: Mapping[str, Tensor] = tensors_of(output)
    if isinstance(like, ClassMap) and is_scores(tensors.get(like.key, _NONE)):
        return class_map(tensors[like.key], like.key, labels, like.box, size)
    if isinstance(like, Boxes) and boxes_key(tensors, False) == like.key:
        return boxes_in(tensors, like.key, labels, like.affine)
    return Classes(guesses(output, labels, scores)) if isinstance(like, Classes) else _other(tensors)


def _other(tensors: Mapping[str, Any]) -> OtherOutput:
    return OtherOutput(
        tuple(OutputTensor(k, shape_of(t), str(t.dtype).removeprefix("torch.")) for k, t in tensors.items())
    )


_NONE = Tensor()
