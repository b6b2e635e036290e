"""A model as JSON tells of it."""

from __future__ import annotations

from explorer.core.models import ModelCard


def about(card: ModelCard) -> dict[str, object]:
    """What JSON says of a model."""
    return {
        "id": card.spec.id,
        "name": card.name,
        "weights": card.weights.label,
        "sha256": card.weights.sha256,
        "parameters": card.parameters,
        "notes": list(card.notes),
        "facts": dict(card.facts),
        **arguments_told(card),
    }


def arguments_told(card: ModelCard) -> dict[str, object]:
    """The other inputs of a model; nothing where it has none."""
    return {"arguments": {each.name: each.text or each.says for each in card.given}} if card.given else {}
