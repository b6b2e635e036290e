"""A model that does not take the open input: which inputs it is offered instead, and which model an input is opened with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.core.any_input import Input
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec, kind_of
from explorer.core.texts import TextPreprocess, example

# What is opened for an input that the open model does not take, until a person has opened another model of its kind.
FOR_KINDS = {
    "picture": ModelSpec("demo:shapes-cnn"),
    "sound": ModelSpec("demo:sounds-mel-cnn"),
    "text": ModelSpec("demo:sentences-textcnn"),
}

_KINDS = {"sound": "sound", "microphone": "sound", "text": "text", "lines": "text"}


def in_place_of(lost: InputRef | None, card: ModelCard | None) -> InputRef:
    """Where nothing is open yet and an input cannot be had: a sample of what the model takes, else of the kind of that input."""
    from explorer.engine.models import first_of  # late: as below

    return first_of(kind_of(card.preprocess) if card is not None else _KINDS.get(lost.kind if lost else "", "picture"))


def fitting_inputs(card: ModelCard, given: Input, last: Mapping[str, InputRef]) -> Iterator[InputRef]:
    """For a model that does not take `given`: the sound of an open video, the `last` input of its kind, something that it knows,
    a sample."""
    # late: nothing of it is needed for the first model
    from explorer.engine.models import first_of, start_input

    pre, kind = card.preprocess, kind_of(card.preprocess)
    if kind == "sound" and given.ref.kind == "video":
        yield InputRef("sound", given.ref.path)
    before = last.get(kind)
    if before is not None and before != given.ref:
        yield before
    if card.source == "demo":
        yield start_input(card.spec)
    yield InputRef("text", example(pre)) if isinstance(pre, TextPreprocess) else first_of(kind)
