"""Lessons from TOML, and all that is wrong with them told with the line and the key."""

from __future__ import annotations

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.guides.conditions import All, Answered, TextMatches
from explorer.core.guides.guide import SetFields
from explorer.core.lessons.lesson_file import lesson_from
from explorer.core.lessons.questions import QuestionKind
from tests.support.lesson_files import SMALL


def test_a_lesson_is_read() -> None:
    lesson = lesson_from(SMALL)
    assert (lesson.id, lesson.title, lesson.language, lesson.licence, lesson.most) == (
        "small",
        "Small",
        "en",
        "CC0-1.0",
        4.0,
    )
    look, deeper = lesson.steps
    assert look.reading
    assert deeper.guide.done == All(
        (TextMatches("tap", "stage1.*"), Answered("deeper/channels"), Answered("deeper/why"))
    )
    assert deeper.guide.show == (SetFields((("tap", "stage1.0.conv1"),)),)
    assert [question.kind for question in deeper.questions] == [QuestionKind.NUMBER, QuestionKind.CHOICE]
    assert (lesson.guide.steps, lesson.step("deeper")) == ((look.guide, deeper.guide), deeper)


WRONG = [
    ("format = 1", "format = 3", "lesson.toml, line 1, format: this program reads 1"),
    ('id = "small"', 'id = "Small One"', "line 2, id: 'Small One' is no id"),
    ("minutes = 5", "minutes = 0", "line 4, minutes: is 0"),
    ("minutes = 5", "minutes = 5\ncolour = 1", "line 5, colour: is not known here"),
    ("minutes = 5", "minutes = 5\nlanguage = 'German'", "line 5, language: 'German' is no language"),
    ("minutes = 5", "minutes = 5\norder = 'any'", "line 5, order: is 'any'; known are free, gated"),
    ("minutes = 5", "minutes = 5\napplication = 'new'", "line 5, application: 'new' is no version"),
    ('tap = "stem.2"', 'layer = "stem.2"', "line 11, start, layer: is not known here"),
    ("{top.label}", "{volume}", "step 1, text: {volume}: there is no 'volume'"),
    ('done = "read"', 'done = "later"', "line 18, step 1, done: is 'later'"),
    ('done = "read"', 'done = "answer"', "line 18, step 1, done: is “answer”, and the step has no"),
    ('tap = "stage1.*"', 'loud = "stage1.*"', "line 26, step 2, done, loud: is no fact"),
    ('show = [{ set = { tap = "stage1.0.conv1" } }]', "", "step 2, show: is missing"),
    ("{ set = {", "{ exec = {", "step 2, show 1, exec: is not known here"),
    ("Go to **stage 1**.", "See https://a.b/c", "step 2, text: 'https:'"),
    ("Go to **stage 1**.", "See [this](other.html)", "step 2, text: the link"),
    ("Go to **stage 1**.", "<b>Go</b>", "is HTML"),
    ("Go to **stage 1**.", "![x](../secret.png)", "the picture '../secret.png' is none of the lesson's own"),
    ("Go to **stage 1**.", "![x](media/a/b.png)", "is none of the lesson's own"),
    ("marks = 2", "marks = -1", "line 29, step 2, marks: is -1"),
    (
        'kind = "number"',
        'kind = "guess"',
        "line 33, step 2, ask 1, kind: is 'guess'; known are choice, number, point, text",
    ),
    ('of = "layer.channels@stage1.0.conv1"', "", "step 2, ask 1, of: is missing"),
    ('of = "layer.channels@stage1.0.conv1"', 'of = "layer.loud"', "ask 1, of: there is no 'layer.loud'"),
    ("right = 1", "right = 3", "line 42, step 2, ask 2, right: is 3; there are 2 options"),
    ("right = 1", "", "ask 2: needs one of right"),
    ('options = ["A layer", "A cat"]', 'options = ["A layer"]', "there are 1; 2 to 12"),
    ('id = "why"', 'id = "channels"', "step 2, ask: two questions of this step have the same id"),
    ('id = "deeper"', 'id = "look"', "step 2, id: 'look' is the id of an earlier step too"),
    ("right = 1", "right = 1\nscript = 'x'", "line 43, step 2, ask 2, script: is not known here"),
    ('title = "Deeper"', 'title = "Deeper', "lesson.toml: "),
    ('title = "Deeper"', "title = 3", "step 2, title: is 3; it can be: a text"),
    ("marks = 2", "marks = 1" + "0" * 400, "marks: is a number with very many digits"),
    ("marks = 2", "marks = 1" + "0" * 5000, "lesson.toml: "),
    ("marks = 2", "marks = nan", "marks: is nan"),
    ('{ tap = "stage1.*" }', '{ measured = { of = "value", at_least = nan } }', "at_least: is nan"),
    ('{ tap = "stage1.*" }', '{ measured = { of = "value", equals = 1, tolerance = -1 } }', "tolerance: is -1"),
    ('{ tap = "stage1.*" }', '{ prediction = { first = "star", below = 0.5 } }', "below: is not known here"),
    ("{ set = { tap", "{ zero = { among = 'a.b', count = -2, tap", "is not known here"),
    ('{ set = { tap = "stage1.0.conv1" } }', "{ zero = { among = 'a.b', count = -2 } }", "count: is -2; it is 0"),
    ('{ set = { tap = "stage1.0.conv1" } }', "{ zero = { count = 2 } }", "among: is missing"),
    ("Go to **stage 1**.", "![a [b]](/etc/x.png)", "leads nowhere"),
    ("Go to **stage 1**.", "![a][b]\\n\\n[b]: /etc/x.png", "leads nowhere"),
    ('text = "How many?"', f'text = "{"[" * 9000}"', "has 9,000 characters"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_what_is_wrong_is_refused_with_line_and_key(old: str, new: str, said: str) -> None:
    assert old in SMALL
    with pytest.raises(ExplorerError) as caught:
        lesson_from(SMALL.replace(old, new, 1))
    assert said in str(caught.value)
    assert "This lesson cannot be used." in str(caught.value)


def test_ten_thousand_steps_are_refused() -> None:
    step = '\n[[step]]\nid = "s{}"\ntitle = "t"\ntext = "t"\ndone = "read"\n'
    with pytest.raises(ExplorerError, match="there are 10002; 1 to 200"):
        lesson_from(SMALL + "".join(step.format(at) for at in range(10_000)))


def test_conditions_without_end_are_refused() -> None:
    deep = "{ not = " * 40 + "{ channel = 1 }" + " }" * 40
    with pytest.raises(ExplorerError, match="conditions in one another"):
        lesson_from(SMALL.replace('{ tap = "stage1.*" }', deep))


def test_lines_are_right_behind_texts_over_several_lines() -> None:
    text = SMALL.replace('"Go to **stage 1**."', '"""Go\nid = 3\n[[step]]\nto."""').replace("marks = 2", "marks = -2")
    with pytest.raises(ExplorerError, match="line 32, step 2, marks"):
        lesson_from(text)


def test_quotation_marks_in_a_comment_open_no_text() -> None:
    text = SMALL.replace("[[step]]", '# a text in """ goes over several lines\n[[step]]', 1)
    with pytest.raises(ExplorerError, match="line 30, step 2, marks"):
        lesson_from(text.replace("marks = 2", "marks = -2"))
