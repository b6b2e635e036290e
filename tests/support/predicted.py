"""The classes that an output says, as a capture of a picture has them."""

from __future__ import annotations

import numpy as np

from explorer.core.inputs import InputRef, Picture
from explorer.core.model_output import Classes, Guess
from explorer.core.models import ModelCard
from explorer.core.scores import Scores
from explorer.engine.output.read_output import output_of

GIVEN = Picture(InputRef("sample", "grey"), np.zeros((16, 16, 3), np.uint8), "grey", "grey")


def predicted(output: object, card: ModelCard, scores: Scores | None) -> tuple[Guess, ...]:
    """() where the output is no class vector."""
    read = output_of(output, card, scores, GIVEN)
    return read.guesses if isinstance(read, Classes) else ()
