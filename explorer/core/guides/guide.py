"""A guide: where it starts and its steps, as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from explorer.core.glossary import term_link
from explorer.core.guides.conditions import Condition
from explorer.core.guides.known_facts import Facts
from explorer.core.guides.live_values import live, live_name, written_value
from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows
from explorer.core.models import ModelSpec
from explorer.core.translation import tr

_TERM = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\]")
_LINK = re.compile(r"\[([^\[\]]*)\]\(" + re.escape(term_link("")) + r"[^()\s]*\)")  # as `with_values` writes it
_VALUE = re.compile(r"\{([a-z][^{}:\n]*)(?::([^{}\n]*))?\}")
_SPEC = re.compile(r",?(?:\.\d)?[feg%]?")


@dataclass(frozen=True, slots=True)
class SetFields:
    """Fields of the session: (name, value)."""

    fields: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RunMethod:
    """A method is computed for what is selected, with these parameters in the place of the set ones: (name, value)."""

    method: str
    params: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class SelectAmong:
    """The channel that a result names first."""

    measured: str


@dataclass(frozen=True, slots=True)
class ZeroAmong:
    """The first channels that a result names become 0, or `channels` of the layer `tap`; neither: the edits go instead."""

    measured: str = ""
    count: int = 0
    channels: tuple[int, ...] = ()
    tap: str = ""  # "": the shown one


@dataclass(frozen=True, slots=True)
class SelectClass:
    """A class is selected in the prediction."""

    label: str


@dataclass(frozen=True, slots=True)
class ShowInput:
    """Another input is opened."""

    input: InputRef


@dataclass(frozen=True, slots=True)
class ShowModel:
    """Another model is opened."""

    model: ModelSpec


@dataclass(frozen=True, slots=True)
class SelectLargest:
    """The cell of the selected channel with its largest value is selected."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a page can check about the result that it shows: the sanity check of an attribution."""

    method: str


@dataclass(frozen=True, slots=True)
class CompareModels:
    """Compare, with a column for each of these models. `shows`: what each shows of its layer, a layer view by its id."""

    models: tuple[ModelSpec, ...]
    shows: str = Shows.MAPS


Act = (
    SetFields
    | RunMethod
    | SelectAmong
    | ZeroAmong
    | SelectClass
    | ShowInput
    | ShowModel
    | SelectLargest
    | CheckResult
    | CompareModels
)


@dataclass(frozen=True, slots=True)
class GuideStep:
    """`text` says what to do and why, `then` what has come of it. `point`: names of what to point at, the first that is seen
    counts. `done`: when it is done. `show`: what does it for the person."""

    id: str
    title: str
    text: str
    done: Condition
    show: tuple[Act, ...]
    point: tuple[str, ...] = ()
    hint: tuple[str, ...] = ()
    then: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """What is opened when a guide begins. `fields`: more of the session, (name, value)."""

    model: ModelSpec
    input: InputRef
    fields: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Guide:
    """A tour, a walkthrough or a lesson."""

    id: str
    title: str
    about: str
    minutes: int
    start: Start
    steps: tuple[GuideStep, ...]


def terms_named(text: str) -> tuple[str, ...]:
    """The terms of the glossary that a text names as [[term]] or [[term|words]]."""
    return tuple(match[1] for match in _TERM.finditer(text))


def values_named(text: str) -> tuple[str, ...]:
    """The values that a text names as {prediction.star}, {layer.channels} or {health.selective.star}, without their formats."""
    return tuple(match[1] for match in _VALUE.finditer(text))


def placeholders(text: str) -> tuple[str, ...]:
    """With their formats and braces, in order: what a translation must have too."""
    return tuple(sorted(match[0] for match in _VALUE.finditer(text)))


def fault_of_values(text: str) -> str:
    """What is wrong with the values that a text names; "" where nothing is."""
    for match in _VALUE.finditer(text):
        try:
            live_name(match[1])
        except ValueError as error:
            return f"{{{match[1]}}}: {error}"
        if not _SPEC.fullmatch(match[2] or ""):
            return tr(
                "{match}: {match2!r} is no format; known are such as .0% .1% .3f , and .2e",
                match=match[0],
                match2=match[2],
            )
    return ""


def written(text: str, facts: Facts) -> str:
    """The Markdown of a text with its values as they are now and links to its terms; a value that is not known is "…"."""
    return with_values(" ".join(text.split()), facts)


def with_values(text: str, facts: Facts) -> str:
    """As `written`, with the paragraphs as they are."""
    whole = _VALUE.sub(lambda match: _value(match[1], match[2] or "", facts), text)
    return _TERM.sub(lambda match: f"[{match[2] or match[1]}]({term_link(match[1])})", whole)


def plain_words(text: str) -> str:
    """A text without Markdown, links and values, for a line of a table."""
    bare = _LINK.sub(r"\1", _TERM.sub(lambda match: match[2] or match[1], _VALUE.sub("…", text)))
    return " ".join(bare.replace("**", "").replace("*", "").replace("`", "").split())


def _value(name: str, spec: str, facts: Facts) -> str:
    try:
        found = live(name, facts)
        share = name.startswith(("prediction.", "top.probability", "layer.zeros", "map.zeros"))
        if len(found) > 1:
            return ", ".join(written_value(each, spec) for each in found[:6])
        return written_value(found[0] if found else None, spec, share)
    except ValueError:  # no value, or one that its format does not fit
        return "…"
