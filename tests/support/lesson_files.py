"""Lessons for tests."""

from __future__ import annotations

import numpy as np

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.boxes import ReceptiveField
from explorer.core.guides.known_facts import Facts, Shown, facts_of
from explorer.core.inputs import InputRef, Picture
from explorer.core.model_output import Classes, Guess
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session

SMALL = """format = 1
id = "small"
title = "Small"
minutes = 5
licence = "CC0-1.0"

[start]
model = "demo:shapes-cnn"
input = "sample:world-14-star-checks"
page = "values"
tap = "stem.2"
channel = 0

[[step]]
id = "look"
title = "Look"
text = "It says {top.label}, {top.probability:.0%}."
done = "read"

[[step]]
id = "deeper"
title = "Deeper"
text = "Go to **stage 1**."
hint = "The strip."
point = ["strip"]
done = { tap = "stage1.*" }
show = [{ set = { tap = "stage1.0.conv1" } }]
then = "{layer.channels@stage1.0.conv1} channels"
marks = 2

[[step.ask]]
id = "channels"
kind = "number"
text = "How many?"
of = "layer.channels@stage1.0.conv1"

[[step.ask]]
id = "why"
kind = "choice"
text = "What is it?"
options = ["A layer", "A cat"]
right = 1
"""

VALUES = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4) - 5.0


def facts(
    channel: int = 1, cell: tuple[int, int] | None = (1, 2), answered: frozenset[str] = frozenset(), star: float = 0.94
) -> Facts:
    """Of a layer "conv" of 2 × 3 × 4 values, from -5 to 18, and a prediction of two classes."""
    field = ReceptiveField(2, 2, 0, 0, 7, 7)
    conv = Tap(
        "conv", "conv", 0, "Conv2d", Kind.CONV, "", (1, 2, 3, 4), "float32", Layout.NCHW, (3, 4), receptive=field,
        parameters=20, macs=240, nbytes=96,
    )  # fmt: skip
    head = Tap("head", "head", 0, "Linear", Kind.LINEAR, "", (1, 2), "float32", Layout.NC, parameters=6, macs=4)
    picture = Picture(InputRef("sample", "cat"), np.zeros((48, 64, 3), np.uint8), "0" * 16)
    guesses = (Guess(0, "star", 3.0, star), Guess(1, "cross", 0.1, 1 - star))
    capture = Capture(
        "m", picture, (conv, head), {"conv": VALUES, "head": np.array([3.0, 0.1], np.float32)}, Classes(guesses)
    )
    session = Session(ModelSpec("demo:m"), InputRef("sample", "cat"), "conv", channel, cell)
    results = {"health": {"rows.channel": (4, 7), "rows.dead": (True, False), "effective_rank": (1.5,)}}
    return facts_of(session, Shown("picture", "star", guesses, results, capture, None, answered))
