"""Models that were open lately, as lines of the settings: the id, and the file of weights that a person gave."""

from __future__ import annotations

from explorer.core.models import ModelSpec

_BETWEEN = "\t"
_BY_NAME = ("torchvision:", "timm:")


def remembered_as(spec: ModelSpec) -> str:
    """The line of a model."""
    return f"{spec.id}{_BETWEEN}{spec.weights}" if spec.weights else spec.id


def model_remembered(line: str) -> ModelSpec:
    """The model of a line. A network of a library without a file was opened untrained, or its weights are found again."""
    name, _, weights = line.partition(_BETWEEN)
    return ModelSpec(name, weights, untrained=not weights and name.startswith(_BY_NAME))
