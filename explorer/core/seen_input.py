"""An input as a model has seen it."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.models import AnyPreprocess
from explorer.core.texts import Token


@dataclass(frozen=True, slots=True)
class Seen:
    """An input, how a model takes it, and of a text the tokens that were made of it."""

    given: Input
    pre: AnyPreprocess
    tokens: tuple[Token, ...] = ()


def seen_of(capture: Capture, pre: AnyPreprocess) -> Seen:
    """The input of a capture. Tokenizers are asked nothing: they may take long or be a person's code."""
    return Seen(capture.picture, pre, capture.text.tokens if capture.text is not None else ())
