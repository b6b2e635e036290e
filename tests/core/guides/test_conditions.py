"""Conditions over facts: each is false where it should be, true where it should be, and says what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.core.guides.conditions import (
    All,
    AnyOf,
    CellSelected,
    ChannelIs,
    ChannelsEdited,
    Computed,
    Condition,
    ModelsCompared,
    Not,
    Predicts,
    TextMatches,
    missing,
)
from explorer.core.guides.known_facts import Facts, Shown, facts_of
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.model_output import Guess
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session
from tests.support import lesson_files

TAP = "stage3.1.relu1"
PREDICTION = (Guess(3, "star", 5.0, 0.94), Guess(4, "cross", 1.0, 0.03))


def facts(**fields: object) -> Facts:
    session = Session(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"), TAP, page="health", **fields)  # type: ignore[arg-type]
    results = {"health": {"selective.star": (77, 45, 89)}, "attribution": {"by": ("occlusion",)}}
    return facts_of(session, Shown("picture", "star", PREDICTION, results))


def test_facts_are_those_of_session_prediction_and_results() -> None:
    found = facts(channel=45, cell=(2, 3))
    assert found.texts == {
        "model": "demo:shapes-cnn",
        "input": "sample:cat",
        "kind": "picture",
        "workspace": "explore",
        "page": "health",
        "tap": TAP,
        "shows": "maps",
        "sort": "index",
        "scale": "per map",
        "class": "star",
        "data": "",
    }
    assert (found.channel, found.cell, found.probabilities) == (45, (2, 3), {"star": 0.94, "cross": 0.03})
    assert found.computed == {"health", "attribution"}
    assert found.measured["health.selective.star"] == (77, 45, 89)


def test_an_empty_window_has_facts_and_nothing_holds() -> None:
    empty = facts_of(Session(), Shown())
    for condition in (
        TextMatches("tap", "stage*"),
        Predicts("star", 0.1),
        Predicts("star", below=0.5),
        Computed("health"),
    ):
        assert not condition.holds(empty)


HELD: tuple[Condition, ...] = (
    TextMatches("tap", "stage3.*"),
    TextMatches("class", "star"),
    ChannelIs(45),
    ChannelIs(among="health.selective.star"),
    ChannelIs(among="health.selective.star", first=2),
    CellSelected(),
    ChannelsEdited(1),
    ChannelsEdited(2, "health.selective.star"),
    Predicts("star", at_least=0.94),
    Predicts("cross", below=0.5),
    Predicts("ring", below=0.031),  # not listed: below all that are
    Computed("health"),
    Computed("attribution", (("by", "occlusion"),)),
    AnyOf((TextMatches("tap", "no"), CellSelected())),
    Not(TextMatches("tap", "stem")),
)
NOT_HELD: tuple[Condition, ...] = (
    TextMatches("tap", "stage2.*"),
    ChannelIs(4),
    ChannelIs(among="health.selective.star", first=1),
    ChannelIs(among="nothing.measured"),
    CellSelected(False),
    ChannelsEdited(0),
    ChannelsEdited(4),
    ChannelsEdited(3, "health.selective.star"),
    Predicts("star", at_least=0.95),
    Predicts("star", below=0.94),
    Predicts("ring", at_least=0.01),
    Predicts("ring", below=0.03),
    Computed("maximise"),
    Computed("attribution", (("by", "grad-cam"),)),
    AnyOf((TextMatches("tap", "no"), ChannelIs(1))),
    Not(CellSelected()),
)


@pytest.mark.parametrize("condition", [*HELD, *NOT_HELD], ids=str)
def test_a_condition_holds_or_not(condition: Condition) -> None:
    edits = (Edit(TAP, (77, 45)), Edit(TAP, (3,)), Edit("stem.2", (89,)))
    found = facts(channel=45, cell=(2, 3), edits=edits)
    assert condition.holds(found) is (condition in HELD)
    assert missing(condition, found) == (() if condition in HELD else (condition.says,))
    assert condition.says
    assert "{" not in condition.says


def test_what_is_missing_is_said_part_by_part() -> None:
    whole = All((TextMatches("tap", TAP), TextMatches("page", "ablation"), All((CellSelected(), ChannelIs(0)))))
    assert missing(whole, facts()) == ("the page ablation is open", "a cell of the map is selected")
    assert not whole.holds(facts())
    assert missing(whole, facts(cell=(0, 0))) == ("the page ablation is open",)


def test_a_layer_goes_by_the_names_of_all_that_hand_on_its_values() -> None:
    found = lesson_files.facts()
    assert found.capture is not None
    block = replace(found.capture.taps[0], name="block", path="block", alias="conv")
    found = replace(found, capture=replace(found.capture, taps=(*found.capture.taps, block)))
    edited = replace(found, edits=(Edit("block", (1,)),))
    at_block = replace(edited, texts={**edited.texts, "tap": "block"})
    for here in (edited, at_block):
        assert TextMatches("tap", "block").holds(here)
        assert TextMatches("tap", "con?").holds(here)
        assert not TextMatches("tap", "head").holds(here)
        assert ChannelsEdited(1).holds(here)
        assert ChannelsEdited(1, tap="conv").holds(here)
        assert not ChannelsEdited(1, tap="head").holds(here)


def test_an_edit_of_a_region_is_no_edit_of_the_channel() -> None:
    assert not ChannelsEdited(1).holds(facts(edits=(Edit(TAP, (77,), (0, 0, 1, 1)),)))
    assert ChannelsEdited(0).holds(facts())


def test_columns_of_compare_are_held_against_what_they_show() -> None:
    there = Facts(compared=("demo:shapes-vit", "demo:shapes-ssl-vit"), compared_shows=("attention", "maps"))
    assert ModelsCompared(("demo:*-ssl-*",)).holds(there)
    asked = ModelsCompared(("demo:shapes-vit",), shows="attention")
    assert not asked.holds(there)
    assert asked.holds(replace(there, compared_shows=("attention", "attention")))
    assert asked.says == "Compare has 2 columns with demo:shapes-vit, each of which shows attention"
