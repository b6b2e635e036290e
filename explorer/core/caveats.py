"""What must be said beside a method's result: that the weights are random, that the model's answers differ from run to run."""

from __future__ import annotations

from explorer.core.models import ModelCard
from explorer.core.repeatability import Repeat
from explorer.core.translation import tr


def untrained(card: ModelCard, result: str = "map", classes: bool = False) -> str:
    """Why a result says nothing of what was learnt, "" where it may. `classes`: the result is about a class, so the last layer
    counts as well."""
    weights = card.weights
    if not weights.trained:
        known = "says" if weights.seed is not None else tr("may say")
        return tr(
            "{label}: this {result} {known} nothing about what a trained model learns",
            label=weights.label,
            result=result,
            known=known,
        )
    if classes and not card.head_trained:
        return tr("{by_chance}: this {result} says nothing about a class", by_chance=card.by_chance, result=result)
    return ""


def flags(card: ModelCard, repeat: Repeat | None, result: str = "map", classes: bool = False) -> tuple[str, ...]:
    """Both of them, those that apply."""
    said = (untrained(card, result, classes), repeat.text if repeat is not None else "")
    return tuple(words for words in said if words)
