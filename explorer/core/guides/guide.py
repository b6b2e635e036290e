"""A guide: where it starts and its steps, as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from explorer.core.glossary import term_link
from explorer.core.guides.conditions import Condition
from explorer.core.guides.known_facts import Facts
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec

_TERM, _VALUE = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\]"), re.compile(r"\{([a-z][\w.-]*)\}")


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
    """The first channels that a result names become 0; `count` 0: the edits go instead."""

    measured: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class SelectClass:
    """A class is selected in the prediction."""

    label: str


@dataclass(frozen=True, slots=True)
class ShowInput:
    """Another input is opened."""

    input: InputRef


Act = SetFields | RunMethod | SelectAmong | ZeroAmong | SelectClass | ShowInput


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
    """The facts that a text names as {prediction.star}, {channel}, {tap} or {health.selective.star}."""
    return tuple(match[1] for match in _VALUE.finditer(text))


def written(text: str, facts: Facts) -> str:
    """The Markdown of a text with its values as they are now and links to its terms; a value that is not known is "…"."""
    whole = _VALUE.sub(lambda match: _value(match[1], facts), " ".join(text.split()))
    return _TERM.sub(lambda match: f"[{match[2] or match[1]}]({term_link(match[1])})", whole)


def _value(name: str, facts: Facts) -> str:
    if name.startswith("prediction."):
        share = facts.probabilities.get(name.partition(".")[2])
        return "…" if share is None else f"{100 * share:.1f} %"
    if name == "channel":
        return str(facts.channel)
    if name in facts.measured:
        return ", ".join(map(str, facts.measured[name][:6]))
    return facts.texts.get(name, "") or "…"
