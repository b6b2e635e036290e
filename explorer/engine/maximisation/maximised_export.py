"""A maximised picture as a file that says how it was made."""

from __future__ import annotations

import json
from dataclasses import asdict

from explorer.core.maximisation import Maximised
from explorer.core.maximised_pictures import sheet
from explorer.core.models import ModelCard
from explorer.engine import export


def picture_file(card: ModelCard, made: Maximised) -> bytes:
    """A PNG, the pictures of a batch side by side; model, objective, settings, value and notes in its description."""
    about = {
        "model": card.spec.id,
        "weights": {"state": card.weights.label, "sha256": card.weights.sha256},
        "objective": asdict(made.objective),
        "settings": asdict(made.settings),
        "size": list(made.pictures.shape[1:3]),
        "steps": made.step,
        "value": made.value,
        "notes": list(made.notes),
    }
    return export.png(sheet(made.pictures), json.dumps(about))
