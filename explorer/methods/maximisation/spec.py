"""Activation maximisation: a picture made to excite a channel, kept on disk and taken up again where it was left."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from explorer.core.activations import Layout
from explorer.core.maximisation import Maximised, MaximiseSettings
from explorer.core.method import Explanation, MethodSpec, Scope
from explorer.core.params import Param, ParamKind, params_of
from explorer.core.selection import Selection
from explorer.core.translation import tr


def switches() -> dict[str, Param]:
    """The tricks that can be left out, by their names on the command line."""
    params = params_of(MaximiseSettings)
    return {param.flag_name.removeprefix("--"): param for param in params if param.kind is ParamKind.FLAG}


def _unavailable(selection: Selection, _params: MaximiseSettings) -> str:
    unknown = selection.tap.layout == Layout.OTHER or not selection.tap.channels
    if selection.card.abilities.no_gradients:
        return selection.card.abilities.no_gradients
    return tr("Nothing can be maximised here: the layout of this layer is unknown.") if unknown else ""


def _needs_picture(_params: MaximiseSettings) -> bool:
    return False


def _to_json(result: Maximised) -> dict[str, Any]:
    about = {"objective": asdict(result.objective), "settings": asdict(result.settings)}
    return {**about, "steps": result.step, "value": result.value, "notes": list(result.notes)}


def _write(result: Maximised) -> str:
    """How far the target rose: that of a negative falls."""
    fell = -1 if result.objective.negative else 1
    first, last = fell * result.curve[0], fell * (result.value or 0.0)
    line = tr(
        "{objective_text}: {first:.4g} -> {last:.4g} in {step} steps",
        objective_text=result.objective.text,
        first=first,
        last=last,
        step=result.step,
    )
    return "\n".join((line, *(f"({note})" for note in result.notes)))


SPEC = MethodSpec(
    id="maximise",
    title=tr("Maximise"),
    about=tr("Activation maximisation: generate an image that maximises a target"),
    package="explorer.methods.maximisation",
    scope=Scope.CHANNEL,
    params=MaximiseSettings,
    result=Maximised,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    needs_picture=_needs_picture,
    source="Olah, Mordvintsev and Schubert 2017 (Feature Visualization)",
    noun=tr("picture"),
    own_presenter=True,
    command=False,
    kinds=("picture",),
    explained=Explanation(
        shows=tr(
            "An image that is optimised until a channel, a cell, a class or a direction becomes as large as possible."
        ),
        read=tr(
            "What is repeated all over the image is what the target answers to; compare the value it reaches "
            "with that on the current input."
        ),
        misleads=tr(
            "It is what drives the target furthest, not what usually does: the image is no natural one, other "
            "starts give other images, and of a channel with several meanings it shows the strongest."
        ),
    ),
)
