"""The class vector in what a model returns: which output holds it, and how its numbers become probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from explorer.core.activations import Kind, Tap
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard
from explorer.core.scores import Probabilities, Scale, Scores
from explorer.core.translation import ntr, tr
from explorer.engine.capture.outputs import tensors_of

Bounds = tuple[float, float]
ANYTHING: Bounds = (float("-inf"), float("inf"))
LOGARITHMS: Bounds = (
    float("-inf"),
    0.0,
)  # this very object: logarithms of numbers in 0 to 1, not just anything below 0
_UNIT: Bounds = (0.0, 1.0)
# parts of a name: the likeliest first, and those of other things
_LIKELY = ("logit", "class", "cls", "label", "score", "pred", "prob", "out")
_UNLIKELY = "aux token feature embed hidden loss pool state repr latent attention box mask backbone".split()
_SUM = {torch.float32: 1e-4, torch.float64: 1e-6}  # how far the sum of probabilities may be from 1; half types: 0.02
_SAID: dict[Scale, str] = {
    "softmax": tr("logits: softmax"),
    "sigmoid": tr("logits: sigmoid of each, independent"),
    "as-is": tr("numbers as the model gives them"),
    "exp": tr("log-probabilities: exp"),
}


# --- which output -------------------------------------------------------------------------------------------------------


def is_vector(tap: Tap) -> bool:
    """Whether an output is one row of floating-point numbers: (1, K), (K,), (1, K, 1, 1), one number."""
    return tap.dtype.startswith(("float", "bfloat", "q")) and _is_row(tap)


def is_class_map(tap: Tap) -> bool:
    """Whether an output can be scores (1, K, H, W) of classes for every cell."""
    return (
        tap.observable and tap.dtype.startswith(("float", "bfloat", "q")) and len(tap.shape) == 4 and tap.shape[1] > 1
    )


def has_boxes(taps: Sequence[Tap]) -> bool:
    """Whether the output holds boxes with their scores: these are rows of numbers, too, but of objects and not of classes."""
    shapes = {tap.key: tap.shape for tap in returned(taps)}
    parts = [
        key.rpartition(".") for key, shape in shapes.items() if key.rpartition(".")[2] == "boxes" and shape[1:] == (4,)
    ]
    return any(f"{part}{dot}scores" in shapes and f"{part}{dot}labels" in shapes for part, dot, _ in parts)


def _is_row(tap: Tap) -> bool:
    return tap.observable and 0 not in tap.shape and sum(size > 1 for size in tap.shape) <= 1


def returned(taps: Sequence[Tap]) -> tuple[Tap, ...]:
    """What the model itself returns."""
    return tuple(tap for tap in taps if tap.path == "" and tap.call == 0 and tap.observable)


def class_tap(taps: Sequence[Tap], labels: Sequence[str] = (), wanted: str = "") -> Tap | None:
    """The output that holds the class vector, None where there is none.

    The one that fits the labels, then the one with the likeliest name, then what a linear layer made and nothing inside the model
    took further. `wanted` names one; raises ExplorerError when the model has no such output or it is no class vector.
    """
    outputs = returned(taps)
    if wanted:
        return _named(outputs, wanted)
    vectors = [tap for tap in outputs if is_vector(tap)]
    by_name = {tap.name: tap for tap in taps}
    ranked = sorted(vectors, key=lambda tap: _rank(tap, by_name.get(tap.alias), labels))  # stable: else the first
    return next(iter(ranked), None)


def _named(outputs: Sequence[Tap], wanted: str) -> Tap | None:
    names = [tap.key for tap in outputs]
    found = [tap for tap in outputs if wanted in (tap.key, tap.name)]
    found = found or [tap for tap in outputs if tap.key.rpartition(".")[2] == wanted]
    if not found:
        why = (
            tr("It returns {list}.", list=", ".join(names))
            if any(names)
            else tr("It returns one tensor, which has no name.")
        )
        raise ExplorerError(
            tr("The model has no output named {wanted}.", wanted=wanted), why, tr("Choose one of them, or none.")
        )
    if not is_vector(found[0]):
        if is_class_map(found[0]) and not any(map(is_vector, outputs)):
            return None  # a class for every cell
        shape = "×".join(str(size) for size in found[0].shape)
        fit = [tap.key for tap in outputs if is_vector(tap)]
        todo = tr("Choose {list}.", list=tr(" or ").join(fit)) if fit else ""
        raise ExplorerError(
            tr("The output {wanted} is no class vector.", wanted=wanted),
            tr("It is {shape}, {dtype}.", shape=shape, dtype=found[0].dtype),
            todo,
        )
    return found[0]


def _rank(tap: Tap, maker: Tap | None, labels: Sequence[str]) -> tuple[int, ...]:
    """The smaller, the likelier."""
    count = classes_of(tap)
    fits = bool(labels) and (len(labels) == count or (count == 1 and len(labels) == 2))
    words = tap.key.lower().split(".")
    named = next((at for at, part in enumerate(_LIKELY) if part in words[-1]), len(_LIKELY))
    exact = words[-1] in ("logits", *_LIKELY)
    other = any(part in word for word in words for part in _UNLIKELY)
    linear = maker is not None and maker.kind in (Kind.LINEAR, Kind.CONV) and not maker.then
    return not fits, other, named, not exact, not tap.shape, not linear


def classes_of(tap: Tap) -> int:
    """Entries of an output that is a vector."""
    return max(tap.shape, default=1)


def scores_of(taps: Sequence[Tap], card: ModelCard | None = None) -> Scores | None:
    """How the class vector of a model is read as far as its taps tell: numbers are taken for logits. None without one, and where the
    card says that its output is something else.

    Raises ExplorerError when the card names an output that is none.
    """
    kind = card.output_kind if card else "auto"
    if kind not in ("auto", "classes") or (kind == "auto" and has_boxes(taps)):
        return None
    tap = class_tap(taps, card.labels if card else (), card.spec.output if card else "")
    if tap is None:
        return None
    outputs = tuple(t.key for t in returned(taps) if is_vector(t))
    asked: Probabilities = card.spec.probabilities if card else "auto"
    if asked == "auto":
        found = Scores(tap.key, classes_of(tap), outputs=outputs)
        if card is not None and card.independent:
            return with_scale(
                found, "sigmoid", tr("logits of independent classes, as the model's configuration says: sigmoid")
            )
        return with_scale(found, "sigmoid" if found.classes == 1 else "softmax")
    return Scores(tap.key, classes_of(tap), asked, tr("{said} (chosen)", said=_SAID[asked]), outputs, asked)


def whole_numbers(taps: Sequence[Tap]) -> Scores | None:
    """The one output that is a row of whole numbers: no prediction, for they are as likely indices or counts, but each of them can
    be a target. None where there are several, or a class vector."""
    found = [tap for tap in returned(taps) if _is_row(tap)]
    if len(found) != 1 or not found[0].dtype.startswith(("int", "uint")):
        return None
    tap = found[0]
    return Scores(tap.key, classes_of(tap), "as-is", _SAID["as-is"], (tap.key,), "as-is")


def with_scale(scores: Scores, scale: Scale, why: str = "") -> Scores:
    """The same class vector, its numbers read another way."""
    one = tr("one logit: sigmoid") if scale == "sigmoid" and scores.classes == 1 else ""
    return replace(scores, scale=scale, why=why or one or _SAID[scale])


# --- its numbers --------------------------------------------------------------------------------------------------------


def rows(tensor: Tensor, items: int = 1) -> Tensor:
    """(items, K) of the class vectors of a forward of so many inputs, a view where possible.

    Raises ExplorerError where the output is not one row for each of them.
    """
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    apart = items == 1 or (tensor.dim() > 0 and tensor.shape[0] == items)
    each = tensor.shape if items == 1 else tensor.shape[1:]
    if not apart or not tensor.numel() or sum(size > 1 for size in each) > 1:
        shape = "×".join(str(size) for size in tensor.shape) or tr("one number")
        raise ExplorerError(
            ntr(
                "The model answered {items} input with {shape} numbers, not with a class vector each.",
                "The model answered {items} inputs with {shape} numbers, not with a class vector each.",
                items,
                items=items,
                shape=shape,
            ),
            tr("It keeps something from one forward to the next, or mixes the inputs of a batch."),
            tr("Let it start anew in each forward, or choose a method that needs one forward."),
        )
    return tensor.reshape(items, -1)


def vector_in(output: Any, scores: Scores | None) -> Tensor | None:
    """(K,) float64 on the CPU: the class vector in what a forward of one input returned; None where it is not there, has
    another length or is not finite."""
    if scores is None:
        return None
    tensor = tensors_of(output).get(scores.output)
    if tensor is None or tensor.is_complex() or tensor.layout != torch.strided or tensor.is_meta:
        return None
    if tensor.numel() != scores.classes or not (tensor.is_floating_point() or tensor.is_quantized):
        return None
    vector = rows(tensor.detach())[0].cpu().double()
    return vector if bool(torch.isfinite(vector).all()) else None


def probabilities(vectors: Tensor, scores: Scores | None) -> Tensor:
    """(..., K) -> (..., K): the same numbers as probabilities."""
    scale = scores.scale if scores is not None else "softmax"
    if scale == "softmax":
        return vectors.softmax(-1)
    if scale == "sigmoid":
        return vectors.sigmoid()
    return vectors.exp() if scale == "exp" else vectors


def name_of(index: int, labels: Sequence[str], classes: int) -> str:
    """What a class is called: its label where there is one for each; one number is that of the second of two labels."""
    if classes == 1 and len(labels) == 2:
        return labels[1]
    return labels[index] if len(labels) == classes else tr("class {index}", index=index)


# --- what its numbers are -----------------------------------------------------------------------------------------------


def is_unclear(vector: Tensor) -> bool:
    """Whether these numbers may be probabilities or their logarithms, so that how they were made has to be looked at."""
    low, high = float(vector.min()), float(vector.max())
    return (low >= -1e-6 and high <= 1 + 1e-6) or high <= 1e-6


def recognised(scores: Scores, vector: Tensor, dtype: torch.dtype, bounds: Bounds | None) -> Scores:
    """What the numbers (K,) are. `bounds`: between what they lie whatever the input; `ANYTHING` where a linear map made them,
    None where that is not known.

    Numbers that sum to 1 are a distribution unless something below 0 can come; other numbers are probabilities only where
    nothing outside 0 to 1 can come, for the logits of a network may lie there as well.
    """
    if not is_unclear(vector):
        return scores
    near = _SUM.get(dtype, 0.02)
    if scores.classes > 1:
        if float(vector.min()) >= -1e-6 and abs(float(vector.sum()) - 1) <= near and (bounds or _UNIT)[0] >= 0:
            return with_scale(scores, "as-is", tr("probabilities already (they sum to 1), shown as they are"))
        if float(vector.max()) <= 1e-6 and abs(float(vector.logsumexp(0))) <= near:
            return with_scale(scores, "exp", tr("log-probabilities (log-softmax): exp"))
    if bounds is None:
        return scores
    if bounds[0] >= 0 and bounds[1] <= 1:
        each = (
            tr("a probability already")
            if scores.classes == 1
            else tr("probabilities already (independent, 0 to 1 each)")
        )
        return with_scale(
            scores, "as-is", ntr("{each}, shown as it is", "{each}, shown as they are", scores.classes, each=each)
        )
    if bounds is LOGARITHMS:  # distances with a minus are below 0, too, and are logits
        return with_scale(scores, "exp", tr("log-probabilities (log-sigmoid): exp of each"))
    return scores
