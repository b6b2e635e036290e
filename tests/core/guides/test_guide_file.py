"""Guides from TOML: those that come with the application are whole, and what is wrong is refused with where and why."""

from __future__ import annotations

import re

import pytest

from explorer import catalogue
from explorer.core import glossary
from explorer.core.errors import ExplorerError
from explorer.core.guides.conditions import All, AnyOf, ChannelIs, ChannelsEdited, Not, Predicts, TextMatches
from explorer.core.guides.guide import (
    CheckResult,
    CompareModels,
    Guide,
    RunMethod,
    SetFields,
    ShowInput,
    plain_words,
    terms_named,
    values_named,
    with_values,
    written,
)
from explorer.core.guides.guide_file import BUILT_IN, built_in, guide_from, guides
from explorer.core.guides.known_facts import Facts
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.render import SortKey
from explorer.engine.inputs import open_input

SMALL = """
format = 1
id = "small"
title = "Small"
about = "One step"
minutes = 1
[start]
model = "demo:shapes-cnn"
input = "sample:cat"
sort = "mean"
cell = []
[[step]]
id = "one"
title = "One"
text = "Text"
done = { tap = "stage2.*", not = { channel = 3 } }
show = [{ set = { tap = "stage2.0", cell = [1, 2] } }, { run = { method = "health", params = { inputs = "gallery" } } }]
"""


def test_a_guide_is_read() -> None:
    guide = guide_from(SMALL)
    assert guide.start.fields == (("sort", SortKey.MEAN), ("cell", None))
    (step,) = guide.steps
    assert step.done == All((TextMatches("tap", "stage2.*"), Not(ChannelIs(3))))
    assert step.show == (
        SetFields((("tap", "stage2.0"), ("cell", (1, 2)))),
        RunMethod("health", (("inputs", "gallery"),)),
    )


def test_all_conditions_and_acts_are_read() -> None:
    done = (
        'done = { edits = { at_least = 6, among = "a.b" }, prediction = { label = "star", below = 0.5 }, '
        'any = [{ class = "star" }, { computed = { method = "health", having = { by = "x" } } }], '
        'channel = { among = "a.b", first = 2 }, cell = true }'
    )
    acts = (
        'show = [{ zero = { among = "a.b", count = 2 } }, { select = "a.b" }, { class = "star" }, { input = "text:A b" }, '
        '{ check = "attribution" }]'
    )
    guide = guide_from(re.sub("done = .*", done, re.sub("show = .*", acts, SMALL)))
    condition = guide.steps[0].done
    assert isinstance(condition, All)
    edited, predicts, either, channel, _cell = condition.parts
    assert edited == ChannelsEdited(6, "a.b")
    assert predicts == Predicts("star", None, 0.5)
    assert isinstance(either, AnyOf)
    assert channel == ChannelIs(among="a.b", first=2)
    assert guide.steps[0].show[3:] == (ShowInput(InputRef("text", "A b")), CheckResult("attribution"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format = 1", "format = 2", "format: this program reads 1"),
        ('id = "small"', "", "id: is missing"),
        ("minutes = 1", "minutes = true", "minutes: is True"),
        ("minutes = 1", "minutes = 1\nscript = 'x'", "script: is not known here"),
        ('input = "sample:cat"', 'input = "cat"', "start, input: is no input"),
        ('sort = "mean"', 'sort = "loudness"', "start, sort: there is no 'loudness'"),
        ("cell = []", "cell = [1]", "start, cell: is no cell"),
        ("cell = []", "colour = 1", "start, colour: is not known here"),
        ('tap = "stage2.*"', 'layer = "stage2.*"', "step 1, done, layer: is no fact"),
        ("channel = 3", "channel = 'x'", "step 1, done, not, channel: is 'x'"),
        ('tap = "stage2.*"', "prediction = { label = 'star' }", "done, prediction: needs at_least or below"),
        ('tap = "stage2.*"', "prediction = { label = 'star', below = 50 }", "below: is 50.0; probabilities"),
        ("{ set = {", "{ exec = {", "step 1, show 1, exec: is not known here"),
        ("done = {", "done = 3 #", "step 1, done: is 3"),
        ("[[step]]", "[step]", "step: is {"),
        ('title = "One"', 'title = "One', "the guide: "),
    ],
)
def test_what_is_wrong_is_refused_with_where_and_why(old: str, new: str, said: str) -> None:
    assert old in SMALL
    with pytest.raises(ExplorerError) as caught:
        guide_from(SMALL.replace(old, new, 1))
    assert said in str(caught.value)


def test_compare_is_opened_with_what_its_columns_show() -> None:
    acts = """[
      { compare = ["a", "b"] },
      { compare = { models = ["a", "b"], shows = "attention" } },
    ]"""
    old = SMALL[SMALL.index("show = [") :]
    (step,) = guide_from(SMALL.replace(old, f"show = {acts}\n"), "small").steps
    two = (ModelSpec("a"), ModelSpec("b"))
    assert step.show == (
        CompareModels(two),
        CompareModels(two, "attention"),
    )
    for wrong, said in (
        ('{ compare = { models = ["a", "b"], shows = "walls" } }', "there is no 'walls'"),
        ('{ compare = { models = ["a"] } }', "names 1 models"),
    ):
        with pytest.raises(ExplorerError) as caught:
            guide_from(SMALL.replace(old, f"show = [{wrong}]\n"), "small")
        assert said in str(caught.value)


def test_steps_have_ids_of_their_own_and_are_not_too_many() -> None:
    step = SMALL[SMALL.index("[[step]]") :]
    with pytest.raises(ExplorerError, match="two steps have the same id"):
        guide_from(SMALL + step)
    with pytest.raises(ExplorerError, match="there are 301"):
        guide_from(SMALL + step * 300)


def test_texts_are_written_with_values_and_links() -> None:
    facts = Facts(
        texts={"tap": "stem.2"}, channel=7, probabilities={"star": 0.942}, measured={"health.selective.star": (77, 45)}
    )
    text = "{prediction.star} of [[feature map|maps]] in\n {tap}, {channel}: {health.selective.star}; {prediction.no}"
    assert written(text, facts) == "94.2 % of [maps](term:feature%20map) in stem.2, 7: 77, 45; …"
    assert plain_words(with_values("**[[feature map|maps]]** (of *{tap}*)", facts)) == "maps (of stem.2)"
    assert glossary.linked_term("term:feature%20map") == "feature map"


@pytest.fixture(params=BUILT_IN)
def guide(request: pytest.FixtureRequest) -> Guide:
    return built_in(request.param)


def test_built_in_guides_name_only_what_exists(guide: Guide) -> None:
    assert guides()[guide.id] is guide
    for step in guide.steps:
        for text in (step.text, step.then):
            assert [name for name in terms_named(text) if glossary.named(name) is None] == []
            assert all(
                name.startswith(("prediction.", "health.", "ablation.")) or name == "channel"
                for name in values_named(text)
            )
        methods = [act.method for act in step.show if isinstance(act, RunMethod)]
        assert [name for name in methods if catalogue.methods.get(name) is None] == []
        assert step.point
        assert step.hint
        assert step.then
        assert not any(act.input.path == "" for act in step.show if isinstance(act, ShowInput))
    assert open_input(guide.start.input)
